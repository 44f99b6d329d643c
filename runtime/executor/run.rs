//! In: a network's parameters, a batch that was checked against its declaration, what is wanted. Out: outputs, losses, gradients.
//! Assumes that columns hold what the ports say. Guarantees: results have the same bits for any number of threads; padding adds
//! nothing; nothing is allocated once the buffers fit the batch (beyond what is asked for).
//!
//! A batch is cut into tiles of sixteen samples; the last is filled up with its last sample, whose copies have the cotangent zero.
//! Threads take *units* of tiles (see `units`), whose gradients are added in a fixed order (see `add`).

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Mutex;

use super::add::{Sum, add, add_all};
use super::batch::{Mode, Results, Samples, Weights};
use super::calls::{Calls, Passes};
use super::code::Plans;
use super::cut::{Cut, MOST_TOGETHER};
use super::parts::share_values;
use super::score::{Score, right};
use super::single::{self, Alone};
use super::threads::lock;
use super::transpose::{Filling, collect, packs};
use super::units::{Queue, Unit};
use crate::aligned::Aligned;
use crate::lanes::{self, Element, LANES, Level, Pack};
use crate::network::{Network, Tile};
use crate::site::{Draws, Finish, Pass};

/// The buffers of a network's runs.
#[derive(Debug)]
pub(crate) struct Executor<N, E: Element> {
    threads: usize,
    level: Level,
    /// One for each thread, by its seat.
    arenas: Vec<Mutex<Vec<Pack<E>>>>,
    /// What one sample alone needs, once there was one.
    alone: Option<Alone<E>>,
    /// Gradients of the second unit, the third, …; the first adds into the result. With one thread or two: the sum of the second half of the
    /// units, and of each half the unit at hand, if that is not added to the sum at once.
    partial: Vec<Aligned<E>>,
    /// Made when they are first wanted: one sample alone has its own.
    plans: Plans,
    passes: Passes<Pack<E>>,
    step: Vec<E>,
    /// `Network::STEP` for each unit.
    step_gradients: Vec<E>,
    scores: Vec<Score>,
    network: PhantomData<fn() -> N>,
}

impl<N: Network, E: Element> Executor<N, E> {
    pub(crate) fn new(threads: usize) -> Self {
        Executor {
            threads: threads.max(1),
            level: lanes::level(),
            arenas: Vec::new(),
            alone: None,
            partial: Vec::new(),
            plans: Plans::default(),
            passes: Passes::new(),
            step: vec![E::ZERO; N::STEP],
            step_gradients: Vec::new(),
            scores: Vec::new(),
            network: PhantomData,
        }
    }

    pub(crate) fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// Makes room, so that later runs of at most `count` samples allocate nothing.
    pub(crate) fn reserve<P: Pass>(&mut self, count: usize, backward: bool) {
        self.make_room::<P>(count, backward);
    }

    /// The same; how the batch is to be cut, unless it is one sample.
    fn make_room<P: Pass>(&mut self, count: usize, backward: bool) -> Option<Cut> {
        if count == 1 && lanes::runs_narrow(self.level) {
            self.alone.get_or_insert_with(Alone::new).reserve::<N, P>(backward);
            if backward && self.step_gradients.len() < N::STEP {
                self.step_gradients.resize(N::STEP, E::ZERO);
            }
            return None;
        }
        self.plans.complete::<N, Pack<E>>(backward);
        self.passes.find::<N, P>();
        let tiles = count.div_ceil(LANES);
        let cut = Cut::of::<N, E, P>(self.threads, tiles, backward, &self.plans);
        let units = cut.units;
        let packs = N::plan::<P>().packs * cut.room;
        if self.arenas.len() < self.threads.min(units) {
            self.arenas.resize_with(self.threads.min(units), Mutex::default);
        }
        for arena in &self.arenas {
            let mut arena = lock(arena);
            if arena.len() < packs {
                arena.resize(packs, Pack::ZERO);
            }
        }
        if self.scores.len() < units {
            self.scores.resize(units, Score::default());
        }
        if backward {
            let partial = if !cut.halves {
                units - 1
            } else if cut.apart || tiles == units && self.plans.all_add_once() {
                1
            } else {
                3
            };
            if self.partial.len() < partial {
                self.partial.resize_with(partial, || Aligned::zeros(N::PARAMETERS));
            }
            if self.step_gradients.len() < units * N::STEP {
                self.step_gradients.resize(units * N::STEP, E::ZERO);
            }
        }
        Some(cut)
    }

    /// Runs the batch: forward, and backward where gradients are wanted.
    pub(crate) fn run<P: Pass>(
        &mut self,
        weights: Weights<'_, E>,
        samples: Samples<'_, E>,
        mode: Mode,
        results: Results<'_, E>,
    ) -> Score {
        let count = samples.rows.count();
        let tiles = count.div_ceil(LANES);
        let wanted = !results.gradients.is_empty() || !results.input_gradients.is_empty();
        let backward = P::BACKWARD && wanted;
        let cut = self.make_room::<P>(count, backward);
        let (training, seed, step) = match mode {
            Mode::Evaluation => (false, 0, 0),
            Mode::Training { seed, step } => (true, seed, step),
        };
        if N::STEP > 0 {
            N::prepare(weights.parameters, weights.once, &mut self.step, training);
        }
        let draws = Draws { seed, step, samples: [0; LANES] };
        let Some(cut) = cut else {
            let alone = self.alone.get_or_insert_with(Alone::new);
            let (step_length, gradients) = (if backward { N::STEP } else { 0 }, &mut *results.gradients);
            let score = alone.run::<N, P>(single::Run {
                weights,
                samples,
                results: Results { gradients: &mut *gradients, ..results },
                step: &self.step,
                step_gradients: &mut self.step_gradients[..step_length],
                level: self.level,
                threads: self.threads,
                backward,
                training,
                draws,
            });
            self.finish(backward, weights, gradients, training);
            return score;
        };

        let Cut { units, halves, together, apart, .. } = cut;
        let scores = &mut self.scores[..units];
        let Results { outputs, input_gradients, gradients } = results;
        let batch = Batch::<'_, N, E, P> {
            level: self.level,
            weights,
            samples,
            plans: &self.plans,
            calls: self.passes.of::<P>(),
            together,
            apart,
            // Fewer units than threads: some help inside of a layer.
            threads: if units == 1 { self.threads } else { 1 },
            step: &self.step,
            backward,
            training,
            draws,
            pass: PhantomData,
        };
        let queue = Queue {
            unit: 0,
            units,
            tiles,
            count,
            outputs,
            input_gradients,
            gradients: None,
            partial: [].iter_mut(),
            step_gradients: &mut self.step_gradients,
            step_length: if backward { N::STEP } else { 0 },
            scores,
        };
        let run = |seat: usize, unit: Unit<'_, E>| {
            let arena = &mut lock(&self.arenas[seat])[..N::plan::<P>().packs * together];
            RunUnit { batch: &batch, arena, unit }.run();
        };
        if halves {
            let mut rooms = self.partial.iter_mut().map(|room| &mut room[..]);
            let mut room = || rooms.next().unwrap_or_default();
            let second = room();
            let sums = [&mut *gradients, second].map(|whole| Sum { whole, part: room() });
            share_values(self.threads, queue.split(units / 2).into_iter().zip(sums), &|seat, (units, mut sum)| {
                for (at, unit) in units.enumerate() {
                    if at == 0 {
                        run(seat, Unit { gradients: &mut *sum.whole, ..unit });
                        continue;
                    }
                    let added = unit.tiles.len() == 1;
                    let before = if added { &mut *sum.whole } else { &mut [] };
                    run(seat, Unit { gradients: &mut *sum.part, before, ..unit });
                    sum.add(self.level, &self.plans, N::scalars(), added);
                }
            });
        } else {
            let (first, others) = (backward.then_some(&mut *gradients), self.partial.iter_mut());
            share_values(self.threads, Queue { gradients: first, partial: others, ..queue }, &run);
        }
        if backward {
            self.add_up(units, if halves { 0..1 } else { (units / 2).saturating_sub(1)..units - 1 }, gradients);
        }
        self.finish(backward, weights, gradients, training);
        // Half by half too, as the gradients: a half may be one unit.
        let (first, second) = self.scores[..units].split_at(units / 2);
        let sum = |scores: &[Score]| scores.iter().copied().fold(Score::default(), Score::plus);
        sum(first).plus(sum(second))
    }

    /// What is done once a step, after a backward pass.
    fn finish(&mut self, backward: bool, weights: Weights<'_, E>, gradients: &mut [E], training: bool) {
        if backward && N::STEP > 0 {
            N::finish(Finish {
                parameters: weights.parameters,
                once: weights.once,
                step: &self.step,
                step_gradients: &mut self.step_gradients[..N::STEP],
                gradients,
                training,
            });
        }
    }

    /// Adds the units' gradients to the first's: those of `Network::STEP` in their order, and those of the parameters, of which these others
    /// are the second half's.
    fn add_up(&mut self, units: usize, half: Range<usize>, gradients: &mut [E]) {
        let (first, rest) = self.step_gradients.split_at_mut(N::STEP);
        for unit in 1..units {
            let from = &rest[(unit - 1) * N::STEP..unit * N::STEP];
            add(first, from);
        }
        if units > 1 && !gradients.is_empty() {
            let (first, second) = (&self.partial[..half.start], &self.partial[half]);
            add_all(self.threads, self.level, gradients, [first, second]);
        }
    }
}

/// What all tiles of a run share.
struct Batch<'a, N, E: Element, P> {
    level: Level,
    weights: Weights<'a, E>,
    samples: Samples<'a, E>,
    plans: &'a Plans,
    calls: &'a Calls<Pack<E>>,
    together: usize,
    apart: bool,
    threads: usize,
    step: &'a [E],
    backward: bool,
    training: bool,
    draws: Draws,
    pass: PhantomData<fn() -> (N, P)>,
}

struct RunUnit<'a, 'b, N, E: Element, P> {
    batch: &'a Batch<'b, N, E, P>,
    arena: &'a mut [Pack<E>],
    unit: Unit<'a, E>,
}

impl<N: Network, E: Element, P: Pass> RunUnit<'_, '_, N, E, P> {
    fn run(self) {
        let RunUnit { batch, arena, mut unit } = self;
        let plan = N::plan::<P>();
        let count = batch.samples.rows.count();
        unit.step_gradients.fill(E::ZERO);
        *unit.score = Score::default();
        let start = unit.tiles.start * LANES;

        let mut first_tile = unit.tiles.start;
        while first_tile < unit.tiles.end {
            let tiles = batch.together.min(unit.tiles.end - first_tile);
            let mut draws = [Draws { samples: [0; LANES], ..batch.draws }; MOST_TOGETHER];
            let valid = |tile: usize| (count - (first_tile + tile) * LANES).min(LANES);
            let rows = |tile: usize| -> [usize; LANES] {
                let (first, valid) = ((first_tile + tile) * LANES, valid(tile));
                std::array::from_fn(|lane| batch.samples.rows.at(first + lane.min(valid - 1)))
            };
            for (tile, draws) in draws[..tiles].iter_mut().enumerate() {
                let rows = rows(tile);
                draws.samples = rows.map(|row| row as u64);
            }
            let filling = Filling { level: batch.level, tiles, rows: &rows, threads: batch.threads };
            filling.run(arena, plan.inputs, batch.samples.inputs);
            if P::LOSS {
                filling.run(arena, plan.targets, batch.samples.targets);
            }
            let mut frame = Tile {
                calls: batch.calls,
                level: batch.level,
                arena: &mut *arena,
                scratch: &mut [],
                parameters: batch.weights.parameters,
                once: batch.weights.once,
                step: batch.step,
                plans: batch.plans,
                gradients: &mut *unit.gradients,
                first: first_tile == unit.tiles.start,
                before: &mut *unit.before,
                step_gradients: &mut *unit.step_gradients,
                training: batch.training,
                threads: batch.threads,
                tiles,
                apart: batch.apart,
                draws: &draws[..tiles],
            };
            frame.forward();

            if batch.backward && !P::LOSS {
                filling.run(frame.arena, plan.output_gradients, batch.samples.cotangents);
            }
            for tile in 0..tiles {
                let (valid, place) = (valid(tile), (first_tile + tile) * LANES - start);
                if P::LOSS {
                    let losses = &frame.arena[plan.loss.tile(tile, tiles).start].0[..valid];
                    unit.score.loss += losses.iter().map(|loss| loss.to_f64()).sum::<f64>();
                    if !batch.training {
                        unit.score.right += right::<N, Pack<E>>(frame.arena, plan, (tile, tiles), valid);
                    }
                }
                for (region, output) in plan.outputs.iter().zip(&mut unit.outputs) {
                    collect(batch.level, frame.arena, region.tile(tile, tiles), output, place..place + valid);
                }
                if !batch.backward {
                    continue;
                }
                if P::LOSS {
                    let each = E::from_f64(1.0 / count as f64);
                    frame.arena[plan.loss_gradient.tile(tile, tiles).start] =
                        Pack(std::array::from_fn(|lane| if lane < valid { each } else { E::ZERO }));
                } else {
                    for region in plan.output_gradients {
                        for pack in packs(frame.arena, region.tile(tile, tiles)) {
                            pack.0[valid..].fill(E::ZERO);
                        }
                    }
                }
            }
            if batch.backward {
                frame.backward();
                for tile in 0..tiles {
                    let (valid, place) = (valid(tile), (first_tile + tile) * LANES - start);
                    for (region, gradient) in plan.input_gradients.iter().zip(&mut unit.input_gradients) {
                        collect(batch.level, frame.arena, region.tile(tile, tiles), gradient, place..place + valid);
                    }
                }
            }
            first_tile += tiles;
        }
    }
}

#[cfg(test)]
mod tests;
