//! What the compiler works on: a layer as definitions of tensors, every name resolved, every index with its extent.
//! Forward and derived statements alike are written in it.
//!
//! An *index* runs over an extent; an ellipsis is one index whose extent is the product of the axes it stands for. A tensor's
//! axes are lists of *parts* (one, unless axes are fused), and a read has one position for every part.

mod expr;

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};

use super::primitives::Primitive;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IndexId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TensorId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldId(pub usize);

/// A set of tensors, put in one by one: to collect them would sort them first, by code that every clean build compiles.
pub(crate) fn tensors(ids: impl IntoIterator<Item = TensorId>) -> BTreeSet<TensorId> {
    let mut all = BTreeSet::new();
    all.extend(ids);
    all
}

/// The index over samples: silent in layers, explicit in the gradients of parameters.
pub(crate) const BATCH: IndexId = IndexId(0);

#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// As written; `..` or `..name` for an ellipsis.
    pub name: String,
    pub extent: Extent,
    pub span: Span,
}

impl Index {
    pub(crate) fn is_rest(&self) -> bool {
        self.name.starts_with("..")
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Extent {
    /// The number of samples.
    Batch,
    /// What arrives on this axis of an input, divided by the other parts of the axis.
    Arrives { tensor: TensorId, axis: usize },
    /// A formula.
    Given(Expr),
    /// An ellipsis: the product of the axes it stands for; `rank` where a field says how many.
    Rest { tensor: TensorId, axis: usize, rank: Option<Expr> },
    /// That of another index: a name bound anew.
    Same(IndexId),
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: Ident,
    pub kind: super::ast::FieldKind,
    /// A const parameter of the struct, and no field.
    pub generic: bool,
    /// Of a type that has negative numbers.
    pub signed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub name: String,
    pub role: Role,
    /// Each axis is one index, or several fused.
    pub axes: Vec<Vec<IndexId>>,
    /// Axes written in parentheses: one axis each, even of a single ellipsis.
    pub fused: Vec<bool>,
    /// Whether it holds integers.
    pub integer: bool,
    /// The values of an integer tensor are below this.
    pub below: Option<Expr>,
    pub outside: Option<Outside>,
    /// When it is computed; a gradient goes back when its tensor came.
    pub rate: Rate,
    pub span: Span,
}

impl Tensor {
    /// The ellipsis that stands at an axis, for the axes it stands for.
    pub(crate) fn rest_at(&self, layer: &Layer, axis: usize) -> Option<IndexId> {
        match self.axes[axis].as_slice() {
            [only] if !self.fused[axis] && layer.index(*only).is_rest() => Some(*only),
            _ => None,
        }
    }

    /// The indices of all parts, in row-major order.
    pub(crate) fn indices(&self) -> Vec<IndexId> {
        self.axes.iter().flatten().copied().collect()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Role {
    Input,
    Target,
    /// Which of the layer's parameters.
    Param(usize),
    Let,
    Draw,
    Output,
    /// The gradient of a tensor.
    Gradient(TensorId),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outside {
    Value(Expr),
    Nearest,
    Reflect,
    Wrap,
}

/// What a parameter has beside its tensor.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub tensor: TensorId,
    pub condition: Option<Expr>,
    pub otherwise: Expr,
    pub initialiser: (String, Vec<Expr>),
    pub checkpoint: String,
}

/// `tensor[its own indices] = value`, wherever all of `guard` hold.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub tensor: TensorId,
    pub guard: Vec<Expr>,
    pub value: Value,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Formula(Expr),
    Draw(Distribution, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distribution {
    Bernoulli,
    Normal,
    Uniform,
    Gumbel,
}

#[derive(Clone, Debug)]
pub(crate) struct Require {
    pub condition: Expr,
    pub message: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub name: Ident,
    pub fields: Vec<Field>,
    pub indices: Vec<Index>,
    pub tensors: Vec<Tensor>,
    pub params: Vec<Param>,
    /// Each reads only what stands before it.
    pub definitions: Vec<Definition>,
    pub requires: Vec<Require>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Less,
    LessEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reduction {
    Sum,
    Product,
    Maximum,
    Minimum,
    ArgMaximum,
    ArgMinimum,
    /// How often the conditions hold; its body is 1.
    Count,
}

/// A place in the user's text; all places are equal, so that expressions compare by what they mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(pub Span);

impl PartialEq for Place {
    fn eq(&self, _: &Place) -> bool {
        true
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Int(i64),
    Real(f64),
    Bool(bool),
    /// An index's position.
    Index(IndexId),
    /// An index's extent.
    Len(IndexId),
    Field(FieldId),
    /// An element of an array field.
    Element(FieldId, Box<Expr>),
    Training,
    Read(TensorId, Vec<Expr>, Place),
    Call(Primitive, Vec<Expr>, Place),
    Compare(Comparison, Box<[Expr; 2]>),
    And(Box<[Expr; 2]>),
    Or(Box<[Expr; 2]>),
    Not(Box<Expr>),
    /// condition, then, else
    If(Box<[Expr; 3]>, Place),
    Reduce(Box<Reduce>),
    Stop(Box<Expr>, Place),
    /// The value of the first, the derivative of the second.
    StraightThrough(Box<[Expr; 2]>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reduce {
    pub kind: Reduction,
    pub indices: Vec<IndexId>,
    pub conditions: Vec<Expr>,
    pub body: Expr,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Int,
    Real,
    Bool,
}

/// When a value is computed: what it depends on, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rate {
    /// Fields and indices only.
    Once,
    /// Parameters too.
    Step,
    /// The values of a sample too.
    Sample,
}

impl Definition {
    /// Whether the value or the distribution reads a tensor.
    pub(crate) fn reads(&self, tensor: TensorId) -> bool {
        match &self.value {
            Value::Formula(value) => value.reads(tensor),
            Value::Draw(_, arguments) => arguments.iter().any(|argument| argument.reads(tensor)),
        }
    }
}

impl Layer {
    pub(crate) fn index(&self, id: IndexId) -> &Index {
        &self.indices[id.0]
    }

    pub(crate) fn tensor(&self, id: TensorId) -> &Tensor {
        &self.tensors[id.0]
    }

    pub(crate) fn tensors_of(&self, wanted: impl Fn(&Role) -> bool) -> Vec<TensorId> {
        (0..self.tensors.len()).map(TensorId).filter(|id| wanted(&self.tensor(*id).role)).collect()
    }

    /// Inputs, then targets.
    pub(crate) fn arrivals(&self) -> Vec<TensorId> {
        let mut all = self.tensors_of(|role| *role == Role::Input);
        all.extend(self.tensors_of(|role| *role == Role::Target));
        all
    }

    pub(crate) fn outputs(&self) -> Vec<TensorId> {
        self.tensors_of(|role| *role == Role::Output)
    }

    pub(crate) fn definition(&self, tensor: TensorId) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.tensor == tensor)
    }

    /// The index that says an index's extent.
    pub(crate) fn origin(&self, mut id: IndexId) -> IndexId {
        while let Extent::Same(other) = self.index(id).extent {
            id = other;
        }
        id
    }

    /// A new index of the same extent, with a name that no other index of the layer has.
    pub(crate) fn copy_index(&mut self, id: IndexId) -> IndexId {
        let origin = self.origin(id);
        let base = self.index(origin).name.clone();
        let taken = |name: &str, layer: &Layer| {
            layer.indices.iter().any(|index| index.name == name) || layer.tensors.iter().any(|t| t.name == name)
        };
        let name = (1..).map(|n| format!("{base}{n}")).find(|name| !taken(name, self)).unwrap_or(base);
        let span = self.index(origin).span;
        self.indices.push(Index { name, extent: Extent::Same(origin), span });
        IndexId(self.indices.len() - 1)
    }

    pub(crate) fn type_of(&self, expr: &Expr) -> Type {
        match expr {
            Expr::Int(_) | Expr::Index(_) | Expr::Len(_) => Type::Int,
            Expr::Real(_) => Type::Real,
            Expr::Bool(_) | Expr::Training | Expr::Compare(..) | Expr::And(_) | Expr::Or(_) | Expr::Not(_) => {
                Type::Bool
            }
            Expr::Field(field) | Expr::Element(field, _) => self.fields[field.0].value_type(),
            Expr::Read(tensor, ..) => {
                if self.tensor(*tensor).integer {
                    Type::Int
                } else {
                    Type::Real
                }
            }
            Expr::Call(primitive, all, _) => {
                primitive.type_of(&all.iter().map(|a| self.type_of(a)).collect::<Vec<_>>())
            }
            Expr::If(three, _) => {
                if self.type_of(&three[1]) == self.type_of(&three[2]) {
                    self.type_of(&three[1])
                } else {
                    Type::Real
                }
            }
            Expr::Reduce(reduce) => match reduce.kind {
                Reduction::ArgMaximum | Reduction::ArgMinimum | Reduction::Count => Type::Int,
                _ => self.type_of(&reduce.body),
            },
            Expr::Stop(one, _) => self.type_of(one),
            Expr::StraightThrough(_) => Type::Real,
        }
    }

    /// When an expression is computed.
    pub(crate) fn rate_of(&self, expr: &Expr) -> Rate {
        let own = match expr {
            Expr::Training => Rate::Step,
            Expr::Read(tensor, ..) => self.tensor(*tensor).rate,
            _ => Rate::Once,
        };
        expr.children().into_iter().map(|child| self.rate_of(child)).fold(own, Rate::max)
    }
}

impl Field {
    pub(crate) fn value_type(&self) -> Type {
        use super::ast::FieldKind as K;
        match self.kind {
            K::Integer | K::IntegerArray => Type::Int,
            K::Real | K::RealArray => Type::Real,
            K::Bool | K::BoolArray => Type::Bool,
        }
    }

    pub(crate) fn is_array(&self) -> bool {
        use super::ast::FieldKind as K;
        matches!(self.kind, K::IntegerArray | K::RealArray | K::BoolArray)
    }
}
