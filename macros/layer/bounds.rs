//! Between which numbers an expression stays: the least and the greatest value as formulas of fields and extents, under the
//! conditions in force. With them every read is proved in range, at sampled fields by `check` and at each site by the code
//! that `emit` writes.

use super::calculus::call;
use super::ir::{Expr, Layer, Reduction, Type, Value};
use super::linear::{Polynomial, facts, moves};

/// The least and the greatest value, where there is one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub low: Option<Expr>,
    pub high: Option<Expr>,
}

impl Bounds {
    fn exactly(expr: Expr) -> Bounds {
        Bounds { low: Some(expr.clone()), high: Some(expr) }
    }

    fn between(low: Expr, high: Expr) -> Bounds {
        Bounds { low: Some(low), high: Some(high) }
    }

    pub(crate) const UNKNOWN: Bounds = Bounds { low: None, high: None };
}

fn two(name: &str, a: Expr, b: Expr) -> Expr {
    if a == b && matches!(name, "min" | "max") {
        return a;
    }
    match (name, &a, &b) {
        ("min", Expr::Int(a), Expr::Int(b)) => Expr::Int(*a.min(b)),
        ("max", Expr::Int(a), Expr::Int(b)) => Expr::Int(*a.max(b)),
        _ => call(name, vec![a, b]),
    }
}

/// Bounds of an expression wherever `conditions` hold.
pub(crate) fn bounds(layer: &Layer, expr: &Expr, conditions: &[Expr]) -> Bounds {
    if layer.type_of(expr) != Type::Int {
        return loose(layer, expr, conditions);
    }
    let position = Polynomial::of(layer, expr);
    let mut known = facts(layer, conditions);
    // What is at least 0 and not 0 is at least 1: `i == 0` does not hold, or `i == len(i) - 1`.
    for other in &known.not_zero {
        let range = polynomial(layer, other, &[]);
        if range.low == Some(Expr::Int(0)) {
            known.at_least_zero.push(other.plus(&Polynomial::number(1), -1));
        }
        if range.high == Some(Expr::Int(0)) {
            known.at_least_zero.push(Polynomial::number(-1).plus(other, -1));
        }
    }
    let facts = known.at_least_zero;
    // With `fact >= 0`: position >= position - fact, and position <= position + fact.
    let mut lows = vec![position.clone()];
    let mut highs = vec![position.clone()];
    for (at, fact) in facts.iter().enumerate() {
        lows.push(position.plus(fact, -1));
        highs.push(position.plus(fact, 1));
        for other in &facts[at + 1..] {
            lows.push(position.plus(fact, -1).plus(other, -1));
            highs.push(position.plus(fact, 1).plus(other, 1));
        }
    }
    let tightest = |candidates: Vec<Polynomial>, name: &str, low: bool| {
        let size = |p: &Polynomial| p.groups().iter().filter(|(moving, _)| !moving.is_empty()).count();
        let own = size(&candidates[0]);
        let useful = candidates.into_iter().enumerate().filter(|(at, p)| *at == 0 || size(p) <= own).map(|(_, p)| p);
        let mut ends: Vec<Expr> = vec![];
        for candidate in useful {
            let range = polynomial(layer, &candidate, conditions);
            if let Some(end) = if low { range.low } else { range.high }
                && !ends.contains(&end)
            {
                ends.push(end);
            }
        }
        ends.into_iter().reduce(|a, b| two(name, a, b))
    };
    Bounds { low: tightest(lows, "max", true), high: tightest(highs, "min", false) }
}

/// The sum of the ranges of a polynomial's groups.
fn polynomial(layer: &Layer, polynomial: &Polynomial, conditions: &[Expr]) -> Bounds {
    let mut sum = Bounds::exactly(Expr::Int(0));
    for (moving, factor) in polynomial.groups() {
        let mut range = Bounds::exactly(factor.expr());
        for atom in &moving {
            range = product(&range, &atom_bounds(layer, atom, conditions));
        }
        let plus = |a: Option<Expr>, b: Option<Expr>| {
            let total = call("add", vec![a?, b?]);
            Some(Polynomial::of(layer, &total).expr())
        };
        sum = Bounds { low: plus(sum.low, range.low), high: plus(sum.high, range.high) };
    }
    sum
}

fn atom_bounds(layer: &Layer, atom: &Expr, conditions: &[Expr]) -> Bounds {
    match atom {
        Expr::Index(index) => {
            let last = call("sub", vec![Expr::Len(layer.origin(*index)), Expr::Int(1)]);
            Bounds::between(Expr::Int(0), last)
        }
        other => loose(layer, other, conditions),
    }
}

fn product(a: &Bounds, b: &Bounds) -> Bounds {
    let times = |a: &Expr, b: &Expr| match (a, b) {
        (Expr::Int(0), _) | (_, Expr::Int(0)) => Expr::Int(0),
        (Expr::Int(1), other) | (other, Expr::Int(1)) => other.clone(),
        _ => call("mul", vec![a.clone(), b.clone()]),
    };
    // A number times what starts at 0, the usual case, has a short form; and a bound on one side stays one.
    if let (Some(factor @ Expr::Int(number)), true) = (&a.low, a.low == a.high) {
        let scaled = |end: &Option<Expr>| end.as_ref().map(|end| times(factor, end));
        let (low, high) = (scaled(&b.low), scaled(&b.high));
        return if *number >= 0 { Bounds { low, high } } else { Bounds { low: high, high: low } };
    }
    let (Some(al), Some(ah), Some(bl), Some(bh)) = (&a.low, &a.high, &b.low, &b.high) else { return Bounds::UNKNOWN };
    let mut corners: Vec<Expr> = vec![];
    for (x, y) in [(al, bl), (al, bh), (ah, bl), (ah, bh)] {
        let corner = times(x, y);
        if !corners.contains(&corner) {
            corners.push(corner);
        }
    }
    let low = corners.iter().cloned().reduce(|a, b| two("min", a, b));
    let high = corners.into_iter().reduce(|a, b| two("max", a, b));
    Bounds { low, high }
}

/// Bounds without the conditions' help at this level.
fn loose(layer: &Layer, expr: &Expr, conditions: &[Expr]) -> Bounds {
    if !moves(expr) {
        return if computable(expr) { Bounds::exactly(expr.clone()) } else { Bounds::UNKNOWN };
    }
    let of = |e: &Expr| bounds(layer, e, conditions);
    let map = |f: &dyn Fn(Expr) -> Expr, b: Bounds| Bounds { low: b.low.map(f), high: b.high.map(f) };
    match expr {
        Expr::Index(_) => atom_bounds(layer, expr, conditions),
        Expr::Call(primitive, all, _) => match primitive.name() {
            "add" => {
                let (a, b) = (of(&all[0]), of(&all[1]));
                let plus = |a: Option<Expr>, b: Option<Expr>| Some(call("add", vec![a?, b?]));
                Bounds { low: plus(a.low, b.low), high: plus(a.high, b.high) }
            }
            "sub" => {
                let (a, b) = (of(&all[0]), of(&all[1]));
                let minus = |a: Option<Expr>, b: Option<Expr>| Some(call("sub", vec![a?, b?]));
                Bounds { low: minus(a.low, b.high), high: minus(a.high, b.low) }
            }
            "neg" => {
                let a = of(&all[0]);
                Bounds { low: a.high.map(|e| call("neg", vec![e])), high: a.low.map(|e| call("neg", vec![e])) }
            }
            "mul" => product(&of(&all[0]), &of(&all[1])),
            // Divisors are extents and sizes: positive, or refused where the layer stands.
            "div" | "floor_div" | "ceil_div" if !moves(&all[1]) => {
                let range = of(&all[0]);
                let b = all[1].clone();
                map(&|e| call(primitive.name(), vec![e, b.clone()]), range)
            }
            "rem" if !moves(&all[1]) => {
                let last = call("sub", vec![all[1].clone(), Expr::Int(1)]);
                if layer.type_of(expr) == Type::Int {
                    Bounds::between(Expr::Int(0), last)
                } else {
                    Bounds::between(Expr::Int(0), all[1].clone())
                }
            }
            "floor" | "ceil" | "round" | "trunc" => map(&|e| call(primitive.name(), vec![e]), of(&all[0])),
            "exp" | "sqrt" | "root" | "softplus" => Bounds { low: Some(Expr::Int(0)), high: None },
            "sigmoid" => Bounds::between(Expr::Int(0), Expr::Int(1)),
            "sin" | "cos" | "tanh" | "erf" | "sign" => Bounds::between(Expr::Int(-1), Expr::Int(1)),
            "abs" | "square" => {
                let range = of(&all[0]);
                let high = range
                    .low
                    .zip(range.high)
                    .map(|(l, h)| two("max", call(primitive.name(), vec![l]), call(primitive.name(), vec![h])));
                Bounds { low: Some(Expr::Int(0)), high }
            }
            "max" => {
                let (a, b) = (of(&all[0]), of(&all[1]));
                let low = match (a.low, b.low) {
                    (Some(a), Some(b)) => Some(two("max", a, b)),
                    (a, b) => a.or(b),
                };
                Bounds { low, high: a.high.zip(b.high).map(|(a, b)| two("max", a, b)) }
            }
            "min" => {
                let (a, b) = (of(&all[0]), of(&all[1]));
                let high = match (a.high, b.high) {
                    (Some(a), Some(b)) => Some(two("min", a, b)),
                    (a, b) => a.or(b),
                };
                Bounds { low: a.low.zip(b.low).map(|(a, b)| two("min", a, b)), high }
            }
            _ => Bounds::UNKNOWN,
        },
        Expr::Read(tensor, ..) => match (&layer.tensor(*tensor).below, layer.definition(*tensor).map(|d| &d.value)) {
            (Some(below), _) => Bounds::between(Expr::Int(0), call("sub", vec![below.clone(), Expr::Int(1)])),
            (None, Some(Value::Formula(value))) => bounds(layer, value, &[]),
            _ => Bounds::UNKNOWN,
        },
        Expr::If(three, _) => {
            let with = |condition: Expr| conditions.iter().cloned().chain([condition]).collect::<Vec<_>>();
            let a = bounds(layer, &three[1], &with(three[0].clone()));
            let b = bounds(layer, &three[2], &with(Expr::Not(Box::new(three[0].clone()))));
            Bounds {
                low: a.low.zip(b.low).map(|(a, b)| two("min", a, b)),
                high: a.high.zip(b.high).map(|(a, b)| two("max", a, b)),
            }
        }
        Expr::Reduce(reduce) => match reduce.kind {
            Reduction::ArgMaximum | Reduction::ArgMinimum | Reduction::Count => {
                let total = reduce
                    .indices
                    .iter()
                    .map(|index| Expr::Len(layer.origin(*index)))
                    .reduce(|a, b| call("mul", vec![a, b]))
                    .unwrap_or(Expr::Int(1));
                let high = if reduce.kind == Reduction::Count { total } else { call("sub", vec![total, Expr::Int(1)]) };
                Bounds::between(Expr::Int(0), high)
            }
            Reduction::Maximum | Reduction::Minimum if reduce.conditions.is_empty() => {
                bounds(layer, &reduce.body, conditions)
            }
            _ => Bounds::UNKNOWN,
        },
        Expr::Stop(one, _) => of(one),
        Expr::StraightThrough(both) => of(&both[0]),
        _ => Bounds::UNKNOWN,
    }
}

/// Whether a const expression can give the value.
fn computable(expr: &Expr) -> bool {
    const KNOWN: [&str; 14] = [
        "add",
        "sub",
        "mul",
        "div",
        "neg",
        "floor_div",
        "ceil_div",
        "rem",
        "min",
        "max",
        "abs",
        "square",
        "floor",
        "ceil",
    ];
    !expr.any(&mut |e| matches!(e, Expr::Call(primitive, ..) if !KNOWN.contains(&primitive.name()) && !["round", "trunc", "powi", "sign"].contains(&primitive.name())))
}
