//! Definitions → loop nests. Input: definitions without nested reductions, checked. Output: for each function of a kernel the
//! steps it takes; every step is a nest of loops with bounds, solved indices and conditions where they can first be known.
//!
//! A gradient's equality (`h == i*stride + p`) is solved for a summed index where one occurs linearly, and the gradient is
//! gathered; otherwise the nest runs as the forward one did and scatters into the gradient. Both are correct for any layer.
//! `blocks` then spares the gathers of windows their divisions.

pub(crate) mod along;
pub(crate) mod blocks;
pub(crate) mod contract;

use std::collections::BTreeSet;

use super::calculus::call;
use super::demand::stays_inside;
use super::ir::{
    Comparison, Definition, Distribution, Expr, Extent, IndexId, Layer, Rate, Reduction, Role, TensorId, Type, Value,
};
use super::linear::{Polynomial, facts, moves};
use blocks::Blocks;
use contract::{Contract, split, terms};

/// Loops, outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loops {
    /// Conditions that no loop here changes.
    pub before: Vec<Expr>,
    pub loops: Vec<Loop>,
    /// Conditions on the values of samples: masks.
    pub masks: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub index: IndexId,
    pub kind: LoopKind,
    /// How a whole range is passed, if not one by one.
    pub blocks: Option<Blocks>,
    /// Conditions that can be decided once the index stands.
    pub conditions: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) enum LoopKind {
    /// From the greatest of 0 and `lows` to below the least of the extent and `highs`.
    Range { lows: Vec<Expr>, highs: Vec<Expr> },
    /// The one position with `factor * index == numerator`, if it exists and is in range.
    Solved { factor: Polynomial, numerator: Polynomial },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Set,
    Add,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Clear(TensorId),
    Nest(Nest),
    Contract(Contract),
}

#[derive(Clone, Debug)]
pub(crate) struct Nest {
    pub target: TensorId,
    pub store: Store,
    pub outer: Loops,
    /// Loops whose sum is taken before it is stored.
    pub inner: Option<Loops>,
    pub position: Vec<Expr>,
    /// Ranges that a scattered position has to be in.
    pub inside: Vec<(Expr, IndexId)>,
    pub value: NestValue,
}

#[derive(Clone, Debug)]
pub(crate) enum NestValue {
    Formula(Expr),
    Draw(Distribution, Vec<Expr>),
}

/// A step, and the inputs and parameters whose gradients it serves.
#[derive(Clone, Debug)]
pub(crate) struct Needed {
    pub step: Step,
    pub for_whom: BTreeSet<TensorId>,
}

#[derive(Debug, Default)]
pub(crate) struct Program {
    pub once: Vec<Step>,
    pub prepare: Vec<Step>,
    pub forward: Vec<Step>,
    pub backward: Vec<Needed>,
    pub finish: Vec<Needed>,
}

pub(crate) fn lower(layer: &Layer, backward: &[Definition]) -> Program {
    let mut program = Program::default();
    for definition in &layer.definitions {
        let steps = assign(layer, definition);
        match layer.tensor(definition.tensor).rate {
            Rate::Once => program.once.extend(steps),
            Rate::Step => program.prepare.extend(steps),
            Rate::Sample => program.forward.extend(steps),
        }
    }
    let needs = needs(layer, backward);
    for (at, definition) in backward.iter().enumerate() {
        let for_whom = &needs[definition.tensor.0];
        let needed = |step| Needed { step, for_whom: for_whom.clone() };
        if !matches!(layer.tensor(definition.tensor).role, Role::Gradient(_)) {
            let list = if layer.tensor(definition.tensor).rate == Rate::Sample {
                &mut program.backward
            } else {
                &mut program.finish
            };
            list.extend(assign(layer, definition).into_iter().map(needed));
            continue;
        }
        let (of_samples, shared) = accumulate(layer, definition, &backward[at + 1..]);
        program.backward.extend(of_samples.into_iter().map(needed));
        program.finish.extend(shared.into_iter().map(needed));
    }
    program
}

/// Which inputs and parameters the gradient of each backward tensor serves: by the tensors' numbers.
fn needs(layer: &Layer, backward: &[Definition]) -> Vec<BTreeSet<TensorId>> {
    let mut needs = vec![BTreeSet::new(); layer.tensors.len()];
    for (at, definition) in backward.iter().enumerate().rev() {
        let mut own = BTreeSet::new();
        if let Role::Gradient(of) = layer.tensor(definition.tensor).role
            && matches!(layer.tensor(of).role, Role::Input | Role::Param(_))
        {
            own.insert(of);
        }
        for later in &backward[at + 1..] {
            let reads = matches!(&later.value, Value::Formula(value) if value.reads(definition.tensor))
                || later.guard.iter().any(|g| g.reads(definition.tensor));
            if reads {
                own.extend(&needs[later.tensor.0]);
            }
        }
        needs[definition.tensor.0] = own;
    }
    needs
}

fn own_position(layer: &Layer, tensor: TensorId) -> Vec<Expr> {
    layer.tensor(tensor).indices().into_iter().map(Expr::Index).collect()
}

/// Every element is set once.
fn assign(layer: &Layer, definition: &Definition) -> Vec<Step> {
    let target = definition.tensor;
    let Value::Formula(value) = &definition.value else {
        let Value::Draw(distribution, arguments) = &definition.value else { return vec![] };
        return vec![set(layer, definition, NestValue::Draw(*distribution, arguments.clone()), Store::Set)];
    };
    let found = split(layer, target, &definition.guard, terms(value));
    if found.contractions.is_empty() {
        return vec![set(layer, definition, NestValue::Formula(value.clone()), Store::Set)];
    }
    sum_up(layer, definition, found, Store::Set)
}

/// What is left of a sum, then its contractions; `store` is what the first of them does.
fn sum_up(layer: &Layer, definition: &Definition, found: contract::Split, mut store: Store) -> Vec<Step> {
    let mut steps = vec![];
    if let Some(rest) = found.rest.into_iter().reduce(|a, b| call("add", vec![a, b])) {
        steps.push(set(layer, definition, NestValue::Formula(rest), store));
        store = Store::Add;
    }
    for contraction in found.contractions {
        steps.push(Step::Contract(Contract { store, ..contraction }));
        store = Store::Add;
    }
    steps
}

fn set(layer: &Layer, definition: &Definition, value: NestValue, store: Store) -> Step {
    let target = definition.tensor;
    let mut outer = plan(layer, &layer.tensor(target).indices(), &definition.guard, &[]);
    // Lanes that nobody reads may hold anything.
    outer.masks.clear();
    let position = own_position(layer, target);
    Step::Nest(Nest { target, store, outer, inner: None, position, inside: vec![], value })
}

/// The steps of a gradient, which `readers` read: those for each tile, and those once a step.
fn accumulate(layer: &Layer, definition: &Definition, readers: &[Definition]) -> (Vec<Step>, Vec<Step>) {
    let Value::Formula(value) = &definition.value else { return (vec![], vec![]) };
    let target = definition.tensor;
    let tensor = layer.tensor(target);
    let Role::Gradient(of) = tensor.role else { return (vec![], vec![]) };
    // Gradients of inputs and of what all samples share are added to; those of a tile's own tensors start here.
    let starts = tensor.rate == Rate::Sample && !matches!(layer.tensor(of).role, Role::Input | Role::Output);
    let whole = !stays_inside(layer, target, &definition.guard, readers);
    let start = if starts { Start::Sets { whole } } else { Start::Adds };
    // A parameter that is left out has no room for a gradient.
    let mut definition = definition.clone();
    if let Role::Param(at) = layer.tensor(of).role {
        definition.guard.extend(layer.params[at].condition.clone());
    }
    let (of_samples, shared): (Vec<Expr>, Vec<Expr>) =
        terms(value).into_iter().partition(|term| tensor.rate == Rate::Sample || layer.rate_of(term) == Rate::Sample);
    (group(layer, &definition, of_samples, start), group(layer, &definition, shared, Start::Adds))
}

/// What the first step of a gradient does.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    /// There are values already.
    Adds,
    /// All begins here; `whole`: where the guard does not hold there is to be zero, for somebody reads it.
    Sets { whole: bool },
}

fn group(layer: &Layer, definition: &Definition, terms: Vec<Expr>, start: Start) -> Vec<Step> {
    let target = definition.tensor;
    let own = layer.tensor(target).indices();
    let mut steps = vec![];
    let mut gathered = vec![];
    let mut scattered = vec![];
    for term in terms {
        match scatter(layer, target, &own, &term, &definition.guard) {
            Some(nest) => scattered.push(Step::Nest(nest)),
            None => gathered.push(term),
        }
    }
    let starts = start != Start::Adds;
    let partly = start == Start::Sets { whole: true } && !definition.guard.is_empty();
    if starts && gathered.is_empty() || partly {
        steps.push(Step::Clear(target));
    }
    let store = if starts { Store::Set } else { Store::Add };
    steps.extend(sum_up(layer, definition, split(layer, target, &definition.guard, gathered), store));
    steps.extend(scattered);
    steps
}

/// A term whose place is computed rather than looped over; `None` where it can be gathered.
fn scatter(layer: &Layer, target: TensorId, own: &[IndexId], term: &Expr, guard: &[Expr]) -> Option<Nest> {
    let (bound, mut conditions, mut value) = match term {
        Expr::Reduce(reduce) if reduce.kind == Reduction::Sum => {
            (reduce.indices.clone(), reduce.conditions.clone(), reduce.body.clone())
        }
        Expr::If(three, _) if three[2] == Expr::Real(0.0) => {
            let mut conditions = vec![];
            super::demand::conjuncts(&three[0], &mut conditions);
            (vec![], conditions, three[1].clone())
        }
        _ => return None,
    };
    let mut free: Vec<IndexId> = bound.clone();
    let mut gatherable = true;
    let mut determined: Vec<(IndexId, Expr, usize)> = vec![];
    for (at, condition) in conditions.iter().enumerate() {
        let Expr::Compare(Comparison::Equal, both) = condition else { continue };
        let Expr::Index(index) = &both[0] else { continue };
        if !own.contains(index) || determined.iter().any(|(known, ..)| known == index) || both[1].mentions(*index) {
            continue;
        }
        // One place that fields and own indices say: a condition like any other.
        if layer.rate_of(&both[1]) == Rate::Once && !bound.iter().any(|b| both[1].mentions(*b)) {
            continue;
        }
        determined.push((*index, both[1].clone(), at));
        let polynomial = Polynomial::of(layer, &both[1]);
        let solvable = (layer.rate_of(&both[1]) != Rate::Sample)
            .then(|| {
                free.iter().position(|b| {
                    polynomial.solve(*b).is_some_and(|(factor, _)| !factor.is_zero() && !moves(&factor.expr()))
                })
            })
            .flatten();
        match solvable {
            Some(at) => {
                free.remove(at);
            }
            None => gatherable = false,
        }
    }
    if gatherable {
        return None;
    }
    let used: Vec<usize> = determined.iter().map(|(.., at)| *at).collect();
    conditions = conditions.into_iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, c)| c).collect();
    conditions.extend(guard.iter().cloned());
    let place = |index: IndexId| determined.iter().find(|(known, ..)| *known == index).map(|(_, e, _)| e.clone());
    conditions = conditions.iter().map(|c| c.substitute(&place)).collect();
    value = value.substitute(&place);
    let position: Vec<Expr> = own.iter().map(|index| place(*index).unwrap_or(Expr::Index(*index))).collect();
    // What the position mentions runs outside, the rest is summed before it is stored.
    let mentioned: Vec<IndexId> = position.iter().flat_map(Expr::free_indices).collect();
    let mut outer_indices: Vec<IndexId> = own.iter().copied().filter(|index| place(*index).is_none()).collect();
    outer_indices.extend(bound.iter().copied().filter(|index| mentioned.contains(index)));
    let inner_indices: Vec<IndexId> = bound.iter().copied().filter(|index| !outer_indices.contains(index)).collect();
    let (outside, within): (Vec<Expr>, Vec<Expr>) =
        conditions.into_iter().partition(|c| c.free_indices().iter().all(|index| outer_indices.contains(index)));
    let outer = plan(layer, &outer_indices, &outside, &[]);
    let inner = plan(layer, &inner_indices, &within, &outer_indices);
    let Role::Gradient(of) = layer.tensor(target).role else { return None };
    let inside = if layer.tensor(of).outside.is_some() {
        determined.iter().map(|(index, e, _)| (e.clone(), *index)).collect()
    } else {
        vec![]
    };
    let inner = (!inner.loops.is_empty() || !inner.before.is_empty() || !inner.masks.is_empty()).then_some(inner);
    Some(Nest { target, store: Store::Add, outer, inner, position, inside, value: NestValue::Formula(value) })
}

/// Loops over `indices` inside those already opened, under conditions.
pub(crate) fn plan(layer: &Layer, indices: &[IndexId], conditions: &[Expr], opened: &[IndexId]) -> Loops {
    let (masks, conditions): (Vec<Expr>, Vec<Expr>) =
        conditions.iter().cloned().partition(|c| layer.rate_of(c) == Rate::Sample);
    let mut conditions: Vec<Option<Expr>> = conditions.into_iter().map(Some).collect();
    let mut solved = solve(layer, indices, &mut conditions);
    // Indices that solve others run first: what they exclude is excluded early.
    let helps = |index: &IndexId| solved.iter().any(|s| s.numerator.expr().mentions(*index));
    let (first, second): (Vec<IndexId>, Vec<IndexId>) =
        indices.iter().copied().filter(|index| !solved.iter().any(|s| s.index == *index)).partition(helps);
    let mut waiting: Vec<IndexId> = first.into_iter().chain(second).collect();
    waiting.reverse();
    let mut open: Vec<IndexId> = opened.to_vec();
    let mut loops = Loops { before: vec![], loops: vec![], masks };
    loops.before = take_known(&mut conditions, &open);
    loop {
        let ready =
            solved.iter().position(|s| s.numerator.expr().free_indices().iter().all(|index| open.contains(index)));
        let (index, kind) = if let Some(at) = ready {
            let one = solved.remove(at);
            (one.index, LoopKind::Solved { factor: one.factor, numerator: one.numerator })
        } else if let Some(index) = waiting.pop() {
            let kind = range(layer, index, &mut conditions, &open);
            (index, kind)
        } else if let Some(one) = solved.pop() {
            // Equations in a circle: this one is tried instead of solved.
            conditions.push(Some(one.condition));
            (one.index, LoopKind::Range { lows: vec![], highs: vec![] })
        } else {
            break;
        };
        open.push(index);
        let known = take_known(&mut conditions, &open);
        loops.loops.push(Loop { index, kind, blocks: None, conditions: known });
    }
    loops
}

struct Solution {
    index: IndexId,
    factor: Polynomial,
    numerator: Polynomial,
    condition: Expr,
}

/// Equalities of positions, each solved for one index: one whose extent data brings before one that a field gives, and one
/// with the factor 1 before others.
fn solve(layer: &Layer, indices: &[IndexId], conditions: &mut [Option<Expr>]) -> Vec<Solution> {
    let mut solved: Vec<Solution> = vec![];
    for slot in conditions.iter_mut() {
        let Some(Expr::Compare(Comparison::Equal, both)) = slot else { continue };
        if both.iter().any(|side| layer.type_of(side) != Type::Int) {
            continue;
        }
        let difference = Polynomial::of(layer, &both[0]).plus(&Polynomial::of(layer, &both[1]), -1);
        let best = indices
            .iter()
            .filter(|index| !solved.iter().any(|s| s.index == **index))
            .filter_map(|index| {
                let (factor, rest) = difference.solve(*index)?;
                (!factor.is_zero() && !moves(&factor.expr())).then_some((*index, factor, rest))
            })
            .max_by_key(|(index, factor, _)| {
                (from_data(layer, *index), factor.as_number().is_some_and(|n| n.abs() == 1))
            });
        if let Some((index, factor, rest)) = best
            && let Some(condition) = slot.take()
        {
            let numerator = Polynomial::default().plus(&rest, -1);
            solved.push(Solution { index, factor, numerator, condition });
        }
    }
    solved
}

fn from_data(layer: &Layer, index: IndexId) -> bool {
    match &layer.index(layer.origin(index)).extent {
        Extent::Arrives { .. } | Extent::Rest { .. } => true,
        Extent::Given(formula) => formula.any(&mut |e| matches!(e, Expr::Len(_))),
        _ => false,
    }
}

/// Inequalities that bound an index become the loop's bounds.
fn range(layer: &Layer, index: IndexId, conditions: &mut [Option<Expr>], open: &[IndexId]) -> LoopKind {
    let (mut lows, mut highs) = (vec![], vec![]);
    for slot in conditions.iter_mut() {
        let Some(condition) = slot else { continue };
        let inequality = match &*condition {
            Expr::Not(inner) => inner,
            other => other,
        };
        if !matches!(inequality, Expr::Compare(Comparison::Less | Comparison::LessEqual, _))
            || !condition.mentions(index)
        {
            continue;
        }
        let facts = facts(layer, std::slice::from_ref(condition));
        let bounds: Option<Vec<(bool, Expr)>> = facts
            .at_least_zero
            .iter()
            .map(|fact| {
                let (factor, rest) = fact.solve(index)?;
                let known = rest.expr().free_indices().iter().all(|other| open.contains(other))
                    && !rest.expr().any(&mut |e| matches!(e, Expr::Read(..)));
                match (factor.as_number(), known) {
                    (Some(1), true) => Some((true, Polynomial::default().plus(&rest, -1).expr())),
                    (Some(-1), true) => Some((false, rest.plus(&Polynomial::number(1), 1).expr())),
                    _ => None,
                }
            })
            .collect();
        if let Some(bounds) = bounds
            && !bounds.is_empty()
        {
            for (low, bound) in bounds {
                if low { lows.push(bound) } else { highs.push(bound) }
            }
            *slot = None;
        }
    }
    LoopKind::Range { lows, highs }
}

/// The conditions all of whose indices stand. One that reads a tensor waits for those before it, which may guard it.
fn take_known(conditions: &mut [Option<Expr>], open: &[IndexId]) -> Vec<Expr> {
    let mut known = vec![];
    let mut pending = false;
    for slot in conditions.iter_mut() {
        let Some(condition) = slot else { continue };
        let reads = condition.any(&mut |e| matches!(e, Expr::Read(..)));
        let stands = condition.free_indices().iter().all(|index| open.contains(index));
        if stands && !(reads && pending) {
            known.extend(slot.take());
        } else {
            pending = true;
        }
    }
    known
}
