//! In: a model and the gradients of its parameters. Out: the model after a step. Guarantees: frozen parameters keep their bits; a
//! gradient that is not finite touches nothing; the same bits for any number of threads; no allocation after the first step.
//!
//! The formulas are PyTorch's, to the letter; each optimiser's documentation shows its own.

mod adam;
mod sgd;
mod sweep;

pub use adam::{Adam, AdamW};
pub use sgd::Sgd;

use crate::aligned::Aligned;
use crate::error::Error;
use crate::lanes::Element;
use crate::model::{Gradients, Model};
use crate::network::{Network, Parameter};

/// A rule by which gradients change parameters. Has a state for each parameter, so one optimiser serves one model.
///
/// ```no_run
/// # use chainrule::{Error, Model, network::Network, optimizers::{Adam, Optimizer}};
/// # fn run<N: Network>(images: ndarray::Array4<f32>, labels: ndarray::Array1<u8>) -> Result<(), Error> {
/// let mut model = Model::<N>::new(1);
/// let mut optimizer = Adam::new(1e-3);
/// for _ in 0..100 {
///     let (loss, gradients) = model.gradient(&images, &labels)?;
///     optimizer.step(&mut model, &gradients)?;
/// }
/// # Ok(())
/// # }
/// ```
pub trait Optimizer<E: Element> {
    /// Whether the hyperparameters are in their ranges.
    ///
    /// # Errors
    /// The first that is not.
    fn validate(&self) -> Result<(), Error>;

    /// The learning rate.
    fn rate(&self) -> f64;

    /// Changes the learning rate, as schedules do.
    fn set_rate(&mut self, rate: f64);

    /// Changes the parameters by one step. All gradients are finite.
    ///
    /// # Errors
    /// A state that belongs to another model.
    fn update(&mut self, step: Update<'_, E>) -> Result<(), Error>;

    /// One step of a model.
    ///
    /// # Errors
    /// Hyperparameters out of range, gradients that are not finite, a second model. The parameters are then as they were.
    fn step<N: Network>(&mut self, model: &mut Model<N, E>, gradients: &Gradients<N, E>) -> Result<(), Error> {
        self.validate()?;
        let threads = model.thread_count();
        if !gradients.are_finite(threads) {
            let cause = "look for a learning rate that is too high, inputs that are not finite, or an \
                         operation outside its domain (ln, sqrt, a division)";
            return Err(not_finite(model.steps(), gradients, cause.into()));
        }
        self.update(Update {
            parameters: model.parameters_mut(),
            gradients: gradients.flat(),
            tensors: N::TENSORS,
            threads,
        })?;
        model.count_step();
        Ok(())
    }
}

/// The error for gradients whose norm is not finite.
pub(crate) fn not_finite<N: Network, E: Element>(step: u64, gradients: &Gradients<N, E>, cause: String) -> Error {
    let parameter = gradients.not_finite();
    Error::NotFinite {
        layer: parameter.map_or("?", |parameter| parameter.layer),
        parameter: parameter.map_or_else(String::new, crate::model::full_name),
        step,
        cause,
    }
}

/// What an optimiser works on in one step.
#[derive(Debug)]
pub struct Update<'a, E> {
    /// All parameters of a model.
    pub parameters: &'a mut [E],
    /// Their gradients.
    pub gradients: &'a [E],
    /// Which part of both belongs to which parameter, and which of them learn.
    pub tensors: &'static [Parameter],
    /// How many threads may share the work.
    pub threads: usize,
}

/// A hyperparameter's range, in words and as a test.
fn expect(of: &'static str, name: &'static str, found: f64, expected: &'static str, good: bool) -> Result<(), Error> {
    if good && found.is_finite() {
        return Ok(());
    }
    Err(Error::Hyperparameter { of, name, expected, found })
}

/// Room for a state, at the first step.
fn make_state<E: Element>(state: &mut Aligned<E>, optimizer: &'static str, length: usize) -> Result<(), Error> {
    if state.is_empty() {
        *state = Aligned::zeros(length);
    }
    if state.len() == length {
        return Ok(());
    }
    Err(Error::OtherModel { optimizer, expected: state.len(), found: length })
}
