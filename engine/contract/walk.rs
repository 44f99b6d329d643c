//! Which block comes after which, so that what is read stays in the caches, and which thread takes it.

use super::block::{Operands, block, fits, in_halves, most_columns, most_rows};
use super::plan::{Plan, Shift, Sums};
use super::store::Store;
use super::then::{Then, few_enough, finish};
use crate::lanes::{Element, LANES, Simd};
use crate::parts::{parts_of, share_parts};
use std::ops::Range;

/// Bytes of the right side that pass before the next rows come, counted column by column: neighbouring windows overlap, so that what is
/// read is several times less, and a block's rows of the left side stay in the first cache meanwhile. Measured on convolutions.
const PASSING: usize = 400 << 10;
/// As many where the left side is large itself (more than this), or takes part sixteen at a time: both are to stay in the second cache.
const SECOND_CACHE: usize = 192 << 10;
/// Fewer steps than these do not pay for reading and writing the target once for each tile.
const FEW_STEPS: usize = 256;

/// A plan, and what it is run on.
pub(super) struct Job<'a, E> {
    pub(super) plan: &'a Plan,
    pub(super) operands: Operands<'a, E>,
    pub(super) store: Store<'a, E>,
    pub(super) tiles: usize,
    pub(super) threads: usize,
    /// What is to be done with the elements of a piece once they are there.
    pub(super) then: Option<Then<'a, E>>,
}

/// A piece of the loops: these rows and columns, of these tiles, at this base.
struct Piece<'a, E> {
    job: &'a Job<'a, E>,
    chunk: usize,
    /// Rows of a block; `rows` are those of some blocks.
    height: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    tiles: Range<usize>,
    outer: Shift,
}

/// Multiplications (of sixteen lanes) that are worth a thread. An interpreter has time for few, and is to see threads all the same.
const WORTH_A_THREAD: usize = if cfg!(miri) { 10 } else { 20_000 };

/// All pieces; shared among threads by the outermost of the target's indices, as all that works on tensors is: what a thread has written
/// is then what it reads next, or clears, or takes a step with. Unless there are few pieces of that.
#[inline(always)]
pub(super) fn walk<M: Simd, E: Element, const LANES_LEFT: bool>(simd: M, job: &Job<'_, E>) {
    let plan = job.plan;
    let blocks = plan.rows.len().div_ceil(most_rows::<M, E>());
    let columns = plan.columns.len();
    let threads = job.threads.min(plan.work() * job.tiles / WORTH_A_THREAD);
    if threads < 2 {
        return part::<M, E, LANES_LEFT>(simd, job, 0..blocks, 0..columns);
    }
    let by_columns = if blocks.min(columns) >= 2 * threads { plan.columns_outermost } else { columns > blocks };
    let parts = parts_of(threads, if by_columns { columns } else { blocks });
    share_parts(threads, parts, &|_, at| {
        let cut = |count: usize| at * count / parts..(at + 1) * count / parts;
        let (of_blocks, of_columns) = if by_columns { (0..blocks, cut(columns)) } else { (cut(blocks), 0..columns) };
        part::<M, E, LANES_LEFT>(simd, job, of_blocks, of_columns);
    });
}

/// Some blocks of rows, and some columns.
#[inline(never)]
fn part<M: Simd, E: Element, const LANES_LEFT: bool>(
    simd: M,
    job: &Job<'_, E>,
    of_blocks: Range<usize>,
    of_columns: Range<usize>,
) {
    let (plan, tiles) = (job.plan, job.tiles);
    let left_element = if LANES_LEFT { LANES } else { 1 } * size_of::<E>();
    let right_element = LANES * size_of::<E>();
    let summed = plan.sums != Sums::OfTiles;
    let large = plan.rows.len() * plan.longest * left_element > SECOND_CACHE;
    let cache = if large || LANES_LEFT { SECOND_CACHE } else { PASSING };
    let steps = if summed { plan.longest.min(FEW_STEPS) } else { plan.longest };
    let mut together = (cache / (steps * right_element).max(1)).max(1);
    if job.then.is_some() {
        together = together.min(few_enough::<E>(plan.rows.len()));
    }
    // Few steps a tile, or a left side that leaves the cache: the tiles pass inside, so that what is read and added to is touched once.
    let inside = if summed { plan.longest < FEW_STEPS && plan.sums == Sums::OfAll } else { large };
    // Blocks as even as can be.
    let (rows, blocks) = (plan.rows.len(), plan.rows.len().div_ceil(most_rows::<M, E>()));
    let rows_of = |block: usize| block * rows / blocks..(block + 1) * rows / blocks;
    let groups = if inside { 1 } else { tiles };
    let columns_at_once = if inside && !summed { (together / tiles).max(1) } else { together };
    for group in 0..groups {
        let of = if inside { 0..tiles } else { group..group + 1 };
        for outer in &plan.outer {
            for chunk in 0..plan.chunks {
                let mut start = of_columns.start;
                while start < of_columns.end {
                    let end = (start + columns_at_once).min(of_columns.end);
                    let mut block = of_blocks.start;
                    while block < of_blocks.end {
                        let mut rows = rows_of(block);
                        let height = rows.len();
                        block += 1;
                        // Blocks of one height side by side are one piece, unless all tiles are to pass before the next.
                        while of.len() == 1 && block < of_blocks.end {
                            let next = rows_of(block);
                            if next.len() != height {
                                break;
                            }
                            rows.end = next.end;
                            block += 1;
                        }
                        let piece =
                            Piece { job, chunk, height, rows, columns: start..end, tiles: of.clone(), outer: *outer };
                        by_height::<M, E, LANES_LEFT>(simd, &piece);
                        if let Some(then) = job.then {
                            let (rows, columns) = (&plan.rows[piece.rows], &plan.columns[piece.columns]);
                            for tile in piece.tiles {
                                // SAFETY: these elements of the target are this piece's alone, and proved to be there.
                                unsafe {
                                    finish(
                                        plan,
                                        rows,
                                        columns,
                                        outer.target + (tile * plan.sizes[2]) as isize,
                                        (job.store.target, then),
                                    )
                                };
                            }
                        }
                    }
                    start = end;
                }
            }
        }
    }
}

#[inline(always)]
fn by_height<M: Simd, E: Element, const LANES_LEFT: bool>(simd: M, piece: &Piece<'_, E>) {
    macro_rules! heights {
        ($($N:literal)*) => {
            $(if const { most_rows::<M, E>() >= $N } && piece.height == $N {
                return rows::<M, E, LANES_LEFT, $N>(simd, piece);
            })*
        };
    }
    heights!(6 5 4 3 2 1);
}

/// The columns of a piece, as many at once as the registers hold.
#[inline(always)]
fn rows<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize>(simd: M, piece: &Piece<'_, E>) {
    // Tiles that go to the same sums pass inside of the block.
    let groups = if piece.job.plan.sums == Sums::OfAll { 1 } else { piece.tiles.len() };
    for group in 0..groups {
        let tile = piece.tiles.start + group;
        let mut at = piece.columns.start;
        while at < piece.columns.end {
            let alike = (piece.job.plan.columns[at].alike as usize).min(piece.columns.end - at);
            at = widest::<M, E, LANES_LEFT, R>(simd, piece, tile, at, alike);
        }
    }
}

/// Whether blocks of so many columns are compiled: the widest that the registers hold, and what is left. Each is code in every program; where
/// a single row meets columns, narrow blocks wait for their own sums, so that there it pays to have more widths.
const fn is_width<M: Simd, E: Element>(rows: usize, columns: usize) -> bool {
    let most = most_columns::<M, E>(rows);
    columns == most
        || columns == 1
        || (columns == 2 && most > 3)
        || ((columns == 3 || columns == 4) && rows == 1 && most > 4)
}

/// Columns from `at` on in blocks of the greatest width that fits the registers and the columns that are alike; returns
/// where it stopped.
#[inline(always)]
fn widest<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize>(
    simd: M,
    piece: &Piece<'_, E>,
    tile: usize,
    at: usize,
    alike: usize,
) -> usize {
    if const { in_halves::<M, E>(LANES_LEFT, R) } && piece.job.plan.takes_halves() && alike >= 2 {
        return apart::<M, E, LANES_LEFT, R, 2>(simd, piece, tile, at);
    }
    macro_rules! widths {
        ($($C:literal)*) => {
            $(if const { is_width::<M, E>(R, $C) && fits::<M, E>(R, $C) } && alike >= $C {
                return apart::<M, E, LANES_LEFT, R, $C>(simd, piece, tile, at);
            })*
        };
    }
    widths!(8 7 6 5 4 3 2 1);
    at + 1
}

/// [`blocks`] as a function of its own: in a larger one the accumulators do not stay in registers. (The instruction set is entered
/// anew, for a function that is compiled for it would be inlined after all.)
#[inline(never)]
fn apart<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize, const C: usize>(
    simd: M,
    piece: &Piece<'_, E>,
    tile: usize,
    at: usize,
) -> usize {
    simd.vectorize(
        #[inline(always)]
        || blocks::<M, E, LANES_LEFT, R, C>(simd, piece, tile, at),
    )
}

/// Blocks of one width, as long as there are columns for it.
#[inline(always)]
fn blocks<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize, const C: usize>(
    simd: M,
    piece: &Piece<'_, E>,
    tile: usize,
    mut at: usize,
) -> usize {
    let Job { plan, operands, store, .. } = piece.job;
    let together = plan.sums == Sums::OfAll;
    let tiles = if together { piece.tiles.len() } else { 1 };
    let mut base = piece.outer;
    base.left += tile as isize * operands.left_tile;
    base.right += tile as isize * operands.right_tile;
    if plan.sums == Sums::OfTiles {
        base.target += (tile * plan.sizes[2]) as isize;
    }
    // What comes later adds to what the first tile and chunk have left.
    let first = plan.sums == Sums::OfTiles || (piece.chunk == 0 && tile == 0);
    let accumulate = store.accumulate || !first;
    // Where no block takes more than one column, it does not matter where their steps begin.
    let most = if const { in_halves::<M, E>(LANES_LEFT, R) } && plan.takes_halves() {
        2
    } else {
        const { most_columns::<M, E>(R) }
    };
    let one = most == 1;
    let alike = |at: usize| {
        let column = &plan.columns[at];
        (if one { column.same } else { column.alike } as usize).min(piece.columns.end - at)
    };
    let (start, (blocks, _)) = (at, plan.rows[piece.rows.clone()].as_chunks::<R>());
    for (number, rows) in blocks.iter().enumerate() {
        at = start;
        let rows_start = piece.rows.start + number * R;
        loop {
            let (end, column) = (at + alike(at), &plan.columns[at]);
            let columns = &plan.columns[at..end].as_chunks::<C>().0;
            // SAFETY: the lists of columns are those of the plan.
            let steps = unsafe { plan.steps_unchecked(column.list(), piece.chunk) };
            let unwanted = rows_start + R <= column.rows.0 as usize || rows_start >= column.rows.1 as usize;
            let nothing = steps.is_empty() && accumulate && store.bias.is_none();
            if !unwanted && !nothing {
                for columns in *columns {
                    // SAFETY: `Plan::prove` has compared all places with the sizes of the tensors, and `Plan::run` those with the slices.
                    unsafe {
                        block::<M, E, LANES_LEFT, R, C>(
                            simd,
                            (operands, tiles),
                            steps,
                            rows,
                            columns,
                            base,
                            (store, accumulate),
                        );
                    };
                }
            }
            at += columns.len() * C;
            // With the widest blocks there are, on to what is not alike; with single columns, on to single ones.
            let on = at == end && at < piece.columns.end && (most == C || (C == 1 && alike(at) == 1));
            if !on || alike(at) < C {
                break;
            }
        }
    }
    at
}
