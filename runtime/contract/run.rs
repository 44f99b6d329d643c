//! Running a plan: what its sides are, and what is copied or transposed first.

use super::block::{Operands, mode};
use super::choose::{MOST_PARTIAL, Spread};
use super::plan::Plan;
use super::transpose::transpose;
use super::walk::{Room, walk};
use crate::lanes::{self, Element, LANES, Lanes, Pack, Simd, Task};

/// The side that is taken number by number, where the samples stay in the lanes.
#[derive(Clone, Copy, Debug)]
pub enum Left<'a, E> {
    /// Shared by all samples.
    Shared(&'a [E]),
    /// Of all tiles.
    Samples(&'a [Pack<E>]),
}

/// Where the sums go.
#[derive(Debug)]
pub enum Target<'a, E> {
    /// To elements of samples, of all tiles.
    Samples(&'a mut [Pack<E>]),
    /// To elements that all samples share: added to them.
    Shared(&'a mut [E]),
}

/// What a plan is run on.
#[derive(Debug)]
pub struct Call<'a, E> {
    /// Where the sums go.
    pub target: Target<'a, E>,
    /// The left side.
    pub left: Left<'a, E>,
    /// The right side, of all tiles; none: ones.
    pub right: Option<&'a [Pack<E>]>,
    /// Numbers that are added, a row's own.
    pub bias: Option<&'a [E]>,
    /// What the sums are multiplied by.
    pub scale: E,
    /// Whether the sums are added to what samples' elements hold; else they take its place.
    pub accumulate: bool,
    /// How many tiles.
    pub tiles: usize,
    /// How many threads may share the work.
    pub threads: usize,
    /// Scratch memory: [`room`](super::room) packs for each tile.
    pub room: &'a mut [Pack<E>],
}

impl Plan {
    /// Runs the contraction with the instructions of `level`.
    pub(crate) fn run<E: Element>(&self, level: lanes::Level, call: Call<'_, E>) {
        lanes::run(level, Running { plan: self, call });
    }
}

struct Running<'a, E> {
    plan: &'a Plan,
    call: Call<'a, E>,
}

impl<E: Element> Task for Running<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        let Running { plan, call } = self;
        if plan.rows.is_empty() || plan.columns.is_empty() || call.tiles == 0 {
            return;
        }
        let [left_size, right_size, target_size, bias_size] = plan.sizes;
        assert!(call.bias.is_none_or(|bias| bias_size > 0 && bias.len() >= bias_size));
        let ends = (call.bias, call.scale);
        let (call_right, right_size) = match call.right {
            Some(right) => (right, right_size),
            None => (E::ONES, 0),
        };
        assert!(!plan.swapped || call.right.is_some());
        match call.target {
            Target::Samples(target) => {
                // A plan whose index stands in the lanes knows other places.
                assert!(plan.transposition.is_none() && target.len() >= target_size * call.tiles);
                match call.left {
                    Left::Shared(scalars) => {
                        assert!(scalars.len() >= left_size && call_right.len() >= right_size * call.tiles);
                        let (right, right_size) = match plan.spread {
                            Some(spread) => (
                                spread_out(spread, &call_right[..right_size * call.tiles], call.room),
                                spread.extent * spread.wider(),
                            ),
                            None => (call_right, right_size),
                        };
                        assert!(right.len() >= right_size * call.tiles);
                        let operands = operands(ends, scalars, &[], right, (0, right_size));
                        walk::<M, E, { mode::WEIGHTS }>(
                            simd,
                            plan,
                            &operands,
                            (call.tiles, call.threads),
                            Room::Samples(target.as_mut_ptr(), call.accumulate),
                        );
                    }
                    Left::Samples(left) => {
                        let (left, right) = if plan.swapped { (call_right, left) } else { (left, call_right) };
                        assert!(plan.spread.is_none());
                        assert!(left.len() >= left_size * call.tiles && right.len() >= right_size * call.tiles);
                        let operands = operands(ends, &[], left, right, (left_size, right_size));
                        walk::<M, E, { mode::SAMPLES }>(
                            simd,
                            plan,
                            &operands,
                            (call.tiles, call.threads),
                            Room::Samples(target.as_mut_ptr(), call.accumulate),
                        );
                    }
                }
            }
            Target::Shared(target) => {
                let Left::Samples(left) = call.left else { return };
                assert!(target.len() >= target_size);
                let (left, right) = if plan.swapped { (call_right, left) } else { (left, call_right) };
                assert!(left.len() >= left_size * call.tiles && right.len() >= right_size * call.tiles);
                if let Some(how) = plan.transposition {
                    let packs = how.packs();
                    let transposed = &mut call.room[..packs * call.tiles];
                    for (tile, to) in transposed.chunks_exact_mut(packs.max(1)).enumerate() {
                        simd.vectorize(
                            #[inline(always)]
                            || transpose(simd, how, &right[tile * right_size..][..right_size], to),
                        );
                    }
                    let operands = Operands {
                        scalars: Pack::elements(left),
                        packs: &[],
                        right: transposed,
                        bias: None,
                        scale: call.scale,
                        tiles: 1,
                        left_tile: (left_size * LANES) as isize,
                        right_tile: packs as isize,
                    };
                    walk::<M, E, { mode::LANE }>(
                        simd,
                        plan,
                        &operands,
                        (call.tiles, call.threads),
                        Room::Shared(target.as_mut_ptr(), how.target_stride),
                    );
                } else {
                    let operands = Operands {
                        scalars: &[],
                        packs: left,
                        right,
                        bias: None,
                        scale: call.scale,
                        tiles: 1,
                        left_tile: left_size as isize,
                        right_tile: right_size as isize,
                    };
                    if target_size > MOST_PARTIAL {
                        return walk::<M, E, { mode::OVER }>(
                            simd,
                            plan,
                            &operands,
                            (call.tiles, call.threads),
                            Room::Shared(target.as_mut_ptr(), 1),
                        );
                    }
                    // Sums of lanes, added over the lanes at the end, once.
                    let partial = &mut call.room[..target_size];
                    partial.fill(Pack::ZERO);
                    walk::<M, E, { mode::SAMPLES }>(
                        simd,
                        plan,
                        &operands,
                        (call.tiles, call.threads),
                        Room::Partial(partial.as_mut_ptr()),
                    );
                    simd.vectorize(
                        #[inline(always)]
                        || add_over_lanes(simd, partial, target),
                    );
                }
            }
        }
    }
}

#[inline(always)]
fn add_over_lanes<M: Simd, E: Element>(simd: M, partial: &[Pack<E>], target: &mut [E]) {
    for (to, pack) in target.iter_mut().zip(partial) {
        *to = *to + E::Lanes::load(simd, pack).reduce_sum();
    }
}

/// Copies a side so that an axis gets a stride that meets itself in the caches less often.
fn spread_out<'a, E: Element>(spread: Spread, from: &[Pack<E>], room: &'a mut [Pack<E>]) -> &'a [Pack<E>] {
    let rows = from.len() / spread.stride;
    for (from, to) in from.chunks_exact(spread.stride).zip(room.chunks_exact_mut(spread.wider())) {
        to[..spread.stride].copy_from_slice(from);
    }
    &room[..rows * spread.wider()]
}

fn operands<'a, E: Element>(
    (bias, scale): (Option<&'a [E]>, E),
    scalars: &'a [E],
    packs: &'a [Pack<E>],
    right: &'a [Pack<E>],
    (left_tile, right_tile): (usize, usize),
) -> Operands<'a, E> {
    Operands {
        scalars,
        packs,
        right,
        bias,
        scale,
        tiles: 1,
        left_tile: left_tile as isize,
        right_tile: right_tile as isize,
    }
}
