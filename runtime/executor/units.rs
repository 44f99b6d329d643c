//! In: a batch's tiles, and room for its results. Out: *units*, runs of tiles with their own part of every result, to be taken by threads.
//!
//! A unit is a run of tiles; backward it adds into gradients of its own, and the units' gradients are added in their order at the end: what is
//! added to what depends on the batch, never on the threads. Every unit costs memory for all parameters, and a pass through it: where
//! those are many, all tiles are one unit, and threads share the work inside of each layer.

use std::ops::Range;

use super::parts::MOST_PARTS;
use super::score::Score;
use crate::aligned::Aligned;
use crate::lanes::{Element, LANES};
use crate::network::Network;

/// What the units' gradients may take together.
const PARTIAL_BYTES: usize = 64 << 20;
const MOST_UNITS: usize = 16;
/// Fewer are not worth it, but where there are fewer tiles.
const LEAST_UNITS: usize = 4;

/// The number of units that so many tiles make. `work`: multiplications (of sixteen samples) for a tile, forward and back.
pub(super) fn units<N: Network, E>(tiles: usize, work: usize, backward: bool) -> usize {
    if backward { units_of(N::PARAMETERS, size_of::<E>(), work, tiles) } else { tiles.min(MOST_PARTS) }
}

fn units_of(parameters: usize, bytes: usize, work: usize, tiles: usize) -> usize {
    let fit = PARTIAL_BYTES / (parameters * bytes).max(1);
    let units = tiles.min(MOST_UNITS).min(fit);
    let few = units < LEAST_UNITS.min(tiles) || units * tiles_each(parameters, work) > tiles;
    if few { 1 } else { units }
}

/// The fewest tiles of a unit: clearing its gradients and adding them up passes through all parameters, a cycle and a half for each, and
/// should take no more than a quarter of the time that is spent on the tiles, a cycle for each multiplication.
fn tiles_each(parameters: usize, work: usize) -> usize {
    (6 * parameters).div_ceil(work.max(1)).max(1)
}

/// Hands out units with their own part of every result.
pub(super) struct Queue<'a, E> {
    pub(super) unit: usize,
    pub(super) units: usize,
    pub(super) tiles: usize,
    pub(super) count: usize,
    pub(super) outputs: Vec<&'a mut [E]>,
    pub(super) input_gradients: Vec<&'a mut [E]>,
    pub(super) gradients: Option<&'a mut [E]>,
    pub(super) partial: std::slice::IterMut<'a, Aligned<E>>,
    pub(super) step_gradients: &'a mut [E],
    pub(super) step_length: usize,
    pub(super) scores: std::slice::IterMut<'a, Score>,
}

pub(super) struct Unit<'a, E> {
    pub(super) tiles: Range<usize>,
    pub(super) outputs: Vec<&'a mut [E]>,
    pub(super) input_gradients: Vec<&'a mut [E]>,
    pub(super) gradients: &'a mut [E],
    /// Those of the units before: layers that add once add to these. Empty: none.
    pub(super) before: &'a mut [E],
    pub(super) step_gradients: &'a mut [E],
    pub(super) score: &'a mut Score,
}

impl<E: Element> ExactSizeIterator for Queue<'_, E> {}

impl<'a, E: Element> Iterator for Queue<'a, E> {
    type Item = Unit<'a, E>;

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.scores.size_hint()
    }

    fn next(&mut self) -> Option<Unit<'a, E>> {
        let score = self.scores.next()?;
        let bounds = |unit| unit * self.tiles / self.units;
        let tiles = bounds(self.unit)..bounds(self.unit + 1);
        let first = tiles.start * LANES;
        let length = (tiles.end * LANES).min(self.count) - first;
        let left = self.count - first;
        let take = |slice: &mut &'a mut [E]| {
            let size = slice.len() / left;
            let (taken, rest) = std::mem::take(slice).split_at_mut(length * size);
            *slice = rest;
            taken
        };
        let gradients = match self.unit {
            0 => self.gradients.take(),
            _ => self.partial.next().map(|part| &mut part[..]),
        };
        let (step_gradients, rest) = std::mem::take(&mut self.step_gradients).split_at_mut(self.step_length);
        self.step_gradients = rest;
        self.unit += 1;
        Some(Unit {
            tiles,
            outputs: self.outputs.iter_mut().map(take).collect(),
            input_gradients: self.input_gradients.iter_mut().map(take).collect(),
            gradients: gradients.unwrap_or_default(),
            before: &mut [],
            step_gradients,
            score,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_cost_a_modest_amount_of_time_and_memory() {
        let (lenet, dense) = ((61_706, 1_100_000), (235_146, 504_000));
        let table = [
            (lenet, 1, 1),
            (lenet, 4, 4),
            (lenet, 100, 16),
            // A unit would have to have three tiles.
            (dense, 4, 1),
            (dense, 47, 1),
            (dense, 48, 16),
            // Eight units fit the memory, two do not pay.
            ((2_000_000, 100_000_000), 100, 8),
            ((10_000_000, 100_000_000), 100, 1),
            ((0, 1000), 9, 9),
        ];
        for ((parameters, work), tiles, expected) in table {
            assert_eq!(units_of(parameters, 4, work, tiles), expected, "{parameters} parameters, {tiles} tiles");
        }
    }

    #[test]
    fn a_queue_hands_out_every_sample_once() {
        for (count, units) in [(1, 1), (16, 1), (17, 2), (100, 7), (100, 3), (333, 16)] {
            let mut output = vec![0.0_f32; 3 * count];
            let mut partial = vec![Aligned::zeros(5); units - 1];
            let (mut gradients, mut step_gradients) = (vec![0.0; 5], vec![0.0; 2 * units]);
            let mut scores = vec![Score::default(); units];
            let queue = Queue {
                unit: 0,
                units,
                tiles: count.div_ceil(LANES),
                count,
                outputs: vec![&mut output],
                input_gradients: vec![Default::default()],
                gradients: Some(&mut gradients),
                partial: partial.iter_mut(),
                step_gradients: &mut step_gradients,
                step_length: 2,
                scores: scores.iter_mut(),
            };
            let mut next = 0;
            for mut unit in queue {
                assert_eq!(unit.tiles.start, next);
                next = unit.tiles.end;
                let samples = (unit.tiles.end * LANES).min(count) - unit.tiles.start * LANES;
                assert_eq!((unit.outputs[0].len(), unit.input_gradients[0].len()), (3 * samples, 0));
                assert_eq!((unit.gradients.len(), unit.step_gradients.len()), (5, 2));
                unit.outputs[0].iter_mut().for_each(|times| *times += 1.0);
            }
            assert_eq!(next, count.div_ceil(LANES));
            assert!(output.iter().all(|times| *times == 1.0));
        }
    }
}
