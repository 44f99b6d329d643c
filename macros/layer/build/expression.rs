//! Expressions: names become indices, fields and tensors; every part gets the type its place asks for.

use proc_macro2::Span;
use syn::ext::IdentExt;

use super::super::ast::{self, Axis, ExprKind, Operator, Position};
use super::super::calculus::call;
use super::super::ir::{Comparison, Expr, IndexId, Place, Reduce, Reduction, TensorId, Type};
use super::super::primitives::{names, primitive};
use super::indices::{Nest, rest_name};
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

type Built = Option<Expr>;

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

    fn number(&mut self, expr: &ast::Expr, mode: Mode) -> Built {
        let built = self.any(expr, mode)?;
        if self.layer.type_of(&built) == Type::Bool {
            self.errors
                .at(expr.span, "a number must stand here, and this is a condition; write `if … { 1 } else { 0 }`");
            return None;
        }
        Some(built)
    }

    fn name(&mut self, name: &proc_macro2::Ident, mode: Mode) -> Built {
        let text = name.unraw().to_string();
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
        let known: Vec<String> =
            self.tensors.keys().chain(self.fields.keys()).chain(self.indices.keys()).cloned().collect();
        let hint = nearest(&text, known.iter().map(String::as_str))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
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
        let found = self.indices.get(text).copied();
        if found.is_none() {
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

    fn call(&mut self, name: &proc_macro2::Ident, arguments: &[ast::Expr], mode: Mode) -> Built {
        let text = name.unraw().to_string();
        let place = Place(name.span());
        let count = arguments.len();
        let takes = |builder: &mut Self, expected: usize| {
            if count != expected {
                builder.errors.at(
                    name.span(),
                    format!("`{text}` takes {expected} argument{}, not {count}", if expected == 1 { "" } else { "s" }),
                );
            }
            count == expected
        };
        match text.as_str() {
            "max" | "min" if count >= 2 => {
                let all: Vec<Expr> = arguments.iter().filter_map(|a| self.number(a, mode)).collect();
                if all.len() != count {
                    return None;
                }
                let primitive = primitive(&text)?;
                return all.into_iter().reduce(|a, b| Expr::Call(primitive, vec![a, b], place));
            }
            "clamp" => {
                if !takes(self, 3) {
                    return None;
                }
                let all: Vec<Expr> = arguments.iter().filter_map(|a| self.number(a, mode)).collect();
                let [x, low, high] = <[Expr; 3]>::try_from(all).ok()?;
                if [&x, &low, &high].iter().all(|e| self.layer.type_of(e) == Type::Int) {
                    return Some(Expr::Call(
                        primitive("min")?,
                        vec![Expr::Call(primitive("max")?, vec![x, low], place), high],
                        place,
                    ));
                }
                // Bounds that are computed may cross; then the upper one holds, as PyTorch has it, and the branches meet all the same.
                let fixed = |e: &Expr| {
                    !e.any(&mut |part| matches!(part, Expr::Read(..) | Expr::Index(_) | Expr::Reduce(_) | Expr::If(..)))
                };
                let low = if fixed(&low) && fixed(&high) {
                    low
                } else {
                    Expr::Call(primitive("min")?, vec![low, high.clone()], place)
                };
                // As branches, so that the slope at the bounds is 1.
                let below = Expr::Compare(Comparison::Less, Box::new([x.clone(), low.clone()]));
                let above = Expr::Compare(Comparison::Less, Box::new([high.clone(), x.clone()]));
                return Some(Expr::If(Box::new([below, low, Expr::If(Box::new([above, high, x]), place)]), place));
            }
            "stop" => {
                return if takes(self, 1) {
                    Some(Expr::Stop(Box::new(self.number(&arguments[0], mode)?), place))
                } else {
                    None
                };
            }
            "straight_through" => {
                if !takes(self, 2) {
                    return None;
                }
                let (forward, surrogate) = (self.number(&arguments[0], mode), self.number(&arguments[1], mode));
                return Some(Expr::StraightThrough(Box::new([forward?, surrogate?])));
            }
            "floor" | "ceil" if count == 1 => return self.rounded(&text, &arguments[0], place, mode),
            "sum" | "mean" | "max" | "min" | "prod" | "argmax" | "argmin" | "norm" => {
                self.errors.at(
                    name.span(),
                    format!("the reduction `{text}` is followed by what it reduces: `{text}(i) x[i]`"),
                );
                return None;
            }
            "sort" | "argsort" | "topk" => {
                self.errors
                    .at(name.span(), "sorting is not in the language; `max`, `argmax` and sums over comparisons are");
                return None;
            }
            _ => {}
        }
        let found = primitive(&text).filter(|_| names().any(|known| known == text));
        let Some(found) = found else {
            let extra = [
                "max",
                "min",
                "clamp",
                "stop",
                "straight_through",
                "sum",
                "mean",
                "prod",
                "argmax",
                "argmin",
                "norm",
                "len",
            ];
            let hint = nearest(&text, names().chain(extra))
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            self.errors.at(name.span(), format!("unknown function `{text}`{hint}"));
            return None;
        };
        if !takes(self, found.arity()) {
            return None;
        }
        if mode == Mode::Extent && !["ceil_div", "floor", "ceil", "abs"].contains(&found.name()) {
            self.errors.at(
                name.span(),
                format!("`{text}` cannot stand in an extent: an extent is a formula of `+ - * / % min max ceil_div`"),
            );
            return None;
        }
        let integer_only = found.is("ceil_div");
        let all: Vec<Expr> = arguments.iter().filter_map(|a| self.number(a, mode)).collect();
        if all.len() != count {
            return None;
        }
        if integer_only && all.iter().any(|a| self.layer.type_of(a) != Type::Int) {
            self.errors.at(name.span(), "`ceil_div` divides integers; write `ceil(a / b)` for real numbers");
            return None;
        }
        if found.is("powi") && self.layer.type_of(&all[1]) != Type::Int {
            self.errors
                .at(arguments[1].span, "the exponent of `powi` is an integer; write `powf(x, y)` for a real one");
            return None;
        }
        Some(Expr::Call(found, all, place))
    }

    /// `floor(a / b)` of integers is their quotient rounded, exactly.
    fn rounded(&mut self, name: &str, argument: &ast::Expr, place: Place, mode: Mode) -> Built {
        if let ExprKind::Binary { operator: Operator::Divide, left, right } = &argument.kind {
            let before = self.errors.len();
            let (a, b) = (self.number(left, mode), self.number(right, mode));
            if self.errors.len() > before {
                return None;
            }
            let (a, b) = (a?, b?);
            if self.layer.type_of(&a) == Type::Int && self.layer.type_of(&b) == Type::Int {
                let quotient = if name == "floor" { "floor_div" } else { "ceil_div" };
                return Some(Expr::Call(primitive(quotient)?, vec![a, b], place));
            }
        }
        // What is rounded is a value, even between brackets.
        let inner = if mode == Mode::Integer { Mode::Value } else { mode };
        let argument = self.number(argument, inner)?;
        if self.layer.type_of(&argument) == Type::Int {
            return Some(argument);
        }
        Some(Expr::Call(primitive(name)?, vec![argument], place))
    }

    fn reduce(
        &mut self,
        name: &proc_macro2::Ident,
        bindings: &[Axis],
        conditions: &[ast::Expr],
        body: &ast::Expr,
        mode: Mode,
    ) -> Built {
        let text = name.unraw().to_string();
        let place = Place(name.span());
        let kind = match text.as_str() {
            "sum" | "mean" | "norm" => Reduction::Sum,
            "prod" => Reduction::Product,
            "max" => Reduction::Maximum,
            "min" => Reduction::Minimum,
            "argmax" => Reduction::ArgMaximum,
            "argmin" => Reduction::ArgMinimum,
            _ => {
                let hint =
                    nearest(&text, ["sum", "mean", "max", "min", "prod", "argmax", "argmin", "norm"].into_iter())
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                self.errors.at(name.span(), format!("unknown reduction `{text}`{hint}"));
                return None;
            }
        };
        let mut indices = vec![];
        for binding in bindings {
            self.bind(binding, &mut indices)?;
        }
        if indices.is_empty() {
            self.errors.at(name.span(), format!("`{text}` needs at least one index: `{text}(i) …`"));
            return None;
        }
        let conditions: Vec<Built> =
            conditions.iter().map(|condition| self.condition(condition, Mode::Value)).collect();
        let inner = if mode == Mode::Integer { Mode::Value } else { mode };
        let body = self.number(body, inner);
        let (conditions, body) = (conditions.into_iter().collect::<Option<Vec<_>>>()?, body?);
        let conditions: Vec<Expr> = conditions.into_iter().flat_map(conjuncts).collect();
        let make = |kind, conditions, body| {
            Expr::Reduce(Box::new(Reduce { kind, indices: indices.clone(), conditions, body, place }))
        };
        Some(match text.as_str() {
            "mean" => {
                let count = if conditions.is_empty() {
                    indices
                        .iter()
                        .map(|index| Expr::Len(self.layer.origin(*index)))
                        .reduce(|a, b| call("mul", vec![a, b]))?
                } else {
                    let counted: Vec<IndexId> = indices.iter().map(|index| self.layer.copy_index(*index)).collect();
                    let rename =
                        |index: IndexId| indices.iter().position(|i| *i == index).map(|at| Expr::Index(counted[at]));
                    let conditions = conditions.iter().map(|c| c.substitute(&rename)).collect();
                    Expr::Reduce(Box::new(Reduce {
                        kind: Reduction::Count,
                        indices: counted,
                        conditions,
                        body: Expr::Int(1),
                        place,
                    }))
                };
                Expr::Call(primitive("div")?, vec![make(kind, conditions, body), count], place)
            }
            "norm" => call("root", vec![make(kind, conditions, call("square", vec![body]))]),
            _ => make(kind, conditions, body),
        })
    }

    /// A reduction's index, bound anew: it hides an outer one of its name, and has its extent.
    fn bind(&mut self, binding: &Axis, indices: &mut Vec<IndexId>) -> Option<()> {
        match binding {
            Axis::Index { name, .. } if name == "batch" => {
                self.errors.at(name.span(), BATCH_LATER);
                None
            }
            Axis::Index { name, .. } => {
                let text = name.unraw().to_string();
                let origin = self.indices.get(&text).copied();
                let Some(origin) = origin else {
                    self.errors.at(
                        name.span(),
                        format!("index `{text}` has no extent: no input brings it; write `{text}: EXTENT`"),
                    );
                    return None;
                };
                self.bind_to(text, origin, indices);
                Some(())
            }
            Axis::Fused { parts, .. } => parts.iter().try_for_each(|part| self.bind(part, indices)),
            Axis::Rest { name, span, .. } => {
                let text = rest_name(name.as_ref());
                let Some(origin) = self.indices.get(&text).copied() else {
                    self.errors
                        .at(*span, format!("`{text}` stands for axes that an input brings, and no input has `{text}`"));
                    return None;
                };
                self.bind_to(text, origin, indices);
                Some(())
            }
        }
    }

    fn bind_to(&mut self, text: String, origin: IndexId, indices: &mut Vec<IndexId>) {
        // The introducing index itself where it is not in force, so that texts print as they were written.
        let index = if self.scope.iter().any(|(_, id)| *id == origin) { self.layer.copy_index(origin) } else { origin };
        self.scope.push((text, index));
        indices.push(index);
    }

    fn read(&mut self, name: &proc_macro2::Ident, positions: &[Position], mode: Mode) -> Built {
        let text = name.unraw().to_string();
        if let Some(field) = self.fields.get(&text).copied() {
            if !self.layer.fields[field.0].is_array() {
                self.errors.at(name.span(), format!("field `{text}` is no array"));
                return None;
            }
            let [Position::At(at)] = positions else {
                self.errors.at(
                    name.span(),
                    format!("an element of the array field `{text}` is read by one position: `{text}[0]`"),
                );
                return None;
            };
            let at = self.expression(at, if mode == Mode::Extent { Mode::Extent } else { Mode::Integer })?;
            return Some(Expr::Element(field, Box::new(at)));
        }
        let Some(tensor) = self.tensors.get(&text).copied() else {
            let known: Vec<String> = self.tensors.keys().cloned().collect();
            let hint = nearest(&text, known.iter().map(String::as_str))
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            self.errors.at(name.span(), format!("unknown tensor `{text}`{hint}"));
            return None;
        };
        if mode == Mode::Extent {
            self.errors.at(name.span(), format!("`{text}` is a tensor; an extent cannot depend on data"));
            return None;
        }
        self.positions(tensor, positions, name.span())
    }

    fn positions(&mut self, tensor: TensorId, positions: &[Position], span: Span) -> Built {
        let axes = self.nests.get(&tensor).cloned().unwrap_or_default();
        let name = self.layer.tensor(tensor).name.clone();
        if axes.len() != positions.len() {
            self.errors.at(
                span,
                format!(
                    "`{name}` has {} ({}), and {} given",
                    axis_count(axes.len()),
                    self.written(tensor),
                    stand(positions.len())
                ),
            );
            return None;
        }
        let mut flat = vec![];
        for (axis, position) in axes.iter().zip(positions) {
            self.position(axis, position, &name, &mut flat)?;
        }
        let read = Expr::Read(tensor, flat, Place(span));
        let super::Role::Param(at) = *self.role(tensor) else { return Some(read) };
        let param = &self.layer.params[at];
        Some(match &param.condition {
            Some(condition) => Expr::If(Box::new([condition.clone(), read, param.otherwise.clone()]), Place(span)),
            None => read,
        })
    }

    /// The positions of an axis, one for each of its parts.
    fn position(&mut self, axis: &Nest, position: &Position, name: &str, flat: &mut Vec<Expr>) -> Option<()> {
        let leaves = axis.leaves();
        let rests = leaves.iter().any(|index| self.layer.index(*index).is_rest());
        match position {
            Position::Rest { name: rest, span } => {
                let text = rest_name(rest.as_ref());
                let Some((_, index)) = self.scope.iter().rev().find(|(other, _)| *other == text) else {
                    self.errors.at(*span, format!("`{text}` is not on the left and nothing reduces it"));
                    return None;
                };
                if leaves.len() != 1 || self.layer.origin(leaves[0]) != self.layer.origin(*index) {
                    self.errors.at(*span, format!("this axis of `{name}` is not `{text}`"));
                    return None;
                }
                flat.push(Expr::Index(*index));
            }
            Position::At(at) if leaves.len() == 1 && !rests => flat.push(self.expression(at, Mode::Integer)?),
            Position::At(at) => {
                if rests && leaves.len() == 1 {
                    self.errors
                        .at(at.span, format!("this axis of `{name}` stands for any number of axes: read it as `..`"));
                    return None;
                }
                // A row-major position in an axis of several parts.
                let position = self.expression(at, Mode::Integer)?;
                flat.extend(self.split(&leaves, position));
            }
            Position::Fused { parts, span } => match axis {
                Nest::Fused(inner) if inner.len() == parts.len() && parts.len() > 1 => {
                    for (part, inner) in parts.iter().zip(inner) {
                        self.position(inner, part, name, flat)?;
                    }
                }
                _ => {
                    let position = self.row_major(parts, *span)?;
                    if leaves.len() == 1 { flat.push(position) } else { flat.extend(self.split(&leaves, position)) }
                }
            },
        }
        Some(())
    }

    /// A position in a fused axis as positions in its parts.
    fn split(&self, axis: &[IndexId], position: Expr) -> Vec<Expr> {
        let mut parts = vec![];
        let mut rest = position;
        for (at, index) in axis.iter().enumerate().rev() {
            let len = Expr::Len(self.layer.origin(*index));
            if at == 0 {
                parts.push(rest.clone());
            } else {
                parts.push(call("rem", vec![rest.clone(), len.clone()]));
                rest = call("floor_div", vec![rest, len]);
            }
        }
        parts.reverse();
        parts
    }

    /// `(g, c)` as one number: `g * len(c) + c`.
    fn row_major(&mut self, parts: &[Position], span: Span) -> Built {
        let mut sum: Built = None;
        for part in parts {
            let (value, len) = match part {
                Position::At(at) => {
                    let value = self.expression(at, Mode::Integer)?;
                    let len =
                        if let Expr::Index(index) = &value { Some(Expr::Len(self.layer.origin(*index))) } else { None };
                    (value, len)
                }
                Position::Rest { name, span } => {
                    let text = rest_name(name.as_ref());
                    let Some((_, index)) = self.scope.iter().rev().find(|(other, _)| *other == text) else {
                        self.errors.at(*span, format!("`{text}` is not on the left and nothing reduces it"));
                        return None;
                    };
                    (Expr::Index(*index), Some(Expr::Len(self.layer.origin(*index))))
                }
                Position::Fused { parts, span } => {
                    let lens = self.row_major_len(parts);
                    (self.row_major(parts, *span)?, lens)
                }
            };
            sum = Some(match (sum, len) {
                (None, _) => value,
                (Some(before), Some(len)) => call("add", vec![call("mul", vec![before, len]), value]),
                (Some(_), None) => {
                    self.errors.at(span, "the parts of a fused position behind the first are index names here: their extents say how far apart the rows are");
                    return None;
                }
            });
        }
        sum
    }

    fn row_major_len(&mut self, parts: &[Position]) -> Built {
        let mut product: Built = None;
        for part in parts {
            let Position::At(ast::Expr { kind: ExprKind::Name(name), .. }) = part else { return None };
            let text = name.unraw().to_string();
            let (_, index) = self.scope.iter().rev().find(|(other, _)| *other == text)?;
            let len = Expr::Len(self.layer.origin(*index));
            product = Some(match product {
                None => len,
                Some(before) => call("mul", vec![before, len]),
            });
        }
        product
    }

    fn written(&self, tensor: TensorId) -> String {
        super::super::print::declaration(&self.layer, tensor)
    }
}

const BATCH_LATER: &str = "the index `batch` is not in this version yet: it comes together with `state` and `update`";

fn axis_count(count: usize) -> String {
    match count {
        0 => "no axes".into(),
        1 => "1 axis".into(),
        n => format!("{n} axes"),
    }
}

fn stand(count: usize) -> String {
    match count {
        0 => "no positions are".into(),
        1 => "1 position is".into(),
        n => format!("{n} positions are"),
    }
}

/// The conditions that `&&` joins.
pub(super) fn conjuncts(condition: Expr) -> Vec<Expr> {
    match condition {
        Expr::And(both) => both.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}
