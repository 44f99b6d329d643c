//! What the benchmarks share: the machine's peak, the arithmetic of a network, data to train on, and a program around a workload.
//!
//! A benchmark is a program of its own, so that only its networks are compiled: `cargo bench -p chainrule-benches --bench lenet`.

pub mod data;
pub mod exchange;
pub mod flops;
pub mod measure;
pub mod peak;
pub mod program;
pub mod tile;

pub use program::{Workload, inference, training};
