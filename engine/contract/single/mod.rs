//! Contractions of a single sample: there is nothing to fill sixteen lanes with, so the plan chooses what stands in them (`choices`). Blocks run it
//! as they run that of a tile, with all steps that all lanes take; the side that would be read outside of itself, or in less than sixteen numbers, is
//! copied first (`copy`). What is left, steps that some lanes take, is added at the end (`partial`).

mod choices;
mod copy;
mod flat;
mod partial;

pub(in crate::contract) use choices::{Across, Merged, bias_step, choices, own_lanes, step, summed_lanes};
pub(super) use flat::Flat;
pub(super) use partial::AddingPartial;
