//! Runs a network. On one tile: what is compiled (`code`), where everything lies in the arena, and the calls of the layers (`plan`,
//! `calls`, `slots`, `tile`). On a batch: cut into tiles (`run`) that are shared among threads (`threads`, `parts`), their gradients added
//! in a fixed order.

mod add;
mod batch;
pub mod calls;
pub mod code;
mod cut;
pub mod plan;
mod run;
mod score;
mod single;
mod slots;
#[cfg(test)]
mod tests;
pub mod tile;
mod transpose;
mod units;

pub use batch::Mode;
pub(crate) use batch::{Results, Rows, Samples, Weights};
pub(crate) use chainrule_engine::{parts, threads};
pub(crate) use run::Executor;
pub(crate) use score::{Score, classified};
