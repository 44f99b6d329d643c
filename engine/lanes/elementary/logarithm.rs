//! ln and ln_1p: `x = 2^e (1 + f)` with `1 + f` between √½ and √2, `ln(x) = e ln 2 + ln(1 + f)`.

use super::exponential::exp_pair;
use super::{Bits, polynomial};

/// `(ln(1 + f) - f + f²/2) / f³`
const LN_32: [f64; 9] = [
    0.333_333_313_465_118_4,
    -0.249_999_970_197_677_6,
    0.200_007_155_537_605_29,
    -0.166_678_026_318_550_1,
    0.142_490_580_677_986_15,
    -0.124_256_871_640_682_22,
    0.116_854_198_276_996_61,
    -0.114_797_338_843_345_64,
    0.069_716_118_276_119_23,
];

/// `(ln((1 + s) / (1 - s)) / s - 2) / s²` in s², for `|s| <= 3 - √8`: the coefficients of FreeBSD's `e_log.c`.
const LN_64: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// `e ln 2 + ln(1 + f) + correction` in single precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn ln_sum_single<V: Bits>(f: V, e: V, correction: V) -> V {
    let z = f * f;
    let low = e.mul_add(f.constant(V::LN_2.1), correction);
    let cubic = (z * f).mul_add(polynomial(f, &LN_32), low);
    let tail = z.mul_add(f.constant(-0.5), cubic);
    e.mul_add(f.constant(V::LN_2.0), f + tail)
}

/// The same in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn ln_sum_double<V: Bits>(f: V, e: V, correction: V) -> V {
    let s = f / (f + f.constant(2.0));
    let z = s * s;
    let half_square = f * f * f.constant(0.5);
    let series = z * polynomial(z, &LN_64);
    let low = e.mul_add(f.constant(V::LN_2.1), correction);
    let tail = s.mul_add(half_square + series, low);
    e.mul_add(f.constant(V::LN_2.0), f - (half_square - tail))
}

/// Mantissa between √½ and √2, and exponent, of any positive number, subnormal ones too.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn split_any<V: Bits>(x: V) -> (V, V) {
    let (scale, exponent) = V::NORMALISE;
    let subnormal = x.is_lt(x.constant(V::MIN_POSITIVE));
    let (m, e) = V::select(subnormal, x * x.constant(scale), x).split();
    (m, V::select(subnormal, e - x.constant(exponent), e))
}

/// The natural logarithm: minus infinity at 0, NaN below.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn ln<V: Bits>(x: V) -> V {
    let (m, e) = split_any(x);
    let y = V::ln_sum(m - x.constant(1.0), e, x.constant(0.0));
    at_the_ends(x, y)
}

/// `ln(1 + x)`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn ln_1p<V: Bits>(x: V) -> V {
    ln_1p_sum(x, x.constant(0.0))
}

/// `max(x, 0) + ln(1 + exp(-|x|))`
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn softplus<V: Bits>(x: V) -> V {
    let (e, low) = exp_pair(-x.abs());
    x.max(x.constant(0.0)) + ln_1p_sum(e, low)
}

/// `ln(1 + x + small)`, where `|small|` is at most an ulp of `x`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn ln_1p_sum<V: Bits>(x: V, small: V) -> V {
    let (zero, one) = (x.constant(0.0), x.constant(1.0));
    let u = x + one;
    let (m, e) = u.split();
    // what rounding took from u: ln(1 + x) = ln(u) + lost / u
    let lost = V::select(u.is_lt(one + one), x - (u - one), one - (u - x));
    let here = e.is_eq(zero);
    let f = V::select(here, x, m - one);
    let correction = (V::select(here, zero, lost) + small) / u;
    let y = at_the_ends(u, V::ln_sum(f, e, correction));
    V::select(x.abs().is_gt(x.constant(V::MIN_POSITIVE)), y, x)
}

/// `y` for positive finite `x`; else what the logarithm of `x` is.
#[cfg_attr(not(debug_assertions), inline(always))]
fn at_the_ends<V: Bits>(x: V, y: V) -> V {
    let zero = x.constant(0.0);
    let infinity = x.constant(f64::INFINITY);
    let not_positive = V::select(x.is_eq(zero), -infinity, x.constant(f64::NAN));
    let y = V::select(x.is_gt(zero), y, not_positive);
    V::select(x.is_eq(infinity), infinity, y)
}
