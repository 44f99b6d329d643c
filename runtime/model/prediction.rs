//! What a model says of a sample or a batch.

use std::fmt;

use ndarray::{ArrayD, ArrayView1, Axis};

use super::ports::Batched;
use crate::executor::classified;
use crate::lanes::Element;
use crate::network::Network;

/// What a model says of a sample or a batch: its outputs, and the classes they speak for. Printed, it is the class (or the classes)
/// where the network's loss has a target of classes, else the first output.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction<E = f32> {
    outputs: Vec<ArrayD<E>>,
    /// The output that scores classes.
    scores: Option<usize>,
    batched: bool,
}

impl<E: Element> Prediction<E> {
    pub(super) fn new<N: Network>(outputs: Vec<ArrayD<E>>, batch: Batched) -> Self {
        Prediction { outputs, scores: classified::<N>().map(|(_, output, _)| output), batched: batch != Batched::One }
    }

    /// The outputs, one array each. The batch is in front if it was in the inputs.
    #[must_use]
    pub fn outputs(&self) -> &[ArrayD<E>] {
        &self.outputs
    }

    /// The first output; the one that scores classes, if there is one.
    #[must_use]
    pub fn values(&self) -> &ArrayD<E> {
        &self.outputs[self.scores.unwrap_or(0)]
    }

    /// The class: the position of the largest value along the last axis, the first of equals. Of a batch (or of several positions), the first one's.
    #[must_use]
    pub fn class(&self) -> usize {
        self.classes().iter().next().copied().unwrap_or(0)
    }

    /// The class of every sample (and position): the array without its last axis.
    #[must_use]
    pub fn classes(&self) -> ArrayD<usize> {
        let values = self.values();
        if values.ndim() == usize::from(self.batched) {
            return values.map(|_| 0);
        }
        values.map_axis(Axis(values.ndim() - 1), argmax)
    }
}

fn argmax<E: Element>(values: ArrayView1<'_, E>) -> usize {
    (1..values.len()).fold(0, |best, at| if values[at] > values[best] { at } else { best })
}

impl<E: Element> fmt::Display for Prediction<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.scores, self.batched) {
            (None, _) => self.values().fmt(f),
            (Some(_), true) => self.classes().fmt(f),
            (Some(_), false) if self.values().ndim() > 1 => self.classes().fmt(f),
            (Some(_), false) => self.class().fmt(f),
        }
    }
}

/// Whether the class is this one.
impl<E: Element> PartialEq<usize> for Prediction<E> {
    fn eq(&self, class: &usize) -> bool {
        self.class() == *class
    }
}
