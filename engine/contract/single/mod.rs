//! Contractions of a single sample: there is nothing to fill sixteen lanes with, so the plan chooses what stands in them (`choices`), and
//! is laid out flat (`layout`), for the work of many is so small that finding the way to it would take longer. `run` walks the blocks, `block` is
//! one of them, `store` what becomes of its sums.

mod block;
mod choices;
mod layout;
mod run;
mod store;

pub(in crate::contract) use choices::{Across, Merged, bias_step, choices, own_lanes, step, summed_lanes};
pub(in crate::contract) use layout::Alone;
