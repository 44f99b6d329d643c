//! Calls: functions of numbers, and the few words that look like functions.

use syn::ext::IdentExt;

use super::super::ast::{self, ExprKind, Operator};
use super::super::ir::{Comparison, Expr, Place, Type};
use super::super::parse::refuse;
use super::super::primitives::{names, primitive};
use super::expression::{Built, Mode};
use super::{Builder, nearest};

impl Builder<'_> {
    pub(super) fn call(&mut self, name: &proc_macro2::Ident, arguments: &[ast::Expr], mode: Mode) -> Built {
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
            _ => {}
        }
        if let Some(why) = refuse::function(&text) {
            self.errors.at(name.span(), why);
            return None;
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
}
