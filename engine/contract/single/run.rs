//! Running the plan of one sample: blocks of rows, and for each all pieces.

use super::super::forms::most_rows;
use super::super::plan::{Plan, Shift};
use super::super::run::Call;
use super::block::{block, holds};
use super::layout::{Alone, Piece};
use crate::lanes::{self, Cell, Element, Pack, Simd, Task};
use crate::parts::share_pieces;
use std::ops::Range;

/// Multiplications (of sixteen lanes) that are worth a thread.
const WORTH_A_THREAD: usize = 20_000;

/// A plan, and what it is run on.
pub(super) struct Job<'a, E> {
    plan: &'a Plan,
    alone: &'a Alone,
    pub(super) left: &'a [E],
    pub(super) right: &'a [E],
    /// A pointer, for several threads write to places of their own.
    pub(super) target: *mut E,
    pub(super) bias: Option<&'a [E]>,
    pub(super) scale: E,
    pub(super) accumulate: bool,
    /// Whether the lanes are added up to one number first.
    pub(super) over: bool,
    /// How far apart the lanes' elements are in the target.
    pub(super) stride: usize,
    /// Whether each lane has a number of the bias of its own, one after the other.
    pub(super) bias_of_lanes: bool,
    /// Whether the plan has a single row.
    pub(super) one_row: bool,
    /// Whether sixteen lanes go to neighbours, with one number of the bias.
    pub(super) side_by_side: bool,
    /// Whether pieces are stored in their order, in the place of what is there, so that one may spill into the next.
    pub(super) in_order: bool,
    /// What becomes of the results: see [`Then::at_least`](super::super::then::Then::at_least).
    pub(super) at_least: Option<E>,
}

// SAFETY: every thread is given rows or pieces of its own, and no two of them have an element of the target in common.
unsafe impl<E: Sync> Sync for Job<'_, E> {}

impl<'a, E: Copy> Job<'a, E> {
    /// Where numbers go.
    #[inline(always)]
    pub(super) fn to(&self) -> (*mut E, Option<&'a [E]>, bool) {
        (self.target, self.bias, self.accumulate)
    }
}

impl Alone {
    /// Runs the contraction with the instructions of `level`.
    pub(in crate::contract) fn run<E: Element>(&self, plan: &Plan, level: lanes::Level, call: Call<'_, E>) {
        let Call { target, left, right, bias, scale, accumulate, threads, then, .. } = call;
        if plan.rows.is_empty() || self.pieces.is_empty() {
            return then.map_or((), |then| then.to(0, target));
        }
        let ones = Pack::elements(E::ONES);
        let (left, right) = (left, right.unwrap_or(ones));
        let (left, right) = if plan.swapped { (right, left) } else { (left, right) };
        let [left_size, right_size, target_size, bias_size] = plan.sizes;
        assert!(
            left.len() >= left_size && right.len() >= right_size && target.len() >= target_size,
            "a tensor is smaller than the plan says"
        );
        assert!(bias.is_none_or(|bias| bias_size > 0 && bias.len() >= bias_size));
        let side_by_side = !plan.over && plan.stride == 1 && !plan.bias_of_lanes;
        let threads = threads.min(plan.work / WORTH_A_THREAD);
        let at_least = then.and_then(|then| then.at_least).filter(|_| side_by_side && !accumulate);
        let then = then.filter(|_| at_least.is_none());
        let job = Job {
            plan,
            alone: self,
            left,
            right,
            target: target.as_mut_ptr(),
            bias,
            scale,
            accumulate,
            over: plan.over,
            stride: plan.stride,
            bias_of_lanes: plan.bias_of_lanes,
            one_row: plan.rows.len() == 1,
            side_by_side,
            in_order: threads < 2 && !accumulate,
            at_least,
        };
        lanes::run_narrow(level, Walking { job: &job, threads });
        if let Some(then) = then {
            then.to(0, target);
        }
    }
}

struct Walking<'a, 'b, E> {
    job: &'a Job<'b, E>,
    threads: usize,
}

impl<E: Element> Task for Walking<'_, '_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        let run = if self.job.plan.lanes_left { walk::<M, E, true> } else { walk::<M, E, false> };
        let blocks = self.job.plan.rows.len().div_ceil(most_rows::<M, E>());
        let pieces = self.job.alone.pieces.len();
        if self.threads < 2 {
            return run(simd, self.job, 0..blocks, 0..pieces);
        }
        let by_pieces = pieces > blocks;
        share_pieces(self.threads, if by_pieces { pieces } else { blocks }, &|part| {
            let (blocks, pieces) = if by_pieces { (0..blocks, part) } else { (part, 0..pieces) };
            run(simd, self.job, blocks, pieces);
        });
    }
}

/// Some blocks of rows, as even as can be, and some pieces.
#[inline(never)]
fn walk<M: Simd, E: Element, const LANES_LEFT: bool>(
    simd: M,
    job: &Job<'_, E>,
    blocks: Range<usize>,
    pieces: Range<usize>,
) {
    const { assert!(most_rows::<M, E>() <= 6, "a block of more rows has no code here") };
    let (rows, all) = (job.plan.rows.len(), job.plan.rows.len().div_ceil(most_rows::<M, E>()));
    let pieces = &job.alone.pieces[pieces];
    for block in blocks {
        let rows = block * rows / all..(block + 1) * rows / all;
        macro_rules! heights {
            ($($R:literal)*) => {
                $(if const { most_rows::<M, E>() >= $R } && rows.len() == $R {
                    by_pieces::<M, E, LANES_LEFT, $R>(simd, job, rows, pieces);
                    continue;
                })*
            };
        }
        heights!(6 5 4 3 2 1);
    }
}

/// The pieces of a block of rows. With few rows, several that are alike together.
#[inline(always)]
fn by_pieces<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize>(
    simd: M,
    job: &Job<'_, E>,
    rows: Range<usize>,
    pieces: &[Piece],
) {
    let Some(rows_now) = job.plan.rows[rows.clone()].first_chunk::<R>() else { return };
    let mut at = 0;
    while at < pieces.len() {
        let alike = pieces[at].alike.min(pieces.len() - at);
        macro_rules! widths {
            ($($C:literal)*) => {
                $(if const { $C == 1 || (R * $C <= 4 && R <= 2 && holds::<M, E>(R, $C)) } && ($C == 1 || alike >= $C) {
                    let count = if $C == 1 { singles(pieces, at, R, holds::<M, E>(R, 2)) } else { alike / $C * $C };
                    apart::<M, E, LANES_LEFT, R, $C>(simd, job, rows.start, rows_now, &pieces[at..at + count]);
                    at += count;
                    continue;
                })*
            };
        }
        widths!(3 2 1);
    }
}

/// How many pieces from `at` on are to be taken one by one.
#[inline(always)]
fn singles(pieces: &[Piece], at: usize, rows: usize, wide: bool) -> usize {
    if rows > 2 || !wide {
        return pieces.len() - at;
    }
    let next = pieces[at..].iter().position(|piece| piece.alike > 1);
    next.unwrap_or(pieces.len() - at).max(1)
}

/// Blocks of one shape, in a function of its own: in a larger one the accumulators do not stay in registers. (The instruction set is
/// entered anew, for a function that is compiled for it would be inlined after all.)
#[inline(never)]
fn apart<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize, const C: usize>(
    simd: M,
    job: &Job<'_, E>,
    first_row: usize,
    rows: &[Shift; R],
    pieces: &[Piece],
) {
    simd.vectorize(
        #[inline(always)]
        || {
            for pieces in pieces.as_chunks::<C>().0 {
                let wanted = pieces[0].rows;
                if first_row + R <= wanted.0 || first_row >= wanted.1 {
                    continue;
                }
                // SAFETY: pieces and rows are those of the plan, which `Plan::prove` has compared with the sizes of the tensors, and
                // `Alone::run` those with the slices.
                unsafe {
                    let steps = job.alone.steps(&pieces[0]);
                    block::<M, E, LANES_LEFT, R, C>(simd, job, steps, rows, pieces);
                }
            }
        },
    );
}
