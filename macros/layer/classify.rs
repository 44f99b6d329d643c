//! The class of differentiability of every tensor in every input and parameter: the worst along a path, the worst of several
//! paths. `stop` takes a path out of the count; integers and positions carry no gradient.

use std::collections::BTreeMap;

use proc_macro2::Span;

use super::ir::{Distribution, Expr, Layer, Reduction, Role, TensorId, Type, Value};
use super::meet::{Meeting, kinks_cancel, meeting};
use super::primitives::Class;

/// How a value depends on a leaf (an input or a parameter), and what makes it so.
#[derive(Clone, Debug)]
pub(crate) struct Dependence {
    pub class: Class,
    pub primitive: String,
    pub sentence: String,
    pub span: Span,
}

impl Dependence {
    fn new(class: Class, primitive: &str, sentence: &str, span: Span) -> Dependence {
        Dependence { class, primitive: primitive.into(), sentence: sentence.into(), span }
    }

    /// The worse of two; the first where they are equal.
    fn worse(self, other: Dependence) -> Dependence {
        if other.class > self.class { other } else { self }
    }
}

/// What a value depends on. A leaf that is absent has no path to it.
pub(crate) type Dependences = BTreeMap<TensorId, Dependence>;

fn merge(mut into: Dependences, from: Dependences) -> Dependences {
    for (leaf, dependence) in from {
        let merged = match into.remove(&leaf) {
            Some(known) => known.worse(dependence),
            None => dependence,
        };
        into.insert(leaf, merged);
    }
    into
}

fn through(all: Dependences, step: &Dependence) -> Dependences {
    all.into_iter().map(|(leaf, dependence)| (leaf, dependence.worse(step.clone()))).collect()
}

/// Dependences of every tensor, by its number.
pub(crate) struct Classes {
    of: Vec<Dependences>,
    /// Whether the kinks of the formula at hand are known to cancel.
    cancelled: bool,
}

pub(crate) fn classify(layer: &Layer) -> Classes {
    let mut classes = Classes { of: vec![Dependences::new(); layer.tensors.len()], cancelled: false };
    for (at, tensor) in layer.tensors.iter().enumerate() {
        if matches!(tensor.role, Role::Input | Role::Target | Role::Param(_)) {
            let own = if tensor.integer {
                Dependence::new(Class::None, "", "holds integers", tensor.span)
            } else {
                Dependence::new(Class::Smooth, "", "", tensor.span)
            };
            classes.of[at].insert(TensorId(at), own);
        }
    }
    for definition in &layer.definitions {
        let found = match &definition.value {
            Value::Formula(value) => {
                let found = classes.expr(layer, value);
                if found.values().any(|dependence| dependence.class == Class::Piecewise) && kinks_cancel(layer, value) {
                    classes.cancelled = true;
                    let found = classes.expr(layer, value);
                    classes.cancelled = false;
                    found
                } else {
                    found
                }
            }
            Value::Draw(distribution, arguments) => {
                let all = arguments.iter().map(|a| classes.expr(layer, a)).fold(Dependences::new(), merge);
                match distribution {
                    // A draw of 0 or 1 is constant almost everywhere; others move with their distribution (see `reparameterise`).
                    Distribution::Bernoulli => {
                        let sentence = "draws 0 or 1: where the probability moves a little, the draw stays, or jumps";
                        through(all, &Dependence::new(Class::None, "Bernoulli", sentence, definition.span))
                    }
                    _ => all,
                }
            }
        };
        classes.of[definition.tensor.0] = found;
    }
    classes
}

impl Classes {
    pub(crate) fn tensor(&self, tensor: TensorId) -> &Dependences {
        &self.of[tensor.0]
    }

    /// How the layer's outputs depend on a leaf: the worst of them; `None` without any path.
    pub(crate) fn of_layer(&self, layer: &Layer, leaf: TensorId) -> Option<Dependence> {
        layer
            .outputs()
            .into_iter()
            .filter_map(|output| self.tensor(output).get(&leaf).cloned())
            .reduce(Dependence::worse)
    }

    /// Whether a gradient flows from a tensor to some real input or a parameter.
    pub(crate) fn differentiable(&self, layer: &Layer, tensor: TensorId) -> bool {
        self.of[tensor.0]
            .iter()
            .any(|(leaf, dependence)| dependence.class != Class::None && layer.tensor(*leaf).role != Role::Target)
            || (self.of[tensor.0].contains_key(&tensor)
                && !layer.tensor(tensor).integer
                && layer.tensor(tensor).role != Role::Target)
    }

    fn step(&self, own: Dependence) -> Dependence {
        if self.cancelled && own.class == Class::Piecewise {
            Dependence::new(Class::Smooth, "", "", own.span)
        } else {
            own
        }
    }

    fn all<'e>(&self, layer: &Layer, exprs: impl IntoIterator<Item = &'e Expr>) -> Dependences {
        exprs.into_iter().fold(Dependences::new(), |all, e| merge(all, self.expr(layer, e)))
    }

    fn expr(&self, layer: &Layer, expr: &Expr) -> Dependences {
        match expr {
            Expr::Read(tensor, positions, place) => {
                let step = self.position_step(layer, positions, place.0);
                merge(self.of[tensor.0].clone(), through(self.all(layer, positions), &step))
            }
            Expr::Call(primitive, arguments, place) => {
                let step = self.step(Dependence::new(primitive.class(), primitive.name(), primitive.why(), place.0));
                through(self.all(layer, arguments), &step)
            }
            Expr::If(three, place) => {
                let branches = self.all(layer, &three[1..]);
                let condition = self.values(layer, &three[0]);
                if condition.is_empty() {
                    return branches;
                }
                let step = self.step(switch(layer, expr, place.0));
                let condition = condition.into_keys().map(|leaf| (leaf, step.clone())).collect();
                merge(branches, condition)
            }
            Expr::Reduce(reduce) => {
                let body = self.expr(layer, &reduce.body);
                let span = reduce.place.0;
                let step = match reduce.kind {
                    Reduction::Sum | Reduction::Product => Dependence::new(Class::Smooth, "", "", span),
                    Reduction::Maximum => {
                        Dependence::new(Class::Piecewise, "max", "has a kink where two of its elements are equal", span)
                    }
                    Reduction::Minimum => {
                        Dependence::new(Class::Piecewise, "min", "has a kink where two of its elements are equal", span)
                    }
                    Reduction::ArgMaximum => Dependence::new(
                        Class::None,
                        "argmax",
                        "is a position: it is constant until another element is the largest, where it jumps",
                        span,
                    ),
                    Reduction::ArgMinimum => Dependence::new(
                        Class::None,
                        "argmin",
                        "is a position: it is constant until another element is the smallest, where it jumps",
                        span,
                    ),
                    Reduction::Count => {
                        Dependence::new(Class::None, "sum", "counts: it is constant almost everywhere", span)
                    }
                };
                let body = through(body, &step);
                let conditions: Vec<Expr> = reduce.conditions.clone();
                let found = conditions.iter().fold(Dependences::new(), |all, c| merge(all, self.values(layer, c)));
                if found.is_empty() {
                    return body;
                }
                let step = if reduce.kind == Reduction::Sum {
                    let condition =
                        conditions.into_iter().reduce(|a, b| Expr::And(Box::new([a, b]))).unwrap_or(Expr::Bool(true));
                    let chosen = Expr::If(Box::new([condition, reduce.body.clone(), Expr::Real(0.0)]), reduce.place);
                    self.step(switch(layer, &chosen, span))
                } else {
                    Dependence::new(
                        Class::None,
                        "where",
                        "takes elements in and out by their values, where the result jumps",
                        span,
                    )
                };
                merge(body, found.into_keys().map(|leaf| (leaf, step.clone())).collect())
            }
            Expr::Stop(..) => Dependences::new(),
            Expr::StraightThrough(both) => self.expr(layer, &both[1]),
            Expr::Compare(..) | Expr::And(_) | Expr::Or(_) | Expr::Not(_) => self.values(layer, expr),
            _ => self.all(layer, expr.children()),
        }
    }

    /// The leaves whose values a condition depends on, integers apart.
    fn values(&self, layer: &Layer, condition: &Expr) -> Dependences {
        match condition {
            Expr::Stop(..) => Dependences::new(),
            _ => {
                let found = match condition {
                    Expr::Read(tensor, ..) => self.of[tensor.0].clone(),
                    _ => Dependences::new(),
                };
                let found = found.into_iter().filter(|(leaf, _)| !layer.tensor(*leaf).integer).collect();
                condition.children().into_iter().fold(found, |all, child| merge(all, self.values(layer, child)))
            }
        }
    }

    fn position_step(&self, layer: &Layer, positions: &[Expr], span: Span) -> Dependence {
        let mut named: Option<(&'static str, &'static str, Span)> = None;
        for position in positions {
            position.visit(&mut |e| {
                if let Expr::Call(primitive, arguments, place) = e
                    && primitive.class() == Class::None
                    && named.is_none()
                    && arguments.iter().any(|a| layer.type_of(a) == Type::Real)
                {
                    named = Some((primitive.name(), primitive.why(), place.0));
                }
            });
        }
        let (primitive, sentence, span) =
            named.unwrap_or(("[…]", "is a position: it is constant almost everywhere", span));
        Dependence::new(Class::None, primitive, sentence, span)
    }
}

/// What an `if` on values is: its branches meet with their slopes, meet, or jump.
fn switch(layer: &Layer, chosen: &Expr, span: Span) -> Dependence {
    match meeting(layer, chosen) {
        Meeting::WithSlopes => Dependence::new(Class::Smooth, "", "", span),
        Meeting::Values => Dependence::new(Class::Piecewise, "if", "has a kink where its condition changes", span),
        Meeting::Nowhere => {
            Dependence::new(Class::None, "if", "jumps: its branches do not meet where the condition changes", span)
        }
    }
}
