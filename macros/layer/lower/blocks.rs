//! Windows that lie `stride` apart, seen from what they lie on: `sum(i, p where h == i*stride + p - shift)`. To solve that for `i` is to ask
//! at every `h`, for every `p`, whether something divides. Here `h` is passed in blocks of `stride` instead: with
//! `h + shift = block*stride + rest`, the windows over `h` are those with `p = rest + k*stride` and `i = block - k`, and nothing is divided.
//!
//! Input: a program. Output: the same sums of the same terms in the same order. Windows may overlap, leave gaps, and reach beyond the edge;
//! what has to be known is that `stride` is positive.

use super::super::calculus::call;
use super::super::ir::{Comparison, Expr, Extent, IndexId, Layer, Reduce, Reduction, Type};
use super::super::linear::{Polynomial, facts, moves};
use super::{LoopKind, Nest, NestValue, Program, Step, from_data};

/// A range as blocks of `stride` positions: every position is `block*stride + rest - shift`, with `0 <= rest < stride`.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    pub block: IndexId,
    pub rest: IndexId,
    pub stride: Expr,
    pub shift: Expr,
}

/// `over == window*stride + within - shift`, two indices of a reduction.
struct Windows {
    window: IndexId,
    within: IndexId,
    stride: Polynomial,
    shift: Polynomial,
}

/// Passes in blocks what a program's nests can.
pub(crate) fn in_blocks(layer: &mut Layer, program: &mut Program) {
    let needed = program.backward.iter_mut().chain(&mut program.finish).map(|needed| &mut needed.step);
    let steps = program.once.iter_mut().chain(&mut program.prepare).chain(&mut program.forward).chain(needed);
    for step in steps {
        let Step::Nest(Nest { outer, value: NestValue::Formula(value), .. }) = step else { continue };
        for one in &mut outer.loops {
            let whole = matches!(&one.kind, LoopKind::Range { lows, highs } if lows.is_empty() && highs.is_empty());
            let Some(found) = whole.then(|| find(layer, value, one.index)).flatten() else { continue };
            // Their extents are no matter: the loops say how far they go.
            let [block, rest] = [(); 2].map(|()| layer.copy_index(one.index));
            let blocks = Blocks { block, rest, stride: found.stride.expr(), shift: found.shift.expr() };
            *value = rewrite(layer, value, one.index, &blocks);
            one.blocks = Some(blocks);
        }
    }
}

/// The first windows over an index in a formula.
fn find(layer: &Layer, value: &Expr, over: IndexId) -> Option<Windows> {
    let mut found = None;
    value.visit(&mut |part| {
        if let (None, Expr::Reduce(reduce)) = (&found, part) {
            found = reduce.conditions.iter().find_map(|condition| windows(layer, reduce, condition, over));
        }
    });
    found
}

fn windows(layer: &Layer, reduce: &Reduce, condition: &Expr, over: IndexId) -> Option<Windows> {
    let Expr::Compare(Comparison::Equal, both) = condition else { return None };
    // What numbers its indices has to keep them.
    let numbers = matches!(reduce.kind, Reduction::ArgMaximum | Reduction::ArgMinimum);
    if numbers || both.iter().any(|side| layer.type_of(side) != Type::Int) {
        return None;
    }
    let difference = Polynomial::of(layer, &both[0]).plus(&Polynomial::of(layer, &both[1]), -1);
    let (sign, others) = difference.solve(over)?;
    let sign = sign.as_number().filter(|sign| sign.abs() == 1)?;
    let position = Polynomial::default().plus(&others, -sign);
    for within in reduce.indices.iter().copied() {
        let Some((factor, others)) = position.solve(within) else { continue };
        for window in reduce.indices.iter().copied().filter(|window| *window != within) {
            let Some((stride, others)) = others.solve(window) else { continue };
            // The next position's window is solved for without a division as it is, and a window that fields bound is rather not solved for.
            let far = stride.as_number() != Some(1) && is_positive(layer, &stride);
            let first = from_data(layer, window) || !from_data(layer, within);
            if factor.as_number() == Some(1) && far && first && !moves(&others.expr()) {
                return Some(Windows { window, within, stride, shift: Polynomial::default().plus(&others, -1) });
            }
        }
    }
    None
}

/// Whether a number is above zero wherever the layer may stand: a product of extents, of numbers, of fields that some extent is divided
/// by, which refuses zeros; or what the layer requires.
fn is_positive(layer: &Layer, number: &Polynomial) -> bool {
    let requires: Vec<Expr> = layer.requires.iter().map(|require| require.condition.clone()).collect();
    let required = |fact: &Polynomial| number.plus(fact, -1).as_number().is_some_and(|more| more > 0);
    is_product(layer, &number.expr()) || facts(layer, &requires).at_least_zero.iter().any(required)
}

fn is_product(layer: &Layer, number: &Expr) -> bool {
    match number {
        Expr::Int(number) => *number > 0,
        Expr::Len(_) => true,
        Expr::Call(primitive, both, _) if primitive.is("mul") => both.iter().all(|one| is_product(layer, one)),
        Expr::Field(field) | Expr::Element(field, _) if !layer.fields[field.0].signed => {
            let divides = |part: &Expr| match part {
                Expr::Call(primitive, both, _) => {
                    ["floor_div", "ceil_div", "rem"].iter().any(|name| primitive.is(name)) && both[1] == *number
                }
                _ => false,
            };
            layer
                .indices
                .iter()
                .any(|index| matches!(&index.extent, Extent::Given(formula) if formula.any(&mut |part| divides(part))))
        }
        _ => false,
    }
}

/// A formula whose windows over an index are those of its blocks.
fn rewrite(layer: &mut Layer, value: &Expr, over: IndexId, blocks: &Blocks) -> Expr {
    let value = value.map(&mut |part| rewrite(layer, part, over, blocks));
    let Expr::Reduce(reduce) = &value else { return value };
    let found = reduce.conditions.iter().enumerate().find_map(|(at, condition)| {
        let found = windows(layer, reduce, condition, over)?;
        (found.stride.expr() == blocks.stride && found.shift.expr() == blocks.shift).then_some((at, found))
    });
    let Some((at, Windows { window, within, .. })) = found else { return value };
    let step = layer.copy_index(within);
    let (steps, len) = (Expr::Index(step), Expr::Len(layer.origin(within)));
    let place = call("add", vec![Expr::Index(blocks.rest), call("mul", vec![steps.clone(), blocks.stride.clone()])]);
    let count = call("ceil_div", vec![len.clone(), blocks.stride.clone()]);
    let before = call("sub", vec![Expr::Index(blocks.block), steps.clone()]);
    let compare = |comparison, a, b| Expr::Compare(comparison, Box::new([a, b]));
    let within_is = |index: IndexId| (index == within).then(|| place.clone());
    let mut conditions: Vec<Expr> = reduce.conditions.iter().map(|c| c.substitute(&within_is)).collect();
    conditions.splice(
        at..=at,
        [
            compare(Comparison::Less, steps, count),
            compare(Comparison::Less, place.clone(), len),
            compare(Comparison::Equal, Expr::Index(window), before),
        ],
    );
    // The steps stand where the places of a window stood: terms are added in the same order.
    let indices = reduce.indices.iter().map(|index| if *index == within { step } else { *index }).collect();
    let body = reduce.body.substitute(&within_is);
    Expr::Reduce(Box::new(Reduce { conditions, indices, body, ..(**reduce).clone() }))
}

#[cfg(test)]
mod tests {
    use super::super::super::print;
    use super::super::super::tests::derived;
    use super::super::lower;
    use super::*;

    /// The ranges that the backward code passes in blocks: `h: stride, shift`.
    fn found(fields: &str, text: &str) -> String {
        let (mut layer, _, backward) = derived(fields, text);
        let mut program = lower(&layer, &backward);
        in_blocks(&mut layer, &mut program);
        let nests = program.backward.iter().filter_map(|needed| match &needed.step {
            Step::Nest(nest) => Some(nest),
            _ => None,
        });
        let blocks = nests.flat_map(|nest| &nest.outer.loops).filter_map(|one| {
            let Blocks { stride, shift, .. } = one.blocks.as_ref()?;
            let [stride, shift] = [stride, shift].map(|e| print::expr(&layer, e));
            Some(format!("{}: {stride}, {shift}", layer.index(one.index).name))
        });
        blocks.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn windows_some_way_apart_are_passed_in_blocks() {
        let whole = "size: usize, stride: usize, padding: usize";
        let table = [
            (
                whole,
                "input x[c, h, w] outside -inf;
                 output y[c, i: (h + 2*padding - size) / stride + 1, j: (w + 2*padding - size) / stride + 1]
                      = max(p: size, q: size) x[c, i*stride + p - padding, j*stride + q - padding];",
                "h: stride, padding; w: stride, padding",
            ),
            (
                whole,
                "input x[h, c]; output y[i: (h - size) / stride + 1, c] = min(p: size) x[i*stride + p, c];",
                "h: stride, 0",
            ),
            ("", "input x[h] outside 0; output y[i: ceil_div(h, 3)] = max(p: 2) x[3*i + p + 1];", "h: 3, -1"),
            (
                "apart: usize",
                "input x[h] outside 0; require apart > 1, \"…\"; output y[i: h] = max(p: 2) x[i*apart + p];",
                "h: apart, 0",
            ),
        ];
        for (fields, text, expected) in table {
            assert_eq!(found(fields, text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_such_window_stays() {
        let table = [
            // Side by side: solved without a division.
            ("size: usize", "input x[h] outside 0; output y[i: h] = max(p: size) x[i + p];"),
            // Places apart within a window.
            (
                "stride: usize, apart: usize",
                "input x[h] outside 0; output y[i: h / stride + 1] = max(p: 2) x[i*stride + p*apart];",
            ),
            // Numbered: where the greatest is.
            (
                "stride: usize",
                "input x[i, p]; require stride > 0, \"…\"; output y[h: i*stride] = max(i, p where h == i*stride + p) x[i, p];",
            ),
            // Perhaps all at one place, or one before the other.
            ("apart: usize", "input x[h] outside 0; output y[i: h] = max(p: 2) x[i*apart + p];"),
            ("apart: i64", "input x[h] outside 0; output y[i: h / apart + 1] = max(p: 2) x[i*apart + p];"),
        ];
        for (fields, text) in table {
            assert_eq!(found(fields, text), "", "{text}");
        }
    }
}
