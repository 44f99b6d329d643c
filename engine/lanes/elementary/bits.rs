//! What the polynomials need beyond [`Value`]: exponents, signs, exact products.

use super::super::{F64x16, Value};
use super::logarithm::{ln_sum_double, ln_sum_single};
use fearless_simd::{Bytes, Simd, SimdFloat, f32x16, f64x8, u32x16, u64x8};

/// Access to the parts of a floating-point number, and what depends on its precision.
pub(in super::super) trait Bits: Value {
    /// 1.5 times the number from which on all numbers are integers.
    const ROUNDING: f64;
    /// The smallest normal number.
    const MIN_POSITIVE: f64;
    /// A power of two that makes normal numbers of subnormal ones, and its exponent.
    const NORMALISE: (f64, f64);
    /// ln 2 in few bits, so that its product with an exponent is exact, and the rest.
    const LN_2: (f64, f64);
    /// Below and above, `exp` is 0 and infinite.
    const EXP_RANGE: (f64, f64);

    /// `(exp(r) - 1 - r) / r²` for `|r| <= ln(2) / 2`.
    fn exp_tail(r: Self) -> Self;
    /// `exponent ln 2 + ln(1 + f) + correction`, where `1 + f` is between √½ and √2.
    fn ln_sum(f: Self, exponent: Self, correction: Self) -> Self;

    /// `self * a + b` with one rounding, on every processor.
    fn fused(self, a: Self, b: Self) -> Self;
    /// 2 to the power of `self`, an integer whose power is a normal number.
    fn pow2(self) -> Self;
    /// Mantissa between √½ and √2, and exponent, of a positive normal number.
    fn split(self) -> (Self, Self);
    /// `self` with the sign of `sign`.
    fn with_sign(self, sign: Self) -> Self;
    /// `self` between two bounds; of NaN anything.
    fn limit(self, low: f64, high: f64) -> Self;

    /// The nearest integer, of a number well below [`ROUNDING`](Bits::ROUNDING).
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn nearest(self) -> Self {
        let rounding = self.constant(Self::ROUNDING);
        (self + rounding) - rounding
    }
}

/// `ln(2)` in 12 bits and the rest; `exp` underflows at -103.98 and overflows at 88.73.
macro_rules! single {
    () => {
        const ROUNDING: f64 = 12_582_912.0;
        const MIN_POSITIVE: f64 = f32::MIN_POSITIVE as f64;
        const NORMALISE: (f64, f64) = (16_777_216.0, 24.0);
        const LN_2: (f64, f64) = (0.693_115_234_375, 3.194_618_329_871_446e-5);
        const EXP_RANGE: (f64, f64) = (-104.0, 89.0);

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn exp_tail(r: Self) -> Self {
            super::polynomial(r, &super::exponential::EXP_32)
        }
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn ln_sum(f: Self, exponent: Self, correction: Self) -> Self {
            ln_sum_single(f, exponent, correction)
        }
    };
}

/// `ln(2)` in 32 bits and the rest; `exp` underflows at -745.1 and overflows at 709.8.
macro_rules! double {
    () => {
        const ROUNDING: f64 = 6_755_399_441_055_744.0;
        const MIN_POSITIVE: f64 = f64::MIN_POSITIVE;
        const NORMALISE: (f64, f64) = (18_014_398_509_481_984.0, 54.0);
        const LN_2: (f64, f64) = (0.693_147_180_601_954_5, -4.200_915_072_681_084_6e-11);
        const EXP_RANGE: (f64, f64) = (-746.0, 710.0);

        #[cfg_attr(not(debug_assertions), inline(always))]
        fn exp_tail(r: Self) -> Self {
            super::polynomial(r, &super::exponential::EXP_64)
        }
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn ln_sum(f: Self, exponent: Self, correction: Self) -> Self {
            ln_sum_double(f, exponent, correction)
        }
    };
}

/// The bits of √½: a number's distance from it, in bits, has the exponent that puts the mantissa between √½ and √2.
const ROOT_HALF_32: u32 = 0x3f35_04f3;
const ROOT_HALF_64: u64 = 0x3fe6_a09e_667f_3bcd;

impl<S: Simd> Bits for f32x16<S> {
    single!();

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fused(self, a: Self, b: Self) -> Self {
        self.simd.mul_add_precise_f32x16(self, a, b)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pow2(self) -> Self {
        // the last bits of 2^23 + n + 127 are the exponent field of 2^n
        let bits: u32x16<S> = (self + (8_388_608.0 + 127.0)).bitcast();
        self.simd.shl_u32x16(bits, 23).bitcast()
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split(self) -> (Self, Self) {
        let simd = self.simd;
        let bits: u32x16<S> = self.bitcast();
        let from_root = bits + simd.splat_u32x16(1_f32.to_bits() - ROOT_HALF_32);
        let mantissa = simd.and_u32x16(from_root, simd.splat_u32x16(0x007f_ffff));
        let mantissa = mantissa + simd.splat_u32x16(ROOT_HALF_32);
        let exponent = simd.shr_u32x16(from_root, 23);
        let exponent = simd.or_u32x16(exponent, simd.splat_u32x16(8_388_608_f32.to_bits()));
        let exponent: Self = exponent.bitcast();
        (mantissa.bitcast(), exponent - (8_388_608.0 + 127.0))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn with_sign(self, sign: Self) -> Self {
        self.simd.copysign_f32x16(self, sign)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn limit(self, low: f64, high: f64) -> Self {
        let simd = self.simd;
        let (low, high) = (self.constant(low), self.constant(high));
        simd.min_f32x16(simd.max_f32x16(self, low), high)
    }
}

impl<S: Simd> Bits for F64x16<S> {
    double!();

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fused(self, a: Self, b: Self) -> Self {
        Self(SimdFloat::mul_add_precise(self.0, a.0, b.0), SimdFloat::mul_add_precise(self.1, a.1, b.1))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pow2(self) -> Self {
        Self(pow2(self.0), pow2(self.1))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split(self) -> (Self, Self) {
        let (low, high) = (split(self.0), split(self.1));
        (Self(low.0, high.0), Self(low.1, high.1))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn with_sign(self, sign: Self) -> Self {
        Self(self.0.copysign(sign.0), self.1.copysign(sign.1))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn limit(self, low: f64, high: f64) -> Self {
        let simd = self.0.simd;
        let (low, high) = (simd.splat_f64x8(low), simd.splat_f64x8(high));
        Self(simd.min_f64x8(simd.max_f64x8(self.0, low), high), simd.min_f64x8(simd.max_f64x8(self.1, low), high))
    }
}

// Functions and not closures: a closure that is called twice is not inlined, and then runs without the instructions of
// its level.

/// Half of [`Bits::pow2`].
#[cfg_attr(not(debug_assertions), inline(always))]
fn pow2<S: Simd>(n: f64x8<S>) -> f64x8<S> {
    let bits: u64x8<S> = (n + (4_503_599_627_370_496.0 + 1023.0)).bitcast();
    n.simd.shl_u64x8(bits, 52).bitcast()
}

/// Half of [`Bits::split`].
#[cfg_attr(not(debug_assertions), inline(always))]
fn split<S: Simd>(x: f64x8<S>) -> (f64x8<S>, f64x8<S>) {
    let simd = x.simd;
    let bits: u64x8<S> = x.bitcast();
    let from_root = bits + simd.splat_u64x8(1_f64.to_bits() - ROOT_HALF_64);
    let mantissa = simd.and_u64x8(from_root, simd.splat_u64x8(0x000f_ffff_ffff_ffff));
    let mantissa = mantissa + simd.splat_u64x8(ROOT_HALF_64);
    let exponent = simd.shr_u64x8(from_root, 52);
    let two_to_52 = simd.splat_u64x8(4_503_599_627_370_496_f64.to_bits());
    let exponent: f64x8<S> = simd.or_u64x8(exponent, two_to_52).bitcast();
    (mantissa.bitcast(), exponent - (4_503_599_627_370_496.0 + 1023.0))
}

impl Bits for f64 {
    double!();

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn fused(self, a: Self, b: Self) -> Self {
        f64::mul_add(self, a, b)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pow2(self) -> Self {
        f64::from_bits(((self + 1023.0) as u64) << 52)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split(self) -> (Self, Self) {
        let from_root = self.to_bits().wrapping_add(1_f64.to_bits() - ROOT_HALF_64);
        let mantissa = f64::from_bits((from_root & 0x000f_ffff_ffff_ffff) + ROOT_HALF_64);
        (mantissa, (from_root >> 52) as f64 - 1023.0)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn with_sign(self, sign: Self) -> Self {
        self.copysign(sign)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn limit(self, low: f64, high: f64) -> Self {
        f64::min(f64::max(self, low), high)
    }
}
