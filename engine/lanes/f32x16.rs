//! Sixteen `f32`: one register of AVX-512, two of AVX2, four of NEON or SSE.

use super::{F64x16, LANES, Lanes, Pack, Value, elementary};
use fearless_simd::{Simd, SimdBase, SimdFloat, SimdFrom, SimdMask, f32x4, f32x8, f32x16, mask32x16, u32x16};

macro_rules! lane_by_lane {
    ($($name:ident),*) => { $(
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn $name(self) -> Self {
            let lanes: [f32; LANES] = self.into();
            Self::simd_from(self.simd, lanes.map(Value::$name))
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
    by_polynomial!(sigmoid elementary::sigmoid, softplus elementary::softplus, exp elementary::exp, exp_m1 elementary::exp_m1, ln elementary::ln, ln_1p elementary::ln_1p,
        tanh elementary::tanh_single, erf elementary::erf_single);
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn powf(self, exponent: Self) -> Self {
        narrow(elementary::powf_single(widen(self), widen(exponent)))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sin(self) -> Self {
        let sine = narrow(elementary::sin_single(widen(self)));
        for_huge_angles(self, sine, f32::sin)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cos(self) -> Self {
        let cosine = narrow(elementary::cos_single(widen(self)));
        for_huge_angles(self, cosine, f32::cos)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tan(self) -> Self {
        let tangent = narrow(elementary::tan_single(widen(self)));
        for_huge_angles(self, tangent, f32::tan)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sinh(self) -> Self {
        narrow(elementary::sinh_single(widen(self)))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cosh(self) -> Self {
        narrow(elementary::cosh_single(widen(self)))
    }
    lane_by_lane!(asin, acos, atan);
}

/// The same numbers in double precision.
#[inline(always)]
fn widen<S: Simd>(x: f32x16<S>) -> F64x16<S> {
    let (low, high) = x.simd.widen_f32x16(x);
    F64x16(low, high)
}

/// Rounded to single precision.
#[inline(always)]
fn narrow<S: Simd>(x: F64x16<S>) -> f32x16<S> {
    x.0.simd.narrow_f64x8(x.0, x.1)
}

/// `result`, but by `std` in the (rare) lanes whose angle is too large for the polynomials, infinite or NaN.
#[cfg_attr(not(debug_assertions), inline(always))]
fn for_huge_angles<S: Simd>(x: f32x16<S>, result: f32x16<S>, std: fn(f32) -> f32) -> f32x16<S> {
    let huge = !Value::abs(x).is_le(x.constant(elementary::LARGEST_ANGLE_SINGLE.into()));
    if huge.any_true() {
        let mut lanes = Lanes::to_array(result);
        elementary::lane_by_lane(&Lanes::to_array(x), f32x16::mask_lanes(huge), &mut lanes, std);
        return Lanes::from_array(x.simd, lanes);
    }
    result
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
    fn from_halves(simd: S, low: &[f32; LANES / 2], high: &[f32; LANES / 2]) -> Self {
        simd.combine_f32x8(f32x8::load_array_ref(simd, low), f32x8::load_array_ref(simd, high))
    }
    #[inline(always)]
    fn to_halves(self) -> ([f32; LANES / 2], [f32; LANES / 2]) {
        let (low, high) = self.simd.split_f32x16(self);
        (low.into(), high.into())
    }
    #[inline(always)]
    fn add_to(self, simd: S, to: &mut [f32; LANES]) {
        (self + Self::load_array_ref(simd, to)).store_array(to);
    }
    #[inline(always)]
    fn transpose(simd: S, rows: [&[f32; LANES]; LANES], to: &mut [Pack<f32>; LANES]) {
        // Squares of four lanes and four numbers.
        for lane in (0..LANES).step_by(4) {
            for sample in (0..LANES).step_by(4) {
                let row = |l: usize| f32x4::from_slice(simd, &rows[lane + l][sample..sample + 4]);
                let (even, odd) = (simd.interleave_f32x4(row(0), row(2)), simd.interleave_f32x4(row(1), row(3)));
                let (first, second) = (simd.interleave_f32x4(even.0, odd.0), simd.interleave_f32x4(even.1, odd.1));
                for (s, column) in [first.0, first.1, second.0, second.1].into_iter().enumerate() {
                    column.store_slice(&mut to[sample + s].0[lane..lane + 4]);
                }
            }
        }
    }
    #[inline(always)]
    fn mask_splat(simd: S, answer: bool) -> Self::Mask {
        simd.splat_mask32x16(answer)
    }
    #[inline(always)]
    fn mask_from_lanes(simd: S, lanes: [bool; LANES]) -> Self::Mask {
        let mut bits = 0;
        for (lane, answer) in lanes.into_iter().enumerate() {
            bits |= u64::from(answer) << lane;
        }
        simd.from_bitmask_mask32x16(bits)
    }
    #[inline(always)]
    fn mask_lanes(mask: Self::Mask) -> [bool; LANES] {
        let bits = mask.to_bitmask();
        let mut lanes = [false; LANES];
        for (lane, answer) in lanes.iter_mut().enumerate() {
            *answer = bits >> lane & 1 == 1;
        }
        lanes
    }
    #[inline(always)]
    fn mask_of_bits(simd: S, bits: u64) -> Self::Mask {
        simd.from_bitmask_mask32x16(bits)
    }
    #[inline(always)]
    fn mask_any(mask: Self::Mask) -> bool {
        mask.any_true()
    }
    #[inline(always)]
    fn evens(simd: S, of: &[f32; 2 * LANES]) -> Self {
        let [low, high] = [0, LANES].map(
            #[inline(always)]
            |at| f32x16::from_slice(simd, &of[at..at + LANES]),
        );
        simd.unzip_low_f32x16(low, high)
    }
    #[inline(always)]
    fn reduce_sum(self) -> f32 {
        self.simd.reduce_sum_f32x16(self)
    }
    #[inline(always)]
    fn reduce_sums(simd: S, mut values: impl FnMut(usize) -> Self) -> Self {
        let (a, b) = (four_sums(simd, 0, &mut values), four_sums(simd, 4, &mut values));
        let (c, d) = (four_sums(simd, 8, &mut values), four_sums(simd, 12, &mut values));
        simd.combine_f32x8(simd.combine_f32x4(a, b), simd.combine_f32x4(c, d))
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

/// The sums of four values, from the `first` on, each over its lanes.
#[inline(always)]
fn four_sums<S: Simd>(simd: S, first: usize, values: &mut impl FnMut(usize) -> f32x16<S>) -> f32x4<S> {
    let mut quarters = [simd.splat_f32x4(0.0); 4];
    for (lane, quarter) in quarters.iter_mut().enumerate() {
        let (low, high) = simd.split_f32x16(values(first + lane));
        let (low, high) = simd.split_f32x8(low + high);
        *quarter = low + high;
    }
    // Neighbours, two by two.
    let [a, b, c, d] = quarters;
    let ab = simd.unzip_low_f32x4(a, b) + simd.unzip_high_f32x4(a, b);
    let cd = simd.unzip_low_f32x4(c, d) + simd.unzip_high_f32x4(c, d);
    simd.unzip_low_f32x4(ab, cd) + simd.unzip_high_f32x4(ab, cd)
}
