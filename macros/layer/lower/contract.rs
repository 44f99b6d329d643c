//! Which sums of products are contractions: `target[own] += scale · Σ left · right`, both sides read at positions that fields and
//! indices decide. They are not loops here but descriptions, from which the runtime makes plans.
//!
//! Input: a definition's value. Output: its contractions, and what is left of it for plain loops.

use proc_macro2::Span;

use super::super::calculus::call;
use super::super::demand::conjuncts;
use super::super::ir::{Expr, IndexId, Layer, Outside, Place, Rate, Reduce, Reduction, Role, TensorId, Type};
use super::super::linear::{Polynomial, moves};
use super::{LoopKind, Loops, Store, plan};

/// One contraction.
#[derive(Clone, Debug)]
pub(crate) struct Contract {
    pub target: TensorId,
    pub store: Store,
    /// The target's own conditions.
    pub guard: Vec<Expr>,
    /// The loops of the sum.
    pub loops: Loops,
    pub left: Side,
    /// None: the left side alone is summed.
    pub right: Option<Side>,
    /// A factor that fields and extents decide.
    pub scale: Vec<Expr>,
    /// A parameter's element that is added: under a condition on fields, if there is one.
    pub bias: Option<(Option<Expr>, Side)>,
    pub kind: Kind,
    pub own: Vec<Own>,
}

#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub tensor: TensorId,
    pub positions: Vec<Expr>,
}

/// As `Kind` of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Weights,
    Samples,
    Gradient,
}

/// What is known of one of the target's own indices, as `Own` of the runtime.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own {
    pub index: IndexId,
    pub in_left: bool,
    pub in_right: bool,
    pub conditional: bool,
    pub guarded: bool,
    /// The axis (part) of the side that it is, where it may go into the lanes.
    pub axis: Option<usize>,
}

/// The contractions of a value, and the sum of its other terms.
pub(crate) struct Split {
    pub contractions: Vec<Contract>,
    pub rest: Vec<Expr>,
}

/// Takes the contractions out of the terms of a sum.
pub(crate) fn split(layer: &Layer, target: TensorId, guard: &[Expr], terms: Vec<Expr>) -> Split {
    let mut found = Split { contractions: vec![], rest: vec![] };
    for term in terms {
        match contraction(layer, target, guard, &term) {
            Some(contraction) => found.contractions.push(contraction),
            None => found.rest.push(term),
        }
    }
    // What is left may be a number for each row: the first contraction adds it.
    if let ([only], [first, ..]) = (found.rest.as_slice(), found.contractions.as_mut_slice())
        && first.kind != Kind::Gradient
        && let Some(bias) = bias(layer, target, only)
    {
        first.bias = Some(bias);
        found.rest.clear();
    }
    found
}

/// The terms of a sum, signs included.
pub(crate) fn terms(value: &Expr) -> Vec<Expr> {
    match value {
        Expr::Call(primitive, both, _) if primitive.is("add") => both.iter().flat_map(terms).collect(),
        Expr::Call(primitive, both, _) if primitive.is("sub") => {
            terms(&both[0]).into_iter().chain(terms(&both[1]).into_iter().map(|term| call("neg", vec![term]))).collect()
        }
        other => vec![other.clone()],
    }
}

fn contraction(layer: &Layer, target: TensorId, guard: &[Expr], term: &Expr) -> Option<Contract> {
    let mut scale = vec![];
    let sum = match scaled_sum(layer, term, &mut scale) {
        Some(sum) => sum.clone(),
        // Over samples even a product is a sum.
        None if layer.tensor(target).rate != Rate::Sample && !has_reduction(term) => {
            scale.clear();
            over_samples(term)
        }
        None => return None,
    };
    let mut factors = vec![];
    product(layer, &sum.body, &mut factors, &mut scale);
    let mut conditions = sum.conditions.clone();
    let mut sides: Vec<Side> = factors.iter().map(|f| side(layer, f, &mut conditions)).collect::<Option<_>>()?;
    let own = layer.tensor(target).indices();
    let loops = plan(layer, &sum.indices, &conditions, &own);
    let early = |c: &Expr| layer.rate_of(c) == Rate::Step || (layer.rate_of(c) == Rate::Once && reads(c));
    if !loops.masks.is_empty() || guard.iter().any(early) {
        return None;
    }
    // Plans are made before anything is computed: from fields and indices alone.
    let once = |e: &Expr| layer.rate_of(e) == Rate::Once && !reads(e);
    if !conditions.iter().all(once) || !scale.iter().all(once) {
        return None;
    }
    let sample = |side: &Side| layer.tensor(side.tensor).rate == Rate::Sample;
    let kind = match (layer.tensor(target).rate, sides.as_slice()) {
        (Rate::Sample, [one]) if sample(one) => Kind::Samples,
        (Rate::Sample, [a, b]) if sample(a) && sample(b) => Kind::Samples,
        (Rate::Sample, [a, b]) if sample(a) || sample(b) => {
            if sample(&sides[0]) {
                sides.swap(0, 1);
            }
            Kind::Weights
        }
        (Rate::Sample, _) => return None,
        (_, [one]) if sample(one) => Kind::Gradient,
        (_, [a, b]) if sample(a) && sample(b) => Kind::Gradient,
        _ => return None,
    };
    let mut sides = sides.into_iter();
    let (left, right) = (sides.next()?, sides.next());
    let guard: Vec<Expr> = guard.iter().filter(|c| once(c)).cloned().collect();
    let own: Vec<Own> = own.iter().map(|index| about(layer, *index, &left, right.as_ref(), &loops, &guard)).collect();
    // Without an index that one side has alone nothing that is read serves twice.
    if right.is_some() && own.iter().all(|own| own.in_left && own.in_right) {
        return None;
    }
    Some(Contract { target, store: Store::Add, guard, loops, left, right, scale, bias: None, kind, own })
}

fn over_samples(term: &Expr) -> Reduce {
    let sum = |conditions, body| Reduce {
        kind: Reduction::Sum,
        indices: vec![],
        conditions,
        body,
        place: Place(Span::call_site()),
    };
    match term {
        Expr::If(three, _) if three[2] == Expr::Real(0.0) => {
            let mut conditions = vec![];
            conjuncts(&three[0], &mut conditions);
            sum(conditions, three[1].clone())
        }
        other => sum(vec![], other.clone()),
    }
}

/// A sum under signs and factors of fields and extents.
fn scaled_sum<'a>(layer: &Layer, term: &'a Expr, scale: &mut Vec<Expr>) -> Option<&'a Reduce> {
    let fixed = |e: &Expr| layer.rate_of(e) == Rate::Once && e.free_indices().is_empty() && !has_reduction(e);
    match term {
        Expr::Reduce(reduce) if reduce.kind == Reduction::Sum && !has_reduction(&reduce.body) => Some(reduce),
        Expr::Call(primitive, all, _) => match primitive.name() {
            "neg" => {
                scale.push(Expr::Real(-1.0));
                scaled_sum(layer, &all[0], scale)
            }
            "mul" if fixed(&all[0]) => {
                scale.push(all[0].clone());
                scaled_sum(layer, &all[1], scale)
            }
            "mul" if fixed(&all[1]) => {
                scale.push(all[1].clone());
                scaled_sum(layer, &all[0], scale)
            }
            "div" if fixed(&all[1]) => {
                scale.push(call("div", vec![Expr::Real(1.0), all[1].clone()]));
                scaled_sum(layer, &all[0], scale)
            }
            _ => None,
        },
        _ => None,
    }
}

fn has_reduction(expr: &Expr) -> bool {
    expr.any(&mut |e| matches!(e, Expr::Reduce(_)))
}

fn reads(expr: &Expr) -> bool {
    expr.any(&mut |e| matches!(e, Expr::Read(..)))
}

/// The factors of a product; those that fields and extents decide go to `scale`.
fn product(layer: &Layer, expr: &Expr, factors: &mut Vec<Expr>, scale: &mut Vec<Expr>) {
    match expr {
        Expr::Call(primitive, both, _) if primitive.is("mul") => {
            both.iter().for_each(|e| product(layer, e, factors, scale));
        }
        Expr::Call(primitive, all, _) if primitive.is("neg") => {
            scale.push(Expr::Real(-1.0));
            product(layer, &all[0], factors, scale);
        }
        Expr::Call(primitive, both, _)
            if primitive.is("div") && layer.rate_of(&both[1]) == Rate::Once && both[1].free_indices().is_empty() =>
        {
            scale.push(call("div", vec![Expr::Real(1.0), both[1].clone()]));
            product(layer, &both[0], factors, scale);
        }
        other
            if layer.rate_of(other) == Rate::Once
                && other.free_indices().is_empty()
                && !matches!(other, Expr::Read(..)) =>
        {
            scale.push(other.clone());
        }
        other => factors.push(other.clone()),
    }
}

/// A factor that is a read at positions that stand before the first sample comes. What is read under a condition on fields, else 0,
/// gives the condition.
fn side(layer: &Layer, factor: &Expr, conditions: &mut Vec<Expr>) -> Option<Side> {
    match factor {
        Expr::Read(tensor, positions, _) => {
            let declared = layer.tensor(*tensor);
            let zero = match &declared.outside {
                Some(Outside::Value(value)) => matches!(value, Expr::Int(0)) || *value == Expr::Real(0.0),
                _ => true,
            };
            let plain =
                !declared.integer && zero && positions.iter().all(|p| layer.rate_of(p) == Rate::Once && !reads(p));
            plain.then(|| Side { tensor: *tensor, positions: positions.clone() })
        }
        Expr::If(three, _)
            if matches!(three[2], Expr::Real(0.0) | Expr::Int(0)) && layer.rate_of(&three[0]) == Rate::Once =>
        {
            conditions.push(three[0].clone());
            side(layer, &three[1], conditions)
        }
        _ => None,
    }
}

/// A term that only tells rows apart: an element of a parameter.
fn bias(layer: &Layer, target: TensorId, term: &Expr) -> Option<(Option<Expr>, Side)> {
    let (condition, read) = match term {
        Expr::If(three, _) if three[2] == Expr::Real(0.0) && layer.rate_of(&three[0]) == Rate::Once => {
            (Some(three[0].clone()), &three[1])
        }
        other => (None, other),
    };
    if condition.as_ref().is_some_and(|c| !c.free_indices().is_empty()) {
        return None;
    }
    let read = side(layer, read, &mut vec![])?;
    let declared = layer.tensor(read.tensor);
    let own = layer.tensor(target).indices();
    let bare = read.positions.iter().all(|p| matches!(p, Expr::Index(index) if own.contains(index)));
    let shared = declared.rate != Rate::Sample && matches!(declared.role, Role::Param(_) | Role::Let);
    (bare && shared && layer.type_of(term) == Type::Real).then_some((condition, read))
}

fn about(layer: &Layer, index: IndexId, left: &Side, right: Option<&Side>, loops: &Loops, guard: &[Expr]) -> Own {
    let mentions = |side: &Side| side.positions.iter().any(|p| p.mentions(index));
    let (in_left, in_right) = (mentions(left), right.is_some_and(mentions));
    let bent = [Some(left), right].into_iter().flatten().any(|side| bends(layer, index, side));
    let conditional = bent || decides(index, loops);
    let axis = |side: &Side| {
        let bare = side.positions.iter().position(|p| *p == Expr::Index(index))?;
        (side.positions.iter().filter(|p| p.mentions(index)).count() == 1).then_some(bare)
    };
    let axis = match (in_left, in_right) {
        (true, false) => axis(left),
        (false, true) => right.and_then(axis),
        _ => None,
    };
    let guarded = guard.iter().any(|c| c.mentions(index));
    Own { index, in_left, in_right, conditional, guarded, axis: axis.filter(|_| !conditional) }
}

/// Whether an index moves a side by anything but a fixed stride.
fn bends(layer: &Layer, index: IndexId, side: &Side) -> bool {
    let declared = layer.tensor(side.tensor);
    side.positions.iter().zip(declared.indices()).any(|(position, axis)| {
        if !position.mentions(index) {
            return false;
        }
        let own = matches!(position, Expr::Index(i) if layer.origin(*i) == layer.origin(axis));
        let straight = Polynomial::of(layer, position).solve(index).is_some_and(|(factor, _)| !moves(&factor.expr()));
        !straight || (declared.outside.is_some() && !own)
    })
}

/// Whether bounds, solutions or conditions of the sum's loops mention an index.
fn decides(index: IndexId, loops: &Loops) -> bool {
    loops.before.iter().any(|c| c.mentions(index))
        || loops.loops.iter().any(|one| {
            one.conditions.iter().any(|c| c.mentions(index))
                || match &one.kind {
                    LoopKind::Range { lows, highs } => lows.iter().chain(highs).any(|e| e.mentions(index)),
                    LoopKind::Solved { factor, numerator } => {
                        factor.expr().mentions(index) || numerator.expr().mentions(index)
                    }
                }
        })
}
