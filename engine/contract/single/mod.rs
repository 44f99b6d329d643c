//! Contractions of a single sample: there is nothing to fill sixteen lanes with, so the plan chooses what stands in them (`choices`). Blocks run it
//! as they run that of a tile, with the steps that all lanes take. So that all steps are of that kind, sides are copied first (`copy`): with zeros
//! around them, with short rows as one (`flat`, and `long` where they are summed over), with more numbers at their ends. What is left, steps that
//! only some lanes take, is added at the end (`partial`).

mod choices;
mod copy;
mod flat;
mod long;
mod partial;
mod plan;

pub(in crate::contract) use choices::{Across, Merged, bias_step, own_lanes, step, summed_lanes};
pub(super) use flat::Flat;
pub(super) use long::Long;
pub(super) use partial::AddingPartial;
pub(in crate::contract) use plan::of_one;
