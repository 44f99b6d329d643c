//! A network with its parameters: what users hold. Runs it on batches, reads and writes its parameters, and judges everything that
//! comes in: what passes here fits the network's declaration.

mod gradients;
mod inputs;
mod parameters;
mod ports;
mod prediction;
mod running;
mod saving;

pub use crate::executor::Mode;
pub use gradients::{Gradients, Vjp};
pub use inputs::{Column, Inputs, Scalar};
pub(crate) use parameters::full_name;
pub use prediction::Prediction;
pub use running::Evaluation;
pub(crate) use running::check_all;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Mutex;

use crate::aligned::Aligned;
use crate::error::port_names;
use crate::executor::threads::available;
use crate::executor::{Executor, Weights};
use crate::initialise::initialise;
use crate::lanes::Element;
use crate::network::Network;

/// A network `N` with its parameters, in elements `E`: `f32`, or `f64` for checks.
///
/// Inputs are `ndarray` arrays or views of any strides, with the batch in front; see [`Inputs`]. Where an array has the shape of one
/// sample, it is taken as one sample. Several inputs go in as a tuple, in the order of the declaration. Values that are not finite are taken as they
/// are (a layer may select around them); training stops before they reach a parameter.
///
/// ```no_run
/// # use chainrule::{Error, Model, network::Network};
/// # fn run<N: Network>(images: ndarray::Array4<f32>, labels: ndarray::Array1<u8>) -> Result<(), Error> {
/// let model = Model::<N>::new(7);
/// let class = model.predict(images.index_axis(ndarray::Axis(0), 0))?;
/// println!("{class}: one of {}", model.predict(&images)?.classes());
/// let (loss, gradients) = model.gradient(&images, &labels)?;
/// println!("{loss} {}", gradients.get("conv1.weight")?);
/// # Ok(())
/// # }
/// ```
///
/// Results have the same bits for any number of threads, and depend on nothing but parameters, inputs and [`Mode`].
pub struct Model<N, E: Element = f32> {
    parameters: Aligned<E>,
    once: Vec<E>,
    seed: u64,
    steps: u64,
    threads: usize,
    /// Buffers of earlier runs.
    spare: Mutex<Vec<Executor<N, E>>>,
    network: PhantomData<fn() -> N>,
}

impl<N: Network, E: Element> Model<N, E> {
    /// A model whose parameters start as the layers say. A parameter's values depend on the seed and its full name only, so a layer
    /// more or less changes no other layer's.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut parameters = Aligned::zeros(N::PARAMETERS);
        for parameter in N::TENSORS {
            let size = parameter.tensor.shape.size();
            let values = &mut parameters[parameter.offset..][..size];
            initialise(values, &parameter.tensor, seed, &parameters::full_name(parameter));
        }
        Model::with_parameters(parameters, seed)
    }

    fn with_parameters(parameters: Aligned<E>, seed: u64) -> Self {
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
        Mode::Training { seed: self.seed, step: self.steps }
    }

    /// The same parameters in other elements: `f64` for checks, `f32` for use.
    #[must_use]
    pub fn cast<F: Element>(&self) -> Model<N, F> {
        let cast = |value: &E| F::from_f64(value.to_f64());
        let mut model = Model::with_parameters(Aligned::of(&self.parameters, cast), self.seed);
        model.steps = self.steps;
        model.threads(self.threads)
    }

    pub(crate) fn weights(&self) -> Weights<'_, E> {
        Weights { parameters: &self.parameters, once: &self.once }
    }

    pub(crate) fn parameters_mut(&mut self) -> &mut [E] {
        &mut self.parameters
    }

    /// An optimiser made a step.
    pub(crate) fn count_step(&mut self) {
        self.steps += 1;
    }
}

impl<N: Network, E: Element> Clone for Model<N, E> {
    fn clone(&self) -> Self {
        self.cast()
    }
}

impl<N: Network, E: Element> fmt::Debug for Model<N, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model<{}, {}>({} parameters, inputs {})", N::NAME, E::NAME, N::PARAMETERS, port_names(N::INPUTS))
    }
}
