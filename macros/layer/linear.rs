//! Integer expressions as polynomials, so that terms cancel: `(k - len(i)) - (k - len(i)) = 0`, and bounds of positions from
//! the conditions in force.

use super::calculus::call;
use super::ir::{Comparison, Expr, IndexId, Layer};

/// A sum of products of atoms with integer factors. An atom is an index's position, or anything that is no sum or product.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Polynomial {
    /// Atoms of each term sorted by their text; terms sorted likewise; no zero factors.
    terms: Vec<(Vec<Expr>, i64)>,
}

fn key(atoms: &[Expr]) -> String {
    format!("{atoms:?}")
}

/// Extents are compared by the index that says them.
fn canonical(layer: &Layer, expr: &Expr) -> Expr {
    match expr {
        Expr::Len(index) => Expr::Len(layer.origin(*index)),
        other => other.map(&mut |child| canonical(layer, child)),
    }
}

impl Polynomial {
    pub(crate) fn number(value: i64) -> Polynomial {
        Polynomial { terms: if value == 0 { vec![] } else { vec![(vec![], value)] } }
    }

    fn atom(expr: Expr) -> Polynomial {
        Polynomial { terms: vec![(vec![expr], 1)] }
    }

    /// `None` for what is no integer expression.
    pub(crate) fn of(layer: &Layer, expr: &Expr) -> Polynomial {
        match expr {
            Expr::Int(value) => Polynomial::number(*value),
            Expr::Call(primitive, all, _) => {
                let part = |at: usize| Polynomial::of(layer, &all[at]);
                match primitive.name() {
                    "add" => part(0).plus(&part(1), 1),
                    "sub" => part(0).plus(&part(1), -1),
                    "neg" => Polynomial::default().plus(&part(0), -1),
                    "mul" => part(0).times(&part(1)),
                    _ => Polynomial::atom(canonical(layer, expr)),
                }
            }
            _ => Polynomial::atom(canonical(layer, expr)),
        }
    }

    pub(crate) fn plus(&self, other: &Polynomial, factor: i64) -> Polynomial {
        let mut terms = self.terms.clone();
        for (atoms, count) in &other.terms {
            let count = count.wrapping_mul(factor);
            match terms.iter_mut().find(|(known, _)| known == atoms) {
                Some((_, known)) => *known = known.wrapping_add(count),
                None => terms.push((atoms.clone(), count)),
            }
        }
        terms.retain(|(_, count)| *count != 0);
        terms.sort_by_key(|(atoms, _)| (atoms.len(), key(atoms)));
        Polynomial { terms }
    }

    fn times(&self, other: &Polynomial) -> Polynomial {
        let mut product = Polynomial::default();
        for (a, m) in &self.terms {
            for (b, n) in &other.terms {
                let mut atoms: Vec<Expr> = a.iter().chain(b).cloned().collect();
                atoms.sort_by_key(|atom| key(std::slice::from_ref(atom)));
                product = product.plus(&Polynomial { terms: vec![(atoms, m.wrapping_mul(*n))] }, 1);
            }
        }
        product
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it is a sum of extents, all taken positively: then it is at least 0.
    pub(crate) fn is_a_sum_of_extents(&self) -> bool {
        self.terms.iter().all(|(atoms, count)| *count > 0 && atoms.iter().all(|atom| matches!(atom, Expr::Len(_))))
    }

    /// The number, if it is one.
    pub(crate) fn as_number(&self) -> Option<i64> {
        match self.terms.as_slice() {
            [] => Some(0),
            [(atoms, count)] if atoms.is_empty() => Some(*count),
            _ => None,
        }
    }

    /// `factor` and `rest` with `self = factor * index + rest`, neither mentioning the index.
    pub(crate) fn solve(&self, index: IndexId) -> Option<(Polynomial, Polynomial)> {
        let (mut factor, mut rest) = (Polynomial::default(), Polynomial::default());
        for (atoms, count) in &self.terms {
            let here = |atom: &&Expr| **atom == Expr::Index(index);
            match atoms.iter().filter(here).count() {
                0 if atoms.iter().any(|atom| atom.mentions(index)) => return None,
                0 => rest = rest.plus(&Polynomial { terms: vec![(atoms.clone(), *count)] }, 1),
                1 => {
                    let others: Vec<Expr> = atoms.iter().filter(|atom| **atom != Expr::Index(index)).cloned().collect();
                    if others.iter().any(|atom| atom.mentions(index)) {
                        return None;
                    }
                    factor = factor.plus(&Polynomial { terms: vec![(others, *count)] }, 1);
                }
                _ => return None,
            }
        }
        Some((factor, rest))
    }

    /// The terms grouped by the positions they contain: each group is (product of positions and other moving atoms, its constant factor).
    pub(crate) fn groups(&self) -> Vec<(Vec<Expr>, Polynomial)> {
        let mut groups: Vec<(Vec<Expr>, Polynomial)> = vec![];
        for (atoms, count) in &self.terms {
            let (moving, fixed): (Vec<Expr>, Vec<Expr>) = atoms.iter().cloned().partition(moves);
            let factor = Polynomial { terms: vec![(fixed, *count)] };
            match groups.iter_mut().find(|(known, _)| *known == moving) {
                Some((_, known)) => *known = known.plus(&factor, 1),
                None => groups.push((moving, factor)),
            }
        }
        groups
    }

    /// Back to an expression.
    pub(crate) fn expr(&self) -> Expr {
        let mut sum: Option<Expr> = None;
        for (atoms, count) in
            self.terms.iter().filter(|(_, count)| *count > 0).chain(self.terms.iter().filter(|(_, count)| *count < 0))
        {
            let magnitude = count.wrapping_abs();
            let factors = (magnitude != 1 || atoms.is_empty())
                .then_some(Expr::Int(magnitude))
                .into_iter()
                .chain(atoms.iter().cloned());
            let product = factors.reduce(|a, b| call("mul", vec![a, b])).unwrap_or(Expr::Int(0));
            sum = Some(match (sum, *count < 0) {
                (None, false) => product,
                (None, true) => match product {
                    Expr::Int(value) => Expr::Int(-value),
                    other => call("neg", vec![other]),
                },
                (Some(before), false) => call("add", vec![before, product]),
                (Some(before), true) => call("sub", vec![before, product]),
            });
        }
        sum.unwrap_or(Expr::Int(0))
    }
}

/// Whether a value changes within one run of a layer: not what fields and extents fix.
pub(crate) fn moves(expr: &Expr) -> bool {
    expr.any(&mut |e| matches!(e, Expr::Index(_) | Expr::Read(..) | Expr::Training | Expr::Reduce(_)))
}

/// What conditions say about integers.
#[derive(Default)]
pub(crate) struct Facts {
    /// At least 0 where the conditions hold.
    pub at_least_zero: Vec<Polynomial>,
    /// Anything but 0 where the conditions hold.
    pub not_zero: Vec<Polynomial>,
}

pub(crate) fn facts(layer: &Layer, conditions: &[Expr]) -> Facts {
    let mut facts = Facts::default();
    for condition in conditions {
        collect(layer, condition, true, &mut facts);
    }
    facts
}

fn collect(layer: &Layer, condition: &Expr, holds: bool, all: &mut Facts) {
    use super::ir::Type::Int;
    match (condition, holds) {
        (Expr::Not(one), _) => collect(layer, one, !holds, all),
        (Expr::And(two), true) | (Expr::Or(two), false) => two.iter().for_each(|one| collect(layer, one, holds, all)),
        (Expr::Compare(comparison, two), _) if layer.type_of(&two[0]) == Int && layer.type_of(&two[1]) == Int => {
            let (a, b) = (Polynomial::of(layer, &two[0]), Polynomial::of(layer, &two[1]));
            let facts = &mut all.at_least_zero;
            match (comparison, holds) {
                (Comparison::Less, true) => facts.push(b.plus(&a, -1).plus(&Polynomial::number(1), -1)),
                (Comparison::Less, false) => facts.push(a.plus(&b, -1)),
                (Comparison::LessEqual, true) => facts.push(b.plus(&a, -1)),
                (Comparison::LessEqual, false) => facts.push(a.plus(&b, -1).plus(&Polynomial::number(1), -1)),
                (Comparison::Equal, true) | (Comparison::NotEqual, false) => {
                    facts.push(b.plus(&a, -1));
                    facts.push(a.plus(&b, -1));
                }
                (Comparison::Equal, false) | (Comparison::NotEqual, true) => all.not_zero.push(a.plus(&b, -1)),
            }
        }
        _ => {}
    }
}
