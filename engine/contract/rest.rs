//! What few blocks need, apart from what all do, lest every one of them carry it: sums that do not go to sixteen neighbours, or
//! not with one number of the bias for all columns.

use super::column::{Column, Shift};
use super::store::Store;
use super::then::at_least;
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

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
                        let at = row.target + column.at().target + self.base.target;
                        // SAFETY (here and below): the caller's promise.
                        if to.over {
                            unsafe { number((*sum * scale).reduce_sum(), at, bias_at, to) };
                        } else if to.stride == 1 {
                            unsafe { neighbours(simd, (*sum, scale), column.lanes as usize, at, bias_at, to) };
                        } else {
                            unsafe { apart((*sum * scale).to_array(), column.lanes as usize, at, bias_at, to) };
                        }
                    }
                }
            },
        );
    }
}

/// Stores one number, or adds it.
///
/// # Safety
/// The place is inside of the target, and nobody else reads or writes it meanwhile.
#[inline(always)]
unsafe fn number<E: Element>(mut value: E, at: isize, bias_at: usize, to: &Store<'_, E>) {
    // SAFETY: the caller's promise.
    let target = unsafe { &mut *to.target.offset(at) };
    if let Some(bias) = to.bias {
        value = value + bias[bias_at];
    }
    if to.accumulate {
        value = value + *target;
    } else if let Some(least) = to.at_least {
        // What is not a number becomes it too.
        value = if value > least { value } else { least };
    }
    *target = value;
}

/// Stores the first of sixteen numbers, which go to neighbours: to the same bits as in `store`, which other columns of the plan may be stored by.
///
/// # Safety
/// As for [`Rest::store`].
#[inline(always)]
unsafe fn neighbours<M: Simd, E: Element>(
    simd: M,
    (sum, scale): (E::Lanes<M>, E::Lanes<M>),
    count: usize,
    at: isize,
    bias_at: usize,
    to: &Store<'_, E>,
) {
    let some = |from: &[E]| {
        let mut lanes = [E::ZERO; LANES];
        // SAFETY: both are as many numbers.
        unsafe { copy(from[..count].as_ptr(), lanes.as_mut_ptr(), count) };
        E::Lanes::from_array(simd, lanes)
    };
    let mut value = match to.bias {
        Some(bias) if to.bias_of_lanes => sum.mul_add(scale, some(&bias[bias_at..])),
        Some(bias) => sum.mul_add(scale, E::Lanes::splat(simd, bias[bias_at])),
        None => sum * scale,
    };
    // SAFETY: the caller's promise.
    let target = unsafe { std::slice::from_raw_parts_mut(to.target.offset(at), count) };
    if to.accumulate {
        // Not by way of sixteen lanes, which would wait for their pieces to be written.
        return unsafe { add(value.to_array().as_ptr(), target.as_mut_ptr(), count) };
    }
    if let Some(least) = to.at_least {
        value = at_least(simd, value, least);
    }
    // SAFETY (here and above): the target has as many numbers.
    unsafe { copy(value.to_array().as_ptr(), target.as_mut_ptr(), count) };
}

/// Copies up to sixteen numbers, without a call.
///
/// # Safety
/// So many can be read and written there, which do not overlap.
#[inline(always)]
pub(super) unsafe fn copy<E: Element>(from: *const E, to: *mut E, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { in_pieces(from, to, count, |_, from| from) };
}

/// Adds up to sixteen numbers to others.
///
/// # Safety
/// As for [`copy`].
#[inline(always)]
unsafe fn add<E: Element>(from: *const E, to: *mut E, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { in_pieces(from, to, count, |to, from| from + to) };
}

/// # Safety
/// As for [`copy`].
#[inline(always)]
unsafe fn in_pieces<E: Element>(from: *const E, to: *mut E, count: usize, of: impl Fn(E, E) -> E) {
    let mut done = 0;
    macro_rules! pieces {
        ($($N:literal)*) => {
            $(if count & $N != 0 {
                // SAFETY: the caller's promise.
                let (from, to) = unsafe { (&*from.add(done).cast::<[E; $N]>(), &mut *to.add(done).cast::<[E; $N]>()) };
                for (to, from) in to.iter_mut().zip(from) {
                    *to = of(*to, *from);
                }
                done += $N;
            })*
        };
    }
    pieces!(16 8 4 2 1);
    debug_assert_eq!(done, count);
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
        let step = if to.bias_of_lanes { lane } else { 0 };
        unsafe { number(*value, at + (lane * to.stride) as isize, bias_at + step, to) };
    }
}
