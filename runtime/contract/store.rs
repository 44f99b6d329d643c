//! Where the sums of a block go.

// As in `block`.
#![allow(clippy::needless_range_loop)]

use super::plan::{Column, Shift};
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// The target of a plan's sums. A pointer, for several threads write to places of their own.
#[derive(Clone, Copy)]
pub(super) struct Store<'a, E> {
    pub(super) target: *mut E,
    /// Whether sums are added to what is there; else they take its place.
    pub(super) accumulate: bool,
    /// Whether sixteen lanes go to neighbours, with one number of the bias.
    pub(super) side_by_side: bool,
    /// Whether the lanes are added up to one number first.
    pub(super) over: bool,
    /// How far apart the lanes' elements are.
    pub(super) stride: usize,
    /// What is added, and whether each lane has a number of its own, one after the other.
    pub(super) bias: Option<&'a [E]>,
    pub(super) bias_of_lanes: bool,
    /// What the sums are multiplied by.
    pub(super) scale: E,
}

// SAFETY: every thread is given rows or columns of its own, and no two of them have an element of the target in common.
unsafe impl<E: Sync> Sync for Store<'_, E> {}

/// Stores a block's sums.
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
    let scale = E::Lanes::splat(simd, to.scale);
    if to.side_by_side && columns.iter().all(|column| column.lanes == LANES) {
        for i in 0..R {
            for c in 0..C {
                let at = rows[i].target + columns[c].at.target + base.target;
                // SAFETY: the caller's promise, here and below.
                let target = unsafe { &mut *to.target.offset(at).cast::<[E; LANES]>() };
                let mut value = match to.bias {
                    Some(bias) => {
                        let at = rows[i].bias + columns[c].at.bias + base.bias;
                        sums[i][c].mul_add(scale, E::Lanes::splat(simd, unsafe { *bias.get_unchecked(at as usize) }))
                    }
                    None => sums[i][c] * scale,
                };
                if to.accumulate {
                    value = value + E::Lanes::from_array(simd, *target);
                }
                *target = value.to_array();
            }
        }
        return;
    }
    let mut values = [[[E::ZERO; LANES]; R]; C];
    for i in 0..R {
        for c in 0..C {
            // Scaled here and not there, lest the sums themselves be kept in memory.
            let value = sums[i][c] * scale;
            if to.over {
                values[c][i][0] = value.reduce_sum();
            } else {
                values[c][i] = value.to_array();
            }
        }
    }
    for (values, column) in values.iter().zip(columns) {
        // SAFETY: the caller's promise.
        unsafe { one_by_one(values, rows, column, base, to) };
    }
}

/// Lanes that do not fill sixteen neighbours.
///
/// # Safety
/// As for [`store`].
#[inline(never)]
unsafe fn one_by_one<E: Element>(
    values: &[[E; LANES]],
    rows: &[Shift],
    column: &Column,
    base: Shift,
    to: &Store<'_, E>,
) {
    let lanes = if to.over { 1 } else { column.lanes };
    for (values, row) in values.iter().zip(rows) {
        let at = row.target + column.at.target + base.target;
        let bias_at = (row.bias + column.at.bias + base.bias) as usize;
        for (lane, value) in values[..lanes].iter().enumerate() {
            let mut value = match to.bias {
                Some(bias) => *value + bias[bias_at + if to.bias_of_lanes { lane } else { 0 }],
                None => *value,
            };
            // SAFETY: the caller's promise.
            let target = unsafe { &mut *to.target.offset(at).add(lane * to.stride) };
            if to.accumulate {
                value = value + *target;
            }
            *target = value;
        }
    }
}
