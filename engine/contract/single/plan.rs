//! From a description to a plan for one sample.

use super::super::describe::{Contraction, Kind, Steps};
use super::super::pad::Bordered;
use super::super::plan::Plan;
use super::super::planner::{In, Planner, right_moves_more};
use super::choices::{Across, choices};
use super::flat::Flat;
use super::long::Long;
use crate::lanes::LANES;

/// The plan for one sample: the best of those that there are, of what is described, or of a side with a border.
pub(in crate::contract) fn of_one(described: &Contraction<'_>) -> Plan {
    if described.kind == Kind::Gradient {
        let plan = best_of_one(described);
        // Without steps of some lanes, to add up the lanes of each element costs more than is saved (LeNet-5: 3 % of a gradient).
        if plan.partial.is_empty() {
            return plan;
        }
        let long = long_of_one(described).filter(|long| long.cost() + COPIED * long.room() / LANES < plan.cost());
        return long.unwrap_or(plan);
    }
    let Some(bordered) = Bordered::of_one(described) else { return flat_of_one(described) };
    let (steps, sizes) = (|at: &[i64], steps: &mut Steps| bordered.steps(at, steps), bordered.sizes);
    let mut plan = flat_of_one(&Contraction { steps: &steps, sizes, ..*described });
    plan.padded = Some(bordered.padded);
    plan
}

/// What it costs to copy sixteen numbers, in multiplications: a read and a store, more where rows are short.
const COPIED: usize = 4;

/// Of a gradient's rows as one, of what is described, or of a side with a border.
fn long_of_one(described: &Contraction<'_>) -> Option<Plan> {
    let Some(bordered) = Bordered::of_one(described) else { return in_long_rows(described) };
    let (steps, sizes) = (|at: &[i64], steps: &mut Steps| bordered.steps(at, steps), bordered.sizes);
    let mut plan = in_long_rows(&Contraction { steps: &steps, sizes, ..*described })?;
    // A side is copied once.
    let other = plan.long.as_ref().is_some_and(|long| long.of_left != bordered.padded.of_left);
    plan.padded = Some(bordered.padded);
    other.then_some(plan)
}

fn in_long_rows(described: &Contraction<'_>) -> Option<Plan> {
    let long = Long::new(described)?;
    let (steps, sizes) = (|at: &[i64], steps: &mut Steps| long.steps(at, steps), long.sizes(described.sizes));
    let swapped = right_moves_more(described);
    let described = Contraction { steps: &steps, sizes, ..*described };
    let mut plan = Planner::new(&described, In::Single(Across::Summed { swapped }), swapped).plan();
    plan.long = Some(long);
    Some(plan)
}

/// Of short rows as one.
fn flat_of_one(described: &Contraction<'_>) -> Plan {
    let Some(flat) = Flat::new(described) else { return best_of_one(described) };
    let steps = |at: &[i64], steps: &mut Steps| flat.steps(described, at, steps);
    let bias = |at: &[i64]| described.bias(&Flat::first(at));
    let guard = |at: &[i64]| described.wants(&Flat::first(at));
    let mut sizes = described.sizes;
    sizes[1] = flat.size();
    let mut plan = best_of_one(&Contraction {
        own: &flat.own(described.own),
        steps: &steps,
        guard: Some(&guard),
        bias: described.bias.is_some().then_some(&bias),
        sizes,
        ..*described
    });
    plan.flat = Some((flat, described.sizes[1]));
    plan
}

/// With what stands best in the lanes.
fn best_of_one(described: &Contraction<'_>) -> Plan {
    let plans = choices(described, right_moves_more(described)).into_iter().map(|across| {
        let swapped = match across {
            Across::Own { swapped, .. } | Across::Summed { swapped } => swapped,
        };
        Planner::new(described, In::Single(across), swapped).plan()
    });
    plans.min_by_key(Plan::cost).unwrap_or_default()
}
