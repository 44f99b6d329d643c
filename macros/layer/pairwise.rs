//! A sum over a product of several tensors becomes sums over products of two: whatever is summed over is summed as soon as only two
//! factors are left that mention it, in the order that opens the fewest loops at a time.
//!
//! Input: definitions as the user wrote them. Output: definitions in which such products have two factors, with intermediate tensors
//! before them. Sums under conditions, and products in which fields and indices alone say a factor, stay as they are.

use super::calculus::call;
use super::hoist::extract;
use super::ir::{Expr, IndexId, Layer, Place, Rate, Reduce, Reduction, Type, Value};

pub(crate) fn pairwise(layer: &mut Layer) {
    let definitions = std::mem::take(&mut layer.definitions);
    for mut definition in definitions {
        if let Value::Formula(value) = &definition.value {
            definition.value = Value::Formula(walk(layer, value));
        }
        layer.definitions.push(definition);
    }
}

fn walk(layer: &mut Layer, expr: &Expr) -> Expr {
    let mut parts = vec![];
    for child in expr.children() {
        parts.push(walk(layer, child));
    }
    let mut parts = parts.into_iter();
    let whole = expr.map(&mut |child| parts.next().unwrap_or_else(|| child.clone()));
    match &whole {
        Expr::Reduce(reduce) if reduce.kind == Reduction::Sum && reduce.conditions.is_empty() => {
            split(layer, reduce).unwrap_or(whole)
        }
        _ => whole,
    }
}

/// The sum in pairs; `None` where it stays as it is.
fn split(layer: &mut Layer, sum: &Reduce) -> Option<Expr> {
    let mut factors = vec![];
    product(&sum.body, &mut factors);
    let suits = |layer: &Layer, factor: &Expr| {
        matches!(factor, Expr::Read(..)) && layer.type_of(factor) == Type::Real && layer.rate_of(factor) != Rate::Once
    };
    if factors.len() < 3 || !factors.iter().all(|factor| suits(layer, factor)) {
        return None;
    }
    let mut left: Vec<IndexId> = sum.indices.clone();
    while factors.len() > 2 {
        let (a, b, _) = (0..factors.len())
            .flat_map(|a| (a + 1..factors.len()).map(move |b| (a, b)))
            .filter_map(|(a, b)| Some((a, b, cost(layer, &factors, &left, a, b)?)))
            .min_by_key(|(_, _, cost)| *cost)?;
        let second = factors.remove(b);
        let first = factors.remove(a);
        let done = alone(&factors, &left, &first, &second);
        left.retain(|index| !done.contains(index));
        let body = call("mul", vec![first, second]);
        let value = if done.is_empty() { body } else { reduced(sum.place, done, body) };
        let free = value.free_indices();
        factors.push(extract(layer, &value, &free, "pair", sum.place));
    }
    let body = factors.into_iter().reduce(|a, b| call("mul", vec![a, b]))?;
    Some(if left.is_empty() { body } else { reduced(sum.place, left, body) })
}

fn reduced(place: Place, indices: Vec<IndexId>, body: Expr) -> Expr {
    Expr::Reduce(Box::new(Reduce { kind: Reduction::Sum, indices, conditions: vec![], body, place }))
}

/// The summed indices that no other factor mentions.
fn alone(others: &[Expr], summed: &[IndexId], a: &Expr, b: &Expr) -> Vec<IndexId> {
    let here = |index: &IndexId| a.mentions(*index) || b.mentions(*index);
    summed.iter().copied().filter(|i| here(i) && !others.iter().any(|other| other.mentions(*i))).collect()
}

/// How many loops a pair opens, and how many indices are left after it; `None` for a pair whose product is larger than both factors,
/// and for one that samples have no part in: its gradient would be for each of them what it is once now.
fn cost(layer: &Layer, factors: &[Expr], summed: &[IndexId], a: usize, b: usize) -> Option<(usize, usize)> {
    let (first, second) = (&factors[a], &factors[b]);
    if layer.rate_of(first) != Rate::Sample && layer.rate_of(second) != Rate::Sample {
        return None;
    }
    let others: Vec<Expr> =
        factors.iter().enumerate().filter(|(at, _)| *at != a && *at != b).map(|(_, f)| f.clone()).collect();
    let done = alone(&others, summed, first, second);
    let mut all = first.free_indices();
    all.extend(second.free_indices().into_iter().filter(|index| !first.mentions(*index)));
    let stays = all.len() - done.len();
    let grows = stays > first.free_indices().len().max(second.free_indices().len());
    (!grows).then_some((all.len(), stays))
}

fn product(expr: &Expr, factors: &mut Vec<Expr>) {
    match expr {
        Expr::Call(primitive, both, _) if primitive.is("mul") => both.iter().for_each(|e| product(e, factors)),
        other => factors.push(other.clone()),
    }
}
