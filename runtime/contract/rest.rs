//! What few blocks need, apart from what all do, lest every one of them carry it: steps that only some of the lanes take, and sums
//! that do not go to sixteen neighbours.

use super::block::{MOST_COLUMNS, Operands};
use super::plan::{Column, Partial, Shift};
use super::store::{Store, element};
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

pub(super) struct Rest<'a, E> {
    pub(super) operands: &'a Operands<'a, E>,
    pub(super) partial: &'a [Partial],
    pub(super) rows: &'a [Shift],
    pub(super) columns: &'a [Column],
    /// The place of the first column.
    pub(super) first: Shift,
    pub(super) base: Shift,
}

impl<E: Element> Rest<'_, E> {
    /// # Safety
    /// All places that rows, columns and steps lead to are inside of the operands' slices and of what `to` points to, which nobody else
    /// reads or writes meanwhile.
    #[inline(never)]
    pub(super) unsafe fn add_and_store<M: Simd, const LANES_LEFT: bool>(
        &self,
        simd: M,
        sums: &mut [E::Lanes<M>],
        to: &Store<'_, E>,
    ) {
        simd.vectorize(
            #[inline(always)]
            || {
                // SAFETY: the caller's promise.
                unsafe {
                    self.add::<M, LANES_LEFT>(simd, sums);
                    self.store(simd, sums, to);
                }
            },
        );
    }

    #[inline(always)]
    unsafe fn add<M: Simd, const LANES_LEFT: bool>(&self, simd: M, sums: &mut [E::Lanes<M>]) {
        let Operands { left, right, .. } = self.operands;
        let zero = E::Lanes::splat(simd, E::ZERO);
        for step in self.partial {
            let (from, to) = (step.from as usize, step.to as usize);
            let inside = E::Lanes::mask_first(simd, to) & !E::Lanes::mask_first(simd, from);
            // Some of sixteen neighbours, zeros in the other lanes.
            let part = |side: &[E], at: isize| match whole(side, at) {
                Some(all) => Value::select(inside, E::Lanes::from_array(simd, *all), zero),
                None => E::Lanes::from_array(simd, at_the_end(side, at, from, to)),
            };
            let mut lanes = [zero; MOST_COLUMNS];
            for (lanes, column) in lanes.iter_mut().zip(self.columns) {
                *lanes = part(right, column.at.right + self.base.right + step.right);
            }
            for (row, sums) in self.rows.iter().zip(sums.chunks_exact_mut(self.columns.len())) {
                let at = row.left + self.first.left + step.left;
                let value = if LANES_LEFT {
                    part(left, at)
                } else {
                    // SAFETY: the caller's promise.
                    E::Lanes::splat(simd, unsafe { *left.get_unchecked(at as usize) })
                };
                for (sum, lanes) in sums.iter_mut().zip(lanes) {
                    *sum = value.mul_add(lanes, *sum);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn store<M: Simd>(&self, simd: M, sums: &[E::Lanes<M>], to: &Store<'_, E>) {
        let scale = E::Lanes::splat(simd, to.scale);
        for (row, sums) in self.rows.iter().zip(sums.chunks_exact(self.columns.len())) {
            for (column, sum) in self.columns.iter().zip(sums) {
                // SAFETY: the caller's promise, here and below.
                if to.side_by_side && column.lanes == LANES {
                    unsafe { element(simd, *sum, scale, row, column, self.base, to) };
                    continue;
                }
                let value = *sum * scale;
                let at = row.target + column.at.target + self.base.target;
                let bias_at = (row.bias + column.at.bias + self.base.bias) as usize;
                if to.over {
                    unsafe { number(value.reduce_sum(), at, bias_at, to) };
                } else if to.stride == 1 {
                    unsafe { neighbours(value.to_array(), column.lanes, at, bias_at, to) };
                } else {
                    unsafe { apart(value.to_array(), column.lanes, at, bias_at, to) };
                }
            }
        }
    }
}

/// Stores one number.
///
/// # Safety
/// As for [`Rest::add_and_store`].
#[inline(always)]
unsafe fn number<E: Element>(mut value: E, at: isize, bias_at: usize, to: &Store<'_, E>) {
    // SAFETY: the caller's promise.
    let target = unsafe { &mut *to.target.offset(at) };
    if let Some(bias) = to.bias {
        value = value + bias[bias_at];
    }
    *target = if to.accumulate { *target + value } else { value };
}

/// Stores the first of sixteen numbers, which go to neighbours.
///
/// # Safety
/// As for [`Rest::add_and_store`].
#[inline(always)]
unsafe fn neighbours<E: Element>(mut values: [E; LANES], count: usize, at: isize, bias_at: usize, to: &Store<'_, E>) {
    // SAFETY: the caller's promise.
    let target = unsafe { core::slice::from_raw_parts_mut(to.target.offset(at), count) };
    let values = &mut values[..count];
    match to.bias {
        Some(bias) if to.bias_of_lanes => {
            values.iter_mut().zip(&bias[bias_at..]).for_each(|(value, bias)| *value = *value + *bias);
        }
        Some(bias) => values.iter_mut().for_each(|value| *value = *value + bias[bias_at]),
        None => {}
    }
    if to.accumulate {
        values.iter_mut().zip(&*target).for_each(|(value, target)| *value = *target + *value);
    }
    target.copy_from_slice(values);
}

/// Stores the first of sixteen numbers, which go to places apart from each other.
///
/// # Safety
/// As for [`Rest::add_and_store`].
#[inline(always)]
unsafe fn apart<E: Element>(values: [E; LANES], count: usize, at: isize, bias_at: usize, to: &Store<'_, E>) {
    // SAFETY: the caller's promise.
    let place = |lane: usize| unsafe { &mut *to.target.offset(at).add(lane * to.stride) };
    if to.bias.is_none() && to.accumulate {
        values[..count].iter().enumerate().for_each(|(lane, value)| *place(lane) = *place(lane) + *value);
        return;
    }
    for (lane, value) in values[..count].iter().enumerate() {
        let step = if to.bias_of_lanes { lane } else { 0 };
        // SAFETY: the caller's promise.
        unsafe { number(*value, at + (lane * to.stride) as isize, bias_at + step, to) };
    }
}

/// Sixteen neighbours, if all are there.
#[inline(always)]
fn whole<E>(side: &[E], at: isize) -> Option<&[E; LANES]> {
    side.get(usize::try_from(at).ok()?..)?.first_chunk()
}

/// Those of sixteen neighbours that are asked for, where not all are there.
#[inline(never)]
fn at_the_end<E: Element>(side: &[E], at: isize, from: usize, to: usize) -> [E; LANES] {
    let mut lanes = [E::ZERO; LANES];
    let start = at + from as isize;
    lanes[from..to].copy_from_slice(&side[start as usize..][..to - from]);
    lanes
}
