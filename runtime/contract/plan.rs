//! A contraction laid out for running: rows, columns, and the lists of steps.
//!
//! The target's own indices fall into *rows*, which move the left side alone, *outer* ones, which move both sides alike, and
//! *columns*: the others, whose elements may each have steps of their own (at a border, for instance). Columns with the same
//! steps, shifted, share one list. All offsets are proved in range here, once; the blocks then read unchecked.

use super::choose::Spread;
use super::describe::Contraction;
use super::planner::Planner;
use crate::lanes::LANES;
use std::ops::Range;

/// Steps at fixed distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) left: isize,
    pub(super) right: isize,
    pub(super) left_step: isize,
    pub(super) right_step: isize,
    pub(super) count: usize,
}

/// How far an index moves what it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) left: isize,
    pub(super) right: isize,
    pub(super) target: isize,
    pub(super) bias: isize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) at: Shift,
    /// Which list of steps.
    pub(super) list: usize,
    /// How many columns from here on have the same list and the same place on the left.
    pub(super) alike: usize,
    /// The rows that are wanted.
    pub(super) rows: (usize, usize),
    /// How many lanes are in use, where an index stands in them.
    pub(super) lanes: usize,
}

/// The side that is transposed, and the index that goes into the lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transposition {
    /// Elements of the side.
    pub(super) size: usize,
    /// The index's extent and stride there.
    pub(super) extent: usize,
    pub(super) stride: usize,
    /// Its stride in the target.
    pub(super) target_stride: usize,
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

    /// Where the samples of an element at position 0 of the index begin.
    pub(super) fn place(self, offset: i64) -> i64 {
        let (extent, stride) = (self.extent as i64, self.stride as i64);
        (offset / (extent * stride) * stride + offset % stride) * LANES as i64
    }
}

/// A contraction laid out; by default an empty one.
#[derive(Debug, Default)]
pub struct Plan {
    /// Whether the described left side is the right one here.
    pub(super) swapped: bool,
    pub(super) transposition: Option<Transposition>,
    pub(super) spread: Option<Spread>,
    pub(super) rows: Vec<Shift>,
    pub(super) outer: Vec<Shift>,
    pub(super) columns: Vec<Column>,
    /// For each list the runs of each chunk.
    pub(super) lists: Vec<Vec<Range<usize>>>,
    pub(super) runs: Vec<Run>,
    /// Chunks of the longest list.
    pub(super) chunks: usize,
    /// Steps of the longest list.
    pub(super) longest: usize,
    pub(super) work: usize,
    /// Left, right (as they are here, before transposition), target, bias.
    pub(super) sizes: [usize; 4],
}

impl Plan {
    /// Lays out a contraction.
    ///
    /// # Panics
    /// If a step leads outside of a side: the macros prove that none does.
    #[must_use]
    pub fn new(described: &Contraction<'_>) -> Plan {
        Planner::new(described).plan()
    }

    /// Nothing to be done.
    #[must_use]
    pub fn none() -> Plan {
        Plan::default()
    }

    /// Multiplications (of packs) for a tile.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    pub(super) fn measure(&self) -> usize {
        let steps = |list: &Vec<Range<usize>>| -> usize {
            list.iter().flat_map(|chunk| &self.runs[chunk.clone()]).map(|run| run.count).sum()
        };
        let lists: Vec<usize> = self.lists.iter().map(steps).collect();
        let columns = self.columns.iter().map(|column| (column.rows.1 - column.rows.0) * lists[column.list]);
        self.outer.len() * columns.sum::<usize>()
    }
}
