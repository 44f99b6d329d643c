//! A dozen choices of fields and extents at which formulas are tried. What goes wrong at all of them is wrong in the text;
//! what goes wrong at some depends on the fields, and is asserted where the layer stands.

use super::super::evaluate::{Indices, Machine};
use super::super::ir::{Expr, IndexId, Layer};

pub(super) struct Samples<'a> {
    machines: Vec<Machine<'a>>,
}

impl<'a> Samples<'a> {
    /// None at all where no fields were found that fulfil the requirements: then nothing is said here.
    pub(super) fn of(layer: &'a Layer) -> Samples<'a> {
        Samples { machines: (1..=12).filter_map(|seed| Machine::sampled(layer, seed)).collect() }
    }

    /// Whether `wrong` is true at every sample, and there is one. A sample at which it cannot be judged is right.
    pub(super) fn always(&self, wrong: &mut dyn FnMut(&mut Machine<'a>) -> Option<bool>) -> bool {
        !self.machines.is_empty() && self.machines.iter().all(|machine| wrong(&mut machine.clone()).unwrap_or(false))
    }

    /// Whether `wrong` is true anywhere, also where the integers that arrive are all the least or all the greatest, or alone on their axes.
    pub(super) fn ever(&self, wrong: &mut dyn FnMut(&mut Machine<'a>) -> Option<bool>) -> bool {
        let small = self.machines.iter().filter_map(Machine::smallest);
        let sized: Vec<Machine<'a>> = self.machines.iter().cloned().chain(small).collect();
        sized.iter().any(|machine| {
            let corners = [0.0, 1.0 - f64::EPSILON].map(|corner| machine.cornered(corner));
            [machine.clone()].into_iter().chain(corners).any(|mut machine| wrong(&mut machine).unwrap_or(false))
        })
    }

    pub(super) fn sometimes(&self, wrong: &mut dyn FnMut(&mut Machine<'a>) -> Option<bool>) -> bool {
        self.machines.iter().any(|machine| wrong(&mut machine.clone()).unwrap_or(false))
    }
}

/// The value of a formula of fields and extents.
pub(super) fn number(machine: &mut Machine<'_>, formula: &Expr) -> Option<f64> {
    machine.value(formula, &Indices::new())
}

/// Whether conditions on fields alone are false at this sample: what stands under them is not computed.
pub(super) fn excluded(machine: &mut Machine<'_>, conditions: &[Expr]) -> bool {
    conditions
        .iter()
        .any(|condition| !super::super::linear::moves(condition) && number(machine, condition) == Some(0.0))
}

/// All positions of some indices, one after the other; `f` says whether to stop.
pub(super) fn everywhere(
    machine: &mut Machine<'_>,
    indices: &[IndexId],
    f: &mut dyn FnMut(&mut Machine<'_>, &Indices) -> Option<bool>,
) -> Option<bool> {
    let lens: Vec<i64> = indices.iter().map(|index| machine.extent(*index)).collect::<Option<_>>()?;
    let total = lens.iter().try_fold(1i64, |product, len| product.checked_mul(*len))?;
    for flat in 0..total.min(20_000) {
        let mut at = Indices::new();
        let mut rest = flat;
        for (index, len) in indices.iter().zip(&lens).rev() {
            at.insert(*index, rest % len);
            rest /= len;
        }
        if f(machine, &at)? {
            return Some(true);
        }
    }
    Some(false)
}
