//! What a batch amounts to: its loss, and how many of its classes are right.

use crate::lanes::{Element, Pack};
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
pub(super) fn right<N: Network, E: Element>(
    arena: &[Pack<E>],
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
    let positions = at(plan.targets[target]).iter().zip(at(plan.outputs[output]).chunks_exact(classes));
    positions
        .map(|(label, scores)| {
            (0..valid)
                .filter(|&lane| {
                    let best = (1..classes)
                        .fold(0, |best, class| if scores[class].0[lane] > scores[best].0[lane] { class } else { best });
                    label.0[lane].to_index() == best
                })
                .count()
        })
        .sum()
}
