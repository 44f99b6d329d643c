//! A model on a batch: outputs, losses, gradients. In: arrays from users, which are judged first. Out: arrays.

use ndarray::{ArrayD, Axis, IxDyn};

use super::ports::{Batched, check};
use super::{Column, Gradients, Inputs, Mode, Model, Prediction, Vjp};
use crate::error::Error;
use crate::executor::threads::lock;
use crate::executor::{Executor, Results, Rows, Samples, Score};
use crate::lanes::Element;
use crate::network::{Network, Port};
use crate::site::{self, Inference, Pass, Training};

/// How well a model does on data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss of a sample.
    pub loss: f64,
    /// The part of the classes that are right, 0 to 1, where the loss has a target of classes.
    pub accuracy: Option<f64>,
}

/// The loss, and the gradients of parameters and inputs.
#[derive(Clone, Copy, Debug)]
struct LossAndInputs;

impl Pass for LossAndInputs {
    const LOSS: bool = true;
    const BACKWARD: bool = true;
    const INPUTS: bool = true;
}

impl<N: Network, E: Element> Model<N, E> {
    /// What the network says of one sample or a batch, in evaluation: see [`Prediction`].
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs.
    pub fn predict(&self, inputs: impl Inputs<E>) -> Result<Prediction<E>, Error> {
        let columns = inputs.columns();
        let batch = check::<N, E>("input", N::INPUTS, &columns, None)?;
        let mut outputs = self.outputs::<Inference>(&columns, batch, Mode::Evaluation);
        if let Batched::One = batch {
            for output in &mut outputs {
                output.index_axis_inplace(Axis(0), 0);
            }
        }
        Ok(Prediction::new::<N>(outputs, batch))
    }

    /// The outputs of a batch, in evaluation: one array each, the batch in front (also for one sample).
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs.
    pub fn forward(&self, inputs: impl Inputs<E>) -> Result<Vec<ArrayD<E>>, Error> {
        self.forward_in(Mode::Evaluation, inputs)
    }

    /// The outputs of a batch, in evaluation or training.
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs.
    pub fn forward_in(&self, mode: Mode, inputs: impl Inputs<E>) -> Result<Vec<ArrayD<E>>, Error> {
        let columns = inputs.columns();
        let batch = check::<N, E>("input", N::INPUTS, &columns, None)?;
        Ok(self.outputs::<Inference>(&columns, batch, mode))
    }

    fn outputs<P: Pass>(&self, columns: &[Column<'_, E>], batch: Batched, mode: Mode) -> Vec<ArrayD<E>> {
        let mut outputs = arrays(N::OUTPUTS, batch.count());
        let samples = Samples { inputs: columns, targets: &[], cotangents: &[], rows: Rows::First(batch.count()) };
        let results = Results { outputs: outputs.iter_mut().map(slice).collect(), ..Results::default() };
        self.run::<P>(samples, mode, results);
        outputs
    }

    /// The mean loss of a batch, in evaluation.
    ///
    /// # Errors
    /// A network without a loss; arrays that do not fit its inputs and targets.
    pub fn loss(&self, inputs: impl Inputs<E>, targets: impl Inputs<E>) -> Result<f64, Error> {
        Ok(self.evaluate(inputs, targets)?.loss)
    }

    /// The mean loss of a batch in evaluation, and the accuracy where the loss has a target of classes: the part of the samples (or
    /// positions) whose largest score is at the target's class.
    ///
    /// # Errors
    /// A network without a loss; arrays that do not fit its inputs and targets.
    pub fn evaluate(&self, inputs: impl Inputs<E>, targets: impl Inputs<E>) -> Result<Evaluation, Error> {
        self.evaluate_in(Mode::Evaluation, inputs, targets)
    }

    pub(crate) fn evaluate_in(
        &self,
        mode: Mode,
        inputs: impl Inputs<E>,
        targets: impl Inputs<E>,
    ) -> Result<Evaluation, Error> {
        let (inputs, targets) = (inputs.columns(), targets.columns());
        let batch = check_all::<N, E>(&inputs, &targets)?;
        let samples = Samples { inputs: &inputs, targets: &targets, cotangents: &[], rows: Rows::First(batch.count()) };
        let score = self.run::<Training>(samples, mode, Results::default());
        Ok(Evaluation::of::<N>(score, batch.count()))
    }

    /// The mean loss of a batch and its gradients with respect to the parameters, in training, with the draws of the next step.
    ///
    /// # Errors
    /// A network without a loss; arrays that do not fit its inputs and targets.
    pub fn gradient(&self, inputs: impl Inputs<E>, targets: impl Inputs<E>) -> Result<(f64, Gradients<N, E>), Error> {
        self.gradient_in(self.training(), inputs, targets)
    }

    /// The mean loss of a batch and its gradients with respect to the parameters, in evaluation or training.
    ///
    /// # Errors
    /// A network without a loss; arrays that do not fit its inputs and targets.
    pub fn gradient_in(
        &self,
        mode: Mode,
        inputs: impl Inputs<E>,
        targets: impl Inputs<E>,
    ) -> Result<(f64, Gradients<N, E>), Error> {
        let (inputs, targets) = (inputs.columns(), targets.columns());
        let batch = check_all::<N, E>(&inputs, &targets)?;
        let samples = Samples { inputs: &inputs, targets: &targets, cotangents: &[], rows: Rows::First(batch.count()) };
        let mut gradients = Gradients::zeros();
        let results = Results { gradients: gradients.flat_mut(), ..Results::default() };
        let score = self.run::<Training>(samples, mode, results);
        Ok((score.loss / batch.count() as f64, gradients))
    }

    /// Outputs, and the gradients of parameters and inputs for given cotangents of the outputs, in evaluation.
    ///
    /// The cotangents are one array for each output, shaped like it. The parameters' gradients are sums over the batch.
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs and outputs.
    pub fn vjp(&self, inputs: impl Inputs<E>, cotangents: impl Inputs<E>) -> Result<Vjp<N, E>, Error> {
        self.vjp_in(Mode::Evaluation, inputs, cotangents)
    }

    /// The same in evaluation or training.
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs and outputs.
    pub fn vjp_in(&self, mode: Mode, inputs: impl Inputs<E>, cotangents: impl Inputs<E>) -> Result<Vjp<N, E>, Error> {
        let (inputs, cotangents) = (inputs.columns(), cotangents.columns());
        let batch = check::<N, E>("input", N::INPUTS, &inputs, None)?;
        let first = (N::INPUTS[0].name, batch);
        check::<N, E>("output", N::OUTPUTS, &cotangents, Some(first))?;
        let samples =
            Samples { inputs: &inputs, targets: &[], cotangents: &cotangents, rows: Rows::First(batch.count()) };
        let mut vjp = Vjp::zeros(batch.count());
        self.run::<site::Vjp>(samples, mode, vjp.results());
        Ok(vjp)
    }

    /// The mean loss of a batch, and its gradients with respect to parameters *and* inputs (saliency maps, adversarial examples), in
    /// evaluation or training.
    ///
    /// # Errors
    /// A network without a loss; arrays that do not fit its inputs and targets.
    pub fn gradient_of_inputs(
        &self,
        mode: Mode,
        inputs: impl Inputs<E>,
        targets: impl Inputs<E>,
    ) -> Result<(f64, Vjp<N, E>), Error> {
        let (inputs, targets) = (inputs.columns(), targets.columns());
        let batch = check_all::<N, E>(&inputs, &targets)?;
        let samples = Samples { inputs: &inputs, targets: &targets, cotangents: &[], rows: Rows::First(batch.count()) };
        let mut vjp = Vjp::zeros(batch.count());
        let score = self.run::<LossAndInputs>(samples, mode, vjp.results());
        Ok((score.loss / batch.count() as f64, vjp))
    }

    /// Runs a batch that was checked, with buffers of an earlier run if there are any.
    fn run<P: Pass>(&self, samples: Samples<'_, E>, mode: Mode, results: Results<'_, E>) -> Score {
        let mut executor = self.executor();
        let score = executor.run::<P>(self.weights(), samples, mode, results);
        self.put_back(executor);
        score
    }

    /// Buffers of an earlier run, or new ones.
    pub(crate) fn executor(&self) -> Executor<N, E> {
        let mut executor = lock(&self.spare).pop().unwrap_or_else(|| Executor::new(self.threads));
        executor.set_threads(self.threads);
        executor
    }

    /// Keeps buffers for the next run.
    pub(crate) fn put_back(&self, executor: Executor<N, E>) {
        lock(&self.spare).push(executor);
    }
}

impl Evaluation {
    pub(crate) fn of<N: Network>(score: Score, count: usize) -> Self {
        let accuracy = crate::executor::classified::<N>().map(|(target, ..)| {
            let positions: usize = N::TARGETS[target].shape.dims().iter().product();
            score.right as f64 / (count * positions) as f64
        });
        Evaluation { loss: score.loss / count as f64, accuracy }
    }
}

/// Checks inputs and targets, and that there is a loss.
pub(crate) fn check_all<N: Network, E: Element>(
    inputs: &[Column<'_, E>],
    targets: &[Column<'_, E>],
) -> Result<Batched, Error> {
    if !N::LOSS {
        return Err(Error::NoLoss { network: N::NAME });
    }
    let batch = check::<N, E>("input", N::INPUTS, inputs, None)?;
    let first = (N::INPUTS[0].name, batch);
    check::<N, E>("target", N::TARGETS, targets, Some(first))?;
    Ok(batch)
}

/// An array for each port, with a batch axis.
pub(super) fn arrays<E: Element>(ports: &[Port], count: usize) -> Vec<ArrayD<E>> {
    let array = |port: &Port| {
        let mut dims = vec![count];
        dims.extend(port.shape.dims());
        ArrayD::from_elem(IxDyn(&dims), E::ZERO)
    };
    ports.iter().map(array).collect()
}

pub(super) fn slice<E>(array: &mut ArrayD<E>) -> &mut [E] {
    array.as_slice_mut().expect("arrays are made in row-major order")
}
