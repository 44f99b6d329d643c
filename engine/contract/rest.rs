//! What few blocks need, apart from what all do, lest every one of them carry it: sums that do not go to sixteen neighbours.

use super::plan::{Column, Shift};
use super::store::{Store, element};
use crate::lanes::{Element, LANES, Lanes, Simd};

pub(super) struct Rest<'a> {
    pub(super) rows: &'a [Shift],
    pub(super) columns: &'a [Column],
    pub(super) base: Shift,
}

impl Rest<'_> {
    /// # Safety
    /// All places that rows and columns lead to are inside of what `to` points to, which nobody else reads or writes there meanwhile, and
    /// of its bias.
    #[inline(never)]
    pub(super) unsafe fn store<M: Simd, E: Element>(&self, simd: M, sums: &[E::Lanes<M>], to: &Store<'_, E>) {
        simd.vectorize(
            #[inline(always)]
            || {
                let scale = E::Lanes::splat(simd, to.scale);
                for (row, sums) in self.rows.iter().zip(sums.chunks_exact(self.columns.len())) {
                    for (column, sum) in self.columns.iter().zip(sums) {
                        let bias_at = (row.bias + column.at().bias + self.base.bias) as usize;
                        if !to.over && to.stride == 1 && column.is_full() {
                            let bias = to.bias.map(|bias| E::Lanes::splat(simd, bias[bias_at]));
                            // SAFETY: the caller's promise, here and below.
                            unsafe { element(simd, *sum, (scale, bias), row, column, self.base, to) };
                            continue;
                        }
                        let value = *sum * scale;
                        let at = row.target + column.at().target + self.base.target;
                        if to.over {
                            unsafe { number(value.reduce_sum(), at, bias_at, (to.target, to.bias, to.accumulate)) };
                        } else {
                            unsafe { apart(value.to_array(), column.lanes as usize, at, bias_at, to) };
                        }
                    }
                }
            },
        );
    }
}

/// Stores one number, or adds it: to a target, with a number of a bias.
///
/// # Safety
/// The place is inside of the target, and nobody else reads or writes it meanwhile.
#[inline(always)]
pub(super) unsafe fn number<E: Element>(
    mut value: E,
    at: isize,
    bias_at: usize,
    (target, bias, accumulate): (*mut E, Option<&[E]>, bool),
) {
    // SAFETY: the caller's promise.
    let target = unsafe { &mut *target.offset(at) };
    if let Some(bias) = bias {
        value = value + bias[bias_at];
    }
    *target = if accumulate { *target + value } else { value };
}

/// Stores the first of sixteen numbers, which go to places apart from each other.
///
/// # Safety
/// As for [`Rest::store`].
#[inline(always)]
unsafe fn apart<E: Element>(values: [E; LANES], count: usize, at: isize, bias_at: usize, to: &Store<'_, E>) {
    let place = |lane: usize| unsafe { &mut *to.target.offset(at).add(lane * to.stride) };
    if to.bias.is_none() && to.accumulate {
        values[..count].iter().enumerate().for_each(|(lane, value)| *place(lane) = *place(lane) + *value);
        return;
    }
    for (lane, value) in values[..count].iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { number(*value, at + (lane * to.stride) as isize, bias_at, (to.target, to.bias, to.accumulate)) };
    }
}
