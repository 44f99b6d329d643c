//! Sixteen `f32`: one register of AVX-512, two of AVX2, four of NEON or SSE.

use super::{LANES, Lanes, Pack, Value};
use fearless_simd::{Simd, SimdBase, SimdFloat, SimdFrom, SimdMask, f32x16, mask32x16, u32x16};

macro_rules! lane_by_lane {
    ($($name:ident),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            let lanes: [f32; LANES] = self.into();
            Self::simd_from(self.simd, lanes.map(Value::$name))
        }
    )* };
}

impl<S: Simd> Value for f32x16<S> {
    type Mask = mask32x16<S>;

    #[inline(always)]
    fn constant(self, number: f64) -> Self {
        self.simd.splat_f32x16(number as f32)
    }
    #[inline(always)]
    fn is_lt(self, other: Self) -> Self::Mask {
        self.simd.simd_lt_f32x16(self, other)
    }
    #[inline(always)]
    fn is_le(self, other: Self) -> Self::Mask {
        self.simd.simd_le_f32x16(self, other)
    }
    #[inline(always)]
    fn is_gt(self, other: Self) -> Self::Mask {
        self.simd.simd_gt_f32x16(self, other)
    }
    #[inline(always)]
    fn is_ge(self, other: Self) -> Self::Mask {
        self.simd.simd_ge_f32x16(self, other)
    }
    #[inline(always)]
    fn is_eq(self, other: Self) -> Self::Mask {
        self.simd.simd_eq_f32x16(self, other)
    }
    #[inline(always)]
    fn is_ne(self, other: Self) -> Self::Mask {
        !self.simd.simd_eq_f32x16(self, other)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        yes.simd.select_f32x16(mask, yes, no)
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self.simd.mul_add_f32x16(self, a, b)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.simd.sqrt_f32x16(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.simd.abs_f32x16(self)
    }
    #[inline(always)]
    fn floor(self) -> Self {
        SimdFloat::floor(self)
    }
    #[inline(always)]
    fn ceil(self) -> Self {
        SimdFloat::ceil(self)
    }
    #[inline(always)]
    fn round(self) -> Self {
        SimdFloat::round_ties_even(self)
    }
    #[inline(always)]
    fn trunc(self) -> Self {
        SimdFloat::trunc(self)
    }
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        let (bases, exponents) = (Lanes::to_array(self), Lanes::to_array(exponent));
        let powers = std::array::from_fn(|lane| bases[lane].powf(exponents[lane]));
        Self::simd_from(self.simd, powers)
    }
    lane_by_lane!(
        exp, exp_m1, ln, ln_1p, sin, cos, tan, sinh, cosh, tanh, asin, acos, atan, erf
    );
}

impl<S: Simd> Lanes<S> for f32x16<S> {
    type Element = f32;

    #[inline(always)]
    fn splat(simd: S, element: f32) -> Self {
        simd.splat_f32x16(element)
    }
    #[inline(always)]
    fn from_array(simd: S, array: [f32; LANES]) -> Self {
        Self::simd_from(simd, array)
    }
    #[inline(always)]
    fn to_array(self) -> [f32; LANES] {
        self.into()
    }
    #[inline(always)]
    fn load(simd: S, from: &Pack<f32>) -> Self {
        Self::load_array_ref(simd, &from.0)
    }
    #[inline(always)]
    fn store(self, to: &mut Pack<f32>) {
        self.store_array(&mut to.0);
    }
    #[inline(always)]
    fn mask_splat(simd: S, answer: bool) -> Self::Mask {
        simd.splat_mask32x16(answer)
    }
    #[inline(always)]
    fn mask_from_lanes(simd: S, lanes: [bool; LANES]) -> Self::Mask {
        mask32x16::simd_from(simd, lanes.map(|lane| -i32::from(lane)))
    }
    #[inline(always)]
    fn mask_lanes(mask: Self::Mask) -> [bool; LANES] {
        let bits = mask.to_bitmask();
        std::array::from_fn(|lane| bits >> lane & 1 == 1)
    }
    #[inline(always)]
    fn mask_first(simd: S, count: usize) -> Self::Mask {
        simd.from_bitmask_mask32x16((1 << count.min(LANES)) - 1)
    }
    #[inline(always)]
    fn mask_any(mask: Self::Mask) -> bool {
        mask.any_true()
    }
    #[inline(always)]
    fn reduce_sum(self) -> f32 {
        self.simd.reduce_sum_f32x16(self)
    }
    #[inline(always)]
    fn unit(simd: S, first: u32x16<S>, _: u32x16<S>) -> Self {
        simd.cvt_f32_u32x16(simd.shr_u32x16(first, 8)) * f32::EPSILON * 0.5
    }
    #[inline(always)]
    fn open_unit(simd: S, first: u32x16<S>, _: u32x16<S>) -> Self {
        (simd.cvt_f32_u32x16(simd.shr_u32x16(first, 9)) + 0.5) * f32::EPSILON
    }
}
