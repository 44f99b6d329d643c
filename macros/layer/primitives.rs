//! THE TABLE: every primitive function of the language, one row each. Letters are the field's: `x` (or `a`, `b`) the
//! arguments, `y` the value, `g` the cotangent of `y`. A row gives the name, the class of differentiability, the cotangent of
//! each argument, the value in f64 (for checks while compiling), and where tests sample it.
//!
//! To add a primitive: a row here, a function of that name in the runtime's vocabulary, a line in the language's page.

use super::calculus::{Paper, Term};
use super::ir::{Comparison, Expr, Type};

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Primitive(&'static Row);

impl PartialEq for Primitive {
    fn eq(&self, other: &Primitive) -> bool {
        self.name() == other.name()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Smooth,
    Piecewise,
    None,
}

#[derive(Clone, Copy)]
enum Rule {
    Unary(for<'a> fn(x: Term<'a>, y: Term<'a>, g: Term<'a>) -> Term<'a>, fn(f64) -> f64),
    Binary(
        for<'a> fn(a: Term<'a>, b: Term<'a>, y: Term<'a>, g: Term<'a>) -> Term<'a>,
        for<'a> fn(a: Term<'a>, b: Term<'a>, y: Term<'a>, g: Term<'a>) -> Term<'a>,
        fn(f64, f64) -> f64,
    ),
    /// The second argument is an integer and has no cotangent.
    Power(for<'a> fn(x: Term<'a>, n: Term<'a>, g: Term<'a>) -> Term<'a>, fn(f64, f64) -> f64),
    /// No useful gradient.
    Flat(fn(f64) -> f64),
    FlatBinary(fn(f64, f64) -> f64),
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rule")
    }
}

/// Where a test samples the arguments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Domain {
    Any,
    Positive,
    Nonzero,
    /// Between -1 and 1.
    Unit,
}
use Domain::{Any, Nonzero, Positive, Unit};

/// What integers become.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Real, whatever comes.
    Real,
    /// An integer of integers, else real.
    Same,
    /// Always an integer.
    Whole,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    class: Class,
    kind: Kind,
    rule: Rule,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests sample there"))]
    domain: Domain,
    /// Why the class is not smooth: completes "`name` …".
    why: &'static str,
}

type OneRule = for<'a> fn(Term<'a>, Term<'a>, Term<'a>) -> Term<'a>;
type TwoRule = for<'a> fn(Term<'a>, Term<'a>, Term<'a>, Term<'a>) -> Term<'a>;

const fn unary(name: &'static str, rule: OneRule, value: fn(f64) -> f64, domain: Domain) -> Row {
    Row { name, class: Class::Smooth, kind: Kind::Real, rule: Rule::Unary(rule, value), domain, why: "" }
}
const fn binary(
    name: &'static str,
    kind: Kind,
    a: TwoRule,
    b: TwoRule,
    value: fn(f64, f64) -> f64,
    domain: Domain,
) -> Row {
    Row { name, class: Class::Smooth, kind, rule: Rule::Binary(a, b, value), domain, why: "" }
}
const fn same(row: Row) -> Row {
    Row { kind: Kind::Same, ..row }
}
const fn kink(row: Row, why: &'static str) -> Row {
    Row { class: Class::Piecewise, kind: Kind::Same, why, ..row }
}
const fn none(name: &'static str, value: fn(f64) -> f64, why: &'static str) -> Row {
    Row { name, class: Class::None, kind: Kind::Whole, rule: Rule::Flat(value), domain: Any, why }
}
const fn none2(name: &'static str, value: fn(f64, f64) -> f64, why: &'static str) -> Row {
    Row { name, class: Class::None, kind: Kind::Same, rule: Rule::FlatBinary(value), domain: Any, why }
}

const KINK_AT_0: &str = "has a kink at 0";
const KINK_AT_TIES: &str = "has a kink where its arguments are equal";
const STEPS: &str = "is constant between integers, where it jumps";

#[rustfmt::skip]
static TABLE: &[Row] = &[
    //      name       cotangent of each argument                                       value                             sampled in
    same(unary("neg",      |_, _, g| -g,                                                |x| -x,                           Any)),
    binary("add", Kind::Same, |_, _, _, g| g,         |_, _, _, g| g,                   |a, b| a + b,                     Any),
    binary("sub", Kind::Same, |_, _, _, g| g,         |_, _, _, g| -g,                  |a, b| a - b,                     Any),
    binary("mul", Kind::Same, |_, b, _, g| g * b,     |a, _, _, g| g * a,               |a, b| a * b,                     Any),
    binary("div", Kind::Real, |_, b, _, g| g / b,     |_, b, y, g| -(g * y) / b,        |a, b| a / b,                     Nonzero),
    unary("exp",           |_, y, g| g * y,                                             f64::exp,                         Any),
    unary("exp_m1",        |x, _, g| g * x.exp(),                                       f64::exp_m1,                      Any),
    unary("ln",            |x, _, g| g / x,                                             f64::ln,                          Positive),
    unary("ln_1p",         |x, _, g| g / (1.0 + x),                                     f64::ln_1p,                       Positive),
    unary("sqrt",          |_, y, g| g / (2.0 * y),                                     f64::sqrt,                        Positive),
    same(unary("square",   |x, _, g| g * (2.0 * x),                                     |x| x * x,                        Any)),
    // The root of a norm: PyTorch's convention at 0, where the slope has no direction.
    unary("root",          |_, y, g| y.is(Comparison::Equal, y.number(0.0)).choose(y.number(0.0), g / (2.0 * y)), f64::sqrt,              Positive),
    unary("recip",         |_, y, g| -(g * y.square()),                                 |x| 1.0 / x,                      Nonzero),
    unary("sin",           |x, _, g| g * x.cos(),                                       f64::sin,                         Any),
    unary("cos",           |x, _, g| -(g * x.sin()),                                    f64::cos,                         Any),
    unary("tan",           |_, y, g| g * (1.0 + y.square()),                            f64::tan,                         Unit),
    unary("asin",          |x, _, g| g / (1.0 - x.square()).sqrt(),                     f64::asin,                        Unit),
    unary("acos",          |x, _, g| -(g / (1.0 - x.square()).sqrt()),                  f64::acos,                        Unit),
    unary("atan",          |x, _, g| g / (1.0 + x.square()),                            f64::atan,                        Any),
    unary("sinh",          |x, _, g| g * x.cosh(),                                      f64::sinh,                        Any),
    unary("cosh",          |x, _, g| g * x.sinh(),                                      f64::cosh,                        Any),
    unary("tanh",          |_, y, g| g * (1.0 - y.square()),                            f64::tanh,                        Any),
    unary("sigmoid",       |_, y, g| g * (y * (1.0 - y)),                               |x| 1.0 / (1.0 + (-x).exp()),     Any),
    unary("softplus",      |x, _, g| g * x.sigmoid(),                                   |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), Any),
    unary("erf",           |x, _, g| std::f64::consts::FRAC_2_SQRT_PI * (g * (-x.square()).exp()), erf,                   Any),
    binary("powf", Kind::Real, |a, b, _, g| b.is(Comparison::Equal, b.number(0.0)).choose(a.number(0.0), (g * b) * a.powf(b - b.number(1.0))),
                           |a, _, y, g| a.is(Comparison::Equal, a.number(0.0)).choose(a.number(0.0), (g * y) * a.ln()), f64::powf, Positive),
    Row { name: "powi", class: Class::Smooth, kind: Kind::Same, domain: Nonzero, why: "",
          rule: Rule::Power(|x, n, g| n.is(Comparison::Equal, n.number(0.0)).choose(x.number(0.0), (g * n) * x.powi(n.less_one())), |x, n| x.powf(n)) },
    kink(unary("abs",      |x, _, g| g * x.sign(),                                      f64::abs,                         Nonzero), KINK_AT_0),
    kink(binary("max", Kind::Same,
                           |a, b, _, g| share(b.is(Comparison::Less, a), a, b, g),
                           |a, b, _, g| share(a.is(Comparison::Less, b), a, b, g),      f64::max,                         Any), KINK_AT_TIES),
    kink(binary("min", Kind::Same,
                           |a, b, _, g| share(a.is(Comparison::Less, b), a, b, g),
                           |a, b, _, g| share(b.is(Comparison::Less, a), a, b, g),      f64::min,                         Any), KINK_AT_TIES),
    none("floor",          f64::floor,                                                  STEPS),
    none("ceil",           f64::ceil,                                                   STEPS),
    none("trunc",          f64::trunc,                                                  STEPS),
    none("round",          f64::round_ties_even,                                        "is constant between half-integers, where it jumps"),
    none("sign",           |x| if x == 0.0 { 0.0 } else { x.signum() },                 "is constant on both sides of 0, where it jumps"),
    none2("rem",           |a, b| a - b * (a / b).floor(),                              "jumps at the multiples of its divisor"),
    none2("floor_div",     |a, b| (a / b).floor(),                                      "is a quotient rounded down: it is constant almost everywhere"),
    none2("ceil_div",      |a, b| (a / b).ceil(),                                       "is a quotient rounded up: it is constant almost everywhere"),
];

/// The whole cotangent where `ahead`, half of it where `a` and `b` are equal.
fn share<'a>(ahead: Term<'a>, a: Term<'a>, b: Term<'a>, g: Term<'a>) -> Term<'a> {
    ahead.choose(g, a.is(Comparison::Equal, b).choose(0.5 * g, g.number(0.0)))
}

/// The row of a name.
pub(crate) fn primitive(name: &str) -> Option<Primitive> {
    TABLE.iter().find(|row| row.name == name).map(Primitive)
}

/// The names that a user may call, for suggestions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE
        .iter()
        .map(|row| row.name)
        .filter(|name| !["neg", "add", "sub", "mul", "div", "rem", "floor_div", "root"].contains(name))
}

impl Primitive {
    pub(crate) fn name(self) -> &'static str {
        self.0.name
    }

    pub(crate) fn is(self, name: &str) -> bool {
        self.0.name == name
    }

    pub(crate) fn arity(self) -> usize {
        match self.0.rule {
            Rule::Unary(..) | Rule::Flat(_) => 1,
            Rule::Binary(..) | Rule::Power(..) | Rule::FlatBinary(_) => 2,
        }
    }

    pub(crate) fn class(self) -> Class {
        self.0.class
    }

    /// Why the class is not smooth.
    pub(crate) fn why(self) -> &'static str {
        self.0.why
    }

    pub(crate) fn type_of(self, arguments: &[Type]) -> Type {
        match self.0.kind {
            Kind::Whole => Type::Int,
            Kind::Same if arguments.iter().all(|t| *t == Type::Int) => Type::Int,
            _ => Type::Real,
        }
    }

    /// The cotangent of argument `k`; `None` where there is none.
    pub(crate) fn cotangent(self, k: usize, arguments: &[Expr], y: &Expr, g: &Expr) -> Option<Expr> {
        let paper = Paper::default();
        let [y, g] = [y, g].map(|e| paper.write(e.clone()));
        let x: Vec<Term<'_>> = arguments.iter().map(|a| paper.write(a.clone())).collect();
        match (self.0.rule, k) {
            (Rule::Unary(rule, _), 0) => Some(rule(x[0], y, g).expr()),
            (Rule::Binary(rule, ..), 0) | (Rule::Binary(_, rule, _), 1) => Some(rule(x[0], x[1], y, g).expr()),
            (Rule::Power(rule, _), 0) => Some(rule(x[0], x[1], g).expr()),
            _ => None,
        }
    }

    /// The value, for checks while compiling.
    pub(crate) fn evaluate(self, x: &[f64]) -> f64 {
        match self.0.rule {
            Rule::Unary(_, value) | Rule::Flat(value) => value(x[0]),
            Rule::Binary(_, _, value) | Rule::Power(_, value) | Rule::FlatBinary(value) => value(x[0], x[1]),
        }
    }
}

/// The error function to about 1e-15: its series near 0, a continued fraction of its complement further out.
fn erf(x: f64) -> f64 {
    let a = x.abs();
    if a < 2.5 {
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while f64::abs(term) > 1e-18 * f64::abs(sum) && n < 200.0 {
            n += 1.0;
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        std::f64::consts::FRAC_2_SQRT_PI * sum
    } else if a < 7.0 {
        let fraction = (1..80).rev().fold(a, |f, k| a + 0.5 * f64::from(k) / f);
        x.signum() * (1.0 - (-a * a).exp() / (fraction * std::f64::consts::PI.sqrt()))
    } else {
        x.signum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::evaluate::constant;

    const POINTS: [f64; 8] = [-1.7, -0.83, -0.41, -0.052, 0.19, 0.47, 0.9, 2.3];

    fn inside(domain: Domain, x: f64) -> bool {
        match domain {
            Any => true,
            Positive => x > 0.0,
            Nonzero => x != 0.0,
            Unit => x.abs() < 0.95,
        }
    }

    /// Five-point central differences.
    fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        let h = 1e-3 * x.abs().max(0.1);
        (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h)
    }

    #[test]
    fn every_rule_agrees_with_central_differences() {
        let g = 1.3;
        for row in TABLE {
            let primitive = Primitive(row);
            for a in POINTS.into_iter().filter(|x| inside(row.domain, *x)) {
                for b in POINTS.into_iter().filter(|x| inside(row.domain, *x)) {
                    let b = if matches!(row.rule, Rule::Power(..)) { (4.0 * b).round() } else { b };
                    let x = &[a, b][..primitive.arity()];
                    let arguments: Vec<Expr> = x.iter().map(|x| Expr::Real(*x)).collect();
                    let y = Expr::Real(primitive.evaluate(x));
                    for k in 0..x.len() {
                        let Some(rule) = primitive.cotangent(k, &arguments, &y, &Expr::Real(g)) else { continue };
                        if row.class == Class::Piecewise && primitive.arity() == 2 && a == b {
                            continue;
                        }
                        let f = |t: f64| {
                            let mut x = x.to_vec();
                            x[k] = t;
                            g * primitive.evaluate(&x)
                        };
                        let (found, expected) = (constant(&rule).unwrap(), slope(f, x[k]));
                        assert!(
                            (found - expected).abs() <= 1e-8 * expected.abs().max(1.0),
                            "{} argument {k} at {x:?}: {found} instead of {expected}",
                            row.name
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_smooth_says_why_and_what_is_flat_is_flat() {
        for row in TABLE {
            assert_eq!(row.class != Class::Smooth, !row.why.is_empty(), "{}", row.name);
            assert_eq!(
                row.class == Class::None,
                matches!(row.rule, Rule::Flat(_) | Rule::FlatBinary(_)),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn conventions_at_the_kinks() {
        let at = |name: &str, k: usize, x: &[f64]| {
            let primitive = primitive(name).unwrap();
            let arguments: Vec<Expr> = x.iter().map(|x| Expr::Real(*x)).collect();
            constant(&primitive.cotangent(k, &arguments, &Expr::Real(primitive.evaluate(x)), &Expr::Real(1.0)).unwrap())
                .unwrap()
        };
        assert_eq!(at("abs", 0, &[0.0]), 0.0);
        assert_eq!(at("max", 0, &[1.0, 1.0]), 0.5);
        assert_eq!(at("max", 1, &[1.0, 1.0]), 0.5);
        assert_eq!(at("min", 0, &[1.0, 1.0]), 0.5);
        assert_eq!(at("sqrt", 0, &[0.0]), f64::INFINITY);
        assert_eq!(at("powf", 0, &[0.0, 0.0]), 0.0);
        assert_eq!(at("powf", 1, &[0.0, 2.0]), 0.0);
        assert_eq!(at("powi", 0, &[0.0, 0.0]), 0.0);
        assert_eq!(at("powi", 0, &[0.0, 1.0]), 1.0);
    }

    #[test]
    fn erf_is_accurate() {
        for (x, y) in [
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (3.0, 0.999_977_909_503_001_4),
        ] {
            assert!((erf(x) - y).abs() < 2e-15, "erf({x}) = {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
    }
}
