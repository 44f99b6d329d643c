//! Running a plan: which block comes after which, so that what is read stays in the caches.

use super::block::{Operands, add_shared, fits, mode, most_rows, store_samples};
use super::choose::{MOST_PARTIAL, Spread};
use super::plan::{Column, Plan, Shift};
use super::transpose::transpose;
use crate::executor::threads::share;
use crate::lanes::{self, Element, LANES, Lanes, Pack, Simd, Task};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Bytes of the right side that should stay in the first cache while the rows pass, and in the second where the left side does not fit there.
const FIRST_CACHE: usize = 20 << 10;
const SECOND_CACHE: usize = 192 << 10;

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
                assert!(target.len() >= target_size * call.tiles);
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

/// Where the sums go: pointers, for several threads write to places of their own.
enum Room<E> {
    Samples(*mut Pack<E>, bool),
    /// Sums of all tiles, lane by lane.
    Partial(*mut Pack<E>),
    Shared(*mut E, usize),
}

impl<E> Clone for Room<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Room<E> {}

// SAFETY: every thread is given rows or columns of its own, and no two of them have an element of the target in common.
unsafe impl<E: Sync> Sync for Room<E> {}

/// A piece of the loops: these rows and columns, of these tiles, at this base.
struct Piece<'a> {
    plan: &'a Plan,
    chunk: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    tiles: Range<usize>,
    outer: Shift,
}

/// Multiplications (of packs) that are worth waking a thread for.
const WORTH_A_THREAD: usize = 100_000;

/// Parts of the work for each thread.
const PARTS: usize = 4;

/// All pieces; shared among threads by rows, or by columns where there are few rows.
#[inline(always)]
fn walk<M: Simd, E: Element, const MODE: u8>(
    simd: M,
    plan: &Plan,
    operands: &Operands<'_, E>,
    (tiles, threads): (usize, usize),
    room: Room<E>,
) {
    let most = most_rows::<M, E>();
    let blocks = plan.rows.len().div_ceil(most);
    let columns = plan.columns.len();
    let threads = threads.min(plan.work() * tiles / WORTH_A_THREAD);
    if threads < 2 {
        return part::<M, E, MODE>(simd, plan, operands, tiles, room, (0..blocks, blocks), 0..columns);
    }
    // More parts than threads: one that is late takes fewer.
    let parts = PARTS * threads;
    let next = AtomicUsize::new(0);
    share(threads, &|| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= parts {
                return;
            }
            let cut = |count: usize| at * count / parts..(at + 1) * count / parts;
            simd.vectorize(
                #[inline(always)]
                || {
                    if blocks >= parts {
                        part::<M, E, MODE>(simd, plan, operands, tiles, room, (cut(blocks), blocks), 0..columns);
                    } else {
                        part::<M, E, MODE>(simd, plan, operands, tiles, room, (0..blocks, blocks), cut(columns));
                    }
                },
            );
        }
    });
}

/// Some blocks of rows, and some columns.
#[inline(always)]
fn part<M: Simd, E: Element, const MODE: u8>(
    simd: M,
    plan: &Plan,
    operands: &Operands<'_, E>,
    tiles: usize,
    room: Room<E>,
    (of_blocks, blocks): (Range<usize>, usize),
    of_columns: Range<usize>,
) {
    macro_rules! heights {
        ($piece:ident $($N:literal)*) => {
            $(if const { most_rows::<M, E>() >= $N } {
                if $piece.rows.len() == $N {
                    rows::<M, E, MODE, $N>(simd, &$piece, operands, room);
                }
            })*
        };
    }
    let shared = !matches!(room, Room::Samples(..));
    let packs_left = MODE == mode::SAMPLES || MODE == mode::OVER;
    let left_element = if packs_left { size_of::<Pack<E>>() } else { size_of::<E>() };
    let large = plan.rows.len() * plan.longest * left_element > SECOND_CACHE;
    let cache = if large || packs_left { SECOND_CACHE } else { FIRST_CACHE };
    let steps = if shared { plan.longest.min(256) } else { plan.longest };
    let together = (cache / (steps * size_of::<Pack<E>>()).max(1)).max(1);
    // Few steps a tile, or a left side that leaves the cache: the tiles pass inside, so that what is read and added to is touched once.
    let inside = if shared { plan.longest < 256 && MODE != mode::SAMPLES } else { large };
    let groups = if inside { 1 } else { tiles };
    let columns_at_once = if inside && !shared { (together / tiles).max(1) } else { together };
    for group in 0..groups {
        let of = if inside { 0..tiles } else { group..group + 1 };
        for outer in &plan.outer {
            for chunk in 0..plan.chunks {
                let mut start = of_columns.start;
                while start < of_columns.end {
                    let end = (start + columns_at_once).min(of_columns.end);
                    for block in of_blocks.clone() {
                        let piece = Piece {
                            plan,
                            chunk,
                            rows: block * plan.rows.len() / blocks..(block + 1) * plan.rows.len() / blocks,
                            columns: start..end,
                            tiles: of.clone(),
                            outer: *outer,
                        };
                        heights!(piece 1 2 3 4 5 6);
                    }
                    start = end;
                }
            }
        }
    }
}

/// The columns of a piece, as many at once as the registers hold.
#[inline(always)]
fn rows<M: Simd, E: Element, const MODE: u8, const R: usize>(
    simd: M,
    piece: &Piece<'_>,
    operands: &Operands<'_, E>,
    to: Room<E>,
) {
    // Tiles that go to the same sums pass inside of the block.
    let together = matches!(to, Room::Shared(..));
    let groups = if together { 1 } else { piece.tiles.len() };
    for group in 0..groups {
        let mut at = piece.columns.start;
        while at < piece.columns.end {
            let left = piece.plan.columns[at].alike.min(piece.columns.end - at);
            at = widest::<M, E, MODE, R>(simd, piece, operands, to, piece.tiles.start + group, at, left);
        }
    }
}

/// Columns from `at` on in blocks of the greatest width that fits the registers and the columns that are alike; returns
/// where it stopped.
#[inline(always)]
fn widest<M: Simd, E: Element, const MODE: u8, const R: usize>(
    simd: M,
    piece: &Piece<'_>,
    operands: &Operands<'_, E>,
    to: Room<E>,
    tile: usize,
    at: usize,
    alike: usize,
) -> usize {
    macro_rules! widths {
        ($($C:literal)*) => {
            $(if const { fits::<M, E>(R, $C) } {
                if alike >= $C {
                    return apart::<M, E, MODE, R, $C>(simd, piece, operands, to, tile, at);
                }
            })*
        };
    }
    widths!(8 7 6 5 4 3 2);
    apart::<M, E, MODE, R, 1>(simd, piece, operands, to, tile, at)
}

/// [`blocks`] as a function of its own: in a larger one the accumulators do not stay in registers. (The instruction set is entered
/// anew, for a function that is compiled for it would be inlined after all.)
#[inline(never)]
fn apart<M: Simd, E: Element, const MODE: u8, const R: usize, const C: usize>(
    simd: M,
    piece: &Piece<'_>,
    operands: &Operands<'_, E>,
    to: Room<E>,
    tile: usize,
    at: usize,
) -> usize {
    simd.vectorize(
        #[inline(always)]
        || blocks::<M, E, MODE, R, C>(simd, piece, operands, to, tile, at),
    )
}

const fn is_widest<M: Simd, E: Element>(rows: usize, columns: usize) -> bool {
    let mut wider = columns + 1;
    while wider <= 8 {
        if fits::<M, E>(rows, wider) {
            return false;
        }
        wider += 1;
    }
    true
}

/// Blocks of one width, as long as there are columns for it.
#[inline(always)]
fn blocks<M: Simd, E: Element, const MODE: u8, const R: usize, const C: usize>(
    simd: M,
    piece: &Piece<'_>,
    operands: &Operands<'_, E>,
    to: Room<E>,
    tile: usize,
    mut at: usize,
) -> usize {
    let plan = piece.plan;
    let tiles = if matches!(to, Room::Shared(..)) { piece.tiles.len() } else { 1 };
    let operands = Operands { tiles, ..*operands };
    let mut base = piece.outer;
    base.left += tile as isize * operands.left_tile;
    base.right += tile as isize * operands.right_tile;
    if matches!(to, Room::Samples(..)) {
        base.target += (tile * plan.sizes[2]) as isize;
    }
    let rows = &plan.rows[piece.rows.clone()];
    let alike = |at: usize| plan.columns[at].alike.min(piece.columns.end - at);
    let mut last = at + alike(at);
    while at + C <= last {
        let columns: &[Column] = &plan.columns[at..at + C];
        at += C;
        // With the widest blocks there are, on to what is not alike.
        if const { is_widest::<M, E>(R, C) } && at == last && at < piece.columns.end {
            last += alike(at);
        }
        let wanted = columns[0].rows;
        if piece.rows.end <= wanted.0 || piece.rows.start >= wanted.1 {
            continue;
        }
        let chunks = &plan.lists[columns[0].list];
        let Some(runs) = chunks.get(piece.chunk) else { continue };
        let runs = &plan.runs[runs.clone()];
        // Nothing to be added.
        if runs.is_empty() && !matches!(to, Room::Samples(_, false)) {
            continue;
        }
        match to {
            Room::Samples(target, accumulate) if MODE == mode::WEIGHTS || MODE == mode::SAMPLES => {
                // SAFETY: `Plan::prove` has compared all places with the sizes of the tensors, and `Running` those with the slices.
                unsafe {
                    store_samples::<M, E, MODE, R, C>(simd, &operands, runs, rows, columns, base, target, accumulate)
                }
            }
            Room::Partial(target) if MODE == mode::SAMPLES => {
                // SAFETY: as above.
                unsafe { store_samples::<M, E, MODE, R, C>(simd, &operands, runs, rows, columns, base, target, true) }
            }
            Room::Shared(target, stride) if MODE == mode::LANE || MODE == mode::OVER => {
                // SAFETY: as above.
                unsafe { add_shared::<M, E, MODE, R, C>(simd, &operands, runs, rows, columns, base, target, stride) }
            }
            _ => {}
        }
    }
    at
}
