//! A batch of one sample: there is nothing to fill sixteen lanes with, so its tensors hold one number where those of a tile hold a
//! pack, and what stands in the lanes is up to each loop and each contraction.
//!
//! In: as for a batch. Out: as for a batch, to rounding; the sample draws the same random numbers. One thread runs it, with the
//! others' help inside of contractions. Nothing is allocated once a pass has run.

use super::batch::{Results, Samples, Weights};
use super::calls::Passes;
use super::code::Plans;
use super::score::{Score, right};
use crate::aligned::Aligned;
use crate::lanes::{Element, LANES, Level, Single};
use crate::model::Column;
use crate::network::{Network, Region, Tile};
use crate::site::{Draws, Pass};

/// What is kept from one run to the next.
#[derive(Debug)]
pub(super) struct Alone<E: Element> {
    arena: Aligned<E>,
    /// Scratch memory, in place of the arena's, where contractions want more than tiles do.
    scratch: Aligned<E>,
    plans: Plans,
    passes: Passes<Single<E>>,
}

/// What one run is given.
pub(super) struct Run<'a, E: Element> {
    pub(super) weights: Weights<'a, E>,
    pub(super) samples: Samples<'a, E>,
    pub(super) results: Results<'a, E>,
    /// `Network::STEP` scalars.
    pub(super) step: &'a [E],
    pub(super) step_gradients: &'a mut [E],
    pub(super) level: Level,
    pub(super) threads: usize,
    pub(super) backward: bool,
    pub(super) training: bool,
    /// The run's draws, for whatever samples.
    pub(super) draws: Draws,
}

impl<E: Element> Alone<E> {
    pub(super) fn new() -> Self {
        Alone { arena: Aligned::new(), scratch: Aligned::new(), plans: Plans::default(), passes: Passes::new() }
    }

    /// Makes room for a pass.
    pub(super) fn reserve<N: Network, P: Pass>(&mut self, backward: bool) {
        if self.plans.complete::<N, Single<E>>(backward) {
            let of_layers = N::graph().nodes.iter().map(|node| node.memory.forward.max(node.memory.backward)).max();
            self.scratch = match self.plans.room() {
                0 => Aligned::new(),
                room => Aligned::zeros(of_layers.unwrap_or(0) + room),
            };
        }
        self.passes.find::<N, P>();
        let cells = N::plan::<P>().packs;
        if self.arena.len() < cells {
            self.arena = Aligned::zeros(cells);
        }
    }

    pub(super) fn run<N: Network, P: Pass>(&mut self, run: Run<'_, E>) -> Score {
        let plan = N::plan::<P>();
        let Results { mut outputs, mut input_gradients, gradients } = run.results;
        run.step_gradients.fill(E::ZERO);
        let row = run.samples.rows.at(0);
        let arena = Single::cells_mut(&mut self.arena);
        fill(arena, plan.inputs, run.samples.inputs, row);
        if P::LOSS {
            fill(arena, plan.targets, run.samples.targets, row);
        }
        let draws = [Draws { samples: [row as u64; LANES], ..run.draws }];
        let mut frame = Tile {
            calls: self.passes.of::<P>(),
            level: run.level,
            arena,
            scratch: Single::cells_mut(&mut self.scratch),
            parameters: run.weights.parameters,
            once: run.weights.once,
            step: run.step,
            plans: &self.plans,
            gradients,
            first: true,
            before: &mut [],
            step_gradients: run.step_gradients,
            training: run.training,
            threads: run.threads,
            tiles: 1,
            apart: false,
            draws: &draws,
        };
        frame.forward();
        let mut score = Score::default();
        if P::LOSS {
            score.loss = frame.arena[plan.loss.start].0.to_f64();
            if !run.training {
                score.right = right::<N, Single<E>>(frame.arena, plan, (0, 1), 1);
            }
        }
        collect(frame.arena, plan.outputs, &mut outputs);
        if run.backward {
            if P::LOSS {
                frame.arena[plan.loss_gradient.start] = Single(E::ONE);
            } else {
                fill(frame.arena, plan.output_gradients, run.samples.cotangents, row);
            }
            frame.backward();
            collect(frame.arena, plan.input_gradients, &mut input_gradients);
        }
        score
    }
}

fn fill<E: Element>(arena: &mut [Single<E>], regions: &[Region], columns: &[Column<'_, E>], row: usize) {
    for (region, column) in regions.iter().zip(columns) {
        for (cell, &value) in arena[region.range()].iter_mut().zip(&column.values[row * region.length..]) {
            *cell = Single(value);
        }
    }
}

/// An empty region or slice: not there, or not wanted.
fn collect<E: Element>(arena: &[Single<E>], regions: &[Region], results: &mut [&mut [E]]) {
    for (region, result) in regions.iter().zip(results) {
        for (to, cell) in result.iter_mut().zip(&arena[region.range()]) {
            *to = cell.0;
        }
    }
}
