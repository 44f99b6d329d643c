//! Every position stays within its axis, and means have something to average.

use std::collections::BTreeSet;

use super::super::bounds::{Bounds, bounds};
use super::super::evaluate::Indices;
use super::super::ir::{Expr, IndexId, Layer, Rate, Reduction, TensorId};
use super::super::linear::Polynomial;
use super::super::print;
use super::samples::{Samples, everywhere, excluded, number};
use super::{messages, walk};
use crate::error::Errors;

/// Every read of a tensor without `outside` stays in its range, under the conditions in force.
pub(super) fn reads(layer: &Layer, samples: &Samples<'_>, tainted: &BTreeSet<TensorId>, errors: &mut Errors) {
    for definition in &layer.definitions {
        walk::definition(definition, &mut |expr, conditions| {
            let Expr::Read(tensor, positions, place) = expr else { return };
            let unknown = positions.iter().chain(conditions).any(|part| is_tainted(part, tainted));
            if layer.tensor(*tensor).outside.is_some() || unknown {
                return;
            }
            let leaving = positions
                .iter()
                .zip(layer.tensor(*tensor).indices())
                .find_map(|(position, index)| leaves(layer, samples, *tensor, position, index, conditions));
            if let Some(message) = leaving {
                errors.at(place.0, message);
            }
        });
    }
}

/// Whether a part's value depends on what is missing.
fn is_tainted(part: &Expr, tainted: &BTreeSet<TensorId>) -> bool {
    tainted.iter().any(|tensor| part.reads(*tensor))
}

/// What is wrong with a position, if it leaves its axis whatever the fields are.
fn leaves(
    layer: &Layer,
    samples: &Samples<'_>,
    tensor: TensorId,
    position: &Expr,
    index: IndexId,
    conditions: &[Expr],
) -> Option<String> {
    let len = Expr::Len(layer.origin(index));
    let range = bounds(layer, position, conditions);
    let name = &layer.tensor(tensor).name;
    let position_text = print::expr(layer, position);
    let axis = axis_text(layer, tensor, index);
    let (Some(low), Some(high)) = (&range.low, &range.high) else {
        return Some(messages::position_unknown(
            name,
            &position_text,
            &axis,
            range.low.is_none(),
            range.high.is_none(),
        ));
    };
    let wrong = samples.always(&mut |machine| {
        let (low, high, len) = (number(machine, low)?, number(machine, high)?, number(machine, &len)?);
        Some((low < 0.0 || high >= len) && low <= high && !excluded(machine, conditions))
    });
    let below = samples.sometimes(&mut |machine| Some(number(machine, low)? < 0.0));
    let above = samples.sometimes(&mut |machine| Some(number(machine, high)? >= number(machine, &len)?));
    wrong.then(|| {
        let (low, high) = shown(layer, samples, position, &range, conditions);
        messages::position_leaves(name, &position_text, &axis, (&low, below), (&high, above), &print::expr(layer, &len))
    })
}

/// An axis of a fused one is named; else the tensor says enough.
fn axis_text(layer: &Layer, tensor: TensorId, index: IndexId) -> String {
    let axes = &layer.tensor(tensor).axes;
    if axes.len() == 1 && axes[0].len() == 1 {
        "the axis".into()
    } else {
        format!("axis `{}`", layer.index(index).name)
    }
}

/// The ends of a range, the shortest way to say them.
fn shown(
    layer: &Layer,
    samples: &Samples<'_>,
    position: &Expr,
    range: &Bounds,
    conditions: &[Expr],
) -> (String, String) {
    let free = bounds(layer, position, &[]);
    let end = |exact: &Option<Expr>, free: Option<Expr>| {
        let Some(exact) = exact else { return String::new() };
        // The candidates of a bound are joined by `min` and `max`: one that always decides says it alone.
        let mut candidates = vec![exact.clone()];
        alternatives(exact, &mut candidates);
        candidates.extend(free.filter(|_| conditions.is_empty()));
        let texts = candidates
            .into_iter()
            .filter(|one| samples.always(&mut |machine| Some(number(machine, one)? == number(machine, exact)?)));
        texts
            .map(|one| print::expr(layer, &Polynomial::of(layer, &one).expr()))
            .min_by_key(String::len)
            .unwrap_or_else(|| print::expr(layer, exact))
    };
    (end(&range.low, free.low), end(&range.high, free.high))
}

fn alternatives(expr: &Expr, all: &mut Vec<Expr>) {
    if let Expr::Call(primitive, both, _) = expr
        && (primitive.is("min") || primitive.is("max"))
    {
        for one in both {
            all.push(one.clone());
            alternatives(one, all);
        }
    }
}

/// A `mean` has at least one element to average, wherever it is computed.
pub(super) fn means(layer: &Layer, samples: &Samples<'_>, tainted: &BTreeSet<TensorId>, errors: &mut Errors) {
    for definition in &layer.definitions {
        walk::definition(definition, &mut |expr, conditions| {
            let Expr::Reduce(reduce) = expr else { return };
            let unknown = reduce.conditions.iter().chain(conditions).any(|part| is_tainted(part, tainted));
            if reduce.kind != Reduction::Count || unknown {
                return;
            }
            // Conditions on real values take any number of elements out.
            if reduce.conditions.iter().any(|condition| reads_real(layer, condition)) {
                errors.at(reduce.place.0, messages::mean_by_values());
                return;
            }
            let free: Vec<IndexId> = conditions.iter().chain([expr]).flat_map(Expr::free_indices).collect();
            let mut empty = |machine: &mut super::super::evaluate::Machine<'_>| {
                everywhere(machine, &free, &mut |machine, at| {
                    let computed = conditions.iter().all(|condition| holds(machine, condition, at));
                    Some(computed && machine.value(expr, at)? == 0.0)
                })
            };
            // What depends on integers that arrive is tried, what depends on fields must hold for some.
            let arrives = reduce.conditions.iter().any(|condition| layer.rate_of(condition) == Rate::Sample);
            if if arrives { samples.ever(&mut empty) } else { samples.always(&mut empty) } {
                errors.at(reduce.place.0, messages::mean_empty());
            }
        });
    }
}

/// A condition that cannot be evaluated may hold.
fn holds(machine: &mut super::super::evaluate::Machine<'_>, condition: &Expr, at: &Indices) -> bool {
    machine.value(condition, at) != Some(0.0)
}

fn reads_real(layer: &Layer, condition: &Expr) -> bool {
    condition.any(&mut |part| matches!(part, Expr::Read(tensor, ..) if !layer.tensor(*tensor).integer && layer.tensor(*tensor).rate != Rate::Once))
}
