//! A contraction laid out for running: rows, columns, and the lists of steps.
//!
//! The target's own indices fall into *rows*, which move the left side alone, *outer* ones, which move both sides alike, and
//! *columns*: the others, whose elements may each have steps of their own (at a border, for instance). Columns with the same
//! steps, shifted, share one list. All offsets are proved in range here, once; the blocks then read unchecked.

use super::choose::Spread;
use super::column::{Column, Link, Shift};
use super::describe::Contraction;
use super::pad::Padded;
use super::part::Cut;
use super::planner::of_sixteen;
use super::single::{Flat, Long, of_one};
use crate::lanes::LANES;
use std::ops::Range;

/// Steps at fixed distances. Here and below, places and distances count numbers, not packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) left: isize,
    pub(super) right: isize,
    pub(super) left_step: isize,
    pub(super) right_step: isize,
    pub(super) count: usize,
}

/// One step of a list whose runs would be short: one loop over all of them costs less than many small ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) left: i32,
    pub(super) right: i32,
}

impl Run {
    /// Whether it goes on to a step, which it then takes over.
    pub(super) fn takes(&mut self, left: isize, right: isize) -> bool {
        let count = self.count as isize;
        let by = (left - self.left, right - self.right);
        if count == 1 {
            (self.left_step, self.right_step) = by;
        } else if by != (self.left_step * count, self.right_step * count) {
            return false;
        }
        self.count += 1;
        true
    }
}

/// A step of one sample alone that some of the lanes take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Partial {
    pub(super) left: isize,
    pub(super) right: isize,
    pub(super) from: u8,
    pub(super) to: u8,
    /// Whether sixteen numbers can be read there on each side.
    pub(super) readable: bool,
}

/// The steps of a chunk of a list: runs or places, never both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps<'a> {
    pub(super) runs: &'a [Run],
    pub(super) places: &'a [Place],
    /// How many of the places can be taken some together: see `sliding`.
    pub(super) together: usize,
    /// Whether an element is summed in several chains.
    pub(super) split: bool,
}

impl Steps<'_> {
    pub(super) fn is_empty(self) -> bool {
        self.runs.is_empty() && self.places.is_empty()
    }
}

/// Where the steps of a chunk stand in the plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub(super) runs: Range<usize>,
    pub(super) places: Range<usize>,
    pub(super) partial: Range<usize>,
    /// How many of the places can be taken some together.
    pub(super) together: usize,
    /// Whether an element is summed in several chains.
    pub(super) split: bool,
}

/// The side that is transposed, and the index that goes into the lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transposition {
    /// Elements of the side.
    pub(super) size: usize,
    /// The index's extent and stride there.
    pub(super) extent: usize,
    pub(super) stride: usize,
}

impl Transposition {
    pub(super) fn blocks(self) -> usize {
        self.extent.div_ceil(LANES)
    }

    /// Packs of one block of lanes.
    pub(super) fn block(self) -> usize {
        self.size / self.extent * LANES
    }

    /// Packs of the transposed side.
    pub(super) fn packs(self) -> usize {
        self.blocks() * self.block()
    }

    /// Where the samples of an element at position 0 of the index begin, in packs.
    pub(super) fn place(self, offset: i64) -> i64 {
        let (extent, stride) = (self.extent as i64, self.stride as i64);
        (offset / (extent * stride) * stride + offset % stride) * LANES as i64
    }
}

/// How a block's sums become elements of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sums {
    /// Each tile's to its own.
    #[default]
    Tiles,
    /// Those of all tiles together, lane by lane in scratch memory, whose lanes are added up at the end.
    Lanes,
    /// Those of all tiles together.
    All,
}

/// A contraction laid out; by default an empty one.
#[derive(Debug, Default)]
pub struct Plan {
    /// Whether the described left side is the right one here.
    pub(super) swapped: bool,
    /// Whether the left side (as it is here) is the same for all tiles.
    pub(super) shares_left: bool,
    /// Whether the left side too is read sixteen at a time.
    pub(super) lanes_left: bool,
    pub(super) sums: Sums,
    /// Whether the lanes of a sum are added up.
    pub(super) over: bool,
    /// How far apart in the target the lanes' elements are.
    pub(super) stride: usize,
    pub(super) bias_of_lanes: bool,
    /// Whether columns have numbers of the bias of their own.
    pub(super) bias_of_columns: bool,
    /// Whether the columns reach further in the target than the rows.
    pub(super) columns_outermost: bool,
    /// Where parts of it are cut.
    pub(super) cut: Cut,
    /// Whether columns may have rows of their own that are wanted.
    pub(super) guarded: bool,
    /// Of tiles, whose left side is read sixteen at a time: whether columns that no block takes together read much the same of it.
    pub(super) rereads: bool,
    /// Whether no block could take more than one column.
    pub(super) narrow: bool,
    /// Whether the first chunk of steps has some for every sum, so that none needs to be cleared before.
    pub(super) sets_all: bool,
    /// How many sums each element of the target has: their steps are apart.
    pub(super) shares: usize,
    pub(super) transposition: Option<Transposition>,
    pub(super) spread: Option<Spread>,
    pub(super) padded: Option<Padded>,
    pub(super) rows: Vec<Shift>,
    pub(super) outer: Vec<Shift>,
    pub(super) columns: Vec<Column>,
    /// Where windows slide, for each column its place in a chain; else nothing.
    pub(super) links: Vec<Link>,
    /// For each list its chunks: `chunks` of them.
    pub(super) lists: Vec<Chunk>,
    pub(super) runs: Vec<Run>,
    pub(super) places: Vec<Place>,
    /// Steps of one sample alone that some of the lanes take.
    pub(super) partial: Vec<Partial>,
    /// Whether all columns fill the lanes.
    pub(super) full_lanes: bool,
    /// Whether the rows are neighbours in the target, one after the other.
    pub(super) rows_side_by_side: bool,
    /// Where the columns with few neighbours stand in the target, those that are neighbours after all together: from here to there.
    pub(super) late: Vec<(isize, isize)>,
    /// Chunks of the longest list.
    pub(super) chunks: usize,
    /// For each chunk how many columns, from the first on, have all its steps.
    pub(super) busy: Vec<usize>,
    /// Steps of the longest list.
    pub(super) longest: usize,
    pub(super) work: usize,
    /// Whether there is one sample, whose tensors hold one number for each element.
    pub(super) one: bool,
    /// Of one sample, how rows are made one, and numbers of the side that is copied so.
    pub(super) flat: Option<(Flat, usize)>,
    /// Of one sample, how a side's rows are summed over as one.
    pub(super) long: Option<Long>,
    /// Whether the left side of one sample is copied so that sixteen numbers can be read wherever one can, and whether the right one is.
    pub(super) ends: [bool; 2],
    /// Of one sample, ends of the right side that get sixteen numbers of their own behind it: where each begins, and how many numbers it has.
    pub(super) tails: Vec<(usize, usize)>,
    /// Numbers of the left side and the right one (as they are here; of one sample, as they are copied), of the target (all of one tile), and of
    /// the bias.
    pub(super) sizes: [usize; 4],
}

impl Plan {
    /// Lays out a contraction for tiles of sixteen samples, or for one sample.
    ///
    /// # Panics
    /// If a step leads outside of a side: the macros prove that none does. If a tensor has 2³¹ numbers or more, all samples of a tile counted.
    #[must_use]
    pub fn new(described: &Contraction<'_>, samples: usize) -> Plan {
        if samples == 1 { of_one(described) } else { of_sixteen(described) }
    }

    /// Nothing to be done.
    #[must_use]
    pub fn none() -> Plan {
        Plan::default()
    }

    /// Multiplications (of packs) for a tile.
    #[doc(hidden)]
    #[must_use]
    pub fn work(&self) -> usize {
        self.work
    }

    /// Whether there is nothing to be done.
    #[doc(hidden)]
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether several tiles at once would give blocks of one column more to do with what they read.
    #[doc(hidden)]
    #[must_use]
    pub fn gains_from_tiles(&self) -> bool {
        self.narrow && self.rows.len() > 1 && self.sums == Sums::Tiles && self.shares_left && !self.one
    }

    /// Numbers that a tile reads and writes.
    #[doc(hidden)]
    #[must_use]
    pub fn passes(&self) -> usize {
        self.sizes[..3].iter().sum()
    }

    /// Whether each element of the target is added to once, where there is one tile.
    #[doc(hidden)]
    #[must_use]
    pub fn adds_once(&self) -> bool {
        self.sums != Sums::All || self.chunks <= 1
    }

    /// Whether blocks in halves (see `in_halves`) pay: their sums lie side by side, and are many steps each. With the short lists of attention
    /// or of windows that belong to samples, they are slower.
    #[inline(always)]
    pub(super) fn takes_halves(&self) -> bool {
        self.sums == Sums::Lanes
    }

    pub(super) fn steps(&self, list: usize, chunk: usize) -> Steps<'_> {
        let chunk = &self.lists[list * self.chunks + chunk];
        let (runs, places) = (&self.runs[chunk.runs.clone()], &self.places[chunk.places.clone()]);
        Steps { runs, places, together: chunk.together, split: chunk.split }
    }

    /// Whether there are no steps in a list.
    pub(super) fn is_empty(&self, list: usize) -> bool {
        (0..self.chunks).all(|chunk| self.steps(list, chunk).is_empty())
    }

    /// Whether what stands in the lanes of one sample goes to neighbours.
    pub(super) fn may_spill(&self) -> bool {
        self.one && !self.over && self.stride == 1 && !self.bias_of_lanes
    }

    /// Finds the columns that may store more than they have, for the next one does so after them.
    pub(super) fn find_spills(&mut self) {
        for at in 1..if self.may_spill() { self.columns.len() } else { 0 } {
            let (this, next) = (self.columns[at - 1], self.columns[at]);
            let follows = next.at().target == this.at().target + this.lanes as isize && next.rows == this.rows;
            self.columns[at - 1].spills = follows && usize::from(this.lanes + next.lanes) >= LANES;
        }
    }

    /// See [`Plan::sets_all`].
    pub(super) fn find_sets_all(&mut self) {
        let places = self.sizes[2] / LANES;
        let set = |column: &Column| {
            let rows = (column.rows.1 as usize).min(self.rows.len()) - column.rows.0 as usize;
            if self.steps(column.list(), 0).is_empty() { 0 } else { rows * self.outer.len() }
        };
        self.sets_all = self.sums == Sums::Lanes && self.columns.iter().map(set).sum::<usize>() == places;
    }

    /// See [`Plan::busy`].
    pub(super) fn find_busy(&mut self) {
        let busy = |chunk: usize| {
            let has = |column: &Column| !self.steps(column.list(), chunk).is_empty();
            self.columns.iter().rposition(has).map_or(0, |last| last + 1)
        };
        self.busy = (0..self.chunks).map(busy).collect();
    }

    pub(super) fn partial_steps(&self, list: usize, chunk: usize) -> &[Partial] {
        &self.partial[self.lists[list * self.chunks + chunk].partial.clone()]
    }
}
