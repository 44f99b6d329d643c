//! IR → the language's text, for documentation, messages and snapshots: as one would write it by hand.
//!
//! Every index is shown by the name it was introduced with; where two of them meet in one formula, the inner one gets a number.

mod expr;

use std::cell::{Cell, RefCell};

use proc_macro2::Span;

use super::ir::{
    BATCH, Definition, Distribution, Expr, Extent, IndexId, Layer, Place, Rate, Reduce, Reduction, Role, TensorId,
    Value,
};

/// The name of a tensor: `x`, `grad(x)`.
pub(crate) fn name(layer: &Layer, tensor: TensorId) -> String {
    match layer.tensor(tensor).role {
        Role::Gradient(of) => format!("grad({})", name(layer, of)),
        _ => layer.tensor(tensor).name.clone(),
    }
}

/// The left side of a definition: `y[(g, o), i, j]`.
pub(crate) fn declaration(layer: &Layer, tensor: TensorId) -> String {
    Printer::new(layer).declaration(tensor)
}

/// A definition as a statement, without the word in front.
pub(crate) fn definition(layer: &Layer, definition: &Definition) -> String {
    Printer::new(layer).definition(definition)
}

pub(crate) fn expr(layer: &Layer, expr: &Expr) -> String {
    Printer::new(layer).expr(expr)
}

/// Prints one definition, or several that introduce indices for each other.
pub(crate) struct Printer<'a> {
    layer: &'a Layer,
    /// The names in force, innermost last.
    names: RefCell<Vec<(IndexId, String)>>,
    /// Indices whose extents have been shown, where they are to be shown.
    introduced: RefCell<Option<Vec<IndexId>>>,
    /// Whether the value is summed over the samples.
    over_batch: Cell<bool>,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(layer: &'a Layer) -> Printer<'a> {
        Printer { layer, names: RefCell::default(), introduced: RefCell::default(), over_batch: Cell::new(false) }
    }

    /// One that shows a given extent where its index first stands, `i: out`.
    pub(crate) fn with_extents(layer: &'a Layer) -> Printer<'a> {
        Printer { introduced: RefCell::new(Some(vec![])), ..Printer::new(layer) }
    }

    pub(crate) fn declaration(&self, tensor: TensorId) -> String {
        let axes: Vec<String> = self
            .layer
            .tensor(tensor)
            .axes
            .iter()
            .zip(&self.layer.tensor(tensor).fused)
            .map(|(parts, alone)| {
                let parts: Vec<String> = parts.iter().map(|part| self.bind(*part)).collect();
                if *alone { format!("({})", parts.join(", ")) } else { fused(&parts) }
            })
            .collect();
        format!("{}{}", name(self.layer, tensor), bracketed(&axes))
    }

    /// The left side of a statement that has no right one.
    pub(crate) fn alone(&self, tensor: TensorId) -> String {
        let before = self.names.borrow().len();
        let text = self.declaration(tensor);
        self.names.borrow_mut().truncate(before);
        text
    }

    /// A definition with clauses behind its left side.
    pub(crate) fn statement(&self, definition: &Definition, clauses: &str) -> String {
        let before = self.names.borrow().len();
        let left = self.declaration(definition.tensor);
        let text = format!("{left}{clauses} {}", self.right(definition));
        self.names.borrow_mut().truncate(before);
        text
    }

    pub(crate) fn definition(&self, definition: &Definition) -> String {
        let before = self.names.borrow().len();
        let left = self.declaration(definition.tensor);
        let guard = if definition.guard.is_empty() {
            String::new()
        } else {
            format!(" where {}", self.list(&definition.guard))
        };
        let text = format!("{left}{guard} {}", self.right(definition));
        self.names.borrow_mut().truncate(before);
        text
    }

    /// `= EXPRESSION` or `~ DISTRIBUTION`.
    pub(crate) fn right(&self, definition: &Definition) -> String {
        match &definition.value {
            Value::Formula(value) => {
                // The gradient of what is the same for all samples is summed over the batch: the sums say so.
                let tensor = self.layer.tensor(definition.tensor);
                self.over_batch.set(matches!(tensor.role, Role::Gradient(_)) && tensor.rate != Rate::Sample);
                let text = format!("= {}", self.expr(&self.spread(value)));
                self.over_batch.set(false);
                text
            }
            Value::Draw(distribution, arguments) => {
                let name = match distribution {
                    Distribution::Bernoulli => "Bernoulli",
                    Distribution::Normal => "Normal",
                    Distribution::Uniform => "Uniform",
                    Distribution::Gumbel => "Gumbel",
                };
                if arguments.is_empty() { format!("~ {name}") } else { format!("~ {name}({})", self.list(arguments)) }
            }
        }
    }

    /// A value with its sums over the batch written out.
    fn spread(&self, value: &Expr) -> Expr {
        if !self.over_batch.get() || self.layer.rate_of(value) != Rate::Sample {
            return value.clone();
        }
        match value {
            Expr::Call(primitive, both, place) if primitive.is("add") || primitive.is("sub") => {
                Expr::Call(*primitive, both.iter().map(|part| self.spread(part)).collect(), *place)
            }
            Expr::Reduce(reduce) if reduce.kind == Reduction::Sum => {
                let mut reduce = (**reduce).clone();
                reduce.indices.insert(0, BATCH);
                Expr::Reduce(Box::new(reduce))
            }
            other => Expr::Reduce(Box::new(Reduce {
                kind: Reduction::Sum,
                indices: vec![BATCH],
                conditions: vec![],
                body: other.clone(),
                place: Place(Span::call_site()),
            })),
        }
    }

    /// Brings an index into force: the name to show, with its extent where that is wanted.
    fn bind(&self, index: IndexId) -> String {
        let base = self.layer.index(self.layer.origin(index)).name.clone();
        let taken = |name: &str| {
            self.names.borrow().iter().any(|(other, known)| known == name && *other != index)
                || name != base
                    && (self.layer.tensors.iter().any(|t| t.name == name)
                        || self.layer.fields.iter().any(|f| f.name == name))
        };
        let name = std::iter::once(base.clone())
            .chain((1..).map(|n| format!("{base}{n}")))
            .find(|name| !taken(name))
            .unwrap_or_default();
        self.names.borrow_mut().push((index, name.clone()));
        let origin = self.layer.origin(index);
        let first = match &mut *self.introduced.borrow_mut() {
            Some(shown) if !shown.contains(&origin) => {
                shown.push(origin);
                true
            }
            _ => false,
        };
        match &self.layer.index(origin).extent {
            Extent::Given(extent) if first => format!("{name}: {}", Printer::new(self.layer).extent(extent)),
            Extent::Rest { rank: Some(rank), .. } if first => {
                format!("{name}: {}", Printer::new(self.layer).extent(rank))
            }
            _ => name,
        }
    }

    /// A formula of extents: there, an index's name means its extent.
    pub(crate) fn extent(&self, formula: &Expr) -> String {
        fn names(expr: &Expr) -> Expr {
            match expr {
                Expr::Len(index) => Expr::Index(*index),
                other => other.map(&mut |child| names(child)),
            }
        }
        self.expr(&names(formula))
    }
}

fn fused(parts: &[String]) -> String {
    if let [one] = parts { one.clone() } else { format!("({})", parts.join(", ")) }
}

fn bracketed(axes: &[String]) -> String {
    if axes.is_empty() { String::new() } else { format!("[{}]", axes.join(", ")) }
}
