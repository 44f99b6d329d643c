//! One number: `f32` and `f64` as [`Value`]s, through `std` where it has the function.

use super::Value;
use super::elementary::erf_double;

macro_rules! scalar {
    ($E:ident) => {
        impl Value for $E {
            type Mask = bool;

            #[inline(always)]
            fn constant(self, number: f64) -> Self {
                number as $E
            }
            #[inline(always)]
            fn select(mask: bool, yes: Self, no: Self) -> Self {
                if mask { yes } else { no }
            }
            scalar!(@compare $E, is_lt <, is_le <=, is_gt >, is_ge >=, is_eq ==, is_ne !=);
            scalar!(@std $E, sqrt sqrt, abs abs, floor floor, ceil ceil, round round_ties_even, trunc trunc,
                exp exp, exp_m1 exp_m1, ln ln, ln_1p ln_1p, sin sin, cos cos, tan tan, sinh sinh, cosh cosh,
                tanh tanh, asin asin, acos acos, atan atan);
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $E::mul_add(self, a, b)
            }
            #[inline(always)]
            fn powf(self, exponent: Self) -> Self {
                $E::powf(self, exponent)
            }
            #[inline(always)]
            fn erf(self) -> Self {
                erf_double(f64::from(self)) as $E
            }
        }
    };
    (@compare $E:ident, $($name:ident $operator:tt),*) => { $(
        #[inline(always)]
        fn $name(self, other: Self) -> bool {
            self $operator other
        }
    )* };
    (@std $E:ident, $($name:ident $std:ident),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            $E::$std(self)
        }
    )* };
}

scalar!(f32);
scalar!(f64);
