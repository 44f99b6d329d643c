//! What is done with the elements of a target once they are there (an activation, say): piece by piece, while they are in the first cache.

use super::column::{Column, Shift};
use super::plan::{Plan, Sums};
use super::planner::sort;
use crate::lanes::{Element, LANES, Lanes, Level, Simd, Value, prefetch};
use std::ops::Range;

/// Does something with elements in their place, given values beside: as many, or none.
pub type Renew<E> = fn(Level, &[E], &mut [E]);

/// What is done with elements in their place.
#[derive(Clone, Copy, Debug)]
pub struct Then<'a, E> {
    /// The instructions it is done with.
    pub level: Level,
    /// What does it.
    pub run: Renew<E>,
    /// A value beside each element, or nothing.
    pub values: &'a [E],
    /// A number, if all that is done is this: what is not above it (or not a number) becomes it. Sums can be treated so before they are stored.
    pub at_least: Option<E>,
    /// A number, if all that is done is this: an element whose value beside is not above it becomes 0. Gradients can be treated so likewise.
    pub where_above: Option<E>,
}

impl<E> Then<'_, E> {
    /// Does it with elements of which the first is number `start`.
    #[inline(always)]
    pub fn to(self, start: usize, elements: &mut [E]) {
        let values = if self.values.is_empty() { &[][..] } else { &self.values[start..start + elements.len()] };
        (self.run)(self.level, values, elements);
    }
}

/// See [`Then::at_least`].
#[inline(always)]
pub(super) fn at_least<M: Simd, E: Element>(simd: M, value: E::Lanes<M>, least: E) -> E::Lanes<M> {
    let least = E::Lanes::splat(simd, least);
    E::Lanes::select(value.is_gt(least), value, least)
}

/// Fewer neighbours are not worth a call while there is other work.
const FEW: usize = 8;

/// Bytes of the target that are computed before this is done with them.
const AT_ONCE: usize = 32 << 10;

/// How many columns are that, for so many rows; not so few that blocks would suffer.
pub(super) const fn few_enough<E: Element>(rows: usize) -> usize {
    let columns = AT_ONCE / (rows * LANES * size_of::<E>());
    if columns < 16 { 16 } else { columns }
}

impl Plan {
    /// Finds the columns with few neighbours, at borders: they are done with at the end, when their neighbours are there too.
    pub(super) fn find_late(&mut self) {
        let side_by_side = |pair: &[Shift]| pair[0].target + LANES as isize == pair[1].target;
        self.rows_side_by_side = self.rows.windows(2).all(side_by_side);
        let one_row = self.rows.len() == 1;
        if self.sums != Sums::Tiles || (self.rows_side_by_side && !one_row) {
            return;
        }
        let mut start = 0;
        while start < self.columns.len() {
            let place = |at: usize| self.columns[at].at().target;
            let mut end = start + 1;
            while end < self.columns.len() && place(end - 1) + LANES as isize == place(end) {
                end += 1;
            }
            let few = end - start < FEW;
            for at in start..end {
                self.columns[at].neighbours = if few { -1 } else { (end - at).min(i16::MAX as usize) as i16 };
            }
            start = end;
        }
        for at in (1..self.columns.len()).rev() {
            let next = self.columns[at].neighbours;
            let this = &mut self.columns[at - 1].neighbours;
            if *this < 0 && next < 0 {
                *this = next.saturating_sub(1);
            }
        }
        let late = self.columns.iter().filter(|column| column.neighbours < 0);
        let mut late: Vec<(i64, i64)> = late.map(|column| (column.at().target as i64, 0)).collect();
        sort(&mut late);
        for at in late.into_iter().map(|(at, _)| at as isize) {
            match self.late.last_mut() {
                Some((_, end)) if *end == at => *end += LANES as isize,
                _ => self.late.push((at, at + LANES as isize)),
            }
        }
    }

    /// Does it with those columns, at some outer indices and rows.
    pub(super) fn finish_late<E: Element>(
        &self,
        (outer, rows): (&Range<usize>, &Range<usize>),
        target: &mut [E],
        tiles: usize,
        then: Then<'_, E>,
    ) {
        for tile in 0..tiles {
            for outer in &self.outer[outer.clone()] {
                for row in &self.rows[rows.clone()] {
                    for (start, end) in &self.late {
                        let at = |place: &isize| tile * self.sizes[2] + (outer.target + row.target + place) as usize;
                        then.to(at(start), &mut target[at(start)..at(end)]);
                    }
                }
            }
        }
    }
}

/// Asks for what lies beside the elements of these rows and columns, before they are computed. As a rule it was last read long ago. (Rows that are
/// neighbours are those of a dense layer: what lies beside them is near, and in one piece.)
pub(super) fn expect<E>(plan: &Plan, rows: &[Shift], columns: &[Column], base: isize, then: Then<'_, E>) {
    if !then.values.is_empty() && !plan.rows_side_by_side {
        pieces(plan, rows, columns, |start, end| {
            prefetch(&then.values[(base + start) as usize..(base + end) as usize]);
        });
    }
}

/// Does it with the elements of these rows and columns, but for columns with few neighbours.
///
/// # Safety
/// From `base` on they are inside of the target, and nobody else reads or writes them meanwhile.
pub(super) unsafe fn finish<E: Element>(
    plan: &Plan,
    rows: &[Shift],
    columns: &[Column],
    base: isize,
    (target, then): (*mut E, Then<'_, E>),
) {
    pieces(plan, rows, columns, |start, end| {
        let at = base + start;
        // SAFETY: the caller's promise.
        let elements = unsafe { std::slice::from_raw_parts_mut(target.offset(at), (end - start) as usize) };
        then.to(at as usize, elements);
    });
}

/// The elements of these rows and columns as neighbours in the target, from one to another, but for columns with few of them.
#[inline(always)]
fn pieces(plan: &Plan, rows: &[Shift], columns: &[Column], mut piece: impl FnMut(isize, isize)) {
    if let ([first, _, ..], true) = (rows, plan.rows_side_by_side) {
        for column in columns {
            let start = first.target + column.at().target;
            piece(start, start + (rows.len() * LANES) as isize);
        }
        return;
    }
    for row in rows {
        let mut at = 0;
        while at < columns.len() {
            let count = (columns[at].neighbours.unsigned_abs() as usize).min(columns.len() - at);
            if columns[at].neighbours > 0 {
                let start = row.target + columns[at].at().target;
                piece(start, start + (count * LANES) as isize);
            }
            at += count;
        }
    }
}
