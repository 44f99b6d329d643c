//! Which sums of products become blocks of accumulators in registers, and along which two of their target's indices: one that
//! only one group of factors mentions, and one that only the other group mentions, so that a loaded value serves a whole row
//! or column of the block.

use super::super::ir::{Expr, IndexId, Layer, Rate, Reduce, Reduction};
use super::{LoopKind, Loops, Nest, NestValue, plan};

/// A nest whose value holds one sum of a product.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The sum, to be found in the nest's value.
    pub sum: Reduce,
    /// Loops of the sum.
    pub loops: Loops,
    /// Rows: mentioned by the factors on the left.
    pub row: Option<IndexId>,
    /// Columns: mentioned by the factors on the right.
    pub column: Option<IndexId>,
    /// Factors that mention the row, or neither.
    pub left: Vec<Expr>,
    /// Factors that mention the column.
    pub right: Vec<Expr>,
    /// How many of the nest's loops stand around the block; the row's and the column's are not among them.
    pub around: Loops,
}

/// The block of a nest; `None` where the plain loops serve.
pub(crate) fn block(layer: &Layer, nest: &Nest) -> Option<Block> {
    let NestValue::Formula(value) = &nest.value else { return None };
    if nest.inner.is_some()
        || !nest.inside.is_empty()
        || !nest.outer.masks.is_empty()
        || layer.rate_of(value) != Rate::Sample
    {
        return None;
    }
    let sum = only_sum(value)?;
    let mut factors = vec![];
    product(&sum.body, &mut factors);
    if factors.len() < 2
        || sum.conditions.iter().any(|c| layer.rate_of(c) == Rate::Sample)
        || layer.rate_of(&sum.body) != Rate::Sample
    {
        return None;
    }
    let own: Vec<IndexId> = nest.outer.loops.iter().map(|one| one.index).collect();
    let loops = plan(layer, &sum.indices, &sum.conditions, &own);
    // A blocked index may not decide which other positions are visited.
    let free: Vec<IndexId> = nest
        .outer
        .loops
        .iter()
        .filter(|one| plain(&one.kind))
        .map(|one| one.index)
        .filter(|index| !decides(*index, &nest.outer, &loops))
        .collect();
    let mentions = |index: IndexId| -> Vec<bool> { factors.iter().map(|f| f.mentions(index)).collect() };
    let rows = |index: &IndexId| mentions(*index).contains(&true) && mentions(*index).contains(&false);
    // The row is best an index of what all samples share: then the lanes that are loaded serve all rows.
    let shared = |index: &IndexId| factors.iter().any(|f| f.mentions(*index) && layer.rate_of(f) != Rate::Sample);
    let row =
        free.iter().copied().filter(rows).max_by_key(|index| (shared(index), free.iter().position(|f| f == index)));
    let column = row.and_then(|row| {
        let taken = mentions(row);
        let apart = |index: &IndexId| {
            *index != row && rows(index) && !mentions(*index).iter().zip(&taken).any(|(a, b)| *a && *b)
        };
        free.iter().copied().rfind(apart)
    });
    row?;
    let (right, left): (Vec<Expr>, Vec<Expr>) = match (row, column) {
        (_, Some(column)) => factors.into_iter().partition(|f| f.mentions(column)),
        (Some(row), None) => factors.into_iter().partition(|f| !f.mentions(row)),
        _ => return None,
    };
    let mut around = nest.outer.clone();
    around.loops.retain(|one| Some(one.index) != row && Some(one.index) != column);
    Some(Block { sum, loops, row, column, left, right, around })
}

fn plain(kind: &LoopKind) -> bool {
    matches!(kind, LoopKind::Range { lows, highs } if lows.is_empty() && highs.is_empty())
}

/// Whether bounds, solutions or conditions of other loops mention an index.
fn decides(index: IndexId, outer: &Loops, inner: &Loops) -> bool {
    let in_loops = |loops: &Loops| {
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
    };
    in_loops(outer) || in_loops(inner)
}

/// The only reduction of a formula, if it is a sum outside of branches.
fn only_sum(value: &Expr) -> Option<Reduce> {
    fn walk(expr: &Expr, found: &mut Vec<Reduce>, inside: bool) -> bool {
        match expr {
            Expr::Reduce(reduce) => {
                if inside || reduce.kind != Reduction::Sum || reduce.body.any(&mut |e| matches!(e, Expr::Reduce(_))) {
                    return false;
                }
                found.push((**reduce).clone());
                true
            }
            Expr::If(three, _) => three.iter().all(|e| walk(e, found, true)),
            _ => expr.children().into_iter().all(|e| walk(e, found, inside)),
        }
    }
    let mut found = vec![];
    if !walk(value, &mut found, false) || found.len() != 1 {
        return None;
    }
    found.pop()
}

fn product(expr: &Expr, factors: &mut Vec<Expr>) {
    match expr {
        Expr::Call(primitive, both, _) if primitive.is("mul") => both.iter().for_each(|e| product(e, factors)),
        other => factors.push(other.clone()),
    }
}
