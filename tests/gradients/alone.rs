//! One sample alone, whose elements stand in the lanes, against the same sample in a batch, where samples do: the same outputs, gradients
//! and random draws.

use chainrule::model::{Column, Mode, Vjp};
use chainrule::prelude::*;

/// Relative to the size of what is compared: different orders of summation.
const TOLERANCE: f64 = 1e-12;

/// Compares a layer's answers: what the batch's other samples say is left out by cotangents of zero.
pub(crate) fn layer<N: Network>(mode: Mode, model: &Model<N, f64>, columns: [Vec<Column<'_, f64>>; 2]) {
    let alone = columns.each_ref().map(|columns| columns.iter().map(first).collect::<Vec<_>>());
    let [inputs, mut cotangents] = columns;
    for column in &mut cotangents {
        let size = first(column).values.len();
        column.values.to_mut()[size..].fill(0.0);
    }
    let found = model.vjp_in(mode, &alone[0], &alone[1]).unwrap();
    let expected = model.vjp_in(mode, &inputs, &cotangents).unwrap();
    compare::<N>(&found, &expected);
    // Without a backward pass the arena is laid out differently.
    let (found, expected) = (model.forward_in(mode, &alone[0]).unwrap(), model.forward_in(mode, &inputs).unwrap());
    for (found, expected) in found.iter().zip(&expected) {
        close("outputs of inference", N::LAYERS[0].expression, found.iter(), expected.iter());
    }
}

/// Compares a loss: that of a batch that holds one sample twice is that of the sample.
pub(crate) fn loss<N: Network>(model: &Model<N, f64>, inputs: Vec<Column<'_, f64>>, targets: Vec<Column<'_, f64>>) {
    let who = N::LAYERS[0].expression;
    let alone = [&inputs, &targets].map(|columns| columns.iter().map(first).collect::<Vec<_>>());
    let twice = alone.each_ref().map(|columns| columns.iter().map(doubled).collect::<Vec<_>>());
    let (loss, found) = model.gradient_of_inputs(Mode::Evaluation, &alone[0], &alone[1]).unwrap();
    let (expected_loss, mut expected) = model.gradient_of_inputs(Mode::Evaluation, &twice[0], &twice[1]).unwrap();
    close("loss", who, [loss].iter(), [expected_loss].iter());
    assert_eq!(
        model.evaluate(&alone[0], &alone[1]).unwrap().accuracy,
        model.evaluate(&twice[0], &twice[1]).unwrap().accuracy,
        "{who}"
    );
    expected.outputs.clear();
    for (name, gradient) in found.inputs() {
        let doubled: Vec<f64> = expected.input(name).unwrap().iter().map(|x| 2.0 * x).collect();
        close(name, who, gradient.iter(), doubled.iter());
    }
}

fn compare<N: Network>(found: &Vjp<N, f64>, expected: &Vjp<N, f64>) {
    let who = N::LAYERS[0].expression;
    for (found, expected) in found.outputs.iter().zip(&expected.outputs) {
        close("outputs", who, found.iter(), expected.iter());
    }
    for (name, gradient) in found.inputs() {
        close(name, who, gradient.iter(), expected.input(name).unwrap().iter());
    }
    for (name, gradient) in found.parameters.iter() {
        close(&name, who, gradient.iter(), expected.parameters.get(&name).unwrap().iter());
    }
}

/// The first sample of a batch.
fn first<'a>(column: &Column<'a, f64>) -> Column<'a, f64> {
    let size = column.values.len() / column.dims[0];
    let dims = [1].into_iter().chain(column.dims[1..].iter().copied()).collect();
    Column { dims, values: column.values[..size].to_vec().into() }
}

/// A sample twice.
fn doubled<'a>(column: &Column<'a, f64>) -> Column<'a, f64> {
    let dims = [2].into_iter().chain(column.dims[1..].iter().copied()).collect();
    Column { dims, values: [&column.values[..], &column.values[..]].concat().into() }
}

fn close<'a>(what: &str, who: &str, found: impl Iterator<Item = &'a f64>, expected: impl Iterator<Item = &'a f64>) {
    let (found, expected): (Vec<f64>, Vec<f64>) = (found.copied().collect(), expected.copied().collect());
    let size = expected.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
    assert!(!found.is_empty() && found.len() <= expected.len(), "{who}: {what}");
    for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert!(
            (found - expected).abs() <= TOLERANCE * size,
            "{who}: {what}, element {at}: {found} alone, {expected} in a batch"
        );
    }
}
