//! Parts of a contraction: cut along the outermost of the target's indices, so that several contractions can take turns, each finding in the
//! cache what the one before has read.

use super::plan::Plan;
use super::planner::{In, Planner};
use std::ops::Range;

/// A part of a contraction, cut along the outermost of the target's indices: one of so many. Where a contraction cannot be cut, the first part
/// is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which one.
    pub at: usize,
    /// How many there are.
    pub of: usize,
}

impl Part {
    /// All of it.
    pub const WHOLE: Part = Part { at: 0, of: 1 };

    /// What a part has of so many.
    fn range(self, count: usize) -> Range<usize> {
        self.at * count / self.of..(self.at + 1) * count / self.of
    }
}

/// A part of a plan: of its rows, its outer indices, and of the elements of the target.
pub(super) struct Of {
    pub(super) rows: Range<usize>,
    pub(super) outer: Range<usize>,
    pub(super) target: Range<usize>,
}

/// Where a plan is cut into parts along the outermost of the target's indices, whose extent this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cut {
    /// It is not.
    #[default]
    Nowhere,
    /// The index moves rows.
    Rows(usize),
    /// It moves the outer ones.
    Outer(usize),
}

impl Plan {
    /// Into how many parts, along the outermost of the target's indices, the plan can be cut; `None`: it cannot.
    #[doc(hidden)]
    #[must_use]
    pub fn parts(&self) -> Option<usize> {
        match self.cut {
            Cut::Nowhere => None,
            Cut::Rows(extent) | Cut::Outer(extent) => Some(extent),
        }
    }

    /// What a part has, of so many elements of the target.
    pub(super) fn part(&self, part: Part, elements: usize) -> Of {
        let (rows, outer) = (self.rows.len(), self.outer.len());
        match self.cut {
            Cut::Nowhere => {
                let some = part.at == 0;
                let all = |count: usize| if some { 0..count } else { 0..0 };
                Of { rows: all(rows), outer: all(outer), target: all(elements) }
            }
            Cut::Rows(extent) => {
                let pieces = |count: usize| scaled(part.range(extent), count / extent);
                Of { rows: pieces(rows), outer: 0..outer, target: pieces(elements) }
            }
            Cut::Outer(extent) => {
                let pieces = |count: usize| scaled(part.range(extent), count / extent);
                Of { rows: 0..rows, outer: pieces(outer), target: pieces(elements) }
            }
        }
    }
}

impl Planner<'_> {
    /// Where parts may be cut: sides that are copied first are copied whole.
    pub(super) fn cut(&self) -> Cut {
        let (own, plan) = (self.described.own, &self.plan);
        let copied = plan.transposition.is_some() || plan.spread.is_some() || self.lanes != In::Samples;
        let Some(extent) = own.first().map(|own| own.extent as usize).filter(|extent| *extent > 1 && !copied) else {
            return Cut::Nowhere;
        };
        let mut next = vec![0; own.len()];
        next[0] = 1;
        // The elements of each position of the index lie side by side.
        if self.described.target(&next) as usize * extent != self.described.sizes[2] {
            return Cut::Nowhere;
        }
        match (self.rows.first(), self.outer.first()) {
            (Some(0), _) => Cut::Rows(extent),
            (_, Some(0)) => Cut::Outer(extent),
            _ => Cut::Nowhere,
        }
    }
}

/// A range of what there are so many of for each.
pub(super) fn scaled(range: Range<usize>, each: usize) -> Range<usize> {
    range.start * each..range.end * each
}
