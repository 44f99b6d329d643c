//! What a text in error was to say. Nobody concludes anything from its absence, and nobody who reads it sees a second error.

use std::collections::BTreeSet;

use super::super::ir::{Layer, TensorId};

#[derive(Debug, Default)]
pub(crate) struct Missing {
    /// Names about which no more is known than that they are names: what has them says nothing.
    pub(super) names: BTreeSet<String>,
    /// Tensors whose axes or definition could not be made out.
    pub(in crate::layer) tensors: BTreeSet<TensorId>,
    /// Tensors that the missing definitions read.
    pub(in crate::layer) read: BTreeSet<TensorId>,
    /// Statements that could not be read, or read nobody knows what: any tensor may be theirs.
    pub(in crate::layer) statements: bool,
    /// A requirement: then the fields may be what they must not be.
    pub(in crate::layer) requirements: bool,
    /// Any name may be that of a statement that could not be read.
    pub(super) any_name: bool,
    /// Any index may be.
    pub(super) any_index: bool,
}

impl Missing {
    pub(in crate::layer) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.tensors.is_empty() && !self.statements && !self.requirements
    }

    pub(super) fn name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// A tensor without axes: whoever reads it cannot be made out either.
    pub(super) fn tensor(&mut self, layer: &Layer, tensor: TensorId) {
        self.name(&layer.tensor(tensor).name);
        self.tensors.insert(tensor);
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether an unknown name is a mistake of its own.
    pub(super) fn is_new(&self, name: &str) -> bool {
        !self.any_name && !self.is_named(name)
    }

    /// Whether an unknown index is a mistake of its own; it is one once.
    pub(super) fn is_new_index(&mut self, name: &str) -> bool {
        let is_new = !self.any_index && !self.is_named(name);
        self.name(name);
        is_new
    }

    /// An unknown name was to be this one, or who knows which.
    pub(super) fn meant(&mut self, near: Option<&str>, tensor: Option<&TensorId>) {
        self.read.extend(tensor);
        self.statements |= near.is_none();
    }

    /// All tensors whose values depend on what is missing.
    pub(in crate::layer) fn tainted(&self, layer: &Layer) -> BTreeSet<TensorId> {
        let mut tainted = self.tensors.clone();
        for definition in &layer.definitions {
            if tainted.iter().any(|tensor| definition.reads(*tensor)) {
                tainted.insert(definition.tensor);
            }
        }
        tainted
    }
}
