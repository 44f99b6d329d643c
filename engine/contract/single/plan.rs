//! From a description to a plan for one sample.

use super::super::describe::{Contraction, Steps};
use super::super::pad::Bordered;
use super::super::plan::Plan;
use super::super::planner::{In, Planner, right_moves_more};
use super::choices::{Across, choices};
use super::flat::Flat;

/// The plan for one sample: the best of those that there are, of what is described, or of a side with a border.
pub(in crate::contract) fn of_one(described: &Contraction<'_>) -> Plan {
    let Some(bordered) = Bordered::of_one(described) else { return flat_of_one(described) };
    let (steps, sizes) = (|at: &[i64], steps: &mut Steps| bordered.steps(at, steps), bordered.sizes);
    let mut plan = flat_of_one(&Contraction { steps: &steps, sizes, ..*described });
    plan.padded = Some(bordered.padded);
    plan
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
