//! exp, exp_m1, sigmoid and the hyperbolic functions.
//!
//! `exp(x) = 2^n exp(r)` with `n` the integer next to `x / ln 2`, so that `|r| <= ln(2) / 2`; `exp(r)` is a polynomial.

use super::{Bits, polynomial};
use std::f64::consts::LOG2_E;

/// `(exp(r) - 1 - r) / r²`, relative error 2^-27 of `exp`.
pub(super) const EXP_32: [f64; 5] =
    [0.5, 0.166_665_762_662_887_57, 0.041_666_552_424_430_85, 0.008_363_232_947_885_99, 0.001_392_625_039_443_373_7];

/// The same, relative error 2^-56 of `exp`.
pub(super) const EXP_64: [f64; 10] = [
    0.500_000_000_000_000_1,
    0.166_666_666_666_666_69,
    0.041_666_666_666_623_824,
    0.008_333_333_333_330_039,
    0.001_388_888_891_736_708_1,
    0.000_198_412_698_631_715_57,
    2.480_152_105_786_820_4e-5,
    2.755_726_827_690_569_6e-6,
    2.762_020_159_103_154_7e-7,
    2.510_047_250_569_499_6e-8,
];

/// `(tanh(x) / x - 1) / x²` in x², for `|x| <= 0.57`.
const TANH_32: [f64; 6] = [
    -0.333_333_343_267_440_8,
    0.133_333_206_176_757_8,
    -0.053_963_638_842_105_865,
    0.021_807_674_318_552_017,
    -0.008_482_366_800_308_228,
    0.002_464_294_899_255_037_3,
];

/// e to the power of `x`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn exp<V: Bits>(x: V) -> V {
    exp_sum(x, x.constant(0.0))
}

/// e to the power of `x + small`, where `|small|` is at most a few ulp of `x`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_sum<V: Bits>(x: V, small: V) -> V {
    let parts = reduce(x, small);
    let y = (x.constant(1.0) + parts.fraction) * parts.scale.0 * parts.scale.1;
    V::select(x.is_eq(x), y, x)
}

/// `exp(x)`, rounded, and what the rounding took.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn exp_pair<V: Bits>(x: V) -> (V, V) {
    let one = x.constant(1.0);
    let parts = reduce(x, x.constant(0.0));
    let mantissa = one + parts.fraction;
    let rest = parts.fraction - (mantissa - one);
    let y = mantissa * parts.scale.0 * parts.scale.1;
    let rest = rest * parts.scale.0 * parts.scale.1;
    (V::select(x.is_eq(x), y, x), rest)
}

/// `exp = (1 + fraction) scale.0 scale.1`, not for NaN.
struct Parts<V> {
    fraction: V,
    scale: (V, V),
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn reduce<V: Bits>(x: V, small: V) -> Parts<V> {
    let limited = x.limit(V::EXP_RANGE.0, V::EXP_RANGE.1);
    let n = (limited * x.constant(LOG2_E)).nearest();
    let high = n.mul_add(x.constant(-V::LN_2.0), limited);
    let low = n.mul_add(x.constant(-V::LN_2.1), small);
    let r = high + low;
    // from the smallest to the largest: 1 + (high + (low + r²(…)))
    let tail = (r * r).mul_add(V::exp_tail(r), low);
    // 2^n in two steps: the first is exact, the second rounds once into the subnormal numbers or overflows
    let half = (n * x.constant(0.5)).nearest();
    Parts { fraction: high + tail, scale: (half.pow2(), (n - half).pow2()) }
}

/// `exp(x) - 1`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn exp_m1<V: Bits>(x: V) -> V {
    // exp(-40) is far below the last place of 1 in both precisions
    let limited = x.limit(-40.0, V::EXP_RANGE.1);
    let n = (limited * x.constant(LOG2_E)).nearest();
    let high = n.mul_add(x.constant(-V::LN_2.0), limited);
    let low = n * x.constant(-V::LN_2.1);
    let r = high + low;
    let tail = (r * r).mul_add(V::exp_tail(r), low);
    // half the result, since 2^n itself may overflow: 2^(n-1) (exp(r) - 1) + (2^(n-1) - 1/2)
    let scale = (n - x.constant(1.0)).pow2();
    let sum = scale.mul_add(high, scale - x.constant(0.5));
    let y = scale.mul_add(tail, sum);
    // tiny numbers (whose halves would be rounded), both zeros and NaN are their own result
    let moved = x.abs().is_gt(x.constant(V::MIN_POSITIVE * 4.0));
    V::select(moved, y + y, x)
}

/// tanh in single precision: a polynomial near 0, `1 - 2 / (exp(2|x|) + 1)` beyond, where an error of `exp` counts for less than half and
/// where from `exp(20)` on all is 1.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn tanh_single<V: Bits>(x: V) -> V {
    let (one, two) = (x.constant(1.0), x.constant(2.0));
    let size = x.abs();
    let z = x * x;
    let near = (z * polynomial(z, &TANH_32)).mul_add(x, x);
    let double = (size + size).limit(0.0, 20.0);
    let n = (double * x.constant(LOG2_E)).nearest();
    let r = n.mul_add(x.constant(-V::LN_2.1), n.mul_add(x.constant(-V::LN_2.0), double));
    let e = ((r * r).mul_add(V::exp_tail(r), r) + one) * n.pow2();
    let far = one - two / (e + one);
    V::select(size.is_gt(x.constant(0.55)), far, near).with_sign(x)
}

/// tanh in double precision: `t / (t + 2)` with `t = exp_m1(2|x|)`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn tanh_double<V: Bits>(x: V) -> V {
    let size = x.abs().limit(0.0, 22.0);
    let t = exp_m1(size + size);
    let y = (t / (t + x.constant(2.0))).with_sign(x);
    V::select(x.abs().is_gt(x.constant(V::MIN_POSITIVE)), y, x)
}

/// `1 / (1 + exp(-x))`: with `e = exp(-|x|)`, which cannot overflow, `1 / (1 + e)` on the right and `e / (1 + e)` on the
/// left, both corrected by what rounding took from `e` and from `1 + e`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sigmoid<V: Bits>(x: V) -> V {
    let (zero, one) = (x.constant(0.0), x.constant(1.0));
    let (e, e_low) = exp_pair(-x.abs());
    let below = one + e;
    let below_low = (e - (below - one)) + e_low;
    let right = x.is_ge(zero);
    let y = V::select(right, one, e) / below;
    let above_low = V::select(right, zero, e_low);
    // 1 / (1 + e) is y itself, or 1 - y
    let factor = V::select(right, y, one - y);
    (above_low - y * below_low).mul_add(factor, y)
}

/// sinh of single-precision numbers, computed (and given) in double precision: `(t + t / (t + 1)) / 2` with
/// `t = exp_m1(|x|)`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sinh_single<V: Bits>(x: V) -> V {
    let t = exp_m1(x.abs().limit(0.0, 100.0));
    let y = (t + t / (t + x.constant(1.0))) * x.constant(0.5);
    V::select(x.is_eq(x), y.with_sign(x), x)
}

/// cosh of single-precision numbers, computed (and given) in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn cosh_single<V: Bits>(x: V) -> V {
    let e = exp(x.abs().limit(0.0, 100.0));
    let y = (e + x.constant(1.0) / e) * x.constant(0.5);
    V::select(x.is_eq(x), y, x)
}
