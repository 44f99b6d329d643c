//! sin, cos and tan: the angle less a multiple of π/2, then the polynomials of FreeBSD's `k_sin.c` and `k_cos.c` (double) and
//! `k_sinf.c` and `k_cosf.c` (single, computed in double). Larger angles than the limits below are the caller's.

use super::{Bits, polynomial};
use std::f64::consts::FRAC_2_PI;

/// Up to here the subtraction of multiples of π/2 is exact enough for a single-precision result.
pub(in super::super) const LARGEST_ANGLE_SINGLE: f32 = 4_194_304.0;
/// The same for a double-precision result.
pub(in super::super) const LARGEST_ANGLE_DOUBLE: f64 = 1_048_576.0;

/// π/2 in 25 bits and the rest.
const HALF_PI_SINGLE: (f64, f64) = (1.570_796_310_901_641_8, 1.589_325_477_352_819_6e-8);
/// π/2 in thrice 33 bits and the rest.
const HALF_PI_DOUBLE: [f64; 4] =
    [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_711_166_5e-21, 8.478_427_660_368_9e-32];

const SIN_32: [f64; 4] = [
    -0.166_666_666_416_265_24,
    0.008_333_329_385_889_463,
    -0.000_198_393_348_360_966_32,
    0.000_002_718_311_493_989_822,
];
const COS_32: [f64; 4] =
    [-0.499_999_997_251_031, 0.041_666_623_323_739_06, -0.001_388_676_377_460_993, 0.000_024_390_448_796_277_41];
const SIN_64: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];
const COS_64: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];

/// The sine of a single-precision angle, computed (and given) in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sin_single<V: Bits>(x: V) -> V {
    let (n, r) = reduce_single(x);
    let y = quarter_single(n, r);
    // -0 is its own sine
    V::select(x.is_eq(x.constant(0.0)), x, y)
}

/// The cosine of a single-precision angle, computed (and given) in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn cos_single<V: Bits>(x: V) -> V {
    let (n, r) = reduce_single(x);
    quarter_single(n + x.constant(1.0), r)
}

/// The tangent of a single-precision angle, computed (and given) in double precision.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn tan_single<V: Bits>(x: V) -> V {
    let (n, r) = reduce_single(x);
    let y = quarter_single(n, r) / quarter_single(n + x.constant(1.0), r);
    V::select(x.is_eq(x.constant(0.0)), x, y)
}

/// The sine of a double-precision angle.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn sin_double<V: Bits>(x: V) -> V {
    let (n, r, low) = reduce_double(x);
    let y = quarter_double(n, r, low);
    // subnormal angles, both zeros: their own sine
    V::select(x.abs().is_gt(x.constant(V::MIN_POSITIVE)), y, x)
}

/// The cosine of a double-precision angle.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(in super::super) fn cos_double<V: Bits>(x: V) -> V {
    let (n, r, low) = reduce_double(x);
    quarter_double(n + x.constant(1.0), r, low)
}

/// `x = n π/2 + r`
#[cfg_attr(not(debug_assertions), inline(always))]
fn reduce_single<V: Bits>(x: V) -> (V, V) {
    let n = (x * x.constant(FRAC_2_PI)).nearest();
    let high = n.mul_add(x.constant(-HALF_PI_SINGLE.0), x);
    (n, n.mul_add(x.constant(-HALF_PI_SINGLE.1), high))
}

/// `x = n π/2 + (r + low)`; the products with the parts of π/2 are exact, since `n` has at most 20 bits.
#[cfg_attr(not(debug_assertions), inline(always))]
fn reduce_double<V: Bits>(x: V) -> (V, V, V) {
    let n = (x * x.constant(FRAC_2_PI)).nearest();
    let first = x - n * x.constant(HALF_PI_DOUBLE[0]);
    let (second, lost_2) = difference_pair(first, n * x.constant(HALF_PI_DOUBLE[1]));
    let (third, lost_3) = difference_pair(second, n * x.constant(HALF_PI_DOUBLE[2]));
    let low = (lost_2 + lost_3) - n * x.constant(HALF_PI_DOUBLE[3]);
    let r = third + low;
    (n, r, (third - r) + low)
}

/// `a - b`, rounded, and what the rounding took, for any `a` and `b`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn difference_pair<V: Bits>(a: V, b: V) -> (V, V) {
    let difference = a - b;
    let of_b = difference - a;
    (difference, (a - (difference - of_b)) - (b + of_b))
}

/// The sine of `n π/2 + r`: plus or minus the sine or cosine of `r`, as `n` modulo 4 says.
#[cfg_attr(not(debug_assertions), inline(always))]
fn quarter<V: Bits>(n: V, sine: V, cosine: V) -> V {
    let half = n.constant(0.5);
    let pairs = (n * half).floor();
    let odd = n.is_ne(pairs + pairs);
    let quads = (pairs * half).floor();
    let negative = pairs.is_ne(quads + quads);
    let y = V::select(odd, cosine, sine);
    V::select(negative, -y, y)
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn quarter_single<V: Bits>(n: V, r: V) -> V {
    let z = r * r;
    let sine = (r * z).mul_add(polynomial(z, &SIN_32), r);
    let cosine = z.mul_add(polynomial(z, &COS_32), r.constant(1.0));
    quarter(n, sine, cosine)
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn quarter_double<V: Bits>(n: V, r: V, low: V) -> V {
    let (one, half) = (r.constant(1.0), r.constant(0.5));
    let z = r * r;
    // sin(r + low) = r + r³ S(r²) + low (1 - r²/2)
    let sine = r + (r * z).mul_add(polynomial(z, &SIN_64), low - low * z * half);
    // cos(r + low) = 1 - r²/2 + r⁴ C(r²) - r low, with what is lost in 1 - r²/2 added back
    let half_square = z * half;
    let upper = one - half_square;
    let lost = (one - upper) - half_square;
    let tail = (z * z).mul_add(polynomial(z, &COS_64), lost - r * low);
    quarter(n, sine, upper + tail)
}
