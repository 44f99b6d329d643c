//! Formulas without what does nothing: factors of one, terms of zero, double signs, conditions that are known.

use super::calculus::call;
use super::ir::{Comparison, Expr};

/// A product of products as one row of factors, the numbers multiplied and put in front.
fn product(expr: Expr) -> Expr {
    fn factors(expr: &Expr, all: &mut Vec<Expr>) {
        match expr {
            Expr::Call(primitive, both, _) if primitive.is("mul") => both.iter().for_each(|one| factors(one, all)),
            other => all.push(other.clone()),
        }
    }
    let mut all = vec![];
    factors(&expr, &mut all);
    let (numbers, others): (Vec<Expr>, Vec<Expr>) = all.into_iter().partition(|one| matches!(one, Expr::Real(_)));
    let product =
        numbers.iter().fold(1.0, |product, one| if let Expr::Real(value) = one { product * value } else { product });
    // 0.3 * 0.75 is no short number any more: then both stay.
    let short = format!("{product}").len() <= 6;
    let number = match short {
        true if product == 1.0 && !others.is_empty() => vec![],
        true => vec![Expr::Real(product)],
        false => numbers,
    };
    number.into_iter().chain(others).reduce(|a, b| call("mul", vec![a, b])).unwrap_or(expr)
}

pub(crate) fn simplify(expr: &Expr) -> Expr {
    let expr = expr.map(&mut |child| simplify(child));
    match &expr {
        Expr::Call(primitive, all, _) => {
            let zero = |e: &Expr| matches!(e, Expr::Int(0)) || matches!(e, Expr::Real(v) if *v == 0.0);
            let one = |e: &Expr| matches!(e, Expr::Int(1)) || matches!(e, Expr::Real(v) if *v == 1.0);
            let negative = |e: &Expr| match e {
                Expr::Call(p, inner, _) if p.is("neg") => Some(inner[0].clone()),
                Expr::Real(v) if *v < 0.0 => Some(Expr::Real(-v)),
                _ => None,
            };
            match (primitive.name(), all.as_slice()) {
                ("add", [a, b]) if zero(a) => b.clone(),
                ("add" | "sub", [a, b]) if zero(b) => a.clone(),
                ("add", [Expr::Int(a), Expr::Int(b)]) => Expr::Int(a + b),
                ("sub", [Expr::Int(a), Expr::Int(b)]) => Expr::Int(a - b),
                ("mul", [Expr::Int(a), Expr::Int(b)]) => Expr::Int(a * b),
                ("add" | "sub", [Expr::Real(a), Expr::Real(b)]) => Expr::Real(primitive.evaluate(&[*a, *b])),
                ("add", [a, b]) => match (negative(a), negative(b)) {
                    (None, Some(b)) => call("sub", vec![a.clone(), b]),
                    (Some(a), None) => call("sub", vec![b.clone(), a]),
                    _ => expr,
                },
                ("sub", [a, b]) => match (zero(a), negative(b)) {
                    (_, Some(b)) => simplify(&call("add", vec![a.clone(), b])),
                    (true, None) => call("neg", vec![b.clone()]),
                    _ => expr,
                },
                ("mul", [a, b]) if one(a) => b.clone(),
                ("mul" | "div", [a, b]) if one(b) => a.clone(),
                ("mul", [a, b]) => match (negative(a), negative(b)) {
                    (Some(a), Some(b)) => simplify(&call("mul", vec![a, b])),
                    (Some(a), None) => call("neg", vec![simplify(&call("mul", vec![a, b.clone()]))]),
                    (None, Some(b)) => call("neg", vec![simplify(&call("mul", vec![a.clone(), b]))]),
                    _ => product(expr),
                },
                ("div", [a, b]) => match negative(a) {
                    Some(a) => call("neg", vec![simplify(&call("div", vec![a, b.clone()]))]),
                    None => expr,
                },
                ("neg", [a]) => negative(a).unwrap_or_else(|| match a {
                    Expr::Int(v) => Expr::Int(-v),
                    Expr::Real(v) => Expr::Real(-v),
                    _ => expr.clone(),
                }),
                _ => expr,
            }
        }
        Expr::Not(one) => match &**one {
            Expr::Bool(value) => Expr::Bool(!value),
            Expr::Not(inner) => (**inner).clone(),
            _ => expr,
        },
        Expr::And(both) => match &**both {
            [Expr::Bool(true), other] | [other, Expr::Bool(true)] => other.clone(),
            [Expr::Bool(false), _] | [_, Expr::Bool(false)] => Expr::Bool(false),
            _ => expr,
        },
        Expr::Or(both) => match &**both {
            [Expr::Bool(false), other] | [other, Expr::Bool(false)] => other.clone(),
            [Expr::Bool(true), _] | [_, Expr::Bool(true)] => Expr::Bool(true),
            _ => expr,
        },
        Expr::Compare(comparison, both) => match (&both[0], &both[1]) {
            (Expr::Int(a), Expr::Int(b)) => Expr::Bool(match comparison {
                Comparison::Less => a < b,
                Comparison::LessEqual => a <= b,
                Comparison::Equal => a == b,
                Comparison::NotEqual => a != b,
            }),
            (Expr::Real(a), Expr::Real(b)) => Expr::Bool(match comparison {
                Comparison::Less => a < b,
                Comparison::LessEqual => a <= b,
                Comparison::Equal => a == b,
                Comparison::NotEqual => a != b,
            }),
            _ => expr,
        },
        Expr::If(three, _) => match &three[0] {
            Expr::Bool(true) => three[1].clone(),
            Expr::Bool(false) => three[2].clone(),
            _ if three[1] == three[2] => three[1].clone(),
            _ => expr,
        },
        _ => expr,
    }
}
