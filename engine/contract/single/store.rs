//! Where the sums of a block of one sample go: to sixteen neighbours, to fewer, to places apart, or all to one number.

#![allow(clippy::needless_range_loop)]

use super::super::plan::Shift;
use super::super::rest::number;
use super::super::then::at_least;
use super::layout::Piece;
use super::run::Job;
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// Stores sixteen neighbours for each sum, some of which may be the next piece's, which is stored after this.
///
/// # Safety
/// The places that rows and pieces lead to are inside of the job's target, which nobody else reads or writes there meanwhile, and of its bias.
#[inline(always)]
pub(super) unsafe fn whole<M: Simd, E: Element, const R: usize, const C: usize>(
    simd: M,
    sums: [[E::Lanes<M>; C]; R],
    job: &Job<'_, E>,
    rows: &[Shift; R],
    pieces: &[Piece; C],
) {
    let scale = E::Lanes::splat(simd, job.scale);
    // Read before anything is stored, which the compiler has to take for a change of all that is read after it.
    let (mut of_row, mut of_piece) = ([0; R], [0; C]);
    for i in 0..R {
        of_row[i] = rows[i].target;
    }
    for c in 0..C {
        of_piece[c] = pieces[c].at.target;
    }
    for i in 0..R {
        for c in 0..C {
            // SAFETY: the caller's promise, here and below.
            let to = unsafe { &mut *job.target.offset(of_row[i] + of_piece[c]).cast::<[E; LANES]>() };
            let mut value = match job.bias {
                Some(bias) => {
                    let at = (rows[i].bias + pieces[c].at.bias) as usize;
                    sums[i][c].mul_add(scale, E::Lanes::splat(simd, unsafe { *bias.get_unchecked(at) }))
                }
                None => sums[i][c] * scale,
            };
            if job.accumulate {
                value = value + E::Lanes::from_array(simd, *to);
            } else if let Some(least) = job.at_least {
                value = at_least(simd, value, least);
            }
            *to = value.to_array();
        }
    }
}

/// Stores sums that do not all go to sixteen neighbours. Apart, lest every block carry it.
///
/// # Safety
/// As for [`whole`].
#[inline(never)]
pub(super) unsafe fn rest<M: Simd, E: Element>(
    simd: M,
    sums: &[E::Lanes<M>],
    job: &Job<'_, E>,
    rows: &[Shift],
    pieces: &[Piece],
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let scale = E::Lanes::splat(simd, job.scale);
            let mut sums = sums.iter();
            for row in rows {
                for (piece, sum) in pieces.iter().zip(&mut sums) {
                    let at = row.target + piece.at.target;
                    let bias_at = (row.bias + piece.at.bias) as usize;
                    // SAFETY: the caller's promise.
                    unsafe {
                        if job.over {
                            number(sum.reduce_sum() * job.scale, at, bias_at, job.to());
                        } else if job.stride == 1 {
                            neighbours(simd, *sum * scale, piece.lanes, at, bias_at, job);
                        } else {
                            apart((*sum * scale).to_array(), piece.lanes, at, bias_at, job);
                        }
                    }
                }
            }
        },
    );
}

/// Stores the first of sixteen numbers, which go to neighbours.
///
/// # Safety
/// As for [`whole`].
#[inline(always)]
unsafe fn neighbours<M: Simd, E: Element>(
    simd: M,
    mut value: E::Lanes<M>,
    count: usize,
    at: isize,
    bias_at: usize,
    job: &Job<'_, E>,
) {
    let some = |from: *const E| {
        let mut lanes = [E::ZERO; LANES];
        // SAFETY: the caller's promise.
        unsafe { copy(from, lanes.as_mut_ptr(), count) };
        E::Lanes::from_array(simd, lanes)
    };
    match job.bias {
        Some(bias) if job.bias_of_lanes => value = value + some(bias[bias_at..].as_ptr()),
        Some(bias) => value = value + E::Lanes::splat(simd, bias[bias_at]),
        None => {}
    }
    let to = job.target.wrapping_offset(at);
    if job.accumulate {
        value = value + some(to);
    } else if let Some(least) = job.at_least {
        value = at_least(simd, value, least);
    }
    // SAFETY: the caller's promise.
    unsafe { copy(value.to_array().as_ptr(), to, count) };
}

/// Copies up to sixteen numbers, without a call.
///
/// # Safety
/// So many can be read and written there, which do not overlap.
#[inline(always)]
pub(super) unsafe fn copy<E: Element>(from: *const E, to: *mut E, count: usize) {
    let mut done = 0;
    macro_rules! pieces {
        ($($N:literal)*) => {
            $(if count & $N != 0 {
                // SAFETY: the caller's promise.
                unsafe { core::ptr::copy_nonoverlapping(from.add(done), to.add(done), $N) };
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
/// As for [`whole`].
#[inline(always)]
unsafe fn apart<E: Element>(values: [E; LANES], count: usize, at: isize, bias_at: usize, job: &Job<'_, E>) {
    for (lane, value) in values[..count].iter().enumerate() {
        let step = if job.bias_of_lanes { lane } else { 0 };
        // SAFETY: the caller's promise.
        unsafe { number(*value, at + (lane * job.stride) as isize, bias_at + step, job.to()) };
    }
}
