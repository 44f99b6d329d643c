//! Whether the branches of an `if` on values meet where its condition changes (design, rule 7): tried at sampled fields,
//! extents and values, along random lines on which the condition's change is found by bisection. Where a branch has no value
//! at the boundary (0/0), its limit counts.

use super::evaluate::{Indices, Machine, noise};
use super::ir::{Comparison, Expr, Layer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// Values and first derivatives meet.
    WithSlopes,
    Values,
    Nowhere,
}

/// How far apart two values that meet may be found to be.
const VALUES: f64 = 1e-6;
const SLOPES: f64 = 1e-4;
const SAMPLES: u64 = 16;

/// `chosen` is an `If`.
pub(crate) fn meeting(layer: &Layer, chosen: &Expr) -> Meeting {
    let Expr::If(three, _) = chosen else { return Meeting::WithSlopes };
    let mut found = None;
    for sample in 0..SAMPLES {
        let Some(machine) = Machine::sampled(layer, 100 + sample) else { continue };
        let mut line = Line { machine, at: Indices::new() };
        line.place(chosen, sample);
        for boundary in line.boundaries(&three[0]) {
            let Some(one) = line.compare(three, boundary) else { continue };
            found = Some(match (found, one) {
                (None, one) => one,
                (Some(Meeting::Nowhere), _) | (_, Meeting::Nowhere) => return Meeting::Nowhere,
                (Some(Meeting::Values), _) | (_, Meeting::Values) => Meeting::Values,
                _ => Meeting::WithSlopes,
            });
        }
    }
    // An equality that no line crosses (a norm that is 0) holds almost nowhere; any other change that was not found is not trusted.
    found.unwrap_or(if only_equalities(&three[0]) { Meeting::WithSlopes } else { Meeting::Nowhere })
}

fn only_equalities(condition: &Expr) -> bool {
    !condition.any(&mut |e| matches!(e, Expr::Compare(Comparison::Less | Comparison::LessEqual, _)))
}

struct Line<'a> {
    machine: Machine<'a>,
    at: Indices,
}

impl Line<'_> {
    /// Indices at random positions.
    fn place(&mut self, expr: &Expr, sample: u64) {
        for index in expr.free_indices() {
            let len = self.machine.extent(index).unwrap_or(1);
            let u = noise(sample, &[9, index.0 as i64]);
            self.at.insert(index, (u * len as f64) as i64);
        }
    }

    fn value(&mut self, expr: &Expr, t: f64) -> Option<f64> {
        self.machine.along = t;
        self.machine.forget();
        let at = std::mem::take(&mut self.at);
        let value = self.machine.value(expr, &at);
        self.at = at;
        value
    }

    /// Where the condition changes on the line, a few at most.
    fn boundaries(&mut self, condition: &Expr) -> Vec<f64> {
        let mut points: Vec<f64> = (-40..=40).map(|k| f64::from(k) * 0.11 + 0.013).collect();
        for k in 0..12 {
            points.push(5.0 * 1.9f64.powi(k));
            points.insert(0, -5.0 * 1.9f64.powi(k));
        }
        let mut found = vec![];
        self.crossings(&points, &mut |line, t| line.value(condition, t), &mut found);
        // `==` and `!=` change at single points: there the two sides cross.
        let mut equalities = vec![];
        condition.visit(&mut |e| {
            if let Expr::Compare(Comparison::Equal | Comparison::NotEqual, both) = e {
                equalities.push((**both).clone());
            }
        });
        for [a, b] in equalities {
            self.crossings(&points, &mut |line, t| Some(f64::from(line.value(&a, t)? < line.value(&b, t)?)), &mut found);
        }
        found
    }

    fn crossings(&mut self, points: &[f64], side: &mut dyn FnMut(&mut Self, f64) -> Option<f64>, found: &mut Vec<f64>) {
        let mut before: Option<(f64, f64)> = None;
        for t in points {
            let now = side(self, *t);
            if let (Some((s, old)), Some(now)) = (before, now)
                && old != now
                && found.len() < 6
            {
                let (mut low, mut high) = (s, *t);
                for _ in 0..80 {
                    let middle = 0.5 * (low + high);
                    if side(self, middle) == Some(old) {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                found.push(0.5 * (low + high));
            }
            before = now.map(|now| (*t, now));
        }
    }

    /// Both branches at a boundary; `None` where they cannot be judged.
    fn compare(&mut self, three: &[Expr; 3], t: f64) -> Option<Meeting> {
        let (a, b) = (self.limit(&three[1], t)?, self.limit(&three[2], t)?);
        let scale = 1.0 + a.abs().max(b.abs());
        if (a - b).abs() > VALUES * scale {
            return Some(Meeting::Nowhere);
        }
        let (da, db) = (self.slope(&three[1], t)?, self.slope(&three[2], t)?);
        let close = (da - db).abs() <= SLOPES * (1.0 + da.abs().max(db.abs()));
        Some(if close { Meeting::WithSlopes } else { Meeting::Values })
    }

    fn limit(&mut self, branch: &Expr, t: f64) -> Option<f64> {
        let exact = self.value(branch, t)?;
        let scale = 1e-4 * t.abs().max(1.0);
        // A quotient of two zeros has lost its digits close to the boundary: the limit is the mean of both sides.
        let (left, right) = (self.value(branch, t - scale)?, self.value(branch, t + scale)?);
        let mean = 0.5 * (left + right);
        if exact.is_finite() && (!mean.is_finite() || (exact - mean).abs() <= 1e-3 * (1.0 + mean.abs())) {
            return Some(exact);
        }
        if mean.is_finite() {
            return Some(mean);
        }
        [left, right].into_iter().find(|v| v.is_finite())
    }

    fn slope(&mut self, branch: &Expr, t: f64) -> Option<f64> {
        let h = 1e-3 * t.abs().max(1.0);
        let mut f = |k: f64| self.value(branch, t + k * h).filter(|v| v.is_finite());
        match (f(-2.0), f(-1.0), f(1.0), f(2.0)) {
            (Some(a), Some(b), Some(c), Some(d)) => Some((8.0 * (c - b) - (d - a)) / (12.0 * h)),
            // Defined on one side only.
            (.., Some(c), Some(d)) => Some((d - c) / h),
            (Some(a), Some(b), ..) => Some((b - a) / h),
            _ => Some(f64::INFINITY),
        }
    }
}
