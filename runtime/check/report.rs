//! What a gradient check found.

use std::fmt;

use crate::error::Error;

/// Whether a tensor is a parameter or an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A parameter.
    Parameter,
    /// An input.
    Input,
}

/// One tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub of: Of,
    /// Its extents (an input's with the batch).
    pub dims: Vec<usize>,
    /// How many elements were compared.
    pub compared: usize,
    /// The largest relative error.
    pub error: f64,
    /// The element that has it.
    pub worst: Vec<usize>,
    /// The derived gradient there.
    pub derived: f64,
    /// The slope by differences there.
    pub difference: f64,
    /// Elements that seem to stand at a kink or a jump; they are not judged.
    pub kinks: Vec<Vec<usize>>,
}

impl Entry {
    pub(super) fn new(name: String, of: Of, dims: &[usize]) -> Self {
        let (dims, worst, kinks) = (dims.to_vec(), Vec::new(), Vec::new());
        Entry { name, of, dims, compared: 0, error: 0.0, worst, derived: 0.0, difference: 0.0, kinks }
    }

    /// The indices of the element at this row-major position.
    pub(super) fn index(&self, at: usize) -> Vec<usize> {
        let mut rest = at;
        let mut index: Vec<usize> = self
            .dims
            .iter()
            .rev()
            .map(|&extent| {
                let here = rest % extent;
                rest /= extent;
                here
            })
            .collect();
        index.reverse();
        index
    }

    /// Whether the derived gradient is within the tolerance wherever it was judged, and was judged somewhere.
    #[must_use]
    pub fn agrees(&self, tolerance: f64) -> bool {
        self.error <= tolerance && self.kinks.len() < self.compared
    }
}

/// What a gradient check found, tensor by tensor. Printed, it is a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The network.
    pub network: &'static str,
    /// Its parameters that learn, then its differentiable inputs.
    pub entries: Vec<Entry>,
}

impl Check {
    /// The tensor with the largest relative error.
    #[must_use]
    pub fn worst(&self) -> Option<&Entry> {
        self.entries.iter().max_by(|a, b| a.error.total_cmp(&b.error))
    }

    /// The largest relative error; 0 where there is nothing to compare.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.worst().map_or(0.0, |entry| entry.error)
    }

    /// Gives the check back if all errors are at most `tolerance`.
    ///
    /// # Errors
    /// [`Error::Disagree`] if one is larger, or if all elements of a tensor seem to stand at kinks.
    pub fn assert(self, tolerance: f64) -> Result<Self, Error> {
        if self.entries.iter().all(|entry| entry.agrees(tolerance)) {
            return Ok(self);
        }
        Err(Error::Disagree { tolerance, check: Box::new(self) })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gradients of `{}`, derived and by differences:", self.network)?;
        let width = self.entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
        for entry in &self.entries {
            let Entry { name, error, worst, derived, difference, compared, .. } = entry;
            write!(f, "\n  {name:width$}  largest relative error {error:.1e}")?;
            if *error > 0.0 {
                write!(f, " at {worst:?}: derived {derived}, differences {difference}")?;
            }
            write!(f, "; {compared} compared")?;
            match &entry.kinks[..] {
                [] => {}
                [first, ..] => write!(f, ", {} suspected at a kink, such as {first:?}", entry.kinks.len())?,
            }
        }
        Ok(())
    }
}
