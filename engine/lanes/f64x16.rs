//! Sixteen `f64`: two registers of AVX-512, four of AVX2, eight of NEON or SSE.

use super::{LANES, Lanes, Pack, Value, elementary};
use fearless_simd::{Bytes, Simd, SimdBase, SimdFloat, SimdMask, SimdSplit, f64x8, mask64x8, u32x16, u64x8};
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// Sixteen `f64` in SIMD registers: lanes 0 to 7, then 8 to 15.
#[derive(Clone, Copy, Debug)]
pub struct F64x16<S: Simd>(pub f64x8<S>, pub f64x8<S>);

/// Sixteen answers to a comparison of [`F64x16`].
#[derive(Clone, Copy, Debug)]
pub struct Mask64x16<S: Simd>(pub mask64x8<S>, pub mask64x8<S>);

macro_rules! operators {
    ($Type:ident: $($Operator:ident $name:ident),*) => { $(
        impl<S: Simd> $Operator for $Type<S> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                Self($Operator::$name(self.0, other.0), $Operator::$name(self.1, other.1))
            }
        }
    )* };
}
operators!(F64x16: Add add, Sub sub, Mul mul, Div div);
operators!(Mask64x16: BitAnd bitand, BitOr bitor);

impl<S: Simd> Neg for F64x16<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl<S: Simd> Not for Mask64x16<S> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0, !self.1)
    }
}

macro_rules! lane_by_lane {
    ($($name:ident),*) => { $(
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn $name(self) -> Self {
            Self::from_array(self.0.simd, self.to_array().map(Value::$name))
        }
    )* };
}

macro_rules! by_halves {
    ($($name:ident $of_simd:path),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            Self($of_simd(self.0), $of_simd(self.1))
        }
    )* };
}

macro_rules! compare {
    ($($name:ident $of_simd:ident),*) => { $(
        #[inline(always)]
        fn $name(self, other: Self) -> Self::Mask {
            Mask64x16(
                self.0.simd.$of_simd(self.0, other.0),
                self.0.simd.$of_simd(self.1, other.1),
            )
        }
    )* };
}

macro_rules! by_polynomial {
    ($($name:ident $function:path),*) => { $(
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn $name(self) -> Self {
            $function(self)
        }
    )* };
}

impl<S: Simd> Value for F64x16<S> {
    type Mask = Mask64x16<S>;

    #[inline(always)]
    fn constant(self, number: f64) -> Self {
        Self::splat(self.0.simd, number)
    }
    compare!(is_lt simd_lt_f64x8, is_le simd_le_f64x8, is_gt simd_gt_f64x8, is_ge simd_ge_f64x8, is_eq simd_eq_f64x8);
    #[inline(always)]
    fn is_ne(self, other: Self) -> Self::Mask {
        !self.is_eq(other)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        let simd = yes.0.simd;
        Self(simd.select_f64x8(mask.0, yes.0, no.0), simd.select_f64x8(mask.1, yes.1, no.1))
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        let simd = self.0.simd;
        Self(simd.mul_add_f64x8(self.0, a.0, b.0), simd.mul_add_f64x8(self.1, a.1, b.1))
    }
    by_halves!(sqrt SimdFloat::sqrt, floor SimdFloat::floor, ceil SimdFloat::ceil,
        round SimdFloat::round_ties_even, trunc SimdFloat::trunc);
    #[inline(always)]
    fn abs(self) -> Self {
        let simd = self.0.simd;
        Self(simd.abs_f64x8(self.0), simd.abs_f64x8(self.1))
    }
    by_polynomial!(sigmoid elementary::sigmoid, softplus elementary::softplus, exp elementary::exp, exp_m1 elementary::exp_m1, ln elementary::ln, ln_1p elementary::ln_1p,
        tanh elementary::tanh_double, erf elementary::erf_double);
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn powf(self, exponent: Self) -> Self {
        elementary::powf_double(self, exponent)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin(self) -> Self {
        for_huge_angles(self, elementary::sin_double(self), f64::sin)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos(self) -> Self {
        for_huge_angles(self, elementary::cos_double(self), f64::cos)
    }
    lane_by_lane!(tan, sinh, cosh, asin, acos, atan);
}

/// `result`, but by `std` in the (rare) lanes whose angle is too large for the polynomials, infinite or NaN.
#[cfg_attr(not(debug_assertions), inline(always))]
fn for_huge_angles<S: Simd>(x: F64x16<S>, result: F64x16<S>, std: fn(f64) -> f64) -> F64x16<S> {
    let huge = !x.abs().is_le(x.constant(elementary::LARGEST_ANGLE_DOUBLE));
    if F64x16::mask_any(huge) {
        let mut lanes = result.to_array();
        elementary::lane_by_lane(&x.to_array(), F64x16::mask_lanes(huge), &mut lanes, std);
        return F64x16::from_array(x.0.simd, lanes);
    }
    result
}

impl<S: Simd> Lanes<S> for F64x16<S> {
    type Element = f64;

    #[inline(always)]
    fn splat(simd: S, element: f64) -> Self {
        Self(simd.splat_f64x8(element), simd.splat_f64x8(element))
    }
    #[inline(always)]
    fn from_array(simd: S, array: [f64; LANES]) -> Self {
        Self::load(simd, &Pack(array))
    }
    #[inline(always)]
    fn to_array(self) -> [f64; LANES] {
        let mut pack = Pack([0.0; LANES]);
        self.store(&mut pack);
        pack.0
    }
    #[inline(always)]
    fn from_halves(simd: S, low: &[f64; LANES / 2], high: &[f64; LANES / 2]) -> Self {
        Self(f64x8::load_array_ref(simd, low), f64x8::load_array_ref(simd, high))
    }
    #[inline(always)]
    fn to_halves(self) -> ([f64; LANES / 2], [f64; LANES / 2]) {
        (self.0.into(), self.1.into())
    }
    #[inline(always)]
    fn load(simd: S, from: &Pack<f64>) -> Self {
        let (low, high) = from.0.split_at(8);
        Self(f64x8::from_slice(simd, low), f64x8::from_slice(simd, high))
    }
    #[inline(always)]
    fn store(self, to: &mut Pack<f64>) {
        let (low, high) = to.0.split_at_mut(8);
        self.0.store_slice(low);
        self.1.store_slice(high);
    }
    #[inline(always)]
    fn mask_splat(simd: S, answer: bool) -> Self::Mask {
        Mask64x16(simd.splat_mask64x8(answer), simd.splat_mask64x8(answer))
    }
    #[inline(always)]
    fn mask_from_lanes(simd: S, lanes: [bool; LANES]) -> Self::Mask {
        let mut bits = 0;
        for (lane, answer) in lanes.into_iter().enumerate() {
            bits |= u64::from(answer) << lane;
        }
        Mask64x16(simd.from_bitmask_mask64x8(bits & 0xff), simd.from_bitmask_mask64x8(bits >> 8))
    }
    #[inline(always)]
    fn mask_lanes(mask: Self::Mask) -> [bool; LANES] {
        let bits = mask.0.to_bitmask() | mask.1.to_bitmask() << 8;
        let mut lanes = [false; LANES];
        for (lane, answer) in lanes.iter_mut().enumerate() {
            *answer = bits >> lane & 1 == 1;
        }
        lanes
    }
    #[inline(always)]
    fn mask_of_bits(simd: S, bits: u64) -> Self::Mask {
        Mask64x16(simd.from_bitmask_mask64x8(bits & 0xff), simd.from_bitmask_mask64x8(bits >> 8))
    }
    #[inline(always)]
    fn mask_any(mask: Self::Mask) -> bool {
        (mask.0 | mask.1).any_true()
    }
    #[inline(always)]
    fn reduce_sum(self) -> f64 {
        // in the order of single precision's instruction
        let (low, high) = (self.0 + self.1).split();
        let four: [f64; 4] = (low + high).into();
        (four[0] + four[1]) + (four[2] + four[3])
    }
    #[inline(always)]
    fn unit(simd: S, first: u32x16<S>, second: u32x16<S>) -> Self {
        let (first, second) = (simd.widen_u32x16(first), simd.widen_u32x16(second));
        Self(unit(simd, first.0, second.0), unit(simd, first.1, second.1))
    }
    #[inline(always)]
    fn open_unit(simd: S, first: u32x16<S>, second: u32x16<S>) -> Self {
        let below_one = 1.0 - 0.5 * f64::EPSILON;
        let (first, second) = (simd.widen_u32x16(first), simd.widen_u32x16(second));
        Self(mantissa(simd, first.0, second.0) - below_one, mantissa(simd, first.1, second.1) - below_one)
    }
}

/// 53 bits: 52 in a mantissa, and the last added.
#[inline(always)]
fn unit<S: Simd>(simd: S, first: u64x8<S>, second: u64x8<S>) -> f64x8<S> {
    let last = simd.and_u64x8(simd.shr_u64x8(second, 11), simd.splat_u64x8(1));
    let last: f64x8<S> = simd.or_u64x8(last, simd.splat_u64x8(1_f64.to_bits())).bitcast();
    (mantissa(simd, first, second) - 1.0) + (last - 1.0) * 0.5
}

/// A number in `[1, 2)` from the 32 bits of `first` and the upper 20 of the 32 in `second`.
#[inline(always)]
fn mantissa<S: Simd>(simd: S, first: u64x8<S>, second: u64x8<S>) -> f64x8<S> {
    let bits = simd.or_u64x8(simd.shl_u64x8(first, 20), simd.shr_u64x8(second, 12));
    simd.or_u64x8(bits, simd.splat_u64x8(1_f64.to_bits())).bitcast()
}
