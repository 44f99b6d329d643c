//! Whether the branches of an `if` on values meet where its condition changes (design, rule 7): tried at sampled fields,
//! extents and values, along random lines on which the condition's change is found by bisection. Where a branch has no value
//! at the boundary (0/0), its limit counts.

use super::evaluate::{Indices, Machine, noise};
use super::ir::{Comparison, Expr, Layer, Rate, Reduction};
use super::primitives::Class;

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

/// Whether the kinks in a formula are none of the formula itself: they cancel, as in `x / (1 + abs(x))`, or lie where another
/// branch is taken, as in a loss that is a square near 0 and straight beyond. Tried like the branches of an `if`: at every kink that lines come across, the slopes
/// of the whole formula on both sides are compared. A kink that no line comes across is not trusted.
pub(crate) fn kinks_cancel(layer: &Layer, formula: &Expr) -> bool {
    let Some(kinks) = kinks(layer, formula) else { return false };
    !kinks.is_empty() && kinks.iter().all(|kink| cancels(layer, formula, kink))
}

fn cancels(layer: &Layer, formula: &Expr, kink: &Expr) -> bool {
    let mut found = false;
    for sample in 0..SAMPLES {
        let Some(machine) = Machine::sampled(layer, 300 + sample) else { continue };
        let mut line = Line { machine, at: Indices::new() };
        line.place(formula, sample);
        line.place(kink, sample);
        for t in line.boundaries(kink) {
            // So small a step that the next kink is hardly ever within it.
            let h = 1e-5 * t.abs().max(1.0);
            let (Some(a), Some(b)) = (line.slope_beside(formula, t, -h), line.slope_beside(formula, t, h)) else {
                continue;
            };
            if !a.is_finite() || !b.is_finite() {
                continue;
            }
            if (a - b).abs() > SLOPES * a.abs().max(b.abs()) + 1e-8 {
                return false;
            }
            found = true;
        }
    }
    found
}

/// The conditions that change at a formula's kinks; `None` where a maximum over an index has kinks of its own.
fn kinks(layer: &Layer, formula: &Expr) -> Option<Vec<Expr>> {
    let mut all = vec![];
    let mut judged = true;
    collect(layer, formula, &mut all, &mut judged);
    judged.then_some(all)
}

fn collect(layer: &Layer, expr: &Expr, all: &mut Vec<Expr>, judged: &mut bool) {
    let moves = |e: &Expr| layer.rate_of(e) != Rate::Once;
    let less = |a: &Expr, b: &Expr| Expr::Compare(Comparison::Less, Box::new([a.clone(), b.clone()]));
    match expr {
        Expr::Stop(..) => return,
        Expr::StraightThrough(both) => return collect(layer, &both[1], all, judged),
        Expr::Call(primitive, arguments, _) if primitive.class() == Class::Piecewise && moves(expr) => {
            all.push(match arguments.as_slice() {
                [x] => less(x, &Expr::Real(0.0)),
                [a, b] => less(a, b),
                _ => return *judged = false,
            })
        }
        Expr::If(three, _) if moves(&three[0]) => all.push(three[0].clone()),
        Expr::Reduce(reduce) if moves(&reduce.body) || reduce.conditions.iter().any(moves) => {
            *judged &= matches!(reduce.kind, Reduction::Sum | Reduction::Product);
            all.extend(reduce.conditions.iter().filter(|condition| moves(condition)).cloned());
        }
        _ => {}
    }
    expr.children().into_iter().for_each(|child| collect(layer, child, all, judged));
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
            self.crossings(
                &points,
                &mut |line, t| Some(f64::from(line.value(&a, t)? < line.value(&b, t)?)),
                &mut found,
            );
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
        let near = 1e-9 * t.abs().max(1.0);
        let (before, after) = (self.value(&three[0], t - near)?, self.value(&three[0], t + near)?);
        if before != after {
            let (left, right) = if before == 1.0 { (&three[1], &three[2]) } else { (&three[2], &three[1]) };
            return self.join(left, right, t);
        }
        // The condition holds, or does not, at this very point only.
        let (a, b) = (self.limit(&three[1], t)?, self.limit(&three[2], t)?);
        let scale = 1.0 + a.abs().max(b.abs());
        if (a - b).abs() > VALUES * scale {
            return Some(Meeting::Nowhere);
        }
        let (da, db) = (self.slope(&three[1], t)?, self.slope(&three[2], t)?);
        let close = (da - db).abs() <= SLOPES * (1.0 + da.abs().max(db.abs()));
        Some(if close { Meeting::WithSlopes } else { Meeting::Values })
    }

    /// What is left of a point and what is right of it, each looked at on its own side only: on the other one it need have no value.
    fn join(&mut self, left: &Expr, right: &Expr, t: f64) -> Option<Meeting> {
        let unit = t.abs().max(1.0);
        let mut gap = |d: f64| -> Option<(f64, f64)> {
            let (a, b) = (self.value(left, t - d * unit)?, self.value(right, t + d * unit)?);
            Some(((a - b).abs(), 1.0 + a.abs().max(b.abs())))
        };
        // A quotient of two zeros loses its digits close to the boundary, what is steep meets only there.
        let (mut meets, mut judged) = (false, false);
        for d in [1e-4, 1e-5, 1e-7, 1e-9, 1e-12] {
            let (gap, scale) = gap(d)?;
            meets |= gap <= VALUES * scale;
            judged |= !gap.is_nan();
        }
        if !judged {
            return None;
        }
        let ((far, _), (close, scale)) = (gap(1e-4)?, gap(1e-12)?);
        meets |= close <= 1e-3 * scale && close <= 1e-2 * far;
        if !meets {
            return Some(Meeting::Nowhere);
        }
        let (a, b) = (self.slope_beside(left, t, -1e-3 * unit)?, self.slope_beside(right, t, 1e-3 * unit)?);
        let close = (a - b).abs() <= SLOPES * (1.0 + a.abs().max(b.abs()));
        Some(if close { Meeting::WithSlopes } else { Meeting::Values })
    }

    /// The slope at a point from one side, to the third order; infinite where there is none.
    fn slope_beside(&mut self, branch: &Expr, t: f64, h: f64) -> Option<f64> {
        let mut f = |k: f64| self.value(branch, t + k * h);
        // The point itself may have no value (0/0): a hair beside it will do.
        let (a, b, c, d) = (f(1e-4)?, f(1.0)?, f(2.0)?, f(3.0)?);
        let slope = (-11.0 * a + 18.0 * b - 9.0 * c + 2.0 * d) / (6.0 * h);
        Some(if slope.is_finite() { slope } else { f64::INFINITY })
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
