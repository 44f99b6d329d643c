//! powf, `|x|^y = exp(y ln|x|)`, in more precision than its result has: the exponential turns an absolute error of
//! `y ln|x|` (up to 745) into a relative one.

use super::exponential::exp_sum;
use super::logarithm::split_any;
use super::{Bits, exp, ln, polynomial};

/// `(ln((1 + s) / (1 - s)) / s - 2 - 2 s² / 3) / s⁴` in s², for `|s| <= 3 - √8`.
const ATANH: [f64; 9] = [
    0.4,
    0.285_714_285_714_285_64,
    0.222_222_222_222_288_82,
    0.181_818_181_795_225_71,
    0.153_846_157_806_477_4,
    0.133_332_950_119_001_06,
    0.117_668_786_559_892_6,
    0.104_548_660_267_287_15,
    0.107_756_010_893_881_41,
];

/// 2/3, and what `f64` leaves of it.
const TWO_THIRDS: (f64, f64) = (2.0 / 3.0, 3.700_743_415_417_188e-17);

/// The power of single-precision numbers, computed (and given) in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn powf_single<V: Bits>(x: V, y: V) -> V {
    special_cases(x, y, exp(ln(x.abs()) * y))
}

/// The power of double-precision numbers: the logarithm and its product with `y` in pairs of numbers.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn powf_double<V: Bits>(x: V, y: V) -> V {
    let zero = x.constant(0.0);
    let infinity = x.constant(f64::INFINITY);
    let size = x.abs();
    let (high, low) = ln_pair(size);
    let high = V::select(size.is_eq(zero), -infinity, high);
    let high = V::select(size.is_lt(infinity), high, size);
    let product = high * y;
    let rest = low.mul_add(y, high.fused(y, -product));
    // beyond 1000 the exponential is 0 or infinite, and the rest may be infinity minus infinity
    let rest = V::select(product.abs().is_lt(x.constant(1000.0)), rest, zero);
    special_cases(x, y, exp_sum(product, rest))
}

/// `ln(x)` of a positive finite number as a sum of two: 2s + 2s³/3 + s⁵(…) with s = (m - 1) / (m + 1), the first two
/// terms in pairs.
#[cfg_attr(not(debug_assertions), inline(always))]
fn ln_pair<V: Bits>(x: V) -> (V, V) {
    let one = x.constant(1.0);
    let (m, e) = split_any(x);
    let (above, below) = (m - one, m + one);
    let below_low = m - (below - one);
    let s = above / below;
    let s_low = ((-s).fused(below, above) - s * below_low) / below;
    let (square, square_low) = product_pair(s, s);
    let square_low = (s + s).mul_add(s_low, square_low);
    let (cube, cube_low) = product_pair(square, s);
    let cube_low = cube_low + square.mul_add(s_low, square_low * s);
    let (third, third_low) = product_pair(cube, x.constant(TWO_THIRDS.0));
    let third_low = third_low + cube.mul_add(x.constant(TWO_THIRDS.1), cube_low * x.constant(TWO_THIRDS.0));
    let fifth = cube * square * polynomial(square, &ATANH);
    // from the largest to the smallest; e ln 2 is 0 or larger than all else
    let (sum, low_1) = sum_pair(e * x.constant(V::LN_2.0), s + s);
    let (sum, low_2) = sum_pair(sum, third);
    let small = e.mul_add(x.constant(V::LN_2.1), s_low + s_low);
    sum_pair(sum, low_1 + (low_2 + ((third_low + fifth) + small)))
}

/// `a b`, rounded, and what the rounding took.
#[cfg_attr(not(debug_assertions), inline(always))]
fn product_pair<V: Bits>(a: V, b: V) -> (V, V) {
    let product = a * b;
    (product, a.fused(b, -product))
}

/// `a + b`, rounded, and what the rounding took; `a` is 0 or the larger one.
#[cfg_attr(not(debug_assertions), inline(always))]
fn sum_pair<V: Bits>(a: V, b: V) -> (V, V) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// The cases of C's `pow` that `power = |x|^y` does not settle.
#[cfg_attr(not(debug_assertions), inline(always))]
fn special_cases<V: Bits>(x: V, y: V, power: V) -> V {
    let (zero, one) = (x.constant(0.0), x.constant(1.0));
    let half = y * x.constant(0.5);
    let integer = y.floor().is_eq(y);
    let odd = integer & half.floor().is_ne(half);
    // (-1)^±∞ is 1
    let power = V::select(x.abs().is_eq(one), one, power);
    let power = V::select(odd, power.with_sign(x), power);
    let finite_negative = x.is_lt(zero) & x.is_gt(x.constant(f64::NEG_INFINITY));
    let power = V::select(finite_negative & !integer, x.constant(f64::NAN), power);
    let power = V::select(y.is_eq(y), power, y);
    V::select(y.is_eq(zero) | x.is_eq(one), one, power)
}
