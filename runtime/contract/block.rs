//! A block of accumulators in registers: some rows times some columns of the target, over one list of steps.

// Loops over const numbers, for arrays that stay in registers only if they are unrolled; iterators are not always.
#![allow(clippy::needless_range_loop)]

use super::plan::{Column, Run, Shift};
use crate::lanes::{Element, LANES, Lanes, Pack, Simd, Value};

/// What is multiplied with what, and where the result goes.
pub(super) mod mode {
    /// A shared number times the samples' lanes.
    pub(in super::super) const WEIGHTS: u8 = 0;
    /// Lanes times lanes.
    pub(in super::super) const SAMPLES: u8 = 1;
    /// One sample's number times lanes of an index; the result adds to shared numbers, one a lane.
    pub(in super::super) const LANE: u8 = 2;
    /// Lanes times lanes, added up over the lanes.
    pub(in super::super) const OVER: u8 = 3;
}
use mode::{LANE, OVER, WEIGHTS};

/// Registers that a pack fills.
const fn vectors<M: Simd, E: Element>() -> usize {
    size_of::<Pack<E>>() / size_of::<M::f32s>()
}

/// Whether the registers hold the accumulators of a block and what a step reads: see [`sums`].
pub(super) const fn fits<M: Simd, E: Element>(rows: usize, columns: usize) -> bool {
    let registers = if size_of::<M::f32s>() == 64 || cfg!(target_arch = "aarch64") { 32 } else { 16 };
    let vectors = vectors::<M, E>();
    let held = if columns * vectors <= rows { columns * vectors + 1 } else { rows + vectors };
    rows * columns * vectors + held < registers || (rows == 1 && columns == 1)
}

/// The most rows of a block.
pub(super) const fn most_rows<M: Simd, E: Element>() -> usize {
    let mut rows = 6;
    while rows > 1 && !fits::<M, E>(rows, 1) {
        rows -= 1;
    }
    rows
}

/// Everything that a block works on. Offsets of `plan` are inside of the slices: proved when the plan was made.
pub(super) struct Operands<'a, E> {
    /// Mode `WEIGHTS`: the shared side. `LANE`: the packs of the left side, number by number.
    pub(super) scalars: &'a [E],
    /// Modes `SAMPLES`, `OVER`.
    pub(super) packs: &'a [Pack<E>],
    pub(super) right: &'a [Pack<E>],
    pub(super) bias: Option<&'a [E]>,
    pub(super) scale: E,
    /// Tiles whose sum goes to the target; how far apart their elements are.
    pub(super) tiles: usize,
    pub(super) left_tile: isize,
    pub(super) right_tile: isize,
}

/// The sums of a block.
///
/// # Safety
/// All places that rows, columns, runs and tiles lead to are inside of the operands' slices.
#[inline(always)]
unsafe fn sums<M: Simd, E: Element, const MODE: u8, const R: usize, const C: usize>(
    simd: M,
    operands: &Operands<'_, E>,
    runs: &[Run],
    rows: &[Shift; R],
    columns: &[Column; C],
    base: Shift,
) -> [[E::Lanes<M>; C]; R] {
    let (mut left, mut right) = ([0; R], [0; C]);
    for i in 0..R {
        left[i] = rows[i].left + columns[0].at.left + base.left;
    }
    for c in 0..C {
        right[c] = columns[c].at.right + base.right;
    }
    let mut sums = [[E::Lanes::splat(simd, E::ZERO); C]; R];
    // What a step holds in registers beside the sums: the side that takes fewer; the other one passes through a single register.
    let hold_right = const { C * vectors::<M, E>() <= R };
    if runs.is_empty() {
        return sums;
    }
    let tiles = if MODE == LANE || MODE == OVER { operands.tiles } else { 1 };
    let (mut left_tile, mut right_tile) = (0, 0);
    // SAFETY: somebody asked for a block. That no loop runs never at all is said here and below, for its accumulators would be moved
    // about at every turn to be ready for the end.
    unsafe { core::hint::assert_unchecked(tiles > 0) };
    for _ in 0..tiles {
        // SAFETY: as above.
        unsafe { core::hint::assert_unchecked(!runs.is_empty()) };
        for run in runs {
            // Pointers, for two counters of a loop are packed into one vector register otherwise.
            let mut scalars = operands.scalars.as_ptr().wrapping_offset(run.left + left_tile);
            let mut packs = operands.packs.as_ptr().wrapping_offset(run.left + left_tile);
            let mut others = operands.right.as_ptr().wrapping_offset(run.right + right_tile);
            // SAFETY: no run is empty.
            unsafe { core::hint::assert_unchecked(run.count > 0) };
            for _ in 0..run.count {
                // SAFETY: the caller's promise, here and below.
                let load = |c: usize| E::Lanes::load(simd, unsafe { &*others.wrapping_offset(right[c]) });
                let value = |i: usize| {
                    if MODE == WEIGHTS || MODE == LANE {
                        E::Lanes::splat(simd, unsafe { *scalars.wrapping_offset(left[i]) })
                    } else {
                        E::Lanes::load(simd, unsafe { &*packs.wrapping_offset(left[i]) })
                    }
                };
                if hold_right {
                    let mut held = [E::Lanes::splat(simd, E::ZERO); C];
                    for c in 0..C {
                        held[c] = load(c);
                    }
                    for i in 0..R {
                        let value = value(i);
                        for c in 0..C {
                            sums[i][c] = value.mul_add(held[c], sums[i][c]);
                        }
                    }
                } else {
                    let mut held = [E::Lanes::splat(simd, E::ZERO); R];
                    for i in 0..R {
                        held[i] = value(i);
                    }
                    for c in 0..C {
                        let lanes = load(c);
                        for i in 0..R {
                            sums[i][c] = held[i].mul_add(lanes, sums[i][c]);
                        }
                    }
                }
                scalars = scalars.wrapping_offset(run.left_step);
                packs = packs.wrapping_offset(run.left_step);
                others = others.wrapping_offset(run.right_step);
            }
        }
        left_tile += operands.left_tile;
        right_tile += operands.right_tile;
    }
    sums
}

/// A block whose target belongs to a sample.
///
/// # Safety
/// As for [`sums`]; the target's places are inside of what `target` points to, and nobody else reads or writes them meanwhile.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the inside of a loop nest")]
pub(super) unsafe fn store_samples<M: Simd, E: Element, const MODE: u8, const R: usize, const C: usize>(
    simd: M,
    operands: &Operands<'_, E>,
    runs: &[Run],
    rows: &[Shift],
    columns: &[Column],
    base: Shift,
    target: *mut Pack<E>,
    accumulate: bool,
) {
    let (rows, columns): (&[Shift; R], &[Column; C]) = (rows.try_into().unwrap(), columns.try_into().unwrap());
    // SAFETY: the caller's promise.
    let sums = unsafe { sums::<M, E, MODE, R, C>(simd, operands, runs, rows, columns, base) };
    let scale = E::Lanes::splat(simd, operands.scale);
    for i in 0..R {
        for c in 0..C {
            let at = rows[i].target + columns[c].at.target + base.target;
            // SAFETY: the caller's promise.
            let to = unsafe { &mut *target.offset(at) };
            let mut value = sums[i][c];
            if let Some(bias) = operands.bias {
                let at = rows[i].bias + columns[c].at.bias + base.bias;
                // SAFETY: the caller's promise; `Running` has compared the bias's length.
                value = value.mul_add(scale, E::Lanes::splat(simd, unsafe { *bias.get_unchecked(at as usize) }));
            } else {
                value = value * scale;
            }
            if accumulate {
                value = value + E::Lanes::load(simd, to);
            }
            value.store(to);
        }
    }
}

/// A block whose target all samples share: adds to it.
///
/// # Safety
/// As for [`sums`]; the target's places are inside of what `target` points to, and nobody else reads or writes them meanwhile.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the inside of a loop nest")]
pub(super) unsafe fn add_shared<M: Simd, E: Element, const MODE: u8, const R: usize, const C: usize>(
    simd: M,
    operands: &Operands<'_, E>,
    runs: &[Run],
    rows: &[Shift],
    columns: &[Column],
    base: Shift,
    target: *mut E,
    stride: usize,
) {
    let (rows, columns): (&[Shift; R], &[Column; C]) = (rows.try_into().unwrap(), columns.try_into().unwrap());
    // SAFETY: the caller's promise.
    let sums = unsafe { sums::<M, E, MODE, R, C>(simd, operands, runs, rows, columns, base) };
    let scale = E::Lanes::splat(simd, operands.scale);
    for i in 0..R {
        for c in 0..C {
            let at = (rows[i].target + columns[c].at.target + base.target) as usize;
            let value = sums[i][c] * scale;
            if MODE == OVER {
                // SAFETY: the caller's promise.
                let to = unsafe { &mut *target.add(at) };
                *to = *to + value.reduce_sum();
            } else if stride == 1 && columns[c].lanes == LANES {
                // SAFETY: as above, all lanes being in use.
                let to = unsafe { &mut *target.add(at).cast::<[E; LANES]>() };
                value.add_to(simd, to);
            } else {
                let lanes = value.to_array();
                for lane in 0..columns[c].lanes {
                    // SAFETY: as above.
                    let to = unsafe { &mut *target.add(at + lane * stride) };
                    *to = *to + lanes[lane];
                }
            }
        }
    }
}
