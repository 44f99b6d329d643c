//! That a plan stays inside of its tensors, and what it costs.

use super::column::Shift;
use super::plan::{Plan, Run};
use crate::lanes::LANES;

/// The least and the greatest.
pub(super) fn span(values: impl Iterator<Item = isize>) -> (isize, isize) {
    values.fold((isize::MAX, isize::MIN), |(low, high), value| (low.min(value), high.max(value)))
}

impl Plan {
    /// Numbers of the right side as it is read: after it was copied.
    pub(super) fn right_size(&self) -> usize {
        match (self.transposition, self.spread) {
            (Some(transposition), _) => transposition.packs() * LANES,
            (_, Some(spread)) if !spread.of_left => spread.packs() * LANES,
            _ => self.sizes[1],
        }
    }

    /// Numbers of the left side as it is read.
    pub(super) fn left_size(&self) -> usize {
        self.spread.filter(|spread| spread.of_left).map_or(self.sizes[0], |spread| spread.packs() * LANES)
    }

    /// That every step of every element stays inside.
    pub(super) fn prove(&self) {
        let parts = |part: fn(&Shift) -> isize| {
            let (rows, outer) = (span(self.rows.iter().map(part)), span(self.outer.iter().map(part)));
            (rows.0 + outer.0, rows.1 + outer.1)
        };
        let [left, right, target, bias] =
            [parts(|s| s.left), parts(|s| s.right), parts(|s| s.target), parts(|s| s.bias)];
        let inside = |around: (isize, isize), at: isize, steps: (isize, isize), more: usize, size: usize| {
            steps.0 > steps.1
                || (around.0 + at + steps.0 >= 0 && around.1 + at + steps.1 + (more as isize) < size as isize)
        };
        let lanes = LANES - 1;
        let (lanes_left, left_size, right_size) =
            (if self.lanes_left { lanes } else { 0 }, self.left_size(), self.right_size());
        let reaches: Vec<[(isize, isize); 4]> =
            (0..self.lists.len() / self.chunks.max(1)).map(|list| self.reach(list)).collect();
        for column in &self.columns {
            let [of_left, of_right, part_left, part_right] = reaches[column.list()];
            let whole = inside(left, column.at().left, of_left, lanes_left, left_size)
                && inside(right, column.at().right, of_right, lanes, right_size);
            let some = inside(left, column.at().left, part_left, 0, left_size)
                && inside(right, column.at().right, part_right, 0, right_size);
            assert!(whole && some, "a step leads outside of its tensor");
            let lanes_stored = if column.spills { LANES } else { column.lanes as usize };
            let more = if self.over { 0 } else { self.stride * (lanes_stored - 1) };
            assert!(
                inside(target, column.at().target, (0, 0), more, self.sizes[2]),
                "an element stands outside of its tensor"
            );
            let more = if self.bias_of_lanes { column.lanes as usize - 1 } else { 0 };
            assert!(
                self.sizes[3] == 0 || inside(bias, column.at().bias, (0, 0), more, self.sizes[3]),
                "a bias stands outside of its tensor"
            );
        }
    }

    /// See [`Plan::rereads`].
    pub(super) fn find_rereads(&mut self) {
        if self.one || !self.lanes_left || self.columns.len() < 2 || !(self.guarded || self.narrow) {
            return;
        }
        let of_list: Vec<(isize, isize)> =
            (0..self.lists.len() / self.chunks.max(1)).map(|list| self.reach(list)[0]).collect();
        let read = self.columns.iter().filter_map(|column| {
            let (least, most) = of_list[column.list()];
            (least <= most).then(|| (column.at().left + least, column.at().left + most))
        });
        let longest = read.clone().map(|(least, most)| most - least).max().unwrap_or(0);
        let (least, most) = span(read.flat_map(|(least, most)| [least, most]));
        self.rereads = least <= most && most - least < 2 * longest;
    }

    /// The least and the greatest place of a list: of its whole steps, left and right, and of the lanes of its partial ones.
    fn reach(&self, list: usize) -> [(isize, isize); 4] {
        let chunks = || (0..self.chunks).map(move |chunk| self.steps(list, chunk));
        let ends = |run: fn(&Run) -> (isize, isize), place: fn(&super::plan::Place) -> i32| {
            let runs = chunks().flat_map(|steps| steps.runs).flat_map(move |one| {
                let (start, by) = run(one);
                [start, start + by * (one.count as isize - 1)]
            });
            span(runs.chain(chunks().flat_map(|steps| steps.places).map(move |one| place(one) as isize)))
        };
        let partial = || (0..self.chunks).flat_map(move |chunk| self.partial_steps(list, chunk));
        let some = |left: bool| {
            span(partial().flat_map(move |one| {
                let at = if left { one.left } else { one.right };
                let lanes = if one.readable { (0, LANES as isize) } else { (one.from as isize, one.to as isize) };
                if left && !self.lanes_left { [at, at] } else { [at + lanes.0, at + lanes.1 - 1] }
            }))
        };
        [
            ends(|run| (run.left, run.left_step), |place| place.left),
            ends(|run| (run.right, run.right_step), |place| place.right),
            some(true),
            some(false),
        ]
    }

    /// Multiplications (of sixteen lanes) for a tile.
    pub(super) fn measure(&self) -> usize {
        self.sum_over_columns(|whole, partial| whole + partial)
    }

    /// What a plan for one sample costs, in multiplications or so.
    pub(super) fn cost(&self) -> usize {
        let store = match (self.over, self.stride) {
            (true, _) => 4,
            (false, 1) => 2,
            // One by one.
            _ => LANES,
        };
        self.sum_over_columns(|whole, partial| whole + 3 * partial + store)
    }

    fn sum_over_columns(&self, cost: impl Fn(usize, usize) -> usize) -> usize {
        let of_list = |list: usize| {
            let chunks = (0..self.chunks).map(|chunk| self.steps(list, chunk));
            let whole =
                chunks.map(|steps| steps.runs.iter().map(|run| run.count).sum::<usize>() + steps.places.len()).sum();
            let partial: usize = (0..self.chunks).map(|chunk| self.partial_steps(list, chunk).len()).sum();
            cost(whole, partial)
        };
        let lists: Vec<usize> = (0..self.lists.len() / self.chunks.max(1)).map(of_list).collect();
        let columns = self.columns.iter().map(|column| (column.rows.1 - column.rows.0) as usize * lists[column.list()]);
        self.outer.len() * columns.sum::<usize>()
    }
}
