//! Which block comes after which, so that what is read stays in the caches, and which thread takes it.

use super::block::{Operands, add_shared, fits, mode, most_rows, store_samples};
use super::plan::{Column, Plan, Shift};
use crate::executor::threads::share;
use crate::lanes::{Element, Pack, Simd};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of the right side that should stay in the first cache while the rows pass, and in the second where the left side does not fit there.
const FIRST_CACHE: usize = 20 << 10;
const SECOND_CACHE: usize = 192 << 10;

/// Where the sums go: pointers, for several threads write to places of their own.
pub(super) enum Room<E> {
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
pub(super) fn walk<M: Simd, E: Element, const MODE: u8>(
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
