//! In: a network of one layer and the fixture of its name. Out: a panic that says where the two disagree.

use crate::fixture::{Tensor, parse};
use chainrule::model::Column;
use chainrule::network::Network;
use chainrule::{Model, check};
use ndarray::{ArrayD, ArrayViewD};
use serde::Deserialize;

/// PyTorch's answers for one layer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    inputs: Vec<Tensor>,
    parameters: Vec<Tensor>,
    cotangents: Vec<Tensor>,
    outputs: Vec<Tensor>,
    /// None for integers.
    input_gradients: Vec<Option<Tensor>>,
    parameter_gradients: Vec<Tensor>,
    /// Whether differences can tell the gradient too: `stop` and kinks that the numbers stand on can not.
    smooth_here: bool,
}

fn column(tensor: &Tensor) -> Column<'_, f64> {
    Column { dims: tensor.shape.clone(), values: tensor.values.as_slice().into() }
}

#[track_caller]
fn close(what: &str, found: &ArrayViewD<'_, f64>, expected: &Tensor) {
    assert_eq!(
        found.len(),
        expected.values.len(),
        "{what}: the shape {:?} against PyTorch's {:?}",
        found.shape(),
        expected.shape
    );
    let size = expected.values.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
    for (at, (found, expected)) in found.iter().zip(&expected.values).enumerate() {
        assert!((found - expected).abs() <= 1e-9 * size, "{what}, element {at}: {found} against PyTorch's {expected}");
    }
}

/// All answers of the layer in `N`, which the network names `layer`.
#[track_caller]
pub(crate) fn agrees<N: Network>(topic: &str, name: &str) {
    let cases: Vec<Case> = parse(&format!("../unusual/fixtures/{topic}.json"));
    let mut found = cases.iter().filter(|case| case.name == name).peekable();
    assert!(found.peek().is_some(), "no fixture `{name}` in `{topic}`");
    for case in found {
        one::<N>(case);
    }
}

/// The name of a parameter of the only layer that has any.
fn full<N: Network>(name: &str) -> String {
    let layer = N::TENSORS.first().map_or("layer", |parameter| parameter.layer);
    format!("{layer}.{name}")
}

#[track_caller]
fn one<N: Network>(case: &Case) {
    let mut model = Model::<N, f64>::new(1);
    for parameter in &case.parameters {
        let values = ArrayD::from_shape_vec(parameter.shape.clone(), parameter.values.clone()).unwrap();
        model.set_parameter(&full::<N>(&parameter.name), values).unwrap();
    }
    let inputs: Vec<_> = case.inputs.iter().map(column).collect();
    let cotangents: Vec<_> = case.cotangents.iter().map(column).collect();
    let vjp = model.vjp(&inputs, &cotangents).unwrap();
    assert_eq!(vjp.outputs.len(), case.outputs.len());
    for (found, expected) in vjp.outputs.iter().zip(&case.outputs) {
        close(&format!("output `{}`", expected.name), &found.view(), expected);
    }
    for expected in case.input_gradients.iter().flatten() {
        close(&format!("gradient of input `{}`", expected.name), &vjp.input(&expected.name).unwrap().view(), expected);
    }
    assert_eq!(vjp.parameters.iter().count(), case.parameters.len(), "parameters");
    for expected in &case.parameter_gradients {
        let name = full::<N>(&expected.name);
        close(&format!("gradient of `{name}`"), &vjp.parameters.get(&name).unwrap(), expected);
    }
    if case.smooth_here {
        let found = check::gradients(&model, &inputs).unwrap();
        found.clone().assert(1e-6).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// `agree! { "topic"; NAME: NETWORK; … }`: one test each.
macro_rules! agree {
    ($topic:literal; $($name:ident: $network:ident;)*) => {
        $(#[test]
        fn $name() {
            $crate::compare::agrees::<$network>($topic, stringify!($name));
        })*
    };
}
pub(crate) use agree;
