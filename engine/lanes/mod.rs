//! Sixteen samples at a time: the types that every kernel is written in.
//!
//! A tile holds sixteen samples, and the sample index is innermost in every tensor: one tensor element is a
//! [`Pack`] of sixteen numbers, which a kernel loads into one SIMD value ([`Lanes`]). What is written for such a
//! value is written as for one number ([`Value`]), and holds for scalars ([`Element`]: `f32`, `f64`) too.
//!
//! Everything here is `#[inline(always)]` and meant to be called inside a [`Task`], which [`run`] compiles once
//! for each instruction set. Results have the same bits with AVX-512 and AVX2; without a fused multiply-add they
//! may differ in the last place. Nothing flushes subnormal numbers to zero, nothing panics, nothing allocates.

mod cell;
pub mod draws;
mod element;
mod elementary;
mod f32x16;
mod f64x16;
mod level;
mod prefetch;
mod rows;
#[cfg(test)]
pub(crate) mod same_bits;
mod scalar;
mod value;

pub use cell::{Cell, LanesOf, Pack, Single};
pub use draws::DrawKey;
pub use element::{Element, LANES, Lanes};
pub use f64x16::{F64x16, Mask64x16};
pub use fearless_simd::{Level, Simd};
pub use level::{Task, level, run};
#[doc(hidden)]
pub use level::{run_anywhere, run_narrow, runs_narrow};
pub(crate) use prefetch::prefetch;
pub use value::Value;
