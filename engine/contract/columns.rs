//! The columns of a plan: for each position of their indices the list of its steps, shared by all that have the same.

use super::column::{Column, Shift};
use super::describe::Kind;
use super::lists::runs;
use super::plan::{Partial, Run};
use super::planner::{In, Planner, sort};
use super::prove::span;
use super::single::{self, Across, Merged};
use super::sliding;
use crate::lanes::LANES;
use std::cell::Cell;

/// Positions that are done with before the next come, where samples are summed over: enough to pay for adding to the target (to places
/// apart, where an index stands in the lanes), few enough for what they read to stay in the second cache, or the first where both sides
/// are read sixteen at a time. Measured on convolutions.
const CHUNK: usize = 128;
const CHUNK_OF_LANES: usize = 48;
/// Where blocks of several columns read less, for there are no borders, or they were filled.
const CHUNK_OF_BLOCKS: usize = 112;
/// With a single row, half as much is read.
const CHUNK_OF_A_ROW: usize = 128;

/// Longer sums are cut in pieces of half as many steps, so that a block's rows stay in the first cache while several tiles pass, and what these
/// have there in the second while all rows do.
const LONG: usize = 2048;

/// Ends of a sample's tensor that get sixteen numbers of their own: at most so many.
const MOST_TAILS: usize = 64;

/// Steps: places on the left side and the right one.
pub(super) type List = Vec<(i64, i64)>;

impl Planner<'_> {
    /// `share`: which of the target's sums.
    pub(super) fn columns_of_sixteen(&mut self, at: &[i64], mut list: List, share: usize) {
        if self.lists.slide {
            sliding::order(&mut list);
        }
        let first = relative(&mut list);
        // The steps of all columns are cut at the same places of the left side.
        let positions = match (self.described.kind, self.lanes) {
            (Kind::Gradient, In::Transposed { .. }) => Some(CHUNK),
            (Kind::Gradient, _) if self.plan.rows.len() == 1 => Some(CHUNK_OF_A_ROW),
            (Kind::Gradient, _) if !self.borders || self.plan.padded.is_some() => Some(CHUNK_OF_BLOCKS),
            (Kind::Gradient, _) => Some(CHUNK_OF_LANES),
            (Kind::Weights, _) if list.len() > LONG => Some(LONG / 2),
            _ => None,
        };
        // Few steps beside the others are taken at once, wherever they are.
        let positions = positions.filter(|positions| share == 0 || list.len() > *positions);
        let cut = positions.map(|positions| positions as i64 * self.pitch(&list));
        let runs = runs(&list, self.plan.transposition.is_some());
        let list = self.lists.number(&mut self.plan, runs, vec![], (cut, first.0));
        let mut whole = self.place(at, first);
        whole.target += (share * self.described.sizes[2] * LANES) as isize;
        let Some(transposition) = self.plan.transposition else {
            self.plan.columns.push(Column::new(whole, list, LANES));
            return;
        };
        for block in 0..transposition.blocks() {
            let mut at = whole;
            at.right += (block * transposition.block() * LANES) as isize;
            at.target += (block * LANES * self.plan.stride) as isize;
            let lanes = (transposition.extent - block * LANES).min(LANES);
            self.plan.columns.push(Column::new(at, list, lanes));
        }
    }

    pub(super) fn columns_of_one(&mut self, at: &[i64], across: Across) {
        let around = |part: fn(&Shift) -> isize| {
            let (rows, outer) = (span(self.plan.rows.iter().map(part)), span(self.plan.outer.iter().map(part)));
            ((rows.0 + outer.0) as i64, (rows.1 + outer.1) as i64)
        };
        let around = [around(|shift| shift.left), around(|shift| shift.right)];
        let (sizes, lanes_left) = (self.plan.sizes, self.plan.lanes_left);
        let fits = |at: i64, side: usize| {
            let (least, most) = (at + around[side].0, at + around[side].1);
            least >= 0 && most + LANES as i64 <= sizes[side] as i64
        };
        let ones = self.described.right_is_ones() && !self.plan.swapped;
        // What belongs to a sample may be copied, with more numbers behind.
        let of_weights = self.described.kind == Kind::Weights;
        let may_copy = [!of_weights || self.plan.swapped, !of_weights || !self.plan.swapped];
        let ends = [Cell::new(false), Cell::new(false)];
        let there = |at: i64, side: usize| fits(at, side) || (may_copy[side] && at + around[side].0 >= 0);
        let readable = |(left, right): (i64, i64)| {
            if (lanes_left && !there(left, 0)) || (!ones && !there(right, 1)) {
                return false;
            }
            ends[0].set(ends[0].get() || (lanes_left && !fits(left, 0)));
            ends[1].set(ends[1].get() || (!ones && !fits(right, 1)));
            true
        };
        match across {
            Across::Summed { .. } => {
                let mut list = self.steps(at);
                sort(&mut list);
                // Behind the right side, where nothing else moves it.
                let size = sizes[1];
                let may = of_weights && may_copy[1] && !ones && self.plan.outer.len() == 1;
                let tails = &mut self.plan.tails;
                let tail = |right: i64, count: usize| {
                    let tail = (right as usize, count);
                    let number = tails.iter().position(|known| *known == tail).unwrap_or(tails.len());
                    if !may || number == MOST_TAILS {
                        return None;
                    }
                    if number == tails.len() {
                        tails.push(tail);
                    }
                    Some((size + number * LANES) as i64)
                };
                let merged = single::summed_lanes(&list, if ones { 0 } else { 1 }, readable, tail);
                let (at, list) = self.merged(at, merged);
                self.plan.columns.push(Column::new(at, list, LANES));
            }
            Across::Own { index, .. } => {
                let extent = self.described.own[index].extent;
                for start in (0..extent).step_by(LANES) {
                    let lanes = (extent - start).min(LANES as i64);
                    let mut here = at.to_vec();
                    let mut of_lane = |lane: i64| {
                        here[index] = start + lane;
                        self.steps(&here)
                    };
                    let lists: Vec<_> = (0..lanes).map(&mut of_lane).collect();
                    here[index] = start;
                    let merged = single::own_lanes(&lists, (if lanes_left { 1 } else { 0 }, 1), readable);
                    let (at, list) = self.merged(&here, merged);
                    self.plan.columns.push(Column::new(at, list, lanes as usize));
                }
            }
        }
        for side in [0, 1] {
            self.plan.ends[side] |= ends[side].get();
        }
    }

    /// The place of a column of a single sample, and its list.
    fn merged(&mut self, at: &[i64], mut merged: Merged) -> (Shift, usize) {
        let mut first = relative(&mut merged.whole);
        if merged.whole.is_empty()
            && let Some(partial) = merged.partial.first()
        {
            first = (partial.left as i64, partial.right as i64);
        }
        for partial in &mut merged.partial {
            partial.left -= first.0 as isize;
            partial.right -= first.1 as isize;
        }
        // What the same lanes take, together; last what cannot be read at once.
        let lanes = |step: &Partial| i64::from(!step.readable) << 16 | i64::from(step.from) << 8 | i64::from(step.to);
        let mut order: Vec<(i64, i64)> = merged.partial.iter().zip(0..).map(|(step, at)| (lanes(step), at)).collect();
        sort(&mut order);
        let partial = order.into_iter().map(|(_, at)| merged.partial[at as usize]).collect();
        let runs: Vec<Run> = runs(&merged.whole, false);
        let number = self.lists.number(&mut self.plan, runs, partial, (None, 0));
        (self.place(at, first), number)
    }

    /// How far apart neighbouring steps are on the left side, by the first list that has any.
    fn pitch(&mut self, list: &[(i64, i64)]) -> i64 {
        if self.pitch == 0 && list.len() > 1 {
            let lefts = || list.iter().map(|(left, _)| *left);
            let span = lefts().max().unwrap_or(0) - lefts().min().unwrap_or(0);
            self.pitch = span / (list.len() as i64 - 1);
        }
        self.pitch.max(1)
    }
}

/// Makes steps relative to the first, whose places are returned.
fn relative(list: &mut [(i64, i64)]) -> (i64, i64) {
    let Some(first) = list.first().copied() else { return (0, 0) };
    for (left, right) in list {
        *left -= first.0;
        *right -= first.1;
    }
    first
}
