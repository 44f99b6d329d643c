//! Contractions: sums of a product of two tensors, the one kind of loop nest in which nearly all arithmetic of a network is done.
//!
//! Whatever a layer's text says, forward or derived, reduces to `target[own] += Σ left[own, k] · right[own, k]`, with conditions on which
//! steps `k` exist. The macros describe it (`describe`): which of the target's own indices each side mentions, and a function that lists
//! the steps. From that, once for a model, a [`Plan`] is made (`plan`, by `planner`: its rows and columns are in `column`, made by
//! `columns` and put side by side by `alike`, its lists of steps by `lists`, its places proved in range by `prove`), and every step of
//! training runs it (`run`, piece by piece in `walk`): blocks of accumulators in registers (`block`, `store`, `rest`), in the forms that an
//! instruction set has registers for (`forms`), operands read in place through the plan's offsets, borders and strides without a branch,
//! for they are other lists of steps; or none, where a copy of a small side has zeros around it (`pad`). Where a single row meets windows,
//! neighbours share what they read (`sliding`, in the order of `chains`), and windows the steps that they have in common (`common`). Where
//! a tensor leaves the cache, contractions take turns, each with a `part` at a time.
//!
//! What stands in the lanes is a choice of the plan: samples, where the target belongs to a sample; one of the target's own indices, where
//! samples are summed over (a parameter's gradient), after one side has been transposed (`choose`, `transpose`); and where there is one
//! sample alone, one of the target's own indices or steps of the sum, whatever lies side by side, in copies if need be (`single`). Of one
//! sample, small contractions need no plan: they are compiled in place (`small`).

mod alike;
mod block;
mod chains;
mod choose;
mod column;
mod columns;
mod common;
mod describe;
mod forms;
mod lists;
mod moves;
mod pad;
mod part;
mod plan;
mod planner;
mod prove;
mod rest;
mod run;
mod single;
mod sliding;
mod small;
mod store;
#[cfg(test)]
mod tests;
mod then;
mod transpose;
mod walk;

pub use choose::{Lane, choose, room};
pub use describe::{Axis, Contraction, Kind, Of, Own, Steps};
pub use part::Part;
pub use plan::Plan;
pub use run::Call;
pub use small::{Small, small};
pub use then::{Renew, Then};
