//! In: a model, an optimiser, examples for training and testing. Out: the model trained, and a report. Everything is judged before
//! anything runs. Guarantees: the same seed gives the same bits, for any number of threads; the state of a run is the model, the optimiser
//! and the model's step number, from which the shuffles and draws follow; a step allocates nothing; a gradient that is not finite
//! stops the run before it touches a parameter.

mod progress;
mod report;
mod shuffle;

pub use report::{Epoch, Report};

use std::time::Instant;

use crate::error::{Error, names};
use crate::executor::{Mode, Results, Rows, Samples};
use crate::lanes::Element;
use crate::model::{Column, Evaluation, Gradients, Inputs, Model, check_all};
use crate::network::Network;
use crate::optimizers::Optimizer;
use crate::site::Training;
use progress::Progress;
pub(crate) use shuffle::Shuffle;

/// Trains a model on examples, in shuffled batches, for some epochs.
///
/// Examples are the network's inputs and then its loss's targets, in the order of the declaration: a
/// [`Dataset`](crate::data::Dataset), or arrays as a tuple, `(&images, &labels)`.
///
/// ```no_run
/// # use chainrule::{Error, Model, network::Network, optimizers::Adam, train::Trainer};
/// # type Images = ndarray::Array4<f32>;
/// # fn run<N: Network>(train: (Images, ndarray::Array1<u8>), test: (Images, ndarray::Array1<u8>)) -> Result<(), Error> {
/// let mut model = Model::<N>::new(7);
/// let report = Trainer::new(Adam::new(1e-3)).epochs(20).batch(64).fit(&mut model, &train, &test)?;
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Trainer<O> {
    optimizer: O,
    epochs: usize,
    batch: usize,
    seed: Option<u64>,
    threads: Option<usize>,
    clip: Option<f64>,
    quiet: bool,
}

impl<O> Trainer<O> {
    /// Trains with this optimiser: 10 epochs in batches of 32, unless told otherwise.
    #[must_use]
    pub fn new(optimizer: O) -> Self {
        Trainer { optimizer, epochs: 10, batch: 32, seed: None, threads: None, clip: None, quiet: false }
    }

    /// How often the run goes through the training examples.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Trainer { epochs, ..self }
    }

    /// How many examples make a step. The last batch of an epoch holds what is left.
    #[must_use]
    pub fn batch(self, batch: usize) -> Self {
        Trainer { batch, ..self }
    }

    /// The seed of shuffles and draws; the model's own, unless set.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Trainer { seed: Some(seed), ..self }
    }

    /// How many threads run a step; the model's number, unless set. Results do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Trainer { threads: Some(threads), ..self }
    }

    /// Scales a step's gradients down where their norm, all parameters together, is larger.
    #[must_use]
    pub fn clip(self, norm: f64) -> Self {
        Trainer { clip: Some(norm), ..self }
    }

    /// Whether nothing is written to the terminal. Else: a line for each epoch on the standard error stream, and a bar where that is a terminal.
    #[must_use]
    pub fn quiet(self, quiet: bool) -> Self {
        Trainer { quiet, ..self }
    }

    /// The optimiser, with its state.
    pub fn optimizer(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// Trains the model, and tests it after each epoch. A model that was trained before goes on where it was: the numbers of its
    /// steps, on which shuffles and draws depend, are not used twice.
    ///
    /// # Errors
    /// Hyperparameters out of range, a network without a loss, examples that do not fit it or are none: before anything runs. A
    /// gradient that is not finite: the model is then as the step before left it.
    pub fn fit<N: Network, E: Element>(
        &mut self,
        model: &mut Model<N, E>,
        train: impl Inputs<E>,
        test: impl Inputs<E>,
    ) -> Result<Report, Error>
    where
        O: Optimizer<E>,
    {
        self.run(model, &train.columns(), Some(&test.columns()))
    }

    /// The same without tests.
    ///
    /// # Errors
    /// As [`fit`](Trainer::fit).
    pub fn fit_untested<N: Network, E: Element>(
        &mut self,
        model: &mut Model<N, E>,
        train: impl Inputs<E>,
    ) -> Result<Report, Error>
    where
        O: Optimizer<E>,
    {
        self.run(model, &train.columns(), None)
    }

    fn run<N: Network, E: Element>(
        &mut self,
        model: &mut Model<N, E>,
        train: &[Column<'_, E>],
        test: Option<&[Column<'_, E>]>,
    ) -> Result<Report, Error>
    where
        O: Optimizer<E>,
    {
        self.validate()?;
        let wrong = |which| {
            move |source| match source {
                Error::NoLoss { .. } => source,
                _ => Error::Data { which, source: Box::new(source) },
            }
        };
        let train = Examples::of::<N>(train).map_err(wrong("training"))?;
        let test = test.map(Examples::of::<N>).transpose().map_err(wrong("test"))?;

        let threads = model.thread_count();
        model.set_threads(self.threads.unwrap_or(threads));
        let report = self.go(model, train, test);
        model.set_threads(threads);
        report
    }

    fn validate<E: Element>(&self) -> Result<(), Error>
    where
        O: Optimizer<E>,
    {
        let at_least_1 = |name, number: usize| match number {
            0 => Err(Error::Hyperparameter { of: "trainer", name, expected: "to be at least 1", found: 0.0 }),
            _ => Ok(()),
        };
        at_least_1("epochs", self.epochs)?;
        at_least_1("batch", self.batch)?;
        if let Some(found) = self.clip.filter(|clip| clip.is_nan() || *clip <= 0.0) {
            return Err(Error::Hyperparameter { of: "trainer", name: "clip", expected: "to be above 0", found });
        }
        self.optimizer.validate()
    }

    fn go<N: Network, E: Element>(
        &mut self,
        model: &mut Model<N, E>,
        train: Examples<'_, E>,
        test: Option<Examples<'_, E>>,
    ) -> Result<Report, Error>
    where
        O: Optimizer<E>,
    {
        let seed = self.seed.unwrap_or(model.seed());
        let count = train.count;
        let batch = self.batch.min(count);
        let steps = count.div_ceil(batch);
        let mut executor = model.executor();
        executor.reserve::<Training>(batch, true);
        // The last batch, where it is a single sample, runs in a layout of its own.
        if count % batch == 1 {
            executor.reserve::<Training>(1, true);
        }
        if let Some(test) = &test {
            executor.reserve::<Training>(test.count, false);
        }
        let mut gradients = Gradients::<N, E>::zeros();
        let mut shuffle = Shuffle::new(count);
        let mut progress = Progress::new(self.quiet, self.epochs, steps);
        let mut report = Report::new::<N>(self.epochs);
        let first = model.steps().div_ceil(steps as u64);

        for epoch in 0..self.epochs {
            let start = Instant::now();
            let order = shuffle.order(seed, first + epoch as u64);
            let mut total = 0.0;
            for (step, rows) in order.chunks(batch).enumerate() {
                let mode = Mode::Training { seed, step: model.steps() };
                let samples = train.samples(Rows::These(rows));
                let results = Results { gradients: gradients.flat_mut(), ..Results::default() };
                let score = executor.run::<Training>(model.weights(), samples, mode, results);
                if let Some(limit) = self.clip {
                    gradients.clip(limit);
                }
                self.optimizer
                    .step(model, &gradients)
                    .map_err(|error| explain::<N, E>(error, &train, rows, epoch + 1))?;
                total += score.loss;
                progress.step(epoch, step, total / (rows.len() + step * batch) as f64);
            }
            let tested = test.map(|test| {
                let samples = test.samples(Rows::First(test.count));
                let (mode, results) = (Mode::Evaluation, Results::default());
                let score = executor.run::<Training>(model.weights(), samples, mode, results);
                Evaluation::of::<N>(score, test.count)
            });
            let epoch = Epoch {
                number: epoch + 1,
                train_loss: total / count as f64,
                test_loss: tested.map(|tested| tested.loss),
                accuracy: tested.and_then(|tested| tested.accuracy),
                seconds: start.elapsed().as_secs_f64(),
            };
            progress.epoch(&epoch);
            report.epochs.push(epoch);
        }
        model.put_back(executor);
        Ok(report)
    }
}

impl<N: Network, E: Element> Model<N, E> {
    /// The mean loss of examples (inputs, then targets, as a [`Trainer`] takes them), and the accuracy where the loss has a target of
    /// classes.
    ///
    /// # Errors
    /// A network without a loss; examples that do not fit it.
    pub fn test(&self, examples: impl Inputs<E>) -> Result<Evaluation, Error> {
        let columns = examples.columns();
        let examples = Examples::of::<N>(&columns)?;
        self.evaluate(examples.inputs, examples.targets)
    }
}

/// Columns that fit a network: its inputs, and its loss's targets.
#[derive(Clone, Copy)]
struct Examples<'a, E: Element> {
    inputs: &'a [Column<'a, E>],
    targets: &'a [Column<'a, E>],
    count: usize,
}

impl<'a, E: Element> Examples<'a, E> {
    fn of<N: Network>(columns: &'a [Column<'a, E>]) -> Result<Self, Error> {
        if !N::LOSS {
            return Err(Error::NoLoss { network: N::NAME });
        }
        let expected = N::INPUTS.len() + N::TARGETS.len();
        if columns.len() != expected {
            return Err(Error::Count {
                network: N::NAME,
                what: "column",
                expected,
                names: names(N::INPUTS.iter().chain(N::TARGETS).map(|port| port.name)),
                found: columns.len(),
            });
        }
        let (inputs, targets) = columns.split_at(N::INPUTS.len());
        let count = check_all::<N, E>(inputs, targets)?.count();
        Ok(Examples { inputs, targets, count })
    }

    fn samples(&self, rows: Rows<'a>) -> Samples<'a, E> {
        Samples { inputs: self.inputs, targets: self.targets, cotangents: &[], rows }
    }
}

/// Adds what the batch shows to a gradient that is not finite.
fn explain<N: Network, E: Element>(error: Error, train: &Examples<'_, E>, rows: &[usize], epoch: usize) -> Error {
    let Error::NotFinite { layer, parameter, step, .. } = error else {
        return error;
    };
    let ports = N::INPUTS.iter().zip(train.inputs).chain(N::TARGETS.iter().zip(train.targets));
    let found = ports.flat_map(|(port, column)| rows.iter().map(move |&row| (port, column, row))).find_map(
        |(port, column, row)| {
            let size = port.shape.size();
            let values = &column.values[row * size..][..size];
            let value = values.iter().find(|value| !value.is_finite())?;
            Some((port.name, row, value.to_f64()))
        },
    );
    let cause = match found {
        Some((name, row, value)) => format!(
            "`{name}` holds {value} in training example {row}, which is in this batch: correct or remove the example"
        ),
        None => format!(
            "all data of the batch are finite (epoch {epoch}): lower the learning rate, clip the gradient (`clip`), or look for an \
             operation outside its domain (ln, sqrt, a division)"
        ),
    };
    Error::NotFinite { layer, parameter, step, cause }
}
