//! Layers that no library has, one for every corner of the language, against PyTorch's automatic differentiation in f64: outputs, the
//! gradients of inputs and the gradients of parameters to 1e-9; and against differences.
//!
//! `make_fixtures.py` says each layer's mathematics a second time, in PyTorch, and wrote `fixtures/`.

#![cfg(test)]

#[path = "../parity/fixture.rs"]
#[allow(dead_code, reason = "only its tensors are needed here")]
mod fixture;

mod axes;
mod compare;
mod conditions;
mod counted;
mod draws;
mod gathers;
mod losses;
mod parameters;
mod reductions;
mod windows;
