//! In: a model and inputs (and targets). Out: where derived gradients and differences disagree. Everything is done in f64, whatever the
//! model's elements. Assumes that the network is not at a kink or a jump there; a suspected kink is reported, not judged. `stop` and
//! `straight_through` make gradients differ from differences on purpose.

mod difference;
mod report;

pub use report::{Check, Entry, Of};

use crate::error::Error;
use crate::initialise::uniform;
use crate::lanes::Element;
use crate::model::{Column, Inputs, Mode, Model, Vjp};
use crate::network::Network;
use difference::{Estimate, estimate};

/// At most so many elements of a tensor are compared, drawn at random; tensors that are no larger, whole.
const MOST: usize = 400;

/// Compares the derived gradients of all parameters and differentiable inputs with five-point central differences, for a random
/// weighted sum of the outputs, in evaluation.
///
/// ```no_run
/// # use chainrule::{Error, Model, check, network::Network};
/// # fn run<N: Network>(images: ndarray::Array4<f32>) -> Result<(), Error> {
/// let check = check::gradients(&Model::<N>::new(1), &images)?;
/// println!("{check}");
/// check.assert(1e-6)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Arrays that do not fit the network's inputs.
pub fn gradients<N: Network, E: Element>(model: &Model<N, E>, inputs: impl Inputs<E>) -> Result<Check, Error> {
    gradients_in(Mode::Evaluation, model, inputs)
}

/// The same in evaluation or training, where the mode's draws are held fixed.
///
/// # Errors
/// Arrays that do not fit the network's inputs.
pub fn gradients_in<N: Network, E: Element>(
    mode: Mode,
    model: &Model<N, E>,
    inputs: impl Inputs<E>,
) -> Result<Check, Error> {
    let (model, mut inputs) = (model.cast::<f64>().threads(1), cast(&inputs));
    let outputs = model.forward_in(mode, &inputs)?;
    let mut weights: Vec<Column<'_, f64>> = Vec::new();
    let batched = inputs[0].dims.len() > N::INPUTS[0].shape.rank();
    for (number, output) in outputs.iter().enumerate() {
        let dims = if batched { output.shape() } else { &output.shape()[1..] };
        let values = uniform(output.len(), number as u64, "cotangents");
        weights.push(Column { dims: dims.to_vec(), values: values.into() });
    }
    let vjp = model.vjp_in(mode, &inputs, &weights)?;
    let value = |model: &Model<N, f64>, inputs: &[Column<'_, f64>]| {
        let outputs = model.forward_in(mode, inputs)?;
        let pairs = outputs.iter().zip(&weights);
        Ok(pairs.flat_map(|(output, weight)| output.iter().zip(&*weight.values)).map(|(y, w)| y * w).collect())
    };
    compare(model, &mut inputs, &vjp, value)
}

/// Compares the derived gradients of the mean loss, with respect to all parameters and differentiable inputs, with five-point central
/// differences, in evaluation.
///
/// # Errors
/// A network without a loss; arrays that do not fit its inputs and targets.
pub fn loss_gradients<N: Network, E: Element>(
    model: &Model<N, E>,
    inputs: impl Inputs<E>,
    targets: impl Inputs<E>,
) -> Result<Check, Error> {
    loss_gradients_in(Mode::Evaluation, model, inputs, targets)
}

/// The same in evaluation or training, where the mode's draws are held fixed.
///
/// # Errors
/// A network without a loss; arrays that do not fit its inputs and targets.
pub fn loss_gradients_in<N: Network, E: Element>(
    mode: Mode,
    model: &Model<N, E>,
    inputs: impl Inputs<E>,
    targets: impl Inputs<E>,
) -> Result<Check, Error> {
    let (model, mut inputs, targets) = (model.cast::<f64>().threads(1), cast(&inputs), cast(&targets));
    let (_, vjp) = model.gradient_of_inputs(mode, &inputs, &targets)?;
    let value =
        |model: &Model<N, f64>, inputs: &[Column<'_, f64>]| Ok(vec![model.evaluate_in(mode, inputs, &targets)?.loss]);
    compare(model, &mut inputs, &vjp, value)
}

fn cast<E: Element>(inputs: &impl Inputs<E>) -> Vec<Column<'static, f64>> {
    inputs.columns().iter().map(Column::cast).collect()
}

/// Goes through all tensors; `value` gives the terms whose sum is differentiated.
fn compare<N: Network>(
    mut model: Model<N, f64>,
    inputs: &mut [Column<'static, f64>],
    vjp: &Vjp<N, f64>,
    value: impl Fn(&Model<N, f64>, &[Column<'_, f64>]) -> Result<Vec<f64>, Error>,
) -> Result<Check, Error> {
    let here = value(&model, inputs)?;
    let size: f64 = here.iter().map(|term| term.abs()).sum();
    let mut entries = Vec::new();

    for parameter in N::TENSORS.iter().filter(|parameter| parameter.trains && parameter.tensor.shape.is_known()) {
        let shape = parameter.tensor.shape;
        let range = parameter.offset..parameter.offset + shape.size();
        let derived = &vjp.parameters.flat()[range.clone()];
        let mut entry = Entry::new(crate::model::full_name(parameter), Of::Parameter, shape.dims());
        for at in chosen(derived.len()) {
            let x = model.parameters_mut()[parameter.offset + at];
            let found = estimate(x, &here, size, |x| {
                model.parameters_mut()[parameter.offset + at] = x;
                value(&model, inputs)
            });
            model.parameters_mut()[parameter.offset + at] = x;
            record(&mut entry, at, derived, &found?, size);
        }
        entries.push(entry);
    }
    for (name, derived) in vjp.inputs() {
        let Some(number) = N::INPUTS.iter().position(|port| port.name == name) else {
            continue;
        };
        let mut entry = Entry::new(name.into(), Of::Input, &inputs[number].dims.clone());
        let derived: Vec<f64> = derived.iter().copied().collect();
        for at in chosen(derived.len()) {
            let x = inputs[number].values[at];
            let found = estimate(x, &here, size, |x| {
                inputs[number].values.to_mut()[at] = x;
                value(&model, inputs)
            });
            inputs[number].values.to_mut()[at] = x;
            record(&mut entry, at, &derived, &found?, size);
        }
        entries.push(entry);
    }
    Ok(Check { network: N::NAME, entries })
}

/// Which elements of a tensor are compared.
fn chosen(size: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = crate::train::Shuffle::new(size).order(0, 0).to_vec();
    chosen.truncate(MOST);
    chosen.sort_unstable();
    chosen
}

fn record(entry: &mut Entry, at: usize, derived: &[f64], found: &Estimate, size: f64) {
    entry.compared += 1;
    if found.kink {
        entry.kinks.push(entry.index(at));
        return;
    }
    // Rounding leaves errors of about 1e-13 of the whole sum: what is smaller than this part of it cannot be told to six digits.
    let least = 1e-6 * size + f64::MIN_POSITIVE;
    let scale = derived[at].abs().max(found.slope.abs()).max(least);
    let error = (derived[at] - found.slope).abs() / scale;
    let error = if error.is_nan() { f64::INFINITY } else { error };
    if error > entry.error || entry.worst.is_empty() {
        entry.error = error;
        entry.worst = entry.index(at);
        (entry.derived, entry.difference) = (derived[at], found.slope);
    }
}
