//! Expressions: names become indices, fields and tensors; every part gets the type its place asks for.

use proc_macro2::Span;
use syn::ext::IdentExt;

use super::super::ast::{self, Axis, ExprKind, Operator};
use super::super::calculus::call;
use super::super::ir::{Comparison, Expr, IndexId, Place, Type};
use super::super::primitives::primitive;
use super::indices::rest_name;
use super::{Builder, nearest};

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A number, a quotient of integers being refused.
    Value,
    /// An integer: between brackets, in comparisons of integers. `/` rounds down.
    Integer,
    /// An extent: an integer formula of fields and index names, which mean their extents.
    Extent,
}

pub(super) type Built = Option<Expr>;

impl Builder<'_> {
    /// A value (real or integer) or an integer, as the mode asks.
    pub(super) fn expression(&mut self, expr: &ast::Expr, mode: Mode) -> Built {
        let built = self.any(expr, mode)?;
        match (self.layer.type_of(&built), mode) {
            (Type::Bool, _) => {
                self.errors
                    .at(expr.span, "a number must stand here, and this is a condition; write `if … { 1 } else { 0 }`");
                None
            }
            (Type::Real, Mode::Integer | Mode::Extent) => {
                let place =
                    if mode == Mode::Extent { "an extent is an integer formula" } else { "an integer must stand here" };
                self.errors.at(
                    expr.span,
                    format!("{place}, and this is a real number; write `floor(…)`, `round(…)` or an integer"),
                );
                None
            }
            _ => Some(built),
        }
    }

    /// An extent: an integer formula of literals, fields and index names.
    pub(super) fn extent(&mut self, expr: &ast::Expr) -> Built {
        self.expression(expr, Mode::Extent)
    }

    /// A number that fields and literals give.
    pub(super) fn constant(&mut self, expr: &ast::Expr) -> Built {
        let built = self.expression(expr, Mode::Value)?;
        let moving =
            built.any(&mut |e| matches!(e, Expr::Read(..) | Expr::Index(_) | Expr::Training | Expr::Reduce(_)));
        if moving {
            self.errors.at(expr.span, "only numbers, fields and extents may stand here");
            return None;
        }
        Some(built)
    }

    pub(super) fn condition(&mut self, expr: &ast::Expr, mode: Mode) -> Built {
        let built = self.any(expr, mode)?;
        if self.layer.type_of(&built) != Type::Bool {
            self.errors
                .at(expr.span, "a condition must stand here, and this is a number; write a comparison such as `… > 0`");
            return None;
        }
        Some(built)
    }

    fn any(&mut self, expr: &ast::Expr, mode: Mode) -> Built {
        match &expr.kind {
            ExprKind::Integer(value) => Some(Expr::Int(*value)),
            ExprKind::Real(value) => Some(Expr::Real(*value)),
            ExprKind::Bool(value) => Some(Expr::Bool(*value)),
            ExprKind::Name(name) => self.name(name, mode),
            ExprKind::Read { name, positions } => self.read(name, positions, mode),
            ExprKind::Len { indices } => self.len(indices, expr.span),
            ExprKind::Negate(one) => {
                let one = self.number(one, mode)?;
                Some(match one {
                    Expr::Int(value) => Expr::Int(-value),
                    Expr::Real(value) => Expr::Real(-value),
                    one => Expr::Call(primitive("neg")?, vec![one], Place(expr.span)),
                })
            }
            ExprKind::Not(one) => Some(Expr::Not(Box::new(self.condition(one, mode)?))),
            ExprKind::Binary { operator, left, right } => self.binary(*operator, left, right, expr.span, mode),
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.condition(condition, mode);
                let then = self.number(then, mode);
                let Some(otherwise) = otherwise else {
                    self.errors.at(expr.span, "an `if` needs an `else`: a value is wanted in either case");
                    return None;
                };
                let otherwise = self.number(otherwise, mode)?;
                Some(Expr::If(Box::new([condition?, then?, otherwise]), Place(expr.span)))
            }
            ExprKind::Call { name, arguments } => self.call(name, arguments, mode),
            ExprKind::Reduce { name, bindings, conditions, body } => {
                if mode == Mode::Extent {
                    self.errors.at(
                        name.span(),
                        "an extent is a formula of numbers, fields and extents; reductions cannot stand in it",
                    );
                    return None;
                }
                let before = self.scope.len();
                let built = self.reduce(name, bindings, conditions, body, mode);
                self.scope.truncate(before);
                built
            }
        }
    }

    /// A part of a value that is in error stands for some number, so that the parts beside it can be checked.
    pub(super) fn number(&mut self, expr: &ast::Expr, mode: Mode) -> Built {
        let Some(built) = self.any(expr, mode) else {
            self.is_guessed = true;
            return (mode == Mode::Value).then_some(Expr::Real(0.0));
        };
        if self.layer.type_of(&built) == Type::Bool {
            self.errors
                .at(expr.span, "a number must stand here, and this is a condition; write `if … { 1 } else { 0 }`");
            return None;
        }
        Some(built)
    }

    fn name(&mut self, name: &proc_macro2::Ident, mode: Mode) -> Built {
        let text = name.unraw().to_string();
        if self.missing.is_named(&text) {
            return None;
        }
        if mode != Mode::Extent
            && let Some((_, index)) = self.scope.iter().rev().find(|(other, _)| *other == text)
        {
            return Some(Expr::Index(*index));
        }
        if let Some(field) = self.fields.get(&text) {
            let field = *field;
            if self.layer.fields[field.0].is_array() {
                self.errors.at(name.span(), format!("field `{text}` is an array; say which element: `{text}[0]`"));
                return None;
            }
            return Some(Expr::Field(field));
        }
        match text.as_str() {
            "inf" => return Some(Expr::Real(f64::INFINITY)),
            "pi" => return Some(Expr::Real(std::f64::consts::PI)),
            "training" => return Some(Expr::Training),
            "batch" => {
                self.errors.at(name.span(), BATCH_LATER);
                return None;
            }
            _ => {}
        }
        if let Some(tensor) = self.tensors.get(&text).copied() {
            if mode == Mode::Extent {
                self.errors.at(name.span(), format!("`{text}` is a tensor; an extent cannot depend on data"));
                return None;
            }
            return self.positions(tensor, &[], name.span());
        }
        if let Some(index) = self.indices.get(&text) {
            if mode == Mode::Extent {
                return Some(Expr::Len(*index));
            }
            self.errors.at(
                name.span(),
                format!("index `{text}` is not on the left and nothing reduces it; write `sum({text}) …` or another reduction, or `len({text})` if its extent is meant"),
            );
            return None;
        }
        if !self.missing.is_new(&text) {
            return None;
        }
        let known: Vec<String> =
            self.tensors.keys().chain(self.fields.keys()).chain(self.indices.keys()).cloned().collect();
        let near = nearest(&text, known.iter().map(String::as_str));
        self.missing.meant(near, near.and_then(|near| self.tensors.get(near)));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        self.errors
            .at(name.span(), format!("unknown name `{text}`: it is no field, tensor or index of this layer{hint}"));
        None
    }

    fn len(&mut self, indices: &[Axis], span: Span) -> Built {
        let mut product: Built = None;
        for axis in indices {
            let id = match axis {
                Axis::Index { name, .. } if name == "batch" => {
                    self.errors.at(name.span(), BATCH_LATER);
                    return None;
                }
                Axis::Index { name, extent: None } => self.known_index(&name.unraw().to_string(), name.span())?,
                Axis::Rest { name, rank: None, span } => self.known_index(&rest_name(name.as_ref()), *span)?,
                _ => {
                    self.errors.at(span, "`len(…)` takes index names");
                    return None;
                }
            };
            let len = Expr::Len(id);
            product = Some(match product {
                None => len,
                Some(before) => call("mul", vec![before, len]),
            });
        }
        if product.is_none() {
            self.errors.at(span, "`len(…)` takes at least one index");
        }
        product
    }

    fn known_index(&mut self, text: &str, span: Span) -> Option<IndexId> {
        if self.missing.is_named(text) {
            return None;
        }
        let found = self.indices.get(text).copied();
        if found.is_none() && self.missing.is_new_index(text) {
            let near = nearest(text, self.indices.keys().map(String::as_str))
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            self.errors.at(span, format!("unknown index `{text}`{near}"));
        }
        found
    }

    fn binary(&mut self, operator: Operator, left: &ast::Expr, right: &ast::Expr, span: Span, mode: Mode) -> Built {
        let name = match operator {
            Operator::And | Operator::Or => {
                let (left, right) = (self.condition(left, mode), self.condition(right, mode));
                let both = Box::new([left?, right?]);
                return Some(if operator == Operator::And { Expr::And(both) } else { Expr::Or(both) });
            }
            Operator::Less
            | Operator::LessEqual
            | Operator::Greater
            | Operator::GreaterEqual
            | Operator::Equal
            | Operator::NotEqual => {
                return self.compare(operator, left, right, mode);
            }
            Operator::Add => "add",
            Operator::Subtract => "sub",
            Operator::Multiply => "mul",
            Operator::Divide => "div",
            Operator::Remainder => "rem",
        };
        let (a, b) = (self.number(left, mode), self.number(right, mode));
        let (a, b) = (a?, b?);
        let integers = self.layer.type_of(&a) == Type::Int && self.layer.type_of(&b) == Type::Int;
        let name = match (name, integers, mode) {
            ("div", true, Mode::Integer | Mode::Extent) => "floor_div",
            ("div", true, Mode::Value) if self.counts(&a) && self.counts(&b) => {
                self.errors.at(span, "a quotient of integers in a value: say whether it rounds; write `floor(a / b)`, or `1.0 * a / b` for the exact quotient");
                return None;
            }
            _ => name,
        };
        Some(Expr::Call(primitive(name)?, vec![a, b], Place(span)))
    }

    /// Whether an expression is an integer by its nature, and not a rounded real number.
    fn counts(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Int(_) | Expr::Index(_) | Expr::Len(_) | Expr::Field(_) | Expr::Element(..) => true,
            Expr::Read(tensor, ..) => self.layer.tensor(*tensor).below.is_some(),
            Expr::Call(primitive, all, _) => {
                !["floor", "ceil", "round", "trunc", "sign"].contains(&primitive.name())
                    && all.iter().all(|a| self.counts(a))
            }
            _ => false,
        }
    }

    fn compare(&mut self, operator: Operator, left: &ast::Expr, right: &ast::Expr, mode: Mode) -> Built {
        let inner = if mode == Mode::Extent { Mode::Extent } else { Mode::Integer };
        let before = self.errors.len();
        let (mut a, mut b) = (self.number(left, inner), self.number(right, inner));
        if let (Some(x), Some(y)) = (&a, &b)
            && mode != Mode::Extent
            && (self.layer.type_of(x) != Type::Int || self.layer.type_of(y) != Type::Int)
            && self.errors.len() == before
        {
            (a, b) = (self.number(left, Mode::Value), self.number(right, Mode::Value));
        }
        let (a, b) = (a?, b?);
        Some(match operator {
            Operator::Less => Expr::Compare(Comparison::Less, Box::new([a, b])),
            Operator::LessEqual => Expr::Compare(Comparison::LessEqual, Box::new([a, b])),
            Operator::Greater => Expr::Compare(Comparison::Less, Box::new([b, a])),
            Operator::GreaterEqual => Expr::Compare(Comparison::LessEqual, Box::new([b, a])),
            Operator::Equal => Expr::Compare(Comparison::Equal, Box::new([a, b])),
            _ => Expr::Compare(Comparison::NotEqual, Box::new([a, b])),
        })
    }
}

pub(super) const BATCH_LATER: &str =
    "the index `batch` is not in this version yet: it comes together with `state` and `update`";
