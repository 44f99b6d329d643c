//! Elementary functions as polynomials, one text for scalars and lanes, no branch that depends on a value.
//!
//! Assume: nothing about the argument; every function takes all numbers, infinities and NaN. Guarantee: within 2 ulp in
//! `f32` and 4 ulp in `f64` over the whole range, no flushing to zero, the same bits from every instruction set that
//! fuses multiply and add. `tests/elementary.rs` measures it; the largest errors it has found, in ulp (`f32`: over all
//! 2^32 numbers and three instruction sets; `f64`: over some hundred thousand):
//!
//! | | exp | exp_m1 | ln | ln_1p | tanh | sigmoid | softplus | erf | sin, cos | powf |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | `f32` | 0.97 | 1.50 | 0.83 | 0.85 | 1.50 | 1.45 | 1.38 | 1.18 | 0.57 | 0.50 |
//! | `f64` | 1 | 1 | 1 | 1 | 3 | 2 | 2 | 1 | 1 | 1 |
//!
//! In `f32`, powf and the trigonometric functions are computed in double precision; the others in single precision,
//! which takes about half the time. Inlined only in optimised builds: without optimisation every operation has its
//! own place on the stack, and a kernel with a few functions inlined would overflow it. The coefficients are made by
//! `tests/elementary/polynomials.py`, where no other source is named.

mod bits;
mod error_function;
mod exponential;
mod logarithm;
mod power;
mod trigonometry;

use super::LANES;

pub(super) use bits::Bits;
pub(super) use error_function::{erf_double, erf_single};
pub(super) use exponential::{cosh_single, exp, exp_m1, sigmoid, sinh_single, tanh_double, tanh_single};
pub(super) use logarithm::{ln, ln_1p, softplus};
pub(super) use power::{powf_double, powf_single};
pub(super) use trigonometry::{
    LARGEST_ANGLE_DOUBLE, LARGEST_ANGLE_SINGLE, cos_double, cos_single, sin_double, sin_single, tan_single,
};

/// `c[0] + c[1] x + c[2] x² + …`
#[cfg_attr(not(debug_assertions), inline(always))]
fn polynomial<V: Bits, const N: usize>(x: V, coefficients: &[f64; N]) -> V {
    let mut sum = x.constant(coefficients[N - 1]);
    for &coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum.mul_add(x, x.constant(coefficient));
    }
    sum
}

/// `to[l] = f(from[l])` in the lanes of the mask.
#[cold]
#[inline(never)]
pub(super) fn lane_by_lane<E: Copy>(from: &[E; LANES], mask: [bool; LANES], to: &mut [E; LANES], f: fn(E) -> E) {
    for lane in 0..LANES {
        if mask[lane] {
            to[lane] = f(from[lane]);
        }
    }
}
