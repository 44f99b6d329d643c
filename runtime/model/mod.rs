//! A network with its parameters: what users hold. Runs it on batches, reads and writes its parameters, and judges everything that
//! comes in: what passes here fits the network's declaration.

mod gradients;
mod inputs;
mod parameters;
mod ports;
mod prediction;
mod saving;

pub use crate::executor::Mode;
pub use gradients::{Gradients, Vjp};
pub use inputs::{Column, Inputs, Scalar};
pub(crate) use parameters::full_name;
pub use prediction::Prediction;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Mutex;

use ndarray::{ArrayD, IxDyn};

use crate::error::{Error, port_names};
use crate::executor::threads::{available, lock};
use crate::executor::{Executor, Results, Rows, Samples, Score, Weights};
use crate::initialise::initialise;
use crate::lanes::Element;
use crate::network::{Network, Port};
use crate::site::{Inference, Pass, Training, Vjp as VjpPass};
use ports::{Batched, check};

/// A network `N` with its parameters, in elements `E`: `f32`, or `f64` for checks.
///
/// Inputs are `ndarray` arrays or views of any strides, with the batch in front; see [`Inputs`]. Where an array has the shape of one
/// sample, it is taken as one sample. Several inputs go in as a tuple, in the order of the declaration. Values that are not finite are taken as they
/// are (a layer may select around them); training stops before they reach a parameter.
///
/// Results have the same bits for any number of threads, and depend on nothing but parameters, inputs and [`Mode`].
pub struct Model<N, E = f32> {
    parameters: Vec<E>,
    once: Vec<E>,
    seed: u64,
    steps: u64,
    threads: usize,
    /// Buffers of earlier runs.
    spare: Mutex<Vec<Executor<N, E>>>,
    network: PhantomData<fn() -> N>,
}

/// The loss, and the gradients of parameters and inputs.
#[derive(Clone, Copy, Debug)]
struct LossAndInputs;

impl Pass for LossAndInputs {
    const LOSS: bool = true;
    const BACKWARD: bool = true;
    const INPUTS: bool = true;
}

/// How well a model does on data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss of a sample.
    pub loss: f64,
    /// The part of the classes that are right, 0 to 1, where the loss has a target of classes.
    pub accuracy: Option<f64>,
}

impl<N: Network, E: Element> Model<N, E> {
    /// A model whose parameters start as the layers say. A parameter's values depend on the seed and its full name only, so a layer
    /// more or less changes no other layer's.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut parameters = vec![E::ZERO; N::PARAMETERS];
        for parameter in N::TENSORS {
            let size = parameter.tensor.shape.size();
            let values = &mut parameters[parameter.offset..][..size];
            initialise(
                values,
                &parameter.tensor,
                seed,
                &parameters::full_name(parameter),
            );
        }
        Model::with_parameters(parameters, seed)
    }

    fn with_parameters(parameters: Vec<E>, seed: u64) -> Self {
        let mut once = vec![E::ZERO; N::ONCE];
        N::once(&mut once);
        Model {
            parameters,
            once,
            seed,
            steps: 0,
            threads: available(),
            spare: Mutex::new(Vec::new()),
            network: PhantomData,
        }
    }

    /// Sets how many threads run a batch; as many as the machine has, unless told otherwise. 0 counts as 1.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.set_threads(threads);
        self
    }

    pub(crate) fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    pub(crate) fn thread_count(&self) -> usize {
        self.threads
    }

    /// The training steps that an optimiser has made.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The seed that the parameters and the training's draws come from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Training, with the draws of the next step.
    #[must_use]
    pub fn training(&self) -> Mode {
        Mode::Training {
            seed: self.seed,
            step: self.steps,
        }
    }

    /// The same parameters in other elements: `f64` for checks, `f32` for use.
    #[must_use]
    pub fn cast<F: Element>(&self) -> Model<N, F> {
        let cast = |value: &E| F::from_f64(value.to_f64());
        let mut model =
            Model::with_parameters(self.parameters.iter().map(cast).collect(), self.seed);
        model.steps = self.steps;
        model.threads(self.threads)
    }

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
                output.index_axis_inplace(ndarray::Axis(0), 0);
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
    pub fn forward_in(
        &self,
        mode: Mode,
        inputs: impl Inputs<E>,
    ) -> Result<Vec<ArrayD<E>>, Error> {
        let columns = inputs.columns();
        let batch = check::<N, E>("input", N::INPUTS, &columns, None)?;
        Ok(self.outputs::<Inference>(&columns, batch, mode))
    }

    fn outputs<P: Pass>(
        &self,
        columns: &[Column<'_, E>],
        batch: Batched,
        mode: Mode,
    ) -> Vec<ArrayD<E>> {
        let mut outputs = arrays(N::OUTPUTS, batch.count());
        let samples = Samples {
            inputs: columns,
            targets: &[],
            cotangents: &[],
            rows: Rows::First(batch.count()),
        };
        let results = Results {
            outputs: outputs.iter_mut().map(slice).collect(),
            ..Results::default()
        };
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
    pub fn evaluate(
        &self,
        inputs: impl Inputs<E>,
        targets: impl Inputs<E>,
    ) -> Result<Evaluation, Error> {
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
        let samples = Samples {
            inputs: &inputs,
            targets: &targets,
            cotangents: &[],
            rows: Rows::First(batch.count()),
        };
        let score = self.run::<Training>(samples, mode, Results::default());
        Ok(Evaluation::of::<N>(score, batch.count()))
    }

    /// The mean loss of a batch and its gradients with respect to the parameters, in training, with the draws of the next step.
    ///
    /// # Errors
    /// A network without a loss; arrays that do not fit its inputs and targets.
    pub fn gradient(
        &self,
        inputs: impl Inputs<E>,
        targets: impl Inputs<E>,
    ) -> Result<(f64, Gradients<N, E>), Error> {
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
        let samples = Samples {
            inputs: &inputs,
            targets: &targets,
            cotangents: &[],
            rows: Rows::First(batch.count()),
        };
        let mut gradients = Gradients::zeros();
        let results = Results {
            gradients: gradients.flat_mut(),
            ..Results::default()
        };
        let score = self.run::<Training>(samples, mode, results);
        Ok((score.loss / batch.count() as f64, gradients))
    }

    /// Outputs, and the gradients of parameters and inputs for given cotangents of the outputs, in evaluation.
    ///
    /// The cotangents are one array for each output, shaped like it. The parameters' gradients are sums over the batch.
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs and outputs.
    pub fn vjp(
        &self,
        inputs: impl Inputs<E>,
        cotangents: impl Inputs<E>,
    ) -> Result<Vjp<N, E>, Error> {
        self.vjp_in(Mode::Evaluation, inputs, cotangents)
    }

    /// The same in evaluation or training.
    ///
    /// # Errors
    /// Arrays that do not fit the network's inputs and outputs.
    pub fn vjp_in(
        &self,
        mode: Mode,
        inputs: impl Inputs<E>,
        cotangents: impl Inputs<E>,
    ) -> Result<Vjp<N, E>, Error> {
        let (inputs, cotangents) = (inputs.columns(), cotangents.columns());
        let batch = check::<N, E>("input", N::INPUTS, &inputs, None)?;
        let first = (N::INPUTS[0].name, batch);
        check::<N, E>("output", N::OUTPUTS, &cotangents, Some(first))?;
        let samples = Samples {
            inputs: &inputs,
            targets: &[],
            cotangents: &cotangents,
            rows: Rows::First(batch.count()),
        };
        let mut vjp = Vjp::zeros(batch.count());
        self.run::<VjpPass>(samples, mode, vjp.results());
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
        let samples = Samples {
            inputs: &inputs,
            targets: &targets,
            cotangents: &[],
            rows: Rows::First(batch.count()),
        };
        let mut vjp = Vjp::zeros(batch.count());
        let score = self.run::<LossAndInputs>(samples, mode, vjp.results());
        Ok((score.loss / batch.count() as f64, vjp))
    }

    /// Runs a batch that was checked, with buffers of an earlier run if there are any.
    fn run<P: Pass>(&self, samples: Samples<'_, E>, mode: Mode, results: Results<'_, E>) -> Score {
        let mut executor = lock(&self.spare)
            .pop()
            .unwrap_or_else(|| Executor::new(self.threads));
        executor.set_threads(self.threads);
        let score = executor.run::<P>(self.weights(), samples, mode, results);
        lock(&self.spare).push(executor);
        score
    }

    pub(crate) fn weights(&self) -> Weights<'_, E> {
        Weights {
            parameters: &self.parameters,
            once: &self.once,
        }
    }

    pub(crate) fn parameters_mut(&mut self) -> &mut [E] {
        &mut self.parameters
    }

    /// An optimiser made a step.
    pub(crate) fn count_step(&mut self) {
        self.steps += 1;
    }
}

impl Evaluation {
    pub(crate) fn of<N: Network>(score: Score, count: usize) -> Self {
        let accuracy = crate::executor::classified::<N>().map(|(target, ..)| {
            let positions: usize = N::TARGETS[target].shape.dims().iter().product();
            score.right as f64 / (count * positions) as f64
        });
        Evaluation {
            loss: score.loss / count as f64,
            accuracy,
        }
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
fn arrays<E: Element>(ports: &[Port], count: usize) -> Vec<ArrayD<E>> {
    let array = |port: &Port| {
        let mut dims = vec![count];
        dims.extend(port.shape.dims());
        ArrayD::from_elem(IxDyn(&dims), E::ZERO)
    };
    ports.iter().map(array).collect()
}

fn slice<E>(array: &mut ArrayD<E>) -> &mut [E] {
    array
        .as_slice_mut()
        .expect("arrays are made in row-major order")
}

impl<N: Network, E: Element> Clone for Model<N, E> {
    fn clone(&self) -> Self {
        self.cast()
    }
}

impl<N: Network, E: Element> fmt::Debug for Model<N, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Model<{}, {}>({} parameters, inputs {})",
            N::NAME,
            E::NAME,
            N::PARAMETERS,
            port_names(N::INPUTS)
        )
    }
}
