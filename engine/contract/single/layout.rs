//! A plan for one sample, laid out flat: pieces of the target, each with the steps that all its lanes take and those that some take.

use super::super::plan::{Partial, Place, Plan, Run, Shift};
use super::super::planner::sort;
use crate::lanes::LANES;
use std::ops::Range;

/// Steps at fixed distances that only the lanes from `from` to `to` take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masked {
    pub(super) run: Run,
    pub(super) from: u8,
    pub(super) to: u8,
}

/// A column at one position of the outer indices.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) at: Shift,
    pub(super) steps: Listed,
    /// The rows that are wanted.
    pub(super) rows: (usize, usize),
    /// How many lanes are in use.
    pub(super) lanes: usize,
    /// Whether what the other lanes would overwrite is stored by the next piece.
    pub(super) spills: bool,
    /// How many pieces from here on have the same steps from the same place on the left.
    pub(super) alike: usize,
}

/// Where a list's steps stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    /// Of all lanes: runs or places.
    runs: Range<u32>,
    places: Range<u32>,
    /// Of some.
    masked: Range<u32>,
    /// Of some, where sixteen numbers cannot be read.
    ends: Range<u32>,
}

/// The steps of a piece.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    pub(super) runs: &'a [Run],
    pub(super) places: &'a [Place],
    pub(super) masked: &'a [Masked],
    pub(super) ends: &'a [Partial],
}

/// What a plan for one sample is run as.
#[derive(Debug, Default)]
pub(in crate::contract) struct Alone {
    pub(super) pieces: Vec<Piece>,
    pub(super) runs: Vec<Run>,
    pub(super) places: Vec<Place>,
    pub(super) masked: Vec<Masked>,
    pub(super) ends: Vec<Partial>,
}

impl Alone {
    /// Takes over what `plan`, which has been proved, says of columns and lists.
    pub(in crate::contract) fn new(plan: &mut Plan) -> Alone {
        let mut alone = Alone::default();
        let listed: Vec<Listed> = (0..plan.lists.len()).map(|list| alone.list(plan, list)).collect();
        for outer in &plan.outer {
            for column in &plan.columns {
                alone.pieces.push(Piece {
                    at: Shift {
                        left: column.at().left + outer.left,
                        right: column.at().right + outer.right,
                        target: column.at().target + outer.target,
                        bias: column.at().bias + outer.bias,
                    },
                    steps: listed[column.list()].clone(),
                    rows: (column.rows.0 as usize, column.rows.1 as usize),
                    lanes: column.lanes as usize,
                    spills: false,
                    alike: column.alike as usize,
                });
            }
        }
        for at in 1..alone.pieces.len() {
            let [piece, next] = [at - 1, at].map(|at| &alone.pieces[at]);
            let follows = next.at.target == piece.at.target + piece.lanes as isize && next.rows == piece.rows;
            alone.pieces[at - 1].spills = follows && piece.lanes + next.lanes >= LANES;
        }
        alone.runs = std::mem::take(&mut plan.runs);
        alone.places = std::mem::take(&mut plan.places);
        (plan.columns, plan.outer, plan.lists, plan.partial) = Default::default();
        alone
    }

    fn list(&mut self, plan: &Plan, list: usize) -> Listed {
        let chunk = &plan.lists[list];
        let partial = &plan.partial[chunk.partial.clone()];
        // By the lanes that take a step; what the same ones take, in its order.
        let lanes = |step: &Partial| i64::from(step.from) << 8 | i64::from(step.to);
        let mut order: Vec<(i64, i64)> = partial.iter().zip(0..).map(|(step, at)| (lanes(step), at)).collect();
        sort(&mut order, &|(lanes, at)| (lanes, at, 0));
        let (masked, ends) = (self.masked.len(), self.ends.len());
        for (_, at) in order {
            let step = partial[at as usize];
            if !step.readable {
                self.ends.push(step);
                continue;
            }
            if let Some(last) = self.masked[masked..].last_mut()
                && (last.from, last.to) == (step.from, step.to)
                && last.run.takes(step.left, step.right)
            {
                continue;
            }
            let run = Run { left: step.left, right: step.right, left_step: 0, right_step: 0, count: 1 };
            self.masked.push(Masked { run, from: step.from, to: step.to });
        }
        let range = |start: usize, end: usize| start as u32..end as u32;
        Listed {
            runs: range(chunk.runs.start, chunk.runs.end),
            places: range(chunk.places.start, chunk.places.end),
            masked: range(masked, self.masked.len()),
            ends: range(ends, self.ends.len()),
        }
    }

    /// The steps of a piece.
    ///
    /// # Safety
    /// The piece is one of these.
    #[inline(always)]
    pub(super) unsafe fn steps(&self, piece: &Piece) -> Steps<'_> {
        let at = |range: &Range<u32>| range.start as usize..range.end as usize;
        // SAFETY: laid out by `list`.
        unsafe {
            Steps {
                runs: self.runs.get_unchecked(at(&piece.steps.runs)),
                places: self.places.get_unchecked(at(&piece.steps.places)),
                masked: self.masked.get_unchecked(at(&piece.steps.masked)),
                ends: self.ends.get_unchecked(at(&piece.steps.ends)),
            }
        }
    }
}
