//! Rows that a sample's gradient is summed over, one behind the other as one long row: one side has them so already, but for what lies between
//! them on the other side. It is copied with zeros there, and behind the last row, so that sixteen steps at a time are taken to the end.
//!
//! A zero meets what the other side has between its rows, and behind the last. That changes no sum, unless it is not finite: then the sums that
//! have it as a step are not finite either (see `pad`), but those of a sample's rows that a stride skips have none.

use super::super::describe::{Contraction, Kind, Steps};
use super::super::moves::all_telling;
use super::super::planner::sort;
use crate::lanes::{Element, LANES};

/// The most steps of sixteen lanes for one that was needed: what a step of some lanes costs.
const ZEROS: usize = 3;

/// A copy takes at most so many numbers.
const MOST: usize = 1 << 20;

/// How a side is copied.
#[derive(Debug)]
pub(in crate::contract) struct Long {
    /// Whether the side is the left one as described.
    pub(in crate::contract) of_left: bool,
    /// Rows that are summed over, and the numbers of each.
    rows: usize,
    row: usize,
    /// How far the next row is in the copy: as far as on the other side.
    wider: usize,
    /// Numbers of all these rows in the copy.
    whole: usize,
    /// Numbers of the copy.
    size: usize,
    /// The first step of the first element, and how far each index moves it, in the copy.
    start: (i64, i64),
    strides: Vec<(i64, i64)>,
}

impl Long {
    /// That of a gradient whose elements all have the same steps, moved, in rows that leave lanes empty.
    pub(in crate::contract) fn new(described: &Contraction<'_>) -> Option<Long> {
        let own = described.own;
        if described.kind != Kind::Gradient || described.right_is_ones() || own.iter().any(|own| own.extent < 1) {
            return None;
        }
        let list = |at: &[i64]| {
            let mut list = described.list(at);
            sort(&mut list);
            list
        };
        let origin = vec![0; own.len()];
        let first = list(&origin);
        let start = *first.first()?;
        let chains: Vec<_> = first.chunk_by(|a, b| (a.0 + 1, a.1 + 1) == *b).collect();
        let (rows, row) = (chains.len(), chains[0].len());
        let next = chains.get(1).map_or((row as i64, row as i64), |next| (next[0].0 - start.0, next[0].1 - start.1));
        let of_left = next.0 == row as i64;
        let (close, far) = if of_left { next } else { (next.1, next.0) };
        let even = chains
            .iter()
            .zip(0..)
            .all(|(chain, at)| (chain.len(), chain[0]) == (row, (start.0 + at * next.0, start.1 + at * next.1)));
        if !even || close != row as i64 || far < close || row.is_multiple_of(LANES) {
            return None;
        }
        let wider = usize::try_from(far).ok()?;
        let whole = ((rows - 1).checked_mul(wider)? + row).checked_next_multiple_of(LANES)?;
        // Far apart, rows are mostly zeros.
        if whole / LANES > ZEROS * rows * row.div_ceil(LANES) {
            return None;
        }
        let (all, side) = (rows * row, described.sizes[usize::from(!of_left)]);
        let size = (side / all).checked_mul(whole).filter(|size| side.is_multiple_of(all) && *size <= MOST)?;
        let mut long = Long { of_left, rows, row, wider, whole, size, start: (0, 0), strides: vec![] };
        long.start = long.place(start)?;
        let stride = |index: usize| {
            let mut at = origin.clone();
            at[index] = 1.min(own[index].extent - 1);
            let place = long.place(*list(&at).first()?)?;
            Some((place.0 - long.start.0, place.1 - long.start.1))
        };
        long.strides = (0..own.len()).map(stride).collect::<Option<_>>()?;
        let mut is_moved = |at: &[i64]| {
            let there = list(at);
            let Some(&(left, right)) = there.first() else { return false };
            let moved = first.iter().map(|step| (step.0 + left - start.0, step.1 + right - start.1));
            long.place((left, right)) == Some(long.moved(at)) && there.iter().copied().eq(moved)
        };
        all_telling(described, &origin, &mut is_moved).then_some(long)
    }

    /// Where a first step is found in the copy, if rows begin there.
    fn place(&self, (left, right): (i64, i64)) -> Option<(i64, i64)> {
        let (all, whole) = ((self.rows * self.row) as i64, self.whole as i64);
        let place = |at: i64| (at % all == 0).then_some(at / all * whole);
        Some(if self.of_left { (place(left)?, right) } else { (left, place(right)?) })
    }

    /// Numbers of the sides, one of which is copied.
    pub(in crate::contract) fn sizes(&self, mut sizes: [usize; 4]) -> [usize; 4] {
        sizes[usize::from(!self.of_left)] = self.size;
        sizes
    }

    /// The first step of an element, in the copy.
    fn moved(&self, at: &[i64]) -> (i64, i64) {
        at.iter().zip(&self.strides).fold(self.start, |sum, (at, by)| (sum.0 + at * by.0, sum.1 + at * by.1))
    }

    /// As those of [`Contraction`].
    pub(in crate::contract) fn steps(&self, at: &[i64], steps: &mut Steps) {
        let (left, right) = self.moved(at);
        (0..self.whole as i64).for_each(|step| steps.add(left + step, right + step));
    }

    /// Makes the copy.
    pub(in crate::contract) fn fill<E: Element>(&self, from: &[E], to: &mut [E]) {
        debug_assert_eq!(to.len(), self.size);
        let all = from.chunks_exact(self.rows * self.row).zip(to.chunks_exact_mut(self.whole));
        for (from, to) in all {
            to.fill(E::ZERO);
            for (from, to) in from.chunks_exact(self.row).zip(to.chunks_mut(self.wider)) {
                to[..self.row].copy_from_slice(from);
            }
        }
    }
}
