//! Where the sums of a block go.

// As in `block`.
#![allow(clippy::needless_range_loop)]

use super::column::{Column, Shift};
use super::then::at_least;
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// The target of a plan's sums. A pointer, for several threads write to places of their own.
#[derive(Clone, Copy)]
pub(super) struct Store<'a, E> {
    pub(super) target: *mut E,
    /// Whether sums are added to what is there; else they take its place.
    pub(super) accumulate: bool,
    /// Whether sixteen lanes go to neighbours, all of them (those that a column lacks to the next one, which is stored after it), and all
    /// columns have the same number of the bias.
    pub(super) side_by_side: bool,
    /// Whether the lanes are added up to one number first.
    pub(super) over: bool,
    /// How far apart the lanes' elements are.
    pub(super) stride: usize,
    /// What is added.
    pub(super) bias: Option<&'a [E]>,
    /// Whether each lane has a number of the bias of its own, one after the other.
    pub(super) bias_of_lanes: bool,
    /// What the sums are multiplied by.
    pub(super) scale: E,
    /// What becomes of the results, if they take the target's place: see [`Then::at_least`](super::then::Then::at_least).
    pub(super) at_least: Option<E>,
}

// SAFETY: every thread is given rows or columns of its own, and no two of them have an element of the target in common: columns that spill into
// the next are stored by one thread.
unsafe impl<E: Sync> Sync for Store<'_, E> {}

/// Stores a block's sums, sixteen neighbours each.
///
/// # Safety
/// All places that rows and columns lead to are inside of what `to` points to, and of its bias; nobody else reads or writes them meanwhile.
#[inline(always)]
pub(super) unsafe fn store<M: Simd, E: Element, const R: usize, const C: usize>(
    simd: M,
    sums: [[E::Lanes<M>; C]; R],
    rows: &[Shift; R],
    columns: &[Column; C],
    base: Shift,
    to: &Store<'_, E>,
) {
    // One question is answered for all sums before the next is asked: else the compiler writes this out for every pair of answers, in every
    // block.
    let scale = E::Lanes::splat(simd, to.scale);
    let mut values = sums;
    // SAFETY (of all that is unsafe here): the caller's promise.
    match to.bias {
        Some(bias) => {
            for i in 0..R {
                let at = (rows[i].bias + base.bias) as usize;
                let bias = E::Lanes::splat(simd, unsafe { *bias.get_unchecked(at) });
                for c in 0..C {
                    values[i][c] = sums[i][c].mul_add(scale, bias);
                }
            }
        }
        None if to.scale != E::ONE => {
            for i in 0..R {
                for c in 0..C {
                    values[i][c] = sums[i][c] * scale;
                }
            }
        }
        None => {}
    }
    // Read before anything is stored, which the compiler has to take for a change of all that is read after it.
    let (first, mut of_row, mut of_column) = (to.target.wrapping_offset(base.target), [0; R], [0; C]);
    for i in 0..R {
        of_row[i] = rows[i].target;
    }
    for c in 0..C {
        of_column[c] = columns[c].at().target;
    }
    let target =
        |i: usize, c: usize| unsafe { &mut *first.wrapping_offset(of_row[i] + of_column[c]).cast::<[E; LANES]>() };
    if to.accumulate {
        for i in 0..R {
            for c in 0..C {
                let target = target(i, c);
                *target = (values[i][c] + E::Lanes::from_array(simd, *target)).to_array();
            }
        }
    } else {
        if let Some(least) = to.at_least {
            for i in 0..R {
                for c in 0..C {
                    values[i][c] = at_least(simd, values[i][c], least);
                }
            }
        }
        for i in 0..R {
            for c in 0..C {
                *target(i, c) = values[i][c].to_array();
            }
        }
    }
}

/// Stores a block's sums of eight lanes each: those of two columns, side by side.
///
/// # Safety
/// As for [`store`].
#[inline(always)]
pub(super) unsafe fn store_halves<M: Simd, E: Element, const R: usize>(
    simd: M,
    sums: [[E::Lanes<M>; 1]; R],
    rows: &[Shift; R],
    columns: [&Column; 2],
    base: Shift,
    to: &Store<'_, E>,
) {
    let scale = E::Lanes::splat(simd, to.scale);
    let mut values = sums;
    // SAFETY (of all that is unsafe here): the caller's promise.
    for i in 0..R {
        values[i][0] = match to.bias {
            Some(bias) => {
                let at = (rows[i].bias + base.bias) as usize;
                sums[i][0].mul_add(scale, E::Lanes::splat(simd, unsafe { *bias.get_unchecked(at) }))
            }
            None => sums[i][0] * scale,
        };
    }
    let target = |i: usize, column: &Column| {
        let at = rows[i].target + column.at().target + base.target;
        unsafe { &mut *to.target.offset(at).cast::<[E; LANES / 2]>() }
    };
    for i in 0..R {
        let mut value = values[i][0];
        if to.accumulate {
            value = value + E::Lanes::from_halves(simd, target(i, columns[0]), target(i, columns[1]));
        }
        let (low, high) = value.to_halves();
        *target(i, columns[0]) = low;
        *target(i, columns[1]) = high;
    }
}
