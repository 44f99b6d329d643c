//! In: a batch's tiles, and room for its results. Out: *units*, runs of tiles with their own part of every result, to be taken by threads.
//!
//! A unit is a run of tiles; backward it adds into gradients of its own, or of its half of the units (see `add`), in an order that
//! depends on the batch, never on the threads. Every unit costs memory for all parameters, and a pass through it: where
//! those are many, all tiles are one unit, and threads share the work inside of each layer.

use std::ops::Range;

use super::score::Score;
use crate::aligned::Aligned;
use crate::lanes::{Element, LANES};
use crate::network::Network;

/// What the units' gradients may take together.
const PARTIAL_BYTES: usize = 64 << 20;
const MOST_UNITS: usize = 16;
/// Fewer are not worth it, but where there are fewer tiles.
const LEAST_UNITS: usize = 4;

/// The number of units that so many tiles make backward. `work`: multiplications (of sixteen samples) for a tile, forward and back.
pub(super) fn units<N: Network, E>(tiles: usize, work: usize) -> usize {
    units_of(N::PARAMETERS, size_of::<E>(), work, tiles)
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
    /// Samples up to which the results go.
    pub(super) count: usize,
    pub(super) outputs: Vec<&'a mut [E]>,
    pub(super) input_gradients: Vec<&'a mut [E]>,
    pub(super) gradients: Option<&'a mut [E]>,
    pub(super) partial: std::slice::IterMut<'a, Aligned<E>>,
    pub(super) step_gradients: &'a mut [E],
    pub(super) step_length: usize,
    pub(super) scores: &'a mut [Score],
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

impl<'a, E: Element> Queue<'a, E> {
    fn first_tile(&self, unit: usize) -> usize {
        unit * self.tiles / self.units
    }

    /// How many samples come before a unit, of those up to `count`.
    fn samples_before(&self, unit: usize) -> usize {
        (self.first_tile(unit) * LANES).min(self.count)
    }

    /// The units before one, and those from there on; neither with gradients of the parameters.
    pub(super) fn split(mut self, at: usize) -> [Self; 2] {
        let [first, middle] = [self.unit, at].map(|unit| self.samples_before(unit));
        let all = self.count - first;
        let taken = |slices: &mut [&'a mut [E]]| -> Vec<&'a mut [E]> {
            slices.iter_mut().map(|slice| take(slice, middle - first, all)).collect()
        };
        let first = Queue {
            outputs: taken(&mut self.outputs),
            input_gradients: taken(&mut self.input_gradients),
            gradients: None,
            partial: [].iter_mut(),
            step_gradients: self
                .step_gradients
                .split_off_mut(..(at - self.unit) * self.step_length)
                .unwrap_or_default(),
            scores: self.scores.split_off_mut(..at - self.unit).unwrap_or_default(),
            count: middle,
            ..self
        };
        [first, Queue { unit: at, gradients: None, partial: [].iter_mut(), ..self }]
    }
}

/// What the next so many samples have of results of `all` samples.
fn take<'a, E>(slice: &mut &'a mut [E], samples: usize, all: usize) -> &'a mut [E] {
    let size = slice.len() / all;
    slice.split_off_mut(..samples * size).unwrap_or_default()
}

impl<E: Element> ExactSizeIterator for Queue<'_, E> {}

impl<'a, E: Element> Iterator for Queue<'a, E> {
    type Item = Unit<'a, E>;

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.scores.len(), Some(self.scores.len()))
    }

    fn next(&mut self) -> Option<Unit<'a, E>> {
        let score = self.scores.split_off_first_mut()?;
        let tiles = self.first_tile(self.unit)..self.first_tile(self.unit + 1);
        let [first, end] = [self.unit, self.unit + 1].map(|unit| self.samples_before(unit));
        let all = self.count - first;
        let gradients = match self.unit {
            0 => self.gradients.take(),
            _ => self.partial.next().map(|part| &mut part[..]),
        };
        self.unit += 1;
        Some(Unit {
            tiles,
            outputs: self.outputs.iter_mut().map(|slice| take(slice, end - first, all)).collect(),
            input_gradients: self.input_gradients.iter_mut().map(|slice| take(slice, end - first, all)).collect(),
            gradients: gradients.unwrap_or_default(),
            before: &mut [],
            step_gradients: self.step_gradients.split_off_mut(..self.step_length).unwrap_or_default(),
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
        let table = [(1, 1), (16, 1), (17, 2), (100, 7), (100, 3), (333, 16)];
        for ((count, units), split) in table.into_iter().flat_map(|one| [(one, false), (one, true)]) {
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
                scores: &mut scores,
            };
            let mut next = 0;
            let mut take = |mut unit: Unit<'_, f32>, gradients: usize| {
                assert_eq!(unit.tiles.start, next);
                next = unit.tiles.end;
                let samples = (unit.tiles.end * LANES).min(count) - unit.tiles.start * LANES;
                assert_eq!((unit.outputs[0].len(), unit.input_gradients[0].len()), (3 * samples, 0));
                assert_eq!((unit.gradients.len(), unit.step_gradients.len()), (gradients, 2));
                unit.outputs[0].iter_mut().for_each(|times| *times += 1.0);
            };
            if split {
                let halves = queue.split(units / 2);
                assert_eq!(halves.each_ref().map(ExactSizeIterator::len), [units / 2, units - units / 2]);
                halves.into_iter().flatten().for_each(|unit| take(unit, 0));
            } else {
                queue.for_each(|unit| take(unit, 5));
            }
            assert_eq!(next, count.div_ceil(LANES));
            assert!(output.iter().all(|times| *times == 1.0));
        }
    }
}
