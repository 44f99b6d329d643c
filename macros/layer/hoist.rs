//! Reductions inside formulas become tensors of their own, where that saves work: a reduction inside another one, or one whose
//! value a derivative would mention. What stays in place is a sum that the rest of the formula is linear in.
//!
//! Input: definitions as the user wrote them. Output: definitions in which no reduction contains another one.

use super::ir::{
    Definition, Expr, IndexId, Layer, Place, Rate, Reduce, Reduction, Role, Tensor, TensorId, Type, Value,
};
use super::primitives::Primitive;

pub(crate) fn hoist(layer: &mut Layer) {
    let definitions = std::mem::take(&mut layer.definitions);
    for definition in definitions {
        let value = match definition.value {
            Value::Formula(value) => Value::Formula(top(layer, &value, true)),
            Value::Draw(distribution, arguments) => {
                Value::Draw(distribution, arguments.iter().map(|a| inside(layer, a)).collect())
            }
        };
        layer.definitions.push(Definition { value, ..definition });
    }
}

fn linear(primitive: Primitive) -> bool {
    ["add", "sub", "neg"].contains(&primitive.name())
}

fn has_reduction(expr: &Expr) -> bool {
    expr.any(&mut |e| matches!(e, Expr::Reduce(_)))
}

/// A formula down to where it stops being linear. `root`: nothing has been done to the value yet.
fn top(layer: &mut Layer, expr: &Expr, root: bool) -> Expr {
    match expr {
        Expr::Call(primitive, all, place) if linear(*primitive) => {
            Expr::Call(*primitive, all.iter().map(|a| top(layer, a, false)).collect(), *place)
        }
        Expr::Call(primitive, all, place) if primitive.is("mul") || primitive.is("div") => {
            let fixed = |layer: &Layer, e: &Expr| layer.rate_of(e) == Rate::Once && !has_reduction(e);
            if has_reduction(&all[0]) && fixed(layer, &all[1]) {
                Expr::Call(*primitive, vec![top(layer, &all[0], false), all[1].clone()], *place)
            } else if primitive.is("mul") && has_reduction(&all[1]) && fixed(layer, &all[0]) {
                Expr::Call(*primitive, vec![all[0].clone(), top(layer, &all[1], false)], *place)
            } else {
                inside(layer, expr)
            }
        }
        Expr::Reduce(reduce) if root || reduce.kind == Reduction::Sum => {
            let reduce = Reduce {
                kind: reduce.kind,
                indices: reduce.indices.clone(),
                conditions: reduce.conditions.iter().map(|c| inside(layer, c)).collect(),
                body: inside(layer, &reduce.body),
                place: reduce.place,
            };
            Expr::Reduce(Box::new(reduce))
        }
        _ => inside(layer, expr),
    }
}

/// A formula in which no reduction may stay.
fn inside(layer: &mut Layer, expr: &Expr) -> Expr {
    if let Expr::Reduce(reduce) = expr {
        let free = expr.free_indices();
        return extract(layer, expr, &free, word(reduce.kind), reduce.place);
    }
    // The closure borrows the layer, so the parts are rebuilt one by one.
    let mut parts = vec![];
    for child in expr.children() {
        parts.push(inside(layer, child));
    }
    let mut parts = parts.into_iter();
    expr.map(&mut |child| parts.next().unwrap_or_else(|| child.clone()))
}

fn word(kind: Reduction) -> &'static str {
    match kind {
        Reduction::Sum => "sum",
        Reduction::Product => "prod",
        Reduction::Maximum => "max",
        Reduction::Minimum => "min",
        Reduction::ArgMaximum => "argmax",
        Reduction::ArgMinimum => "argmin",
        Reduction::Count => "count",
    }
}

/// A new tensor that holds a value, and the read of it. `free`: the indices that the value mentions.
pub(super) fn extract(layer: &mut Layer, value: &Expr, free: &[IndexId], word: &str, place: Place) -> Expr {
    let own: Vec<IndexId> = free.iter().map(|index| layer.copy_index(*index)).collect();
    let rename = |index: IndexId| free.iter().position(|i| *i == index).map(|at| Expr::Index(own[at]));
    let value = value.substitute(&rename);
    let integer = layer.type_of(&value) == Type::Int;
    let taken = |name: &str| {
        layer.tensors.iter().any(|t| t.name == name)
            || layer.indices.iter().any(|i| i.name == name)
            || layer.fields.iter().any(|f| f.name == name)
    };
    let name = (1..).map(|n| format!("{word}{n}")).find(|name| !taken(name)).unwrap_or_default();
    let id = TensorId(layer.tensors.len());
    layer.tensors.push(Tensor {
        name,
        role: Role::Let,
        axes: own.iter().map(|index| vec![*index]).collect(),
        fused: vec![false; own.len()],
        integer,
        below: None,
        outside: None,
        rate: Rate::Sample,
        span: place.0,
    });
    let value = top(layer, &value, true);
    layer.tensors[id.0].rate = layer.rate_of(&value);
    layer.definitions.push(Definition { tensor: id, guard: vec![], value: Value::Formula(value), span: place.0 });
    Expr::Read(id, free.iter().map(|index| Expr::Index(*index)).collect(), place)
}
