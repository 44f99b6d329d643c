//! Expressions: as few parentheses as their bonds allow, and the short forms that a person writes.

use super::super::calculus::call;
use super::super::ir::{Comparison, Expr, IndexId, Reduce, Reduction, Role, Type};
use super::{Printer, bracketed, fused, name};

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

impl Printer<'_> {
    pub(crate) fn expr(&self, expr: &Expr) -> String {
        self.bound(expr).0
    }

    fn index(&self, index: IndexId) -> String {
        let known = self.names.borrow().iter().rev().find(|(other, _)| *other == index).map(|(_, name)| name.clone());
        known.unwrap_or_else(|| self.layer.index(self.layer.origin(index)).name.clone())
    }

    pub(super) fn list(&self, all: &[Expr]) -> String {
        all.iter().map(|one| self.expr(one)).collect::<Vec<_>>().join(", ")
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

    /// A position is written closer than a value: `i*stride + p - padding`.
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
