//! What is never used, what leads nowhere, and what cannot learn.

use std::collections::BTreeSet;

use super::super::build::Missing;
use super::super::classify::Classes;
use super::super::ir::{Expr, Layer, Role, TensorId, Type, tensors};
use super::super::primitives::Class;
use super::{messages, walk};
use crate::error::Errors;

/// A layer has at least one output; then every input, target, parameter, `let` and draw is read by some definition.
pub(super) fn used(layer: &Layer, missing: &Missing, errors: &mut Errors) {
    if missing.statements {
        return;
    }
    if layer.outputs().is_empty() {
        if missing.is_empty() {
            errors.at(layer.name.span(), messages::no_output());
        }
        return;
    }
    let known = layer.definitions.iter().flat_map(|definition| read_by(layer, definition.tensor));
    let read = tensors(known.chain(missing.read.iter().copied()));
    for (at, tensor) in layer.tensors.iter().enumerate() {
        if !read.contains(&TensorId(at)) && !matches!(tensor.role, Role::Output | Role::Gradient(_)) {
            errors.at(tensor.span, messages::never_read(&tensor.role, &tensor.name));
        }
    }
}

/// Every parameter that is read at all reaches an output, and not only through what has no useful gradient (design, rule 2).
pub(super) fn parameters(layer: &Layer, classes: &Classes, missing: &Missing, errors: &mut Errors) {
    // What is missing may lead to an output.
    let mut alive = tensors(layer.outputs().iter().chain(&missing.read).copied());
    for definition in layer.definitions.iter().rev() {
        if alive.contains(&definition.tensor) {
            alive.extend(read_by(layer, definition.tensor));
        }
    }
    for param in &layer.params {
        let tensor = layer.tensor(param.tensor);
        let readers: Vec<&str> = layer
            .definitions
            .iter()
            .filter(|definition| read_by(layer, definition.tensor).contains(&param.tensor))
            .map(|definition| layer.tensor(definition.tensor).name.as_str())
            .collect();
        if readers.is_empty() || layer.outputs().is_empty() {
            continue;
        }
        if !alive.contains(&param.tensor) && !missing.statements {
            errors.at(tensor.span, messages::reaches_no_output(&tensor.name, &readers));
            continue;
        }
        match classes.of_layer(layer, param.tensor) {
            None if !missing.is_empty() => {}
            None => errors.at(tensor.span, messages::only_stopped(&tensor.name)),
            Some(dependence) if dependence.class == Class::None => {
                errors.at(dependence.span, messages::cannot_learn(&tensor.name, &dependence))
            }
            Some(_) => {}
        }
    }
}

/// The surrogate of `straight_through` has a gradient: it is no integer that was read.
pub(super) fn surrogates(layer: &Layer, errors: &mut Errors) {
    for definition in &layer.definitions {
        walk::definition(definition, &mut |expr, _| {
            let Expr::StraightThrough(both) = expr else { return };
            if layer.type_of(&both[1]) != Type::Int {
                return;
            }
            let mut first = None;
            both[1].visit(&mut |part| {
                if let (Expr::Read(tensor, _, place), None) = (part, first) {
                    first = Some((layer.tensor(*tensor).name.as_str(), place.0));
                }
            });
            if let Some((name, span)) = first {
                errors.at(span, messages::integer_surrogate(name));
            }
        });
    }
}

/// Inference makes no draws: a drawn tensor is read only where `training` is known to be true.
pub(super) fn draws(layer: &Layer, errors: &mut Errors) {
    let mut inferred = tensors(layer.outputs());
    for definition in layer.definitions.iter().rev() {
        if !inferred.contains(&definition.tensor) {
            continue;
        }
        walk::definition(definition, &mut |expr, conditions| {
            let Expr::Read(tensor, _, place) = expr else { return };
            if walk::training(conditions) {
                return;
            }
            inferred.insert(*tensor);
            let declared = layer.tensor(*tensor);
            if declared.role == Role::Draw {
                errors.at(place.0, messages::draw_at_inference(&declared.name));
            }
        });
    }
}

/// The tensors that the definition of a tensor reads.
fn read_by(layer: &Layer, tensor: TensorId) -> BTreeSet<TensorId> {
    let mut all = BTreeSet::new();
    for definition in layer.definitions.iter().filter(|definition| definition.tensor == tensor) {
        walk::definition(definition, &mut |expr, _| {
            if let Expr::Read(read, ..) = expr {
                all.insert(*read);
            }
        });
    }
    all
}
