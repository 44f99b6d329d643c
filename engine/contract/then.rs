//! What is done with the elements of a target once they are there (an activation, say): piece by piece, while they are in the first cache.

use super::plan::{Column, Plan, Shift, Sums};
use super::run::Then;
use crate::lanes::{Element, LANES};

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
        if self.sums != Sums::OfTiles || (self.rows_side_by_side && !one_row) {
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
        let mut late: Vec<isize> = late.map(|column| column.at().target).collect();
        late.sort_unstable();
        for at in late {
            match self.late.last_mut() {
                Some((_, end)) if *end == at => *end += LANES as isize,
                _ => self.late.push((at, at + LANES as isize)),
            }
        }
    }

    /// Does it with those columns.
    pub(super) fn finish_late<E: Element>(&self, target: &mut [E], tiles: usize, then: Then<E>) {
        for tile in target.chunks_exact_mut(self.sizes[2]).take(tiles) {
            for outer in &self.outer {
                for row in &self.rows {
                    for (start, end) in &self.late {
                        let at = |place: &isize| (outer.target + row.target + place) as usize;
                        then.to(&mut tile[at(start)..at(end)]);
                    }
                }
            }
        }
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
    (target, then): (*mut E, Then<E>),
) {
    let neighbours = |start: isize, end: isize| {
        if start < end {
            // SAFETY: the caller's promise.
            then.to(unsafe { std::slice::from_raw_parts_mut(target.offset(base + start), (end - start) as usize) });
        }
    };
    if let ([first, _, ..], true) = (rows, plan.rows_side_by_side) {
        for column in columns {
            let start = first.target + column.at().target;
            neighbours(start, start + (rows.len() * LANES) as isize);
        }
        return;
    }
    for row in rows {
        let mut at = 0;
        while at < columns.len() {
            let count = (columns[at].neighbours.unsigned_abs() as usize).min(columns.len() - at);
            if columns[at].neighbours > 0 {
                let start = row.target + columns[at].at().target;
                neighbours(start, start + (count * LANES) as isize);
            }
            at += count;
        }
    }
}
