//! Which loop may stand in the lanes where a tile holds one sample: that of a nest's innermost index, if it does nothing but move reads
//! and the place where the value is stored. Lanes are then neighbours in the target.
//!
//! Input: a nest of plain loops. Output: that index; `None` where the nest has to go position by position.

use super::super::ir::{Expr, IndexId, Layer, Outside, Rate, TensorId};
use super::super::linear::{Polynomial, moves};
use super::{LoopKind, Loops, Nest, NestValue, Store};

pub(crate) fn along(layer: &Layer, nest: &Nest) -> Option<IndexId> {
    let values = match &nest.value {
        NestValue::Formula(value) => std::slice::from_ref(value),
        NestValue::Draw(_, arguments) => arguments,
    };
    let innermost = nest.outer.loops.last()?;
    let index = innermost.index;
    let plain = matches!(innermost.kind, LoopKind::Range { .. })
        && innermost.blocks.is_none()
        && innermost.conditions.is_empty();
    let (last, others) = nest.position.split_last()?;
    let neighbours = *last == Expr::Index(index) && !others.iter().any(|position| position.mentions(index));
    let unguarded = !nest.inside.iter().any(|(position, _)| position.mentions(index));
    // What samples share has no lanes before it is summed over them.
    let of_samples = layer.tensor(nest.target).rate == Rate::Sample
        || (values.iter().any(|value| layer.rate_of(value) == Rate::Sample) && nest.store == Store::Add);
    let walk = Walk { layer, index, target: nest.target };
    let lanes = nest.outer.masks.iter().all(|mask| walk.condition(mask))
        && nest.inner.as_ref().is_none_or(|inner| walk.loops(inner))
        && values.iter().all(|value| walk.value(value));
    (plain && neighbours && unguarded && of_samples && lanes).then_some(index)
}

/// How far an index moves a position, for a step of its own: `None` where it does not, or not by the same everywhere.
pub(crate) fn step(layer: &Layer, position: &Expr, index: IndexId) -> Option<Expr> {
    if !position.mentions(index) || layer.rate_of(position) != Rate::Once {
        return None;
    }
    let (factor, _) = Polynomial::of(layer, position).solve(index)?;
    let factor = factor.expr();
    (!moves(&factor)).then_some(factor)
}

struct Walk<'a> {
    layer: &'a Layer,
    index: IndexId,
    target: TensorId,
}

impl Walk<'_> {
    /// Whether a value can be computed for several positions at once.
    fn value(&self, expr: &Expr) -> bool {
        if !expr.mentions(self.index) {
            return !expr.reads(self.target);
        }
        match expr {
            Expr::Read(tensor, positions, _) => self.read(*tensor, positions),
            Expr::Call(primitive, arguments, _) => {
                let exponents = if primitive.is("powi") { 1 } else { 0 };
                let (values, exponents) = arguments.split_at(arguments.len() - exponents);
                values.iter().all(|value| self.value(value)) && !exponents.iter().any(|e| e.mentions(self.index))
            }
            Expr::Compare(_, sides) => {
                // Beside a sample's value a position is one too.
                self.layer.rate_of(expr) == Rate::Sample
                    && sides.iter().all(|side| *side == Expr::Index(self.index) || self.value(side))
            }
            Expr::If(three, _) => self.condition(&three[0]) && three[1..].iter().all(|branch| self.value(branch)),
            Expr::Reduce(reduce) => {
                !reduce.conditions.iter().any(|condition| condition.mentions(self.index)) && self.value(&reduce.body)
            }
            Expr::And(both) | Expr::Or(both) | Expr::StraightThrough(both) => both.iter().all(|one| self.value(one)),
            Expr::Not(one) | Expr::Stop(one, _) => self.value(one),
            _ => false,
        }
    }

    /// A condition is the same at all positions, or a mask.
    fn condition(&self, expr: &Expr) -> bool {
        !expr.mentions(self.index) || (self.layer.rate_of(expr) == Rate::Sample && self.value(expr))
    }

    /// A read that each position moves by the same. An integer that all samples share is no value of theirs.
    fn read(&self, tensor: TensorId, positions: &[Expr]) -> bool {
        let declared = self.layer.tensor(tensor);
        let inside = |position: &Expr, own: IndexId| {
            matches!(position, Expr::Index(i) if self.layer.origin(*i) == self.layer.origin(own))
                || matches!(declared.outside, None | Some(Outside::Value(_)))
        };
        let other = match &declared.outside {
            Some(Outside::Value(value)) => !value.mentions(self.index),
            _ => true,
        };
        let moved = |(position, own): (&Expr, IndexId)| {
            let alike = !position.mentions(self.index)
                || (step(self.layer, position, self.index).is_some() && inside(position, own));
            alike && !position.reads(self.target)
        };
        tensor != self.target
            && other
            && (!declared.integer || declared.rate == Rate::Sample)
            && positions.iter().zip(declared.indices()).all(moved)
    }

    /// Whether loops are the same at all positions.
    fn loops(&self, loops: &Loops) -> bool {
        let same = |expr: &Expr| !expr.mentions(self.index);
        loops.before.iter().all(same)
            && loops.masks.iter().all(|mask| self.condition(mask))
            && loops.loops.iter().all(|one| {
                one.conditions.iter().all(same)
                    && match &one.kind {
                        LoopKind::Range { lows, highs } => lows.iter().chain(highs).all(same),
                        LoopKind::Solved { factor, numerator } => same(&factor.expr()) && same(&numerator.expr()),
                    }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::derived;
    use super::super::{Step, lower};
    use super::*;

    /// For each nest of the forward and the backward code, the index in the lanes.
    fn found(fields: &str, text: &str) -> String {
        let (layer, _, backward) = derived(fields, text);
        let program = lower(&layer, &backward);
        let steps = program.forward.iter().chain(program.backward.iter().map(|needed| &needed.step));
        let nests = steps.filter_map(|step| match step {
            Step::Nest(nest) => Some(along(&layer, nest).map_or("-", |index| layer.index(index).name.as_str())),
            _ => None,
        });
        nests.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_index_that_only_moves_reads_stands_in_the_lanes() {
        let table = [
            ("", "input x[..]; output y[..] = tanh(x[..]);", ".. .."),
            ("", "input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 };", ".. .."),
            ("", "input x[i, j]; output y[j, i] = exp(x[i, j]);", "i j"),
            ("stride: usize", "input x[i]; output y[j: i / stride] = exp(x[j*stride]);", "j"),
            ("", "input x[i]; param a[i] = Ones; output y[i] = exp(a[i] * x[i]);", "i i i"),
            ("", "input x[i, j]; output y[i] = max(j) x[i, j];", "i i j"),
            ("", "input x[i] outside 0; output y[i] = exp(x[i - 1]);", "i"),
            ("", "input x[i]; let keep[i] ~ Bernoulli(0.5); output y[i] = x[i] * keep[i];", "i i i"),
            ("", "input logits[i]; target label of i; output y = exp(logits[label]);", "- -"),
        ];
        for (fields, text, expected) in table {
            assert_eq!(found(fields, text), expected, "{text}");
        }
    }

    #[test]
    fn other_uses_of_an_index_keep_it_out_of_the_lanes() {
        let table = [
            ("", "input x[i]; output y[i] = x[i] * i;", "- -"),
            ("", "input x[i]; output y[i] = if i > 2 { exp(x[i]) } else { 0 };", "- -"),
            ("", "input x[i] outside nearest; output y[i] = exp(x[i - 1]);", "- -"),
            ("", "input x[i, j]; output y[i] = max(j where j <= i) x[i, j];", "- - -"),
        ];
        for (fields, text, expected) in table {
            assert_eq!(found(fields, text), expected, "{text}");
        }
    }
}
