//! Definitions in an order in which each reads only what stands before it, and when each tensor is computed.

use super::super::ir::Role;
use super::super::ir::{Definition, Layer, Rate, Value};
use crate::error::Errors;

/// Returns the definitions in cycles, which the layer has no more.
pub(super) fn sort(layer: &mut Layer, errors: &mut Errors) -> Vec<Definition> {
    let definitions = std::mem::take(&mut layer.definitions);
    let reads: Vec<Vec<usize>> = definitions
        .iter()
        .map(|definition| (0..definitions.len()).filter(|at| definition.reads(definitions[*at].tensor)).collect())
        .collect();
    let mut order = vec![];
    let mut state = vec![State::New; definitions.len()];
    let mut in_a_cycle = vec![];
    for at in 0..definitions.len() {
        while let Some(cycle) = visit(at, &reads, &mut state, &mut vec![], &mut order) {
            let names: Vec<&str> = cycle
                .iter()
                .chain(cycle.first())
                .map(|at| layer.tensor(definitions[*at].tensor).name.as_str())
                .collect();
            let first = &definitions[cycle[0]];
            errors.at(
                first.span,
                format!("a cycle: `{}`; a tensor may read itself only at an earlier position, and such recurrences are not in this version yet", names.join("` reads `")),
            );
            state.iter_mut().filter(|state| **state == State::Open).for_each(|state| *state = State::New);
            for at in cycle {
                state[at] = State::Done;
                in_a_cycle.push(definitions[at].clone());
            }
        }
    }
    let mut slots: Vec<Option<Definition>> = definitions.into_iter().map(Some).collect();
    layer.definitions = order.iter().filter_map(|at| slots[*at].take()).collect();
    for at in 0..layer.definitions.len() {
        let definition = &layer.definitions[at];
        let id = definition.tensor;
        if layer.tensor(id).role == Role::Let {
            let rate = match &definition.value {
                Value::Formula(value) => layer.rate_of(value),
                Value::Draw(..) => Rate::Sample,
            };
            layer.tensors[id.0].rate = rate;
        }
    }
    in_a_cycle
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Depth first; returns a cycle if there is one.
fn visit(
    at: usize,
    reads: &[Vec<usize>],
    state: &mut [State],
    path: &mut Vec<usize>,
    order: &mut Vec<usize>,
) -> Option<Vec<usize>> {
    match state[at] {
        State::Done => return None,
        State::Open => {
            let from = path.iter().position(|p| *p == at).unwrap_or(0);
            return Some(path[from..].to_vec());
        }
        State::New => {}
    }
    state[at] = State::Open;
    path.push(at);
    for next in &reads[at] {
        if let Some(cycle) = visit(*next, reads, state, path, order) {
            return Some(cycle);
        }
    }
    path.pop();
    state[at] = State::Done;
    order.push(at);
    None
}
