//! Lists of steps as loops: runs of steps at fixed distances, or plain places where the runs would be short.

use super::plan::{Chunk, Partial, Place, Plan, Run};
use super::sliding;
use crate::lanes::LANES;
use std::collections::HashMap;

/// Runs shorter than this on average become places.
const SHORT: usize = 8;

/// Steps that are cut into chunks at the same places of the left side in all lists: so many numbers. None: all in one.
pub(super) type Cut = Option<i64>;

/// The lists of a plan, each once.
#[derive(Default)]
pub(super) struct Lists {
    known: HashMap<(i64, Vec<Run>, Vec<Partial>), usize>,
    chunks: Vec<Vec<Chunk>>,
    /// Whether steps may be taken some together: see `sliding`.
    pub(super) slide: bool,
}

impl Lists {
    /// The number of a list; a new one where none was the same. `offset`: the place of its first step on the left.
    pub(super) fn number(
        &mut self,
        plan: &mut Plan,
        runs: Vec<Run>,
        partial: Vec<Partial>,
        (cut, offset): (Cut, i64),
    ) -> usize {
        let offset = if cut.is_some() { offset } else { 0 };
        let key = (offset, runs, partial);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let (_, runs, partial) = &key;
        plan.longest = plan.longest.max(runs.iter().map(|run| run.count).sum::<usize>() + partial.len());
        let mut chunks: Vec<Vec<Run>> = vec![];
        for mut run in runs.iter().copied() {
            while run.count > 0 {
                let at = offset + run.left as i64;
                let (number, left) = match (cut, run.left_step) {
                    (None, _) => (0, usize::MAX),
                    (Some(cut), 0) => (at / cut, usize::MAX),
                    (Some(cut), step) if step > 0 => (at / cut, ((cut - at % cut) as usize).div_ceil(step as usize)),
                    (Some(cut), _) => (at / cut, 1),
                };
                // Steps that go back in the left side stay where the list has come to.
                let number = (number as usize).max(chunks.len().saturating_sub(1));
                chunks.resize_with(chunks.len().max(number + 1), Vec::new);
                let part = run.count.min(left);
                chunks[number].push(Run { count: part, ..run });
                run.left += run.left_step * part as isize;
                run.right += run.right_step * part as isize;
                run.count -= part;
            }
        }
        if chunks.is_empty() {
            chunks.push(vec![]);
        }
        let mut laid: Vec<Chunk> = chunks.into_iter().map(|runs| lay(plan, runs, self.slide)).collect();
        let start = plan.partial.len();
        plan.partial.extend(partial);
        laid[0].partial = start..plan.partial.len();
        self.chunks.push(laid);
        self.known.insert(key, self.chunks.len() - 1);
        self.chunks.len() - 1
    }

    /// All lists with as many chunks as the longest.
    pub(super) fn finish(self, plan: &mut Plan) {
        plan.chunks = self.chunks.iter().map(Vec::len).max().unwrap_or(1);
        for mut chunks in self.chunks {
            chunks.resize_with(plan.chunks, Chunk::default);
            plan.lists.extend(chunks);
        }
    }
}

fn lay(plan: &mut Plan, runs: Vec<Run>, slide: bool) -> Chunk {
    let steps: usize = runs.iter().map(|run| run.count).sum();
    let places = |run: &Run| {
        let place = |step: usize| {
            let [left, right] = [run.left + run.left_step * step as isize, run.right + run.right_step * step as isize];
            Some(Place { left: i32::try_from(left).ok()?, right: i32::try_from(right).ok()? })
        };
        (0..run.count).map(place).collect::<Vec<_>>()
    };
    let (first_run, first_place) = (plan.runs.len(), plan.places.len());
    let slide = slide && steps <= sliding::LONGEST;
    let mut together = 0;
    if (slide || (runs.len() > 1 && steps < SHORT * runs.len()))
        && let Some(places) = runs.iter().flat_map(places).collect::<Option<Vec<Place>>>()
    {
        if slide {
            together = sliding::together(&places);
        }
        plan.places.extend(places);
    } else {
        plan.runs.extend(runs);
    }
    Chunk {
        runs: first_run..plan.runs.len(),
        places: first_place..plan.places.len(),
        partial: 0..0,
        together,
        split: false,
    }
}

/// Steps in runs. `samples`: every step stands for sixteen, those of a tile's samples, each of which finds a pack on the right.
pub(super) fn runs(list: &[(i64, i64)], samples: bool) -> Vec<Run> {
    let run = |(left, right): (i64, i64)| Run {
        left: left as isize,
        right: right as isize,
        left_step: if samples { 1 } else { 0 },
        right_step: if samples { LANES as isize } else { 0 },
        count: if samples { LANES } else { 1 },
    };
    let mut runs: Vec<Run> = vec![];
    for &step in list {
        let next = run(step);
        if let Some(last) = runs.last_mut() {
            if !samples {
                if last.takes(next.left, next.right) {
                    continue;
                }
            } else {
                let count = last.count as isize;
                if (next.left - last.left, next.right - last.right) == (last.left_step * count, last.right_step * count)
                {
                    last.count += next.count;
                    continue;
                }
            }
        }
        runs.push(next);
    }
    runs
}
