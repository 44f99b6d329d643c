//! What a trainer learns from.

use crate::lanes::Element;
use crate::model::{Column, Inputs};

/// Examples for training or testing: a network's inputs and its loss's targets, the examples in front. A pair `(inputs, targets)` is, each
/// as for a [`Model`](crate::Model): `(images, labels)`, `((query, memory), labels)`; so are references to them.
pub trait Examples<E: Element> {
    /// The inputs, in the order of the network's declaration.
    fn inputs(&self) -> Vec<Column<'_, E>>;
    /// The targets, likewise.
    fn targets(&self) -> Vec<Column<'_, E>>;
}

impl<E: Element, I: Inputs<E>, T: Inputs<E>> Examples<E> for (I, T) {
    fn inputs(&self) -> Vec<Column<'_, E>> {
        self.0.columns()
    }

    fn targets(&self) -> Vec<Column<'_, E>> {
        self.1.columns()
    }
}

impl<E: Element, X: Examples<E> + ?Sized> Examples<E> for &X {
    fn inputs(&self) -> Vec<Column<'_, E>> {
        (**self).inputs()
    }

    fn targets(&self) -> Vec<Column<'_, E>> {
        (**self).targets()
    }
}
