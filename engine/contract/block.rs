//! A block of accumulators in registers: some rows times some columns of the target, over one list of steps.

// Loops over const numbers, for arrays that stay in registers only if they are unrolled; iterators are not always.
#![allow(clippy::needless_range_loop)]

use super::column::{Column, Shift};
use super::forms::{in_halves, vectors};
use super::plan::{Place, Steps};
use super::rest::Rest;
use super::store::{Store, store, store_halves};
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// Everything that a block works on. What a plan leads to is inside of the slices: proved when it was made.
pub(super) struct Operands<'a, E> {
    /// Number by number, or sixteen at a time.
    pub(super) left: &'a [E],
    /// Sixteen at a time.
    pub(super) right: &'a [E],
    /// How far apart the elements of two tiles are.
    pub(super) left_tile: isize,
    pub(super) right_tile: isize,
}

/// The sums of a block: at each step, from the places `first` on, a row takes what `value` reads and a column what `load` does.
///
/// # Safety
/// These may read at all places that steps and tiles lead to.
#[inline(always)]
unsafe fn sums<M: Simd, E: Element, const R: usize, const C: usize>(
    simd: M,
    operands: &Operands<'_, E>,
    tiles: usize,
    steps: Steps<'_>,
    first: Shift,
    value: impl Fn(*const E, usize) -> E::Lanes<M>,
    load: impl Fn(*const E, usize) -> E::Lanes<M>,
) -> [[E::Lanes<M>; C]; R] {
    let mut sums = [[E::Lanes::splat(simd, E::ZERO); C]; R];
    // What a step holds in registers beside the sums: the side that takes fewer; the other one passes through a single register. (Const where it
    // is asked, so that the other way is not even handed to the compiler.)
    macro_rules! step {
        ($left:expr, $right:expr) => {
            if const { C * vectors::<M, E>() <= R } {
                let mut held = [E::Lanes::splat(simd, E::ZERO); C];
                for c in 0..C {
                    held[c] = load($right, c);
                }
                for i in 0..R {
                    let value = value($left, i);
                    for c in 0..C {
                        sums[i][c] = value.mul_add(held[c], sums[i][c]);
                    }
                }
            } else {
                let mut held = [E::Lanes::splat(simd, E::ZERO); R];
                for i in 0..R {
                    held[i] = value($left, i);
                }
                for c in 0..C {
                    let lanes = load($right, c);
                    for i in 0..R {
                        sums[i][c] = held[i].mul_add(lanes, sums[i][c]);
                    }
                }
            }
        };
    }
    let mut left_tile = operands.left.as_ptr().wrapping_offset(first.left);
    let mut right_tile = operands.right.as_ptr().wrapping_offset(first.right);
    // SAFETY: somebody asked for a block. That no loop runs never at all is said here and below, for its accumulators would be moved
    // about at every turn to be ready for the end.
    unsafe { core::hint::assert_unchecked(tiles > 0) };
    for _ in 0..tiles {
        if !steps.places.is_empty() {
            for place in steps.places {
                step!(left_tile.wrapping_offset(place.left as isize), right_tile.wrapping_offset(place.right as isize));
            }
        } else if !steps.runs.is_empty() {
            for run in steps.runs {
                let mut from_left = left_tile.wrapping_offset(run.left);
                let mut from_right = right_tile.wrapping_offset(run.right);
                // SAFETY: no run is empty.
                unsafe { core::hint::assert_unchecked(run.count > 0) };
                for _ in 0..run.count {
                    step!(from_left, from_right);
                    from_left = from_left.wrapping_offset(run.left_step);
                    from_right = from_right.wrapping_offset(run.right_step);
                }
            }
        }
        left_tile = left_tile.wrapping_offset(operands.left_tile);
        right_tile = right_tile.wrapping_offset(operands.right_tile);
    }
    sums
}

/// Chains of multiply-adds of [`split`].
const CHAINS: usize = 4;

/// The sum of a single element: in several chains, for one alone would wait for itself at every step.
///
/// # Safety
/// As for [`block`].
#[inline(always)]
unsafe fn split<M: Simd, E: Element, const LANES_LEFT: bool>(
    simd: M,
    operands: &Operands<'_, E>,
    tiles: usize,
    steps: Steps<'_>,
    mut left_tile: *const E,
    mut right_tile: *const E,
) -> E::Lanes<M> {
    let mut sums = [E::Lanes::splat(simd, E::ZERO); CHAINS];
    let step = |sum: &mut E::Lanes<M>, left: *const E, right: *const E| {
        // SAFETY: the caller's promise.
        let (value, lanes) = unsafe {
            let value = if LANES_LEFT {
                E::Lanes::from_array(simd, *left.cast::<[E; LANES]>())
            } else {
                E::Lanes::splat(simd, *left)
            };
            (value, E::Lanes::from_array(simd, *right.cast::<[E; LANES]>()))
        };
        *sum = value.mul_add(lanes, *sum);
    };
    for _ in 0..tiles {
        let at = |place: &Place| {
            (left_tile.wrapping_offset(place.left as isize), right_tile.wrapping_offset(place.right as isize))
        };
        let (four, rest) = steps.places.as_chunks::<CHAINS>();
        for places in four {
            for chain in 0..CHAINS {
                let (left, right) = at(&places[chain]);
                step(&mut sums[chain], left, right);
            }
        }
        for place in rest {
            let (left, right) = at(place);
            step(&mut sums[0], left, right);
        }
        for run in steps.runs {
            let mut from_left = left_tile.wrapping_offset(run.left);
            let mut from_right = right_tile.wrapping_offset(run.right);
            for _ in 0..run.count / CHAINS {
                for chain in 0..CHAINS {
                    step(&mut sums[chain], from_left, from_right);
                    from_left = from_left.wrapping_offset(run.left_step);
                    from_right = from_right.wrapping_offset(run.right_step);
                }
            }
            for _ in 0..run.count % CHAINS {
                step(&mut sums[0], from_left, from_right);
                from_left = from_left.wrapping_offset(run.left_step);
                from_right = from_right.wrapping_offset(run.right_step);
            }
        }
        left_tile = left_tile.wrapping_offset(operands.left_tile);
        right_tile = right_tile.wrapping_offset(operands.right_tile);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// A block, and where its sums go: those of `tiles` tiles together.
///
/// # Safety
/// All places that rows, columns, steps and tiles lead to are inside of the operands' slices; the target's places are inside of what `to`
/// points to, and nobody else reads or writes them meanwhile.
#[inline(always)]
pub(super) unsafe fn block<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize, const C: usize>(
    simd: M,
    (operands, tiles): (&Operands<'_, E>, usize),
    steps: Steps<'_>,
    rows: &[Shift; R],
    columns: &[Column; C],
    base: Shift,
    to: &Store<'_, E>,
) {
    let first = Shift {
        left: rows[0].left + columns[0].at().left + base.left,
        right: columns[0].at().right + base.right,
        ..base
    };
    // To the first row and the first column nothing is to be added.
    let (mut left, mut right) = ([0; R], [0; C]);
    for i in 1..R {
        left[i] = rows[i].left - rows[0].left;
    }
    for c in 1..C {
        right[c] = columns[c].at().right - columns[0].at().right;
    }
    // SAFETY (here and below): the caller's promise.
    if const { in_halves::<M, E>(LANES_LEFT, R) && C == 2 } {
        const HALF: usize = LANES / 2;
        for lane in [0, HALF as isize] {
            let eight = |first: *const E, second: *const E| {
                let [first, second] =
                    [first, second].map(|from| unsafe { &*from.wrapping_offset(lane).cast::<[E; HALF]>() });
                E::Lanes::from_halves(simd, first, second)
            };
            let value = |from: *const E, i: usize| eight(from.wrapping_offset(left[i]), from.wrapping_offset(left[i]));
            let load = |from: *const E, _: usize| eight(from, from.wrapping_offset(right[C - 1]));
            let sums = unsafe { sums::<M, E, R, 1>(simd, operands, tiles, steps, first, value, load) };
            let base = Shift { target: base.target + lane, ..base };
            unsafe { store_halves(simd, sums, rows, [&columns[0], &columns[C - 1]], base, to) };
        }
        return;
    }
    let sixteen = |from: *const E| E::Lanes::from_array(simd, unsafe { *from.cast::<[E; LANES]>() });
    let value = |from: *const E, i: usize| {
        let from = from.wrapping_offset(left[i]);
        if LANES_LEFT { sixteen(from) } else { E::Lanes::splat(simd, unsafe { *from }) }
    };
    let load = |from: *const E, c: usize| sixteen(from.wrapping_offset(right[c]));
    let sums = if const { R == 1 && C == 1 } && steps.split {
        let (left, right) = (operands.left.as_ptr(), operands.right.as_ptr());
        let (left_tile, right_tile) = (left.wrapping_offset(first.left), right.wrapping_offset(first.right));
        [[unsafe { split::<M, E, LANES_LEFT>(simd, operands, tiles, steps, left_tile, right_tile) }; C]; R]
    } else {
        unsafe { sums::<M, E, R, C>(simd, operands, tiles, steps, first, value, load) }
    };
    unsafe { put(simd, sums, rows, columns, base, to) };
}

/// Stores the sums of a block.
///
/// # Safety
/// As for [`block`].
#[inline(always)]
pub(super) unsafe fn put<M: Simd, E: Element, const R: usize, const C: usize>(
    simd: M,
    sums: [[E::Lanes<M>; C]; R],
    rows: &[Shift; R],
    columns: &[Column; C],
    base: Shift,
    to: &Store<'_, E>,
) {
    // SAFETY (here and below): the caller's promise.
    if to.side_by_side {
        return unsafe { store(simd, sums, rows, columns, base, to) };
    }
    // A copy in memory, for the sums themselves are to stay in registers.
    let mut kept = [[E::Lanes::splat(simd, E::ZERO); C]; R];
    for i in 0..R {
        for c in 0..C {
            kept[i][c] = sums[i][c];
        }
    }
    unsafe { Rest { rows, columns, base }.store(simd, kept.as_flattened(), to) };
}
