//! Runs a network: cuts a batch into tiles, shares the tiles among threads, adds their gradients in a fixed order.

mod run;
pub(crate) mod threads;

pub use run::Mode;
pub(crate) use run::{Executor, Results, Rows, Samples, Score, Weights, classified};
