//! IR → the language's text, for documentation, messages and snapshots: as one would write it by hand.
//!
//! Every index is shown by the name it was introduced with; where two of them meet in one formula, the inner one gets a number.

use std::cell::{Cell, RefCell};

use proc_macro2::Span;

use super::calculus::call;
use super::ir::{
    BATCH, Comparison, Definition, Distribution, Expr, Extent, IndexId, Layer, Place, Rate, Reduce, Reduction, Role,
    TensorId, Type, Value,
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

/// How tightly an expression binds, from loose to tight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Choice,
    Or,
    And,
    Compare,
    Sum,
    Product,
    Unary,
    Atom,
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

    fn index(&self, index: IndexId) -> String {
        let known = self.names.borrow().iter().rev().find(|(other, _)| *other == index).map(|(_, name)| name.clone());
        known.unwrap_or_else(|| self.layer.index(self.layer.origin(index)).name.clone())
    }

    fn list(&self, all: &[Expr]) -> String {
        all.iter().map(|one| self.expr(one)).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn expr(&self, expr: &Expr) -> String {
        self.bound(expr).0
    }

    fn at_least(&self, expr: &Expr, bond: Bond) -> String {
        let (text, own) = self.bound(expr);
        if own < bond { format!("({text})") } else { text }
    }

    fn infix(&self, left: &Expr, sign: &str, right: &Expr, bond: Bond, right_bond: Bond) -> (String, Bond) {
        // A reduction at the end of the left side would take the right side in.
        let left = if bond == Bond::Product && open_end(left) {
            format!("({})", self.expr(left))
        } else {
            self.at_least(left, bond)
        };
        (format!("{left}{sign}{}", self.at_least(right, right_bond)), bond)
    }

    /// Positions are written closer than values: `i*stride + p - padding`.
    fn sign(&self, expr: &Expr, sign: &'static str) -> &'static str {
        match sign {
            " * " if self.layer.type_of(expr) == Type::Int => "*",
            other => other,
        }
    }

    fn bound(&self, expr: &Expr) -> (String, Bond) {
        if let Some(text) = self.short(expr) {
            return text;
        }
        match expr {
            Expr::Int(value) if *value < 0 => (value.to_string(), Bond::Unary),
            Expr::Int(value) => (value.to_string(), Bond::Atom),
            Expr::Real(value) if *value < 0.0 => (format!("-{}", number(-value)), Bond::Unary),
            Expr::Real(value) => (number(*value), Bond::Atom),
            Expr::Bool(value) => (value.to_string(), Bond::Atom),
            Expr::Index(index) => (self.index(*index), Bond::Atom),
            Expr::Len(index) => (format!("len({})", self.layer.index(self.layer.origin(*index)).name), Bond::Atom),
            Expr::Field(field) => (self.layer.fields[field.0].name.to_string(), Bond::Atom),
            Expr::Element(field, at) => (format!("{}[{}]", self.layer.fields[field.0].name, self.expr(at)), Bond::Atom),
            Expr::Training => ("training".into(), Bond::Atom),
            Expr::Read(tensor, at, _) => {
                let mut rest = at.iter();
                let declared = self.layer.tensor(*tensor);
                let axes: Vec<String> = declared
                    .axes
                    .iter()
                    .zip(&declared.fused)
                    .map(|(parts, alone)| {
                        let texts: Vec<String> = rest.by_ref().take(parts.len()).map(|e| self.expr(e)).collect();
                        if *alone && texts.iter().all(|text| text.starts_with("..")) {
                            format!("({})", texts.join(", "))
                        } else {
                            fused(&texts)
                        }
                    })
                    .collect();
                (format!("{}{}", name(self.layer, *tensor), bracketed(&axes)), Bond::Atom)
            }
            Expr::Call(primitive, all, _) => match (primitive.name(), all.as_slice()) {
                ("add", [a, b]) => match negative(b) {
                    Some(b) => self.infix(a, " - ", &b, Bond::Sum, Bond::Product),
                    None => self.infix(a, " + ", b, Bond::Sum, Bond::Sum),
                },
                ("sub", [a, b]) => match negative(b) {
                    Some(b) => self.infix(a, " + ", &b, Bond::Sum, Bond::Product),
                    None => self.infix(a, " - ", b, Bond::Sum, Bond::Product),
                },
                ("mul", [a, b]) => self.infix(
                    a,
                    self.sign(expr, " * "),
                    b,
                    Bond::Product,
                    if open_end(b) { Bond::Product } else { Bond::Unary },
                ),
                ("div" | "floor_div", [a, b]) => self.infix(a, " / ", b, Bond::Product, Bond::Unary),
                ("rem", [a, b]) => self.infix(a, " % ", b, Bond::Product, Bond::Unary),
                // A sign in front of a product is one in front of its first factor.
                ("neg", [a]) => (format!("-{}", self.at_least(a, Bond::Product)), Bond::Product),
                (name, all) => {
                    let name = if name == "root" { "sqrt" } else { name };
                    (format!("{name}({})", self.list(all)), Bond::Atom)
                }
            },
            Expr::Compare(comparison, two) => {
                let [a, b] = &**two;
                let turned = turns(a, b);
                let sign = match comparison {
                    Comparison::Less if turned => " > ",
                    Comparison::LessEqual if turned => " >= ",
                    Comparison::Less => " < ",
                    Comparison::LessEqual => " <= ",
                    Comparison::Equal => " == ",
                    Comparison::NotEqual => " != ",
                };
                let (a, b) = if turned { (b, a) } else { (a, b) };
                self.infix(a, sign, b, Bond::Compare, Bond::Sum)
            }
            Expr::And(two) => self.infix(&two[0], " && ", &two[1], Bond::And, Bond::And),
            Expr::Or(two) => self.infix(&two[0], " || ", &two[1], Bond::Or, Bond::Or),
            Expr::Not(one) => (format!("!{}", self.at_least(one, Bond::Unary)), Bond::Unary),
            Expr::If(three, _) => {
                let otherwise = match &three[2] {
                    Expr::If(..) if self.short(&three[2]).is_none() => self.expr(&three[2]),
                    other => format!("{{ {} }}", self.expr(other)),
                };
                (format!("if {} {{ {} }} else {otherwise}", self.expr(&three[0]), self.expr(&three[1])), Bond::Choice)
            }
            Expr::Reduce(reduce) => {
                let word = match reduce.kind {
                    Reduction::Sum | Reduction::Count => "sum",
                    Reduction::Product => "prod",
                    Reduction::Maximum => "max",
                    Reduction::Minimum => "min",
                    Reduction::ArgMaximum => "argmax",
                    Reduction::ArgMinimum => "argmin",
                };
                match negative(&reduce.body) {
                    Some(body) if reduce.kind == Reduction::Sum => (
                        format!("-{}", self.reduction(word, &reduce.indices, &reduce.conditions, &body)),
                        Bond::Product,
                    ),
                    _ => (self.reduction(word, &reduce.indices, &reduce.conditions, &reduce.body), Bond::Product),
                }
            }
            Expr::Stop(one, _) => (format!("stop({})", self.expr(one)), Bond::Atom),
            Expr::StraightThrough(two) => (format!("straight_through({})", self.list(&two[..])), Bond::Atom),
        }
    }

    fn reduction(&self, word: &str, indices: &[IndexId], conditions: &[Expr], body: &Expr) -> String {
        let before = self.names.borrow().len();
        let indices: Vec<String> = indices.iter().map(|index| self.bind(*index)).collect();
        let conditions =
            if conditions.is_empty() { String::new() } else { format!(" where {}", self.list(conditions)) };
        let text = format!("{word}({}{conditions}) {}", indices.join(", "), self.at_least(body, Bond::Product));
        self.names.borrow_mut().truncate(before);
        text
    }

    /// What the build wrote out, as it was written: `mean`, `norm`, `clamp`, a parameter that is there if a field says so.
    fn short(&self, expr: &Expr) -> Option<(String, Bond)> {
        match expr {
            Expr::Call(primitive, both, _) if primitive.is("div") => {
                let (Expr::Reduce(sum), count) = (&both[0], &both[1]) else { return None };
                let counted = match count {
                    Expr::Reduce(count) if count.kind == Reduction::Count && !sum.conditions.is_empty() => {
                        let rename = |index: IndexId| {
                            count
                                .indices
                                .iter()
                                .position(|i| *i == index)
                                .and_then(|at| sum.indices.get(at))
                                .map(|index| Expr::Index(*index))
                        };
                        count.conditions.iter().map(|c| c.substitute(&rename)).collect::<Vec<_>>() == sum.conditions
                    }
                    _ => {
                        sum.conditions.is_empty()
                            && sum
                                .indices
                                .iter()
                                .map(|index| Expr::Len(self.layer.origin(*index)))
                                .reduce(|a, b| call("mul", vec![a, b]))
                                .as_ref()
                                == Some(count)
                    }
                };
                (sum.kind == Reduction::Sum && counted)
                    .then(|| (self.reduction("mean", &sum.indices, &sum.conditions, &sum.body), Bond::Product))
            }
            Expr::Call(primitive, one, _) if primitive.is("root") => {
                let Expr::Reduce(sum) = &one[0] else { return None };
                let Expr::Call(square, body, _) = &sum.body else { return None };
                (sum.kind == Reduction::Sum && square.is("square"))
                    .then(|| (self.reduction("norm", &sum.indices, &sum.conditions, &body[0]), Bond::Product))
            }
            Expr::If(three, _) => {
                if let Expr::Read(tensor, ..) = &three[1]
                    && let Role::Param(at) = self.layer.tensor(*tensor).role
                    && let Some(param) = self.layer.params.get(at)
                    && param.condition.as_ref() == Some(&three[0])
                    && param.otherwise == three[2]
                {
                    return Some(self.bound(&three[1]));
                }
                let (Expr::Compare(Comparison::Less, below), Expr::If(inner, _)) = (&three[0], &three[2]) else {
                    return None;
                };
                let Expr::Compare(Comparison::Less, above) = &inner[0] else { return None };
                let [x, low, high] = [&below[0], &below[1], &above[0]];
                (three[1] == *low && above[1] == *x && inner[1] == *high && inner[2] == *x)
                    .then(|| (format!("clamp({}, {}, {})", self.expr(x), self.expr(low), self.expr(high)), Bond::Atom))
            }
            _ => None,
        }
    }
}

/// The other side of a sign, if there is one in front.
fn negative(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Call(primitive, one, _) if primitive.is("neg") => Some(one[0].clone()),
        Expr::Reduce(reduce) if reduce.kind == Reduction::Sum => {
            let body = negative(&reduce.body)?;
            Some(Expr::Reduce(Box::new(Reduce { body, ..(**reduce).clone() })))
        }
        _ => None,
    }
}

/// Whether an expression's text ends in a reduction without parentheses.
fn open_end(expr: &Expr) -> bool {
    match expr {
        Expr::Reduce(_) => true,
        Expr::Call(primitive, all, _) if primitive.is("mul") || primitive.is("neg") => all.last().is_some_and(open_end),
        Expr::Call(primitive, ..) if primitive.is("root") => true,
        _ => false,
    }
}

/// Whether a comparison reads better from the right: what it speaks of stands in front.
fn turns(a: &Expr, b: &Expr) -> bool {
    let rank = |e: &Expr| match e {
        Expr::Int(_) | Expr::Real(_) => 3,
        Expr::Len(_) | Expr::Field(_) => 2,
        Expr::Index(_) | Expr::Read(..) => 0,
        _ => 1,
    };
    rank(a) > rank(b)
}

fn fused(parts: &[String]) -> String {
    if let [one] = parts { one.clone() } else { format!("({})", parts.join(", ")) }
}

fn bracketed(axes: &[String]) -> String {
    if axes.is_empty() { String::new() } else { format!("[{}]", axes.join(", ")) }
}

fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "inf".into()
    } else if value == std::f64::consts::PI {
        "pi".into()
    } else if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else if value.abs() < 1e-4 {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}
