//! Integer tensors hold what `of` says they hold.

use std::collections::BTreeSet;

use super::super::bounds::bounds;
use super::super::ir::{Layer, Outside, Role, TensorId, Type, Value};
use super::super::print;
use super::messages;
use super::samples::{Samples, number};
use crate::error::Errors;

/// The values of a `let` or `output` with `of n` are proved to be from 0 to below n.
pub(super) fn values(layer: &Layer, samples: &Samples<'_>, tainted: &BTreeSet<TensorId>, errors: &mut Errors) {
    for definition in layer.definitions.iter().filter(|definition| !tainted.contains(&definition.tensor)) {
        let tensor = layer.tensor(definition.tensor);
        let (Some(below), Value::Formula(value)) = (&tensor.below, &definition.value) else { continue };
        let range = bounds(layer, value, &definition.guard);
        let wrong = match (&range.low, &range.high) {
            (Some(low), Some(high)) => samples.always(&mut |machine| {
                let (low, high, below) = (number(machine, low)?, number(machine, high)?, number(machine, below)?);
                Some(low < 0.0 || high >= below)
            }),
            _ => true,
        };
        if wrong {
            let end = |end: &Option<super::super::ir::Expr>| end.as_ref().map(|end| print::expr(layer, end));
            errors.at(
                definition.span,
                messages::values_leave(&tensor.name, &print::expr(layer, below), end(&range.low), end(&range.high)),
            );
        }
    }
}

/// What lies `outside` an integer tensor is an integer too, one of its values where they have a bound.
pub(super) fn outside(layer: &Layer, samples: &Samples<'_>, errors: &mut Errors) {
    for tensor in layer.tensors.iter().filter(|tensor| tensor.integer && !matches!(tensor.role, Role::Gradient(_))) {
        let Some(Outside::Value(value)) = &tensor.outside else { continue };
        if layer.type_of(value) != Type::Int {
            errors.at(tensor.span, messages::outside_no_integer(&tensor.name, &print::expr(layer, value)));
            continue;
        }
        let Some(below) = &tensor.below else { continue };
        let wrong = samples.always(&mut |machine| {
            let value = number(machine, value)?;
            Some(value < 0.0 || value >= number(machine, below)?)
        });
        if wrong {
            errors.at(
                tensor.span,
                messages::outside_no_value(&tensor.name, &print::expr(layer, value), &print::expr(layer, below)),
            );
        }
    }
}
