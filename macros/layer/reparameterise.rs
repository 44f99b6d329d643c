//! A draw whose distribution depends on data becomes a draw of the standard distribution, and arithmetic: gradients pass through
//! the arithmetic to the distribution's parameters, as through PyTorch's `rsample`.
//!
//! `z ~ Normal(m, s)` is `z = m + s * e`, `z ~ Uniform(a, b)` is `z = a + (b - a) * e`. No such `e` has a `Bernoulli`.

use super::calculus::call;
use super::ir::{Definition, Distribution, Expr, Layer, Place, Role, Tensor, TensorId, Value};

pub(crate) fn reparameterise(layer: &mut Layer) {
    for definition in std::mem::take(&mut layer.definitions) {
        match &definition.value {
            Value::Draw(distribution @ (Distribution::Normal | Distribution::Uniform), arguments)
                if arguments.iter().any(follows) =>
            {
                let (standard, value) = split(layer, &definition, *distribution, [&arguments[0], &arguments[1]]);
                layer.definitions.extend([standard, value]);
            }
            _ => layer.definitions.push(definition),
        }
    }
}

/// Whether a gradient may pass to what the argument reads.
fn follows(argument: &Expr) -> bool {
    argument.any(&mut |part| matches!(part, Expr::Read(..)))
}

/// The standard draw, and what it is turned into.
fn split(
    layer: &mut Layer,
    definition: &Definition,
    distribution: Distribution,
    [first, second]: [&Expr; 2],
) -> (Definition, Definition) {
    let Definition { tensor, span, guard, .. } = definition;
    let drawn = layer.tensor(*tensor).clone();
    let name = free_name(layer, &drawn.name);
    layer.tensors[tensor.0].role = Role::Let;
    layer.tensors.push(Tensor { name, outside: None, ..drawn });
    let standard = TensorId(layer.tensors.len() - 1);
    let at = layer.tensor(standard).indices().into_iter().map(Expr::Index).collect();
    let noise = Expr::Read(standard, at, Place(*span));
    let width = match distribution {
        Distribution::Uniform => call("sub", vec![second.clone(), first.clone()]),
        _ => second.clone(),
    };
    let value = call("add", vec![first.clone(), call("mul", vec![width, noise])]);
    let arguments = vec![Expr::Real(0.0), Expr::Real(1.0)];
    (
        Definition { tensor: standard, value: Value::Draw(distribution, arguments), guard: guard.clone(), span: *span },
        Definition { value: Value::Formula(value), ..definition.clone() },
    )
}

/// `standard_z`, or with a number where that is taken.
fn free_name(layer: &Layer, drawn: &str) -> String {
    let is_free = |name: &String| {
        layer.tensors.iter().all(|tensor| tensor.name != *name) && layer.indices.iter().all(|index| index.name != *name)
    };
    let names = (1..).map(|n| if n == 1 { format!("standard_{drawn}") } else { format!("standard_{drawn}{n}") });
    names.into_iter().find(is_free).unwrap_or_default()
}
