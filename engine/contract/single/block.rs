//! A block of accumulators for one sample: some rows times some pieces, each sixteen lanes.

// Loops over const numbers, for arrays that stay in registers only if they are unrolled.
#![allow(clippy::needless_range_loop)]

use super::super::forms::fits;
use super::super::plan::{Partial, Shift};
use super::layout::{Piece, Steps};
use super::run::Job;
use super::store::{copy, rest, whole};
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// Whether the registers hold a block. A single row is summed in two chains, for it would wait for itself at every step.
pub(super) const fn holds<M: Simd, E: Element>(rows: usize, pieces: usize) -> bool {
    fits::<M, E>(rows, if rows == 1 { CHAINS * pieces } else { pieces }) || (rows == 1 && pieces == 1)
}

/// Chains of multiply-adds of a single row.
const CHAINS: usize = 2;

/// Computes a block and stores it.
///
/// # Safety
/// Rows and pieces are those of the job's plan, whose tensors are as large as it says; nobody else reads or writes these elements of the
/// target meanwhile.
#[inline(always)]
pub(super) unsafe fn block<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize, const C: usize>(
    simd: M,
    job: &Job<'_, E>,
    steps: Steps<'_>,
    rows: &[Shift; R],
    pieces: &[Piece; C],
) {
    let zero = E::Lanes::splat(simd, E::ZERO);
    let (mut left, mut right) = ([0; R], [0; C]);
    for i in 0..R {
        left[i] = rows[i].left;
    }
    // With one piece, nothing is to be added.
    for c in 1..C {
        right[c] = pieces[c].at.right - pieces[0].at.right;
    }
    let left_start = job.left.as_ptr().wrapping_offset(pieces[0].at.left);
    let right_start = job.right.as_ptr().wrapping_offset(pieces[0].at.right);
    let mut sums = [[[zero; C]; R]; CHAINS];

    // SAFETY (of all reads): the caller's promise, and that the plan was proved.
    let sixteen = |from: *const E| E::Lanes::from_array(simd, unsafe { *from.cast::<[E; LANES]>() });
    macro_rules! step {
        ($chain:expr, $left:expr, $right:expr, $part:expr) => {
            step!($chain, $left, $right, $part, 0..R)
        };
        ($chain:expr, $left:expr, $right:expr, $part:expr, $rows:expr) => {{
            let (from_left, from_right): (*const E, *const E) = ($left, $right);
            let value = |i: usize| {
                let from = from_left.wrapping_offset(left[i]);
                if LANES_LEFT { $part(sixteen(from)) } else { E::Lanes::splat(simd, unsafe { *from }) }
            };
            let load = |c: usize| $part(sixteen(from_right.wrapping_offset(right[c])));
            // What a step holds in registers beside the sums: the side that takes fewer.
            if const { C == 1 } {
                let lanes = load(0);
                for i in $rows {
                    sums[$chain][i][0] = value(i).mul_add(lanes, sums[$chain][i][0]);
                }
            } else {
                let mut held = [zero; R];
                for i in 0..R {
                    held[i] = value(i);
                }
                for c in 0..C {
                    let lanes = load(c);
                    for i in 0..R {
                        sums[$chain][i][c] = held[i].mul_add(lanes, sums[$chain][i][c]);
                    }
                }
            }
        }};
    }
    let all = |lanes| lanes;
    // Decided by the plan, not by the registers: the order of the additions depends on it.
    let in_chains = const { R == 1 } && job.one_row;
    if const { R == 1 } && in_chains {
        let (twos, last) = steps.places.as_chunks::<CHAINS>();
        for places in twos {
            for chain in 0..CHAINS {
                step!(
                    chain,
                    left_start.wrapping_offset(places[chain].left as isize),
                    right_start.wrapping_offset(places[chain].right as isize),
                    all
                );
            }
        }
        for place in last {
            step!(
                0,
                left_start.wrapping_offset(place.left as isize),
                right_start.wrapping_offset(place.right as isize),
                all
            );
        }
    } else {
        for place in steps.places {
            step!(
                0,
                left_start.wrapping_offset(place.left as isize),
                right_start.wrapping_offset(place.right as isize),
                all
            );
        }
    }
    for run in steps.runs {
        let (mut from_left, mut from_right) =
            (left_start.wrapping_offset(run.left), right_start.wrapping_offset(run.right));
        let mut count = run.count;
        if const { R == 1 } && in_chains {
            for _ in 0..count / CHAINS {
                for chain in 0..CHAINS {
                    step!(chain, from_left, from_right, all);
                    from_left = from_left.wrapping_offset(run.left_step);
                    from_right = from_right.wrapping_offset(run.right_step);
                }
            }
            count %= CHAINS;
        }
        for _ in 0..count {
            step!(0, from_left, from_right, all);
            from_left = from_left.wrapping_offset(run.left_step);
            from_right = from_right.wrapping_offset(run.right_step);
        }
    }
    for masked in steps.masked {
        let inside = E::Lanes::mask_of_bits(simd, (1 << masked.to) - (1 << masked.from));
        let some = |lanes| Value::select(inside, lanes, zero);
        let run = &masked.run;
        macro_rules! rows {
            ($rows:expr) => {
                let (mut from_left, mut from_right) =
                    (left_start.wrapping_offset(run.left), right_start.wrapping_offset(run.right));
                for _ in 0..run.count {
                    step!(0, from_left, from_right, some, $rows);
                    from_left = from_left.wrapping_offset(run.left_step);
                    from_right = from_right.wrapping_offset(run.right_step);
                }
            };
        }
        // With a mask in registers, there is no room for the sums of six rows.
        if const { R == 6 && C == 1 } {
            rows!(0..3);
            rows!(3..6);
        } else {
            rows!(0..R);
        }
    }
    let mut total = sums[0];
    if const { R == 1 } && in_chains {
        for c in 0..C {
            total[0][c] = sums[0][0][c] + sums[1][0][c];
        }
    }
    let is_whole = |piece: &Piece| piece.lanes == LANES || (piece.spills && job.in_order);
    if job.side_by_side && steps.ends.is_empty() && pieces.iter().all(is_whole) {
        // SAFETY: the caller's promise, here and below.
        return unsafe { whole(simd, total, job, rows, pieces) };
    }
    // A copy in memory, for the sums themselves are to stay in registers.
    let mut kept = [[zero; C]; R];
    for i in 0..R {
        for c in 0..C {
            kept[i][c] = total[i][c];
        }
    }
    let sums = kept.as_flattened_mut();
    if !steps.ends.is_empty() {
        ends::<M, E, LANES_LEFT>(simd, job, steps.ends, rows, pieces, sums);
    }
    unsafe { rest(simd, sums, job, rows, pieces) };
}

/// Adds steps that some of the lanes take where sixteen numbers cannot be read: those of a tensor's ends.
#[inline(never)]
fn ends<M: Simd, E: Element, const LANES_LEFT: bool>(
    simd: M,
    job: &Job<'_, E>,
    ends: &[Partial],
    rows: &[Shift],
    pieces: &[Piece],
    sums: &mut [E::Lanes<M>],
) {
    simd.vectorize(
        #[inline(always)]
        || {
            for step in ends {
                let part = |side: &[E], at: isize| {
                    let (from, to) = (step.from as usize, step.to as usize);
                    let (mut lanes, some) = ([E::ZERO; LANES], &side[(at + from as isize) as usize..][..to - from]);
                    // SAFETY: both are as many numbers.
                    unsafe { copy(some.as_ptr(), lanes[from..to].as_mut_ptr(), some.len()) };
                    E::Lanes::from_array(simd, lanes)
                };
                for (c, piece) in pieces.iter().enumerate() {
                    let lanes = part(job.right, piece.at.right + step.right);
                    for (row, sums) in rows.iter().zip(sums.chunks_exact_mut(pieces.len())) {
                        let at = row.left + piece.at.left + step.left;
                        let value =
                            if LANES_LEFT { part(job.left, at) } else { E::Lanes::splat(simd, job.left[at as usize]) };
                        sums[c] = value.mul_add(lanes, sums[c]);
                    }
                }
            }
        },
    );
}
