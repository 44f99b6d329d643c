//! What formulas are written in: one number, or sixteen lanes of them.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// A number, or sixteen numbers in the lanes of a SIMD value: the operations of the layer language.
///
/// Conventions, the same for scalars and lanes: `round` goes to even, `sign(0)` is 0, `min` and `max` give NaN where
/// either operand is NaN, `select` never mixes in the value that was not taken (not even a NaN), subnormal numbers
/// are kept. Where `std` has a function, special values follow it.
///
/// ```
/// use chainrule::lanes::Value;
/// fn silu<V: Value>(x: V) -> V {
///     x * x.sigmoid()
/// }
/// assert_eq!(silu(0.0_f64), 0.0);
/// ```
pub trait Value:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The answer to a comparison: `bool`, or one bit a lane.
    type Mask: Copy
        + BitAnd<Output = Self::Mask>
        + BitOr<Output = Self::Mask>
        + Not<Output = Self::Mask>;

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
    #[inline(always)]
    fn sigmoid(self) -> Self {
        // with e = exp(-|x|): 1 / (1 + e) on the right, e / (1 + e) on the left; neither can overflow
        let one = self.constant(1.0);
        let e = (-self.abs()).exp();
        let top = Self::select(self.is_ge(self.constant(0.0)), one, e);
        top / (one + e)
    }

    /// `ln(1 + exp(self))`, without overflow.
    #[inline(always)]
    fn softplus(self) -> Self {
        self.max(self.constant(0.0)) + (-self.abs()).exp().ln_1p()
    }

    /// `self * self`.
    #[inline(always)]
    fn square(self) -> Self {
        self * self
    }

    /// `1 / self`.
    #[inline(always)]
    fn recip(self) -> Self {
        self.constant(1.0) / self
    }

    /// `self` to an integer power: products up to the eighth power (within 4 ulp), [`powf`](Value::powf) beyond.
    #[inline(always)]
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
    #[inline(always)]
    fn sign(self) -> Self {
        let zero = self.constant(0.0);
        let one = self.constant(1.0);
        let negative_or_not = Self::select(self.is_lt(zero), -one, zero);
        let sign = Self::select(self.is_gt(zero), one, negative_or_not);
        Self::select(self.is_eq(self), sign, self)
    }

    /// The smaller one; NaN where either is NaN.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        let smaller = Self::select(self.is_lt(other), self, other);
        Self::select(self.is_eq(self), smaller, self)
    }

    /// The larger one; NaN where either is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        let larger = Self::select(self.is_gt(other), self, other);
        Self::select(self.is_eq(self), larger, self)
    }

    /// `self` limited to `low..=high`, `high` winning where they cross; NaN where any of the three is NaN.
    #[inline(always)]
    fn clamp(self, low: Self, high: Self) -> Self {
        self.max(low).min(high)
    }

    /// The quotient rounded towards minus infinity, exact for integers below 2^24 (`f32`) or 2^53 (`f64`).
    #[inline(always)]
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
    #[inline(always)]
    fn rem_floor(self, divisor: Self) -> Self {
        self - self.div_floor(divisor) * divisor
    }
}
