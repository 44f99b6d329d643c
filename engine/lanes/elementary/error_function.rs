//! erf: an odd polynomial near 0, `1 - erfc(|x|)` beyond, where erfc is small and so are its errors.

use super::{Bits, exp, polynomial};

/// `erf(x) / x - 1` in x², for `|x| <= 1`.
const NEAR_64: [f64; 13] = [
    0.128_379_167_095_512_6,
    -0.376_126_389_031_837_5,
    0.112_837_916_709_548_79,
    -0.026_866_170_645_076_792,
    0.005_223_977_624_818_014_5,
    -0.000_854_832_698_083_379,
    0.000_120_553_311_116_427_1,
    -1.492_559_526_683_118_2e-5,
    1.646_100_048_412_136_8e-6,
    -1.635_031_270_105_469_5e-7,
    1.465_977_527_404_743_6e-8,
    -1.137_284_885_679_167_4e-9,
    5.957_176_147_748_911e-11,
];

/// `erfc(x) exp(x²)` in `t = (x - 2.5) / (x + 2.5)`, for `1 <= x <= 6`.
const FAR_64: [f64; 18] = [
    0.210_806_364_061_143_6,
    -0.371_736_733_948_973_33,
    0.251_713_193_217_449_3,
    -0.125_033_052_378_829_3,
    0.039_922_539_075_584_76,
    -0.003_993_701_165_858_238,
    -0.002_642_365_964_297_403,
    0.000_875_915_450_133_760_8,
    0.000_228_380_378_908_600_82,
    -0.000_128_877_171_331_295_7,
    -3.418_223_813_331_523e-5,
    1.861_445_755_208_000_7e-5,
    7.552_594_323_139_502e-6,
    -2.298_110_251_973_595_4e-6,
    -1.802_003_865_344_860_8e-6,
    7.773_331_597_404_786e-8,
    3.441_892_461_295_565e-7,
    6.961_191_560_229_168e-8,
];

/// `erf(x) / x - 1` in x², for `|x| <= 0.928` (N. Juffa's coefficients, as are the next).
const NEAR_32: [f64; 6] =
    [1.283_791_66e-1, -3.761_253_36e-1, 1.128_199_25e-1, -2.676_813_49e-2, 4.991_194_23e-3, -5.967_617_03e-4];

/// `ln(erfc(x)) / x + 1`, for `0.928 <= x <= 4`.
const FAR_32: [f64; 7] = [
    -1.287_175_12e-1,
    -6.348_466_87e-1,
    -1.067_778_77e-1,
    2.425_462_19e-2,
    -3.883_964_38e-3,
    3.831_971_26e-4,
    -1.728_534_70e-5,
];

/// erf in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn erf_double<V: Bits>(x: V) -> V {
    let one = x.constant(1.0);
    let size = x.abs().limit(0.0, 6.0);
    let z = x * x;
    let near = polynomial(z, &NEAR_64).mul_add(x, x);
    let middle = x.constant(2.5);
    let t = (size - middle) / (size + middle);
    let far = one - exp(-(size * size)) * polynomial(t, &FAR_64);
    let y = V::select(x.abs().is_gt(one), far.with_sign(x), near);
    V::select(x.is_eq(x), y, x)
}

/// erf in single precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn erf_single<V: Bits>(x: V) -> V {
    let one = x.constant(1.0);
    let size = x.abs().limit(0.0, 4.0);
    let z = x * x;
    let near = polynomial(z, &NEAR_32).mul_add(x, x);
    let far = one - exp(polynomial(size, &FAR_32).mul_add(size, -size));
    let y = V::select(x.abs().is_gt(x.constant(0.927_734_375)), far.with_sign(x), near);
    V::select(x.is_eq(x), y, x)
}
