//! Elementary functions as polynomials, one text for scalars and lanes, no branch that depends on a value.
//!
//! Assume: nothing about the argument; every function takes all numbers, infinities and NaN. Guarantee: within 2 ulp in
//! `f32` and 4 ulp in `f64` over the whole range (`tests/elementary.rs` measures it), no flushing to zero.
//! The coefficients are made by `tests/elementary/polynomials.py`.

use super::LANES;

mod bits;
mod error_function;
mod exponential;
mod logarithm;
mod power;
mod trigonometry;

pub(super) use bits::Bits;
pub(super) use error_function::{erf_double, erf_single};
pub(super) use exponential::{exp, exp_m1, sigmoid, tanh_double, tanh_single};
pub(super) use logarithm::{ln, ln_1p, softplus};
pub(super) use power::{powf_double, powf_single};
pub(super) use trigonometry::{
    LARGEST_ANGLE_DOUBLE, LARGEST_ANGLE_SINGLE, cos_double, cos_single, sin_double, sin_single,
};

/// `c[0] + c[1] x + c[2] x² + …`
#[inline(always)]
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
pub(super) fn lane_by_lane<E: Copy>(
    from: &[E; LANES],
    mask: [bool; LANES],
    to: &mut [E; LANES],
    f: fn(E) -> E,
) {
    for lane in 0..LANES {
        if mask[lane] {
            to[lane] = f(from[lane]);
        }
    }
}
