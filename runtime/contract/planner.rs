//! From a description to a plan.

use super::choose::{Lane, choose};
use super::describe::{Contraction, Kind, Own, Steps};
use super::plan::{Column, Plan, Run, Shift, Transposition};
use crate::lanes::LANES;
use std::collections::HashMap;
use std::ops::Range;

/// Positions that are done with before the next come, where samples are summed over: what they read stays in the first cache.
const CHUNK: usize = 16;
const CHUNK_OF_LANES: usize = 32;

pub(super) struct Planner<'a> {
    described: &'a Contraction<'a>,
    lane: Option<Lane>,
    swapped: bool,
    rows: Vec<usize>,
    outer: Vec<usize>,
    columns: Vec<usize>,
    transposition: Option<Transposition>,
    plan: Plan,
    known: HashMap<(i64, Vec<Run>), usize>,
    pitch: i64,
}

impl<'a> Planner<'a> {
    pub(super) fn new(described: &'a Contraction<'a>) -> Planner<'a> {
        let lane = choose(described.kind, described.own);
        let own = described.own;
        let moves = moves(described);
        // Rows are to be many: the side that moves alone the more becomes the left one.
        let alone = |left: bool| -> i64 {
            (0..own.len()).filter(|at| moves[*at] == Some((left, !left))).map(|at| own[at].extent).product()
        };
        let swapped = match (described.kind, lane) {
            (Kind::Weights, _) => false,
            (_, Some(lane)) => lane.of_left,
            (_, None) => alone(false) > alone(true),
        };
        let guarded: Vec<usize> = (0..own.len()).filter(|at| own[*at].guarded).collect();
        let (mut rows, mut outer, mut columns) = (vec![], vec![], vec![]);
        for at in 0..own.len() {
            match moves[at].map(|(left, right)| if swapped { (right, left) } else { (left, right) }) {
                _ if lane.is_some_and(|lane| lane.index == at) => {}
                Some((true, false)) => rows.push(at),
                Some((true, true)) if !own[at].guarded => outer.push(at),
                _ => columns.push(at),
            }
        }
        // The rows that are wanted have to lie side by side.
        if rows.len() > 1 {
            columns.extend(rows.extract_if(.., |at| guarded.contains(at)));
            columns.sort_unstable();
        }
        let sizes = described.sizes;
        let sizes = if swapped { [sizes[1], sizes[0], sizes[2], sizes[3]] } else { sizes };
        let transposition = lane.map(|lane| Transposition {
            size: sizes[1],
            extent: own[lane.index].extent as usize,
            stride: own[lane.index].stride as usize,
            target_stride: {
                let mut at = vec![0; own.len()];
                let first = (described.target)(&at);
                at[lane.index] = 1;
                ((described.target)(&at) - first) as usize
            },
        });
        Planner {
            described,
            lane,
            swapped,
            rows,
            outer,
            columns,
            transposition,
            plan: Plan {
                swapped,
                transposition,
                spread: described.spread,
                rows: vec![],
                outer: vec![],
                columns: vec![],
                lists: vec![],
                runs: vec![],
                chunks: 0,
                longest: 0,
                work: 0,
                sizes,
            },
            known: HashMap::new(),
            pitch: 0,
        }
    }

    pub(super) fn plan(mut self) -> Plan {
        let own = self.described.own;
        if own.iter().any(|own| own.extent < 1) {
            return self.plan;
        }
        // Where the rows' and outer indices' strides are measured: at an element that has steps.
        let mut reference = vec![0; own.len()];
        let mut found = false;
        let mut steps = Steps::default();
        let columns = self.columns.clone();
        for at in positions(own.len(), own, &columns) {
            let first = self.steps(&at, &mut steps);
            if first.is_some() && !found {
                (reference, found) = (at.clone(), true);
            }
            let list = self.list(&steps, first.unwrap_or_default());
            self.column(&at, first.unwrap_or_default(), list);
        }
        self.plan.rows = self.shifts(&reference, &self.rows);
        self.plan.outer = self.shifts(&reference, &self.outer);
        self.rows_wanted();
        self.alike();
        self.plan.chunks = self.plan.lists.iter().map(Vec::len).max().unwrap_or(0).max(1);
        self.prove();
        self.plan.work = self.plan.measure();
        self.plan
    }

    /// The steps at a position, relative to the first, whose place is returned.
    fn steps(&self, at: &[i64], steps: &mut Steps) -> Option<(i64, i64)> {
        steps.list.clear();
        (self.described.steps)(at, steps);
        for (left, right) in &mut steps.list {
            if self.swapped {
                (*left, *right) = (*right, *left);
            }
            if let Some(spread) = self.described.spread {
                *right += *right / spread.stride as i64 * (spread.wider() - spread.stride) as i64;
            }
            if self.lane.is_some() {
                *left *= LANES as i64;
                *right = self.transposition.map_or(*right, |t| t.place(*right));
            }
        }
        if let Some(spread) = self.described.spread {
            // Along the axis that was spread first: its runs are long.
            let wider = spread.wider() as i64;
            steps.list.sort_by_key(|(_, right)| (right % wider, right / wider));
        }
        let first = *steps.list.first()?;
        for (left, right) in &mut steps.list {
            *left -= first.0;
            *right -= first.1;
        }
        Some(first)
    }

    fn column(&mut self, at: &[i64], (left, right): (i64, i64), list: usize) {
        let shift = Shift {
            left: left as isize,
            right: right as isize,
            target: (self.described.target)(at) as isize,
            bias: (self.described.bias)(at) as isize,
        };
        let whole = Column { at: shift, list, alike: 1, rows: (0, usize::MAX), lanes: LANES };
        let Some(transposition) = self.transposition else {
            self.plan.columns.push(whole);
            return;
        };
        for block in 0..transposition.blocks() {
            let mut column = whole;
            column.at.right += (block * transposition.block()) as isize;
            column.at.target += (block * LANES * transposition.target_stride) as isize;
            column.lanes = (transposition.extent - block * LANES).min(LANES);
            self.plan.columns.push(column);
        }
    }

    /// The number of a list of steps, `first` being the place of the first; a new one where no column had these before.
    fn list(&mut self, steps: &Steps, first: (i64, i64)) -> usize {
        let runs = runs(&steps.list, self.lane.is_some());
        // Where samples are summed over, the steps of all columns are cut at the same places of the left side.
        let chunk = match (self.described.kind, self.lane) {
            (Kind::Gradient, Some(_)) => CHUNK as i64 * self.pitch(steps),
            (Kind::Gradient, None) => CHUNK_OF_LANES as i64 * self.pitch(steps),
            _ => i64::MAX,
        };
        let offset = if chunk == i64::MAX { 0 } else { first.0 };
        if let Some(known) = self.known.get(&(offset, runs.clone())) {
            return *known;
        }
        self.plan.longest = self.plan.longest.max(runs.iter().map(|run| run.count).sum());
        let mut chunks: Vec<Range<usize>> = vec![];
        let start = self.plan.runs.len();
        let cut = |chunks: &mut Vec<Range<usize>>, at: i64, end: usize| {
            let number = if chunk == i64::MAX { 0 } else { (at / chunk) as usize };
            let from = chunks.last().map_or(start, |last| last.end);
            if chunks.len() < number {
                chunks.resize(number, from..from);
            }
            if chunks.len() == number {
                chunks.push(from..end);
            } else if let Some(last) = chunks.last_mut() {
                last.end = end;
            }
        };
        for mut run in runs.iter().copied() {
            while run.count > 0 {
                let at = offset + run.left as i64;
                let left = match run.left_step {
                    _ if chunk == i64::MAX => usize::MAX,
                    0 => usize::MAX,
                    step if step > 0 => ((chunk - at % chunk) as usize).div_ceil(step as usize),
                    _ => 1,
                };
                let part = run.count.min(left);
                self.plan.runs.push(Run { count: part, ..run });
                cut(&mut chunks, at, self.plan.runs.len());
                run.left += run.left_step * part as isize;
                run.right += run.right_step * part as isize;
                run.count -= part;
            }
        }
        if chunks.is_empty() {
            chunks.push(start..start);
        }
        self.plan.lists.push(chunks);
        self.known.insert((offset, runs), self.plan.lists.len() - 1);
        self.plan.lists.len() - 1
    }

    /// How far apart neighbouring steps are on the left side, by the first list that has any.
    fn pitch(&mut self, steps: &Steps) -> i64 {
        if self.pitch == 0 && steps.list.len() > 1 {
            let lefts = || steps.list.iter().map(|(left, _)| *left);
            let span = lefts().max().unwrap_or(0) - lefts().min().unwrap_or(0);
            self.pitch = span / (steps.list.len() as i64 - 1);
        }
        self.pitch.max(1)
    }

    /// What every element of these indices moves: each by its stride.
    fn shifts(&self, reference: &[i64], indices: &[usize]) -> Vec<Shift> {
        let own = self.described.own;
        let here = |at: &[i64]| {
            let mut steps = Steps::default();
            let (left, right) = self.steps(at, &mut steps).unwrap_or_default();
            [left, right, (self.described.target)(at), (self.described.bias)(at)]
        };
        let origin = here(reference);
        let strides: Vec<[i64; 4]> = indices
            .iter()
            .map(|index| {
                let mut at = reference.to_vec();
                at[*index] = if own[*index].extent > 1 { 1 } else { 0 };
                let there = here(&at);
                [0, 1, 2, 3].map(|k| there[k] - origin[k])
            })
            .collect();
        positions(own.len(), own, indices)
            .map(|at| {
                let sum = |k: usize| indices.iter().zip(&strides).map(|(i, s)| at[*i] * s[k]).sum::<i64>() as isize;
                Shift { left: sum(0), right: sum(1), target: sum(2), bias: sum(3) }
            })
            .collect()
    }

    /// The rows of each column that are wanted.
    fn rows_wanted(&mut self) {
        let own = self.described.own;
        let guarded = own.iter().any(|own| own.guarded);
        if !guarded && !(self.described.guard)(&vec![0; own.len()]) {
            self.plan.columns.clear();
            return;
        }
        let repeats = self.transposition.map_or(1, Transposition::blocks);
        let rows: Vec<Vec<i64>> = positions(own.len(), own, &self.rows).collect();
        let columns = self.columns.clone();
        for (column, at) in positions(own.len(), own, &columns).enumerate() {
            let mut wanted = (0, rows.len());
            if guarded {
                let wants = |row: &Vec<i64>| {
                    let both: Vec<i64> = at.iter().zip(row).map(|(a, b)| a + b).collect();
                    (self.described.guard)(&both)
                };
                let first = rows.iter().position(wants).unwrap_or(rows.len());
                wanted = (first, rows.iter().rposition(wants).map_or(first, |last| last + 1));
            }
            for column in &mut self.plan.columns[column * repeats..][..repeats] {
                column.rows = wanted;
            }
        }
        self.plan.columns.retain(|column| column.rows.0 < column.rows.1);
    }

    fn alike(&mut self) {
        let columns = &mut self.plan.columns;
        for at in (0..columns.len().saturating_sub(1)).rev() {
            let (this, next) = (columns[at], columns[at + 1]);
            if (this.list, this.at.left, this.rows) == (next.list, next.at.left, next.rows) {
                columns[at].alike = next.alike + 1;
            }
        }
    }

    /// That every step of every element stays inside.
    fn prove(&self) {
        let plan = &self.plan;
        let span = |values: &mut dyn Iterator<Item = isize>| {
            values.fold((isize::MAX, isize::MIN), |(low, high), value| (low.min(value), high.max(value)))
        };
        let lists: Vec<[(isize, isize); 2]> = plan
            .lists
            .iter()
            .map(|chunks| {
                let ends = |step: fn(&Run) -> (isize, isize)| {
                    span(&mut chunks.iter().flat_map(|chunk| &plan.runs[chunk.clone()]).flat_map(|run| {
                        let (start, by) = step(run);
                        [start, start + by * (run.count as isize - 1)]
                    }))
                };
                [ends(|run| (run.left, run.left_step)), ends(|run| (run.right, run.right_step))]
            })
            .collect();
        let parts = |part: fn(&Shift) -> isize| {
            let (rows, outer) = (span(&mut plan.rows.iter().map(part)), span(&mut plan.outer.iter().map(part)));
            (rows.0 + outer.0, rows.1 + outer.1)
        };
        let inside = |(low, high): (isize, isize), size: usize| low >= 0 && high < size as isize;
        let (left_size, right_size) = match self.transposition {
            Some(transposition) => (plan.sizes[0] * LANES, transposition.packs()),
            None => (plan.sizes[0], plan.spread.map_or(plan.sizes[1], |spread| spread.extent * spread.wider())),
        };
        let [left, right, target, bias] =
            [parts(|s| s.left), parts(|s| s.right), parts(|s| s.target), parts(|s| s.bias)];
        for column in &plan.columns {
            let [of_left, of_right] = lists[column.list];
            if of_left.0 <= of_left.1 {
                let left = (left.0 + column.at.left + of_left.0, left.1 + column.at.left + of_left.1);
                let right = (right.0 + column.at.right + of_right.0, right.1 + column.at.right + of_right.1);
                assert!(inside(left, left_size) && inside(right, right_size), "a step leads outside of its tensor");
            }
            let lanes = plan.transposition.map_or(0, |t| t.target_stride * (column.lanes - 1)) as isize;
            let target = (target.0 + column.at.target, target.1 + column.at.target + lanes);
            let bias = (bias.0 + column.at.bias, bias.1 + column.at.bias);
            assert!(plan.sizes[3] == 0 || inside(bias, plan.sizes[3]), "a bias stands outside of its tensor");
            assert!(inside(target, plan.sizes[2]), "an element stands outside of its tensor");
        }
    }
}

/// Which sides an index moves, by a stride; `None` for one that decides steps. One that could, but where the layer stands has the
/// same steps at all positions, moves what it is seen to move: a border without padding, for instance.
fn moves(described: &Contraction<'_>) -> Vec<Option<(bool, bool)>> {
    let own = described.own;
    let conditional: Vec<usize> = (0..own.len()).filter(|at| own[*at].conditional).collect();
    let mut moves: Vec<_> = own.iter().map(|own| (!own.conditional).then_some((own.in_left, own.in_right))).collect();
    if conditional.is_empty() || own.iter().any(|own| own.extent < 1) {
        return moves;
    }
    let list = |at: &[i64]| {
        let mut steps = Steps::default();
        (described.steps)(at, &mut steps);
        steps.list
    };
    let start = list(&vec![0; own.len()]);
    let Some(origin) = start.first().copied() else { return moves };
    let stride = |index: usize| {
        let mut at = vec![0; own.len()];
        at[index] = if own[index].extent > 1 { 1 } else { 0 };
        list(&at).first().map(|there| (there.0 - origin.0, there.1 - origin.1))
    };
    let Some(strides) = conditional.iter().map(|index| stride(*index)).collect::<Option<Vec<_>>>() else {
        return moves;
    };
    let uniform = positions(own.len(), own, &conditional).all(|at| {
        let moved = conditional
            .iter()
            .zip(&strides)
            .fold((0, 0), |sum, (index, stride)| (sum.0 + at[*index] * stride.0, sum.1 + at[*index] * stride.1));
        let here = list(&at);
        here.len() == start.len() && here.iter().zip(&start).all(|(a, b)| (a.0 - moved.0, a.1 - moved.1) == *b)
    });
    if uniform {
        for (index, stride) in conditional.into_iter().zip(strides) {
            moves[index] = Some((stride.0 != 0, stride.1 != 0));
        }
    }
    moves
}

/// All positions of some of the indices, row-major; the others at 0.
fn positions<'a>(count: usize, own: &'a [Own], indices: &'a [usize]) -> impl Iterator<Item = Vec<i64>> + 'a {
    let total: i64 = indices.iter().map(|index| own[*index].extent).product();
    (0..total).map(move |mut rest| {
        let mut at = vec![0; count];
        for index in indices.iter().rev() {
            at[*index] = rest % own[*index].extent;
            rest /= own[*index].extent;
        }
        at
    })
}

/// A list in runs of steps at fixed distances. `samples`: every step stands for sixteen, those of a tile's samples.
fn runs(list: &[(i64, i64)], samples: bool) -> Vec<Run> {
    let run = |(left, right): (i64, i64)| Run {
        left: left as isize,
        right: right as isize,
        left_step: if samples { 1 } else { 0 },
        right_step: if samples { 1 } else { 0 },
        count: if samples { LANES } else { 1 },
    };
    let mut runs: Vec<Run> = vec![];
    for &step in list {
        let next = run(step);
        if let Some(last) = runs.last_mut() {
            let count = last.count as isize;
            let (left, right) = (next.left - last.left, next.right - last.right);
            if !samples && count == 1 {
                (last.left_step, last.right_step, last.count) = (left, right, 2);
                continue;
            }
            if (left, right) == (last.left_step * count, last.right_step * count) {
                last.count += next.count;
                continue;
            }
        }
        runs.push(next);
    }
    runs
}
