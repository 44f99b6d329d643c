//! What formulas are written in: one number, or sixteen lanes of them.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// A number, or sixteen numbers in the lanes of a SIMD value: the operations of the layer language.
///
/// Conventions, the same for scalars and lanes: `round` goes to even, `sign(0)` is 0, `min` and `max` give NaN where
/// either operand is NaN, `select` never mixes in the value that was not taken (not even a NaN), subnormal numbers
/// are kept. Where `std` has a function, special values follow it.
///
/// ```
/// # use chainrule_engine as chainrule;
/// use chainrule::lanes::Value;
/// fn silu<V: Value>(x: V) -> V {
///     x * x.sigmoid()
/// }
/// assert_eq!(silu(0.0_f64), 0.0);
/// ```
pub trait Value:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The answer to a comparison: `bool`, or one bit a lane.
    type Mask: Copy + BitAnd<Output = Self::Mask> + BitOr<Output = Self::Mask> + Not<Output = Self::Mask>;

    /// `number` (rounded to the element type) in the form of `self`, whose value does not matter.
    fn constant(self, number: f64) -> Self;

    /// `self < other`; false where either is NaN.
    fn is_lt(self, other: Self) -> Self::Mask;
    /// `self <= other`; false where either is NaN.
    fn is_le(self, other: Self) -> Self::Mask;
    /// `self > other`; false where either is NaN.
    fn is_gt(self, other: Self) -> Self::Mask;
    /// `self >= other`; false where either is NaN.
    fn is_ge(self, other: Self) -> Self::Mask;
    /// `self == other`; false where either is NaN.
    fn is_eq(self, other: Self) -> Self::Mask;
    /// `self != other`; true where either is NaN.
    fn is_ne(self, other: Self) -> Self::Mask;
    /// `yes` where the mask says so, `no` elsewhere. A choice of bits, no arithmetic.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// `self * a + b`, fused where the processor can.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// The largest integer not above.
    fn floor(self) -> Self;
    /// The smallest integer not below.
    fn ceil(self) -> Self;
    /// The nearest integer, halves to the even one.
    fn round(self) -> Self;
    /// The integer part, towards zero.
    fn trunc(self) -> Self;

    /// e to the power of `self`.
    fn exp(self) -> Self;
    /// `exp(self) - 1`, accurate near 0.
    fn exp_m1(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + self)`, accurate near 0.
    fn ln_1p(self) -> Self;
    /// `self` to the power of `exponent`, with the special cases of C and IEEE 754.
    fn powf(self, exponent: Self) -> Self;
    /// The sine of an angle in radians.
    fn sin(self) -> Self;
    /// The cosine of an angle in radians.
    fn cos(self) -> Self;
    /// The tangent of an angle in radians.
    fn tan(self) -> Self;
    /// The hyperbolic sine.
    fn sinh(self) -> Self;
    /// The hyperbolic cosine.
    fn cosh(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The arc sine.
    fn asin(self) -> Self;
    /// The arc cosine.
    fn acos(self) -> Self;
    /// The arc tangent.
    fn atan(self) -> Self;
    /// The error function, `2/√π ∫₀ˣ exp(-t²) dt`.
    fn erf(self) -> Self;

    /// `1 / (1 + exp(-self))`; tends to 0 through the subnormal numbers.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sigmoid(self) -> Self {
        // with e = exp(-|x|): 1 / (1 + e) on the right, e / (1 + e) on the left; neither can overflow
        let one = self.constant(1.0);
        let e = (-self.abs()).exp();
        let top = Self::select(self.is_ge(self.constant(0.0)), one, e);
        top / (one + e)
    }

    /// `ln(1 + exp(self))`, without overflow.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn softplus(self) -> Self {
        self.max(self.constant(0.0)) + (-self.abs()).exp().ln_1p()
    }

    /// `self * self`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn square(self) -> Self {
        self * self
    }

    /// `1 / self`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn recip(self) -> Self {
        self.constant(1.0) / self
    }

    /// `self` to an integer power: products up to the eighth power (within 4 ulp), [`powf`](Value::powf) beyond.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn powi(self, exponent: i32) -> Self {
        let times = exponent.unsigned_abs();
        if times > 8 {
            return self.powf(self.constant(f64::from(exponent)));
        }
        // (1/x)^n and not 1/x^n: the latter loses results that are subnormal
        let mut base = if exponent < 0 { self.recip() } else { self };
        let mut product = self.constant(1.0);
        let mut left = times;
        while left > 0 {
            if left & 1 == 1 {
                product = product * base;
            }
            base = base * base;
            left >>= 1;
        }
        product
    }

    /// -1, 0 or 1 by the sign; the sign of either zero is 0, of NaN it is NaN.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sign(self) -> Self {
        let zero = self.constant(0.0);
        let one = self.constant(1.0);
        let negative_or_not = Self::select(self.is_lt(zero), -one, zero);
        let sign = Self::select(self.is_gt(zero), one, negative_or_not);
        Self::select(self.is_eq(self), sign, self)
    }

    /// The smaller one; NaN where either is NaN.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn min(self, other: Self) -> Self {
        let smaller = Self::select(self.is_lt(other), self, other);
        Self::select(self.is_eq(self), smaller, self)
    }

    /// The larger one; NaN where either is NaN.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn max(self, other: Self) -> Self {
        let larger = Self::select(self.is_gt(other), self, other);
        Self::select(self.is_eq(self), larger, self)
    }

    /// `self` limited to `low..=high`, `high` winning where they cross; NaN where any of the three is NaN.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn clamp(self, low: Self, high: Self) -> Self {
        self.max(low).min(high)
    }

    /// The quotient rounded towards minus infinity, exact for integers below 2^24 (`f32`) or 2^53 (`f64`).
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn div_floor(self, divisor: Self) -> Self {
        // the rounded quotient may have reached the integer above; the remainder then shows it
        let quotient = (self / divisor).floor();
        let one = self.constant(1.0);
        let zero = self.constant(0.0);
        let remainder = self - quotient * divisor;
        let positive = divisor.is_gt(zero);
        let above = (positive & remainder.is_lt(zero)) | (!positive & remainder.is_gt(zero));
        Self::select(above, quotient - one, quotient)
    }

    /// `self - div_floor(self, divisor) * divisor`: the remainder with the sign of the divisor.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn rem_floor(self, divisor: Self) -> Self {
        self - self.div_floor(divisor) * divisor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Element, LANES, Lanes, Level, Simd, Task, run};

    const NAN: f64 = f64::NAN;
    const INF: f64 = f64::INFINITY;

    /// What is not measured by `tests/elementary.rs`: the conventions, as function, arguments, result.
    const CONVENTIONS: &[(&str, [f64; 3], f64)] = &[
        ("round", [0.5, 0.0, 0.0], 0.0),
        ("round", [1.5, 0.0, 0.0], 2.0),
        ("round", [-2.5, 0.0, 0.0], -2.0),
        ("round", [8_388_609.0, 0.0, 0.0], 8_388_609.0),
        ("round", [NAN, 0.0, 0.0], NAN),
        ("trunc", [-2.7, 0.0, 0.0], -2.0),
        ("floor", [-2.1, 0.0, 0.0], -3.0),
        ("ceil", [2.1, 0.0, 0.0], 3.0),
        ("sign", [-3.0, 0.0, 0.0], -1.0),
        ("sign", [-0.0, 0.0, 0.0], 0.0),
        ("sign", [1e-40, 0.0, 0.0], 1.0),
        ("sign", [NAN, 0.0, 0.0], NAN),
        ("min", [1.0, 2.0, 0.0], 1.0),
        ("min", [NAN, 2.0, 0.0], NAN),
        ("min", [2.0, NAN, 0.0], NAN),
        ("max", [1.0, 2.0, 0.0], 2.0),
        ("max", [NAN, 2.0, 0.0], NAN),
        ("max", [2.0, NAN, 0.0], NAN),
        ("max", [-INF, 2.0, 0.0], 2.0),
        ("clamp", [5.0, -1.0, 1.0], 1.0),
        ("clamp", [-5.0, -1.0, 1.0], -1.0),
        ("clamp", [0.5, -1.0, 1.0], 0.5),
        ("clamp", [NAN, -1.0, 1.0], NAN),
        ("clamp", [0.0, NAN, 1.0], NAN),
        ("div_floor", [7.0, 2.0, 0.0], 3.0),
        ("div_floor", [-7.0, 2.0, 0.0], -4.0),
        ("div_floor", [7.0, -2.0, 0.0], -4.0),
        ("div_floor", [-7.0, -2.0, 0.0], 3.0),
        ("div_floor", [-8.0, 2.0, 0.0], -4.0),
        ("div_floor", [16_777_215.0, 1.0, 0.0], 16_777_215.0),
        ("div_floor", [16_777_213.0, 16_777_214.0, 0.0], 0.0),
        ("rem_floor", [7.0, 3.0, 0.0], 1.0),
        ("rem_floor", [-7.0, 3.0, 0.0], 2.0),
        ("rem_floor", [7.0, -3.0, 0.0], -2.0),
        ("rem_floor", [16_777_215.0, 10.0, 0.0], 5.0),
        ("select_less", [1.0, 2.0, NAN], 1.0),
        ("select_less", [2.0, 1.0, 7.0], 7.0),
        ("select_less", [NAN, 1.0, 7.0], 7.0),
        ("mul_add", [2.0, 3.0, 4.0], 10.0),
        ("square", [-3.0, 0.0, 0.0], 9.0),
        ("recip", [4.0, 0.0, 0.0], 0.25),
        ("abs", [-0.0, 0.0, 0.0], 0.0),
        ("sqrt", [2.25, 0.0, 0.0], 1.5),
        ("sqrt", [-1.0, 0.0, 0.0], NAN),
        ("cube", [-2.0, 0.0, 0.0], -8.0),
        ("eleventh", [-2.0, 0.0, 0.0], -2048.0),
        ("minus_second", [-2.0, 0.0, 0.0], 0.25),
        ("minus_second", [9.223_372_036_854_776e18, 0.0, 0.0], 1.175_494_350_822_287_5e-38),
        ("zeroth", [NAN, 0.0, 0.0], 1.0),
        // the sum of < 1, <= 2, > 4, >= 8, == 16, != 32
        ("compare", [1.0, 1.0, 0.0], 26.0),
        ("compare", [1.0, 2.0, 0.0], 35.0),
        ("compare", [2.0, 1.0, 0.0], 44.0),
        ("compare", [NAN, 1.0, 0.0], 32.0),
    ];

    #[inline(always)]
    fn apply<V: Value>(name: &str, [a, b, c]: [V; 3]) -> V {
        match name {
            "round" => a.round(),
            "trunc" => a.trunc(),
            "floor" => a.floor(),
            "ceil" => a.ceil(),
            "sign" => a.sign(),
            "min" => a.min(b),
            "max" => a.max(b),
            "clamp" => a.clamp(b, c),
            "div_floor" => a.div_floor(b),
            "rem_floor" => a.rem_floor(b),
            "select_less" => V::select(a.is_lt(b), a, c),
            "mul_add" => a.mul_add(b, c),
            "square" => a.square(),
            "recip" => a.recip(),
            "abs" => a.abs(),
            "sqrt" => a.sqrt(),
            "cube" => a.powi(3),
            "eleventh" => a.powi(11),
            "minus_second" => a.powi(-2),
            "zeroth" => a.powi(0),
            "compare" => [a.is_lt(b), a.is_le(b), a.is_gt(b), a.is_ge(b), a.is_eq(b), a.is_ne(b)]
                .into_iter()
                .zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
                .map(|(mask, bit)| V::select(mask, a.constant(bit), a.constant(0.0)))
                .fold(a.constant(0.0), |sum, bit| sum + bit),
            _ => unreachable!("no function `{name}`"),
        }
    }

    struct InLanes<E>(&'static str, [E; 3]);
    impl<E: Element> Task for InLanes<E> {
        type Output = [E; LANES];
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> [E; LANES] {
            apply(self.0, self.1.map(|e| E::Lanes::splat(simd, e))).to_array()
        }
    }

    fn holds<E: Element>() {
        for &(name, arguments, expected) in CONVENTIONS {
            let arguments = arguments.map(E::from_f64);
            let right = |found: E| {
                let found = found.to_f64();
                found == expected || found.is_nan() && expected.is_nan()
            };
            let scalar = apply(name, arguments);
            assert!(right(scalar), "{name} {arguments:?} is {scalar}");
            for level in [Level::new(), Level::baseline()] {
                let lanes = run(level, InLanes(name, arguments));
                let all_right = lanes.into_iter().all(right);
                assert!(all_right, "{name} {arguments:?} is {lanes:?} ({level:?})");
            }
        }
    }

    #[test]
    fn conventions_hold_for_scalars_and_lanes() {
        holds::<f32>();
        holds::<f64>();
    }
}
