//! What a network answers to a case, in f64 and in f32, and whether that is what PyTorch answered.

use crate::compare::{self, F32, F64, LayerAnswer, LossAnswer};
use crate::fixture::{Case, Fixture, LayerCase, LossCase, Tensor};
use chainrule::lanes::Element;
use chainrule::model::{Column, Mode};
use chainrule::prelude::*;

/// A test that asks every case of the fixture of its name.
macro_rules! layer {
    ($test:ident: $($case:literal { $($wire:tt)* })+) => {
        #[test]
        fn $test() {
            use chainrule::prelude::*;
            let fixture = $crate::fixture::Fixture::<$crate::fixture::LayerCase>::read(stringify!($test));
            $crate::ask::all_asked(&fixture, &[$($case),+]);
            $({
                network! { struct One; $($wire)* }
                $crate::ask::check_layer::<One>(fixture.case($case));
            })+
        }
    };
}
pub(crate) use layer;

/// Likewise of a loss, by the network that holds only it.
macro_rules! loss {
    ($test:ident: $($case:literal { $($wire:tt)* })+) => {
        #[test]
        fn $test() {
            use chainrule::prelude::*;
            let fixture = $crate::fixture::Fixture::<$crate::fixture::LossCase>::read(stringify!($test));
            $crate::ask::all_asked(&fixture, &[$($case),+]);
            $({
                network! { struct One; $($wire)* }
                $crate::ask::check_loss::<One>(fixture.case($case));
            })+
        }
    };
}
pub(crate) use loss;

/// Every case of the fixture has a network, and no other.
pub(crate) fn all_asked<C: Case>(fixture: &Fixture<C>, asked: &[&str]) {
    let cases: Vec<_> = fixture.cases.iter().map(Case::name).collect();
    assert_eq!(cases, asked, "cases of the fixture against networks here");
}

/// Panics with every tensor of `case` that is off, in either precision.
pub(crate) fn check_layer<N: Network>(case: &LayerCase) {
    same_expression::<N>(&case.layer);
    let mut faults = compare::layer(case, &ask_layer::<N, f64>(case), F64);
    faults.extend(compare::layer(case, &ask_layer::<N, f32>(case), F32));
    report(&case.case, &faults);
}

/// Likewise for a loss.
pub(crate) fn check_loss<N: Network>(case: &LossCase) {
    same_expression::<N>(&case.layer);
    let mut faults = compare::loss(case, &ask_loss::<N, f64>(case), F64);
    faults.extend(compare::loss(case, &ask_loss::<N, f32>(case), F32));
    report(&case.case, &faults);
}

fn report(case: &str, faults: &[String]) {
    assert!(faults.is_empty(), "case `{case}`:\n{}", faults.join("\n"));
}

/// The layer's expression in the network must be the case's: else the fixture answers another question.
fn same_expression<N: Network>(expected: &str) {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(bare(N::LAYERS[0].expression), bare(expected), "the network is not the case's");
}

/// The outputs and gradients of `N` with the case's parameters.
fn ask_layer<N: Network, E: Element>(case: &LayerCase) -> LayerAnswer {
    let mut model = Model::<N, E>::new(0);
    for parameter in &case.parameters {
        let name = format!("layer.{}", parameter.checkpoint());
        model.set_parameter(&name, column(parameter)).unwrap_or_else(|error| panic!("case `{}`: {error}", case.case));
    }
    assert_eq!(
        N::PARAMETERS,
        case.parameters.iter().map(|parameter| parameter.values.len()).sum::<usize>(),
        "case `{}`",
        case.case
    );
    let inputs: Vec<_> = case.inputs.iter().map(column).collect();
    let mode = if case.training { Mode::Training { seed: 0, step: 0 } } else { Mode::Evaluation };
    let vjp = model
        .vjp_in(mode, inputs, column(&case.cotangent))
        .unwrap_or_else(|error| panic!("case `{}`: {error}", case.case));
    let gradient =
        |parameter: &Tensor| numbers(vjp.parameters.get(&format!("layer.{}", parameter.checkpoint())).unwrap().iter());
    LayerAnswer {
        outputs: vjp.outputs.iter().map(|output| numbers(output.iter())).collect(),
        input_gradients: case
            .inputs
            .iter()
            .map(|input| vjp.input(&input.name).ok().map(|gradient| numbers(gradient.iter())))
            .collect(),
        parameter_gradients: case.parameters.iter().map(gradient).collect(),
    }
}

/// The mean loss and its gradient by the prediction, which is the network's input.
fn ask_loss<N: Network, E: Element>(case: &LossCase) -> LossAnswer {
    let (inputs, targets) = (column(&case.prediction), column(&case.target));
    let asked = Model::<N, E>::new(0).gradient_of_inputs(Mode::Evaluation, inputs, targets);
    let (mean, vjp) = asked.unwrap_or_else(|error| panic!("case `{}`: {error}", case.case));
    let gradient = vjp.input(&case.prediction.name).unwrap();
    LossAnswer { mean, prediction_gradient: numbers(gradient.iter()) }
}

fn column<E: Element>(tensor: &Tensor) -> Column<'static, E> {
    Column { dims: tensor.shape.clone(), values: tensor.values.iter().map(|value| E::from_f64(*value)).collect() }
}

fn numbers<'a, E: Element>(values: impl Iterator<Item = &'a E>) -> Vec<f64> {
    values.map(|value| value.to_f64()).collect()
}
