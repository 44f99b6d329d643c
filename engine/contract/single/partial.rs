//! Steps that some of the lanes take, where a copy with zeros does not turn them into steps of all: added at the end.

// As in `block`.
#![allow(clippy::needless_range_loop)]

use super::super::column::{Column, Shift};
use super::super::forms::most_rows;
use super::super::plan::{Partial, Plan};
use super::super::rest::copy;
use super::super::store::Store;
use crate::lanes::{Element, LANES, Lanes, Simd, Task, Value};
use crate::parts::share_pieces;
use std::array::from_ref;
use std::ops::Range;

/// A plan of one sample, the sides as they are read, and where the sums go.
pub(in crate::contract) struct AddingPartial<'a, E> {
    pub(in crate::contract) plan: &'a Plan,
    pub(in crate::contract) left: &'a [E],
    pub(in crate::contract) right: &'a [E],
    pub(in crate::contract) store: Store<'a, E>,
    pub(in crate::contract) threads: usize,
}

impl<E: Element> Task for AddingPartial<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        let (rows, columns) = (self.plan.rows.len(), self.plan.columns.len());
        if self.threads < 2 {
            return self.piece(simd, 0..rows, 0..columns);
        }
        // By the target's outermost index, as the blocks are: what a thread adds to is what it has written.
        if self.plan.columns_outermost || rows < 2 * self.threads {
            return share_pieces(self.threads, columns, &|columns| self.piece(simd, 0..rows, columns));
        }
        share_pieces(self.threads, rows, &|rows| self.piece(simd, rows, 0..columns));
    }
}

/// Rows at once, or columns that are alike. Each sum is a single chain, for threads may part rows and columns anywhere.
const AT_ONCE: usize = 4;

/// Some steps, at one of the outer places.
struct At<'a> {
    steps: &'a [Partial],
    outer: &'a Shift,
}

impl<E: Element> AddingPartial<'_, E> {
    #[inline(never)]
    fn piece<M: Simd>(&self, simd: M, of_rows: Range<usize>, columns: Range<usize>) {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut columns = &self.plan.columns[columns];
                while let Some(first) = columns.first() {
                    let (alike, others) = columns.split_at(columns.len().min(first.alike as usize));
                    columns = others;
                    let steps = self.plan.partial_steps(first.list(), 0);
                    let rows = of_rows.start.max(first.rows.0 as usize)..of_rows.end.min(first.rows.1 as usize);
                    if steps.is_empty() || rows.is_empty() {
                        continue;
                    }
                    for outer in &self.plan.outer {
                        self.alike(simd, alike, &self.plan.rows[rows.clone()], &At { steps, outer });
                    }
                }
            },
        );
    }

    /// Adds the steps of columns that are alike.
    #[inline(always)]
    fn alike<M: Simd>(&self, simd: M, columns: &[Column], rows: &[Shift], at: &At<'_>) {
        let (readable, ends) = at.steps.split_at(at.steps.partition_point(|step| step.readable));
        if !ends.is_empty() {
            self.ends(simd, columns, rows, &At { steps: ends, ..*at });
        }
        if readable.is_empty() {
            return;
        }
        let at = At { steps: readable, ..*at };
        // Nobody is fast without fused multiply-adds: less to compile.
        let together = const { most_rows::<M, E>() > 1 };
        let (fours, rest) = if together { rows.as_chunks() } else { (&[][..], rows) };
        for column in columns {
            fours.iter().for_each(|rows| self.add::<M, AT_ONCE, 1>(simd, from_ref(column), &at, rows));
        }
        let (fours, last) = if together { columns.as_chunks() } else { (&[][..], columns) };
        for row in rest {
            fours.iter().for_each(|columns| self.add::<M, 1, AT_ONCE>(simd, columns, &at, from_ref(row)));
            last.iter().for_each(|column| self.add::<M, 1, 1>(simd, from_ref(column), &at, from_ref(row)));
        }
    }

    /// Adds steps that find sixteen numbers on each side.
    #[inline(always)]
    fn add<M: Simd, const R: usize, const C: usize>(
        &self,
        simd: M,
        columns: &[Column; C],
        at: &At<'_>,
        rows: &[Shift; R],
    ) {
        let left = self.left.as_ptr().wrapping_offset(columns[0].at().left + at.outer.left);
        let right = columns.map(|column| self.right.as_ptr().wrapping_offset(column.at().right + at.outer.right));
        // SAFETY (of all reads): `Plan::prove` has compared all places with the sizes of the tensors, and `Plan::run` those with the slices.
        let sixteen = |from: *const E| E::Lanes::from_array(simd, unsafe { *from.cast::<[E; LANES]>() });
        let mut sums = [[E::Lanes::splat(simd, E::ZERO); C]; R];
        // Those that the same lanes take.
        for steps in at.steps.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
            let inside = E::Lanes::mask_of_bits(simd, (1 << steps[0].to) - (1 << steps[0].from));
            macro_rules! all {
                ($value:expr) => {
                    for step in steps {
                        let left = left.wrapping_offset(step.left);
                        for c in 0..C {
                            let lanes = sixteen(right[c].wrapping_offset(step.right));
                            for i in 0..R {
                                let next = $value(left.wrapping_offset(rows[i].left)).mul_add(lanes, sums[i][c]);
                                sums[i][c] = E::Lanes::select(inside, next, sums[i][c]);
                            }
                        }
                    }
                };
            }
            if self.plan.lanes_left {
                all!(sixteen);
            } else {
                all!(|from: *const E| E::Lanes::splat(simd, unsafe { *from }));
            }
        }
        for i in 0..R {
            for c in 0..C {
                self.add_to(simd, &columns[c], &rows[i], at.outer, sums[i][c]);
            }
        }
    }

    /// Adds steps where there are no sixteen numbers: those at a tensor's ends.
    #[inline(never)]
    fn ends<M: Simd>(&self, simd: M, columns: &[Column], rows: &[Shift], at: &At<'_>) {
        simd.vectorize(
            #[inline(always)]
            || {
                for (column, row) in columns.iter().flat_map(|column| rows.iter().map(move |row| (column, row))) {
                    let (left_at, right_at) = (column.at().left + at.outer.left, column.at().right + at.outer.right);
                    let mut sum = E::Lanes::splat(simd, E::ZERO);
                    for step in at.steps {
                        let some = |side: &[E], at: isize| {
                            let (from, to) = (step.from as usize, step.to as usize);
                            let mut lanes = [E::ZERO; LANES];
                            let some = &side[(at + from as isize) as usize..][..to - from];
                            // SAFETY: both are as many numbers.
                            unsafe { copy(some.as_ptr(), lanes[from..to].as_mut_ptr(), some.len()) };
                            E::Lanes::from_array(simd, lanes)
                        };
                        let at = left_at + row.left + step.left;
                        let value = if self.plan.lanes_left {
                            some(self.left, at)
                        } else {
                            E::Lanes::splat(simd, self.left[at as usize])
                        };
                        sum = value.mul_add(some(self.right, right_at + step.right), sum);
                    }
                    self.add_to(simd, column, row, at.outer, sum);
                }
            },
        );
    }

    /// Adds a sum to what is there.
    #[inline(always)]
    fn add_to<M: Simd>(&self, simd: M, column: &Column, row: &Shift, outer: &Shift, sum: E::Lanes<M>) {
        let AddingPartial { plan, store, .. } = self;
        let at = column.at().target + outer.target + row.target;
        let add = |lane: usize, value: E| {
            // SAFETY: `Plan::prove` says that it is there; nobody else has this column's elements.
            let target = unsafe { &mut *store.target.offset(at + (lane * plan.stride) as isize) };
            *target = *target + value;
        };
        if plan.over {
            return add(0, sum.reduce_sum() * store.scale);
        }
        let values = (sum * E::Lanes::splat(simd, store.scale)).to_array();
        values[..column.lanes as usize].iter().enumerate().for_each(|(lane, value)| add(lane, *value));
    }
}
