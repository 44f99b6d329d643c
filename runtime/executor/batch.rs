//! What a run is given, and where its results go.

use crate::lanes::Element;
use crate::model::Column;

/// Evaluation, or training with its random draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As in use: dropout passes everything, and so on.
    Evaluation,
    /// As in training, with the draws of this step. A sample's draws depend on the seed, the step and the sample's number.
    Training {
        /// The run's seed.
        seed: u64,
        /// The step's number.
        step: u64,
    },
}

/// Which rows of the columns make the batch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows<'a> {
    First(usize),
    These(&'a [usize]),
}

impl Rows<'_> {
    pub(crate) fn count(self) -> usize {
        match self {
            Rows::First(count) => count,
            Rows::These(rows) => rows.len(),
        }
    }

    pub(super) fn at(self, position: usize) -> usize {
        match self {
            Rows::First(_) => position,
            Rows::These(rows) => rows[position],
        }
    }
}

/// The batch: at least one row; a column for each port (targets: where there is a loss).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Samples<'a, E: Element> {
    pub(crate) inputs: &'a [Column<'a, E>],
    pub(crate) targets: &'a [Column<'a, E>],
    /// The outputs' cotangents; none: no backward pass but the loss's.
    pub(crate) cotangents: &'a [Column<'a, E>],
    pub(crate) rows: Rows<'a>,
}

/// What is read by every tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'a, E> {
    pub(crate) parameters: &'a [E],
    pub(crate) once: &'a [E],
}

/// Where results go. Empty vectors: not wanted. Each slice holds all samples of the batch, row-major.
#[derive(Debug, Default)]
pub(crate) struct Results<'a, E> {
    pub(crate) outputs: Vec<&'a mut [E]>,
    pub(crate) input_gradients: Vec<&'a mut [E]>,
    /// The parameters' gradients; empty: no backward pass.
    pub(crate) gradients: &'a mut [E],
}
