//! What a batch amounts to: its loss, and how many of its classes are right.

use crate::lanes::{Cell, Element};
use crate::network::{Network, Plan, Region};
use crate::shape::Values;

/// What a batch amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Score {
    /// The sum of the samples' losses.
    pub(crate) loss: f64,
    /// How many classes were right.
    pub(crate) right: usize,
}

impl Score {
    /// Of both.
    pub(super) fn plus(self, other: Score) -> Score {
        Score { loss: self.loss + other.loss, right: self.right + other.right }
    }
}

/// The output that a target of classes is compared with, and the number of classes: the output has one axis more.
pub(crate) fn classified<N: Network>() -> Option<(usize, usize, usize)> {
    N::TARGETS.iter().enumerate().find_map(|(target, port)| {
        let Values::Below(classes) = port.shape.values() else {
            return None;
        };
        let output = N::OUTPUTS.iter().position(|output| {
            output.shape.values() == Values::Real
                && output.shape.dims().split_last() == Some((&classes, port.shape.dims()))
        })?;
        Some((target, output, classes))
    })
}

/// How many classes of a tile are right.
pub(super) fn right<N: Network, C: Cell>(
    arena: &[C],
    plan: &Plan,
    (tile, tiles): (usize, usize),
    valid: usize,
) -> usize {
    let Some((target, output, classes)) = classified::<N>() else {
        return 0;
    };
    let at = |region: Region| {
        let region = region.tile(tile, tiles);
        &arena[region.start..][..region.length]
    };
    let (labels, scores) = (at(plan.targets[target]), at(plan.outputs[output]));
    let positions =
        C::elements(labels).chunks_exact(C::SAMPLES).zip(C::elements(scores).chunks_exact(classes * C::SAMPLES));
    positions
        .map(|(label, scores)| {
            let score = |class: usize, lane: usize| scores[class * C::SAMPLES + lane];
            (0..valid)
                .filter(|&lane| {
                    let best = (1..classes)
                        .fold(0, |best, class| if score(class, lane) > score(best, lane) { class } else { best });
                    label[lane].to_index() == best
                })
                .count()
        })
        .sum()
}
