//! Which block comes after which, so that what is read stays in the caches, and which thread takes it.

use super::block::Operands;
use super::column::{Column, Shift};
use super::forms::{self, Blocks, Forms, MOST_TILES, SLIDING, cut};
use super::plan::{Plan, Sums};
use super::sliding;
use super::store::Store;
use super::then::{Then, expect, few_enough, finish};
use crate::lanes::{Element, LANES, Simd};
use crate::parts::share_pieces;
use std::ops::Range;

/// Bytes of the right side that pass before the next rows come, counted column by column: neighbouring windows overlap, so that what is
/// read is several times less, and a block's rows of the left side stay in the first cache meanwhile. Measured on convolutions.
const PASSING: usize = 400 << 10;
/// As many where the left side is large itself (more than this), or takes part sixteen at a time: both are to stay in the second cache.
const SECOND_CACHE: usize = 192 << 10;
/// Bytes of a block's rows that belong to a sample and stay in the first cache, or nearly: of causal ones half is read.
const STAYS: usize = 64 << 10;
/// Fewer steps than these do not pay for reading and writing the target once for each tile.
const FEW_STEPS: usize = 256;

/// A plan, and what it is run on.
pub(super) struct Job<'a, E> {
    pub(super) plan: &'a Plan,
    /// Some of its rows, and of what stands outside of them.
    pub(super) rows: Range<usize>,
    pub(super) outer: &'a [Shift],
    pub(super) operands: Operands<'a, E>,
    pub(super) store: Store<'a, E>,
    pub(super) tiles: usize,
    /// See [`Call::apart`](super::Call::apart).
    pub(super) apart: bool,
    pub(super) threads: usize,
    /// What is to be done with the elements of a piece once they are there.
    pub(super) then: Option<Then<'a, E>>,
}

impl<E> Job<'_, E> {
    /// Whether columns are stored in their order, in the place of what is there, so that one may spill into the next.
    fn in_order(&self) -> bool {
        self.plan.one && self.threads < 2 && !self.store.accumulate
    }
}

/// A piece of the loops: these rows and columns, of these tiles, at this base.
struct Piece {
    chunk: usize,
    /// Rows of a block; `rows` are those of some blocks.
    height: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    tiles: Range<usize>,
    outer: Shift,
}

impl Piece {
    /// Where its sums go: what comes later adds to what the first chunk, and the first tile of those that are added up, have left.
    fn store<'a, E: Copy>(&self, store: &Store<'a, E>, first_tile: bool) -> Store<'a, E> {
        let first = self.chunk == 0 && first_tile;
        Store { accumulate: store.accumulate || !first, bias: store.bias.filter(|_| self.chunk == 0), ..*store }
    }
}

/// Multiplications (of sixteen lanes) that are worth a thread. An interpreter has time for few, and is to see threads all the same.
const WORTH_A_THREAD: usize = if cfg!(miri) { 10 } else { 4_000 };

/// All pieces; shared among threads by the outermost of the target's indices, as all that works on tensors is: what a thread has written
/// is then what it reads next, or clears, or takes a step with. Unless there are few pieces of that.
#[inline(always)]
pub(super) fn walk<M: Simd, E: Element, const LANES_LEFT: bool>(simd: M, job: &Job<'_, E>) {
    let run = |rows: usize, columns: usize, blocks: &Blocks<'_, E>| {
        forms::run::<M, E, LANES_LEFT>(simd, rows, columns, blocks);
    };
    share(job, &Forms::of::<M, LANES_LEFT>(job.plan.takes_halves(), &run));
}

/// Whether tiles take the place of columns: no block could take more than one of these, and the left side is the same for all tiles.
fn tiles_beside<E>(job: &Job<'_, E>, forms: &Forms<'_, E>) -> bool {
    let Job { plan, operands, tiles, .. } = job;
    let near = |size: usize| size.saturating_mul(*tiles) < i32::MAX as usize;
    // A single row's sums are in several chains, whatever the registers: see `Planner::split`.
    let alone = plan.gains_from_tiles() && operands.left_tile == 0;
    *tiles > 1 && alone && forms.widths[forms.most_rows[0]] > 2 && near(plan.sizes[1]) && near(plan.sizes[2])
}

fn share<E: Element>(job: &Job<'_, E>, forms: &Forms<'_, E>) {
    let plan = job.plan;
    let most_rows = forms.most_rows[usize::from(plan.narrow && !tiles_beside(job, forms))];
    let blocks = job.rows.len().div_ceil(most_rows);
    let columns = plan.columns.len();
    let threads = job.threads.min(plan.work() * job.tiles / WORTH_A_THREAD);
    if threads < 2 {
        return part(job, forms, blocks, 0..blocks, 0..columns);
    }
    let by_columns = if blocks.min(columns) >= 2 * threads { plan.columns_outermost } else { columns > blocks };
    if by_columns {
        return share_pieces(threads, columns, &|columns| part(job, forms, blocks, 0..blocks, columns));
    }
    // As many for each thread, if they need be no more than a row smaller.
    let even = blocks.next_multiple_of(threads);
    let blocks = if even <= job.rows.len() / (most_rows - 1).max(1) { even } else { blocks };
    share_pieces(threads, blocks, &|of_blocks| part(job, forms, blocks, of_blocks, 0..columns));
}

/// Some of so many blocks of rows, which are as even as can be, and some columns.
fn part<E: Element>(
    job: &Job<'_, E>,
    forms: &Forms<'_, E>,
    blocks: usize,
    of_blocks: Range<usize>,
    of_columns: Range<usize>,
) {
    let (plan, tiles) = (job.plan, job.tiles);
    let left_element = if plan.lanes_left { LANES } else { 1 } * size_of::<E>();
    let right_element = LANES * size_of::<E>();
    let summed = plan.sums != Sums::Tiles;
    let large = plan.rows.len() * plan.longest * left_element > SECOND_CACHE;
    let cache = if large || plan.lanes_left { SECOND_CACHE } else { PASSING };
    let steps = if summed { plan.longest.min(FEW_STEPS) } else { plan.longest.div_ceil(plan.chunks) };
    let mut together = (cache / (steps * right_element).max(1)).max(1);
    let height = job.rows.len().div_ceil(blocks);
    // What is done then is done with the rows of each block, whose elements and what lies beside them stay in the first cache; with many at
    // once where they are neighbours. And rows that all columns read stay there while they meet one after the other.
    let stays = plan.rereads && height * plan.longest * left_element <= STAYS;
    let by_block = stays || (job.then.is_some() && !plan.rows_side_by_side);
    if job.then.is_some() {
        together = together.min(few_enough::<E>(if by_block { height } else { job.rows.len() }));
    }
    // Whole chains.
    if !plan.links.is_empty() && together > sliding::MOST {
        together -= together % sliding::MOST;
    }
    // Few steps a tile, or a left side that leaves the cache: the tiles pass inside, so that what is read and added to is touched once.
    let beside = tiles_beside(job, forms);
    let inside = if summed { plan.longest < FEW_STEPS && plan.sums == Sums::All } else { large || beside };
    let (first_row, rows) = (job.rows.start, job.rows.len());
    // The higher ones first, so that there are few pieces of blocks of one height.
    let (start, end) = (first_row + of_blocks.start * rows / blocks, first_row + of_blocks.end * rows / blocks);
    let (even, higher) = ((end - start) / of_blocks.len(), (end - start) % of_blocks.len());
    let first_of = |block: usize| start + block * even + block.min(higher);
    let rows_of = |block: usize| first_of(block - of_blocks.start)..first_of(block + 1 - of_blocks.start);
    let groups = if inside { 1 } else { tiles };
    let columns_at_once = if inside && !summed { (together / tiles).max(1) } else { together };
    for group in 0..groups {
        let of = if inside { 0..tiles } else { group..group + 1 };
        for outer in job.outer {
            for chunk in 0..plan.chunks {
                // The first chunk sets what no step is added to, and after the last comes what is to be done then.
                let busy = if chunk == 0 || job.then.is_some() { usize::MAX } else { plan.busy[chunk] };
                let columns_end = of_columns.end.min(busy);
                let mut start = of_columns.start;
                while start < columns_end {
                    let end = (start + columns_at_once).min(columns_end);
                    let mut block = of_blocks.start;
                    while block < of_blocks.end {
                        let mut rows = rows_of(block);
                        let height = rows.len();
                        block += 1;
                        // Blocks of one height side by side are one piece, unless all tiles are to pass before the next.
                        while (of.len() == 1 || beside) && !by_block && block < of_blocks.end {
                            let next = rows_of(block);
                            if next.len() != height {
                                break;
                            }
                            rows.end = next.end;
                            block += 1;
                        }
                        let piece =
                            Piece { chunk, height, rows, columns: start..end, tiles: of.clone(), outer: *outer };
                        run(job, forms, &piece, beside);
                    }
                    start = end;
                }
            }
        }
    }
}

/// A piece, and what is done with its elements after the last chunk.
fn run<E: Element>(job: &Job<'_, E>, forms: &Forms<'_, E>, piece: &Piece, beside: bool) {
    let plan = job.plan;
    let then = job.then.as_ref().filter(|_| piece.chunk + 1 == plan.chunks);
    let base = |tile: usize| piece.outer.target + (tile * plan.sizes[2]) as isize;
    if let Some(then) = then {
        let (rows, columns) = (&plan.rows[piece.rows.clone()], &plan.columns[piece.columns.clone()]);
        piece.tiles.clone().for_each(|tile| expect(plan, rows, columns, base(tile), *then));
    }
    if beside {
        tiles_of(job, forms, piece);
    } else {
        columns(job, forms, piece);
    }
    if let Some(then) = then {
        let (rows, columns) = (&plan.rows[piece.rows.clone()], &plan.columns[piece.columns.clone()]);
        for tile in piece.tiles.clone() {
            // SAFETY: these elements of the target are this piece's alone, and proved to be there.
            unsafe { finish(plan, rows, columns, base(tile), (job.store.target, *then)) };
        }
    }
}

/// The columns of a piece, as many at once as the registers hold.
fn columns<E: Element>(job: &Job<'_, E>, forms: &Forms<'_, E>, piece: &Piece) {
    let Job { plan, operands, store, .. } = job;
    // Tiles that go to the same sums pass inside of the block, unless each has sums of its own first.
    let together = plan.sums == Sums::All && !job.apart;
    let groups = if together { 1 } else { piece.tiles.len() };
    let widths = forms.widths[piece.height];
    let widest = widths.ilog2();
    for tile in piece.tiles.start..piece.tiles.start + groups {
        let mut base = piece.outer;
        base.left += tile as isize * operands.left_tile;
        base.right += tile as isize * operands.right_tile;
        if plan.sums == Sums::Tiles {
            base.target += (tile * plan.sizes[2]) as isize;
        }
        let mut store = piece.store(store, plan.sums == Sums::Tiles || tile == 0);
        let mut at = piece.columns.start;
        while at < piece.columns.end {
            let column = &plan.columns[at];
            let links = plan.links.get(at..piece.columns.end).unwrap_or_default();
            let slide = forms.slide(links);
            let (list, end) = if slide > 0 {
                (links[0].window as usize, at + slide)
            } else {
                // Where no block takes more than one column, it does not matter where their steps begin.
                let alike = if widest == 1 { column.same } else { column.alike };
                let end = piece.columns.end.min(at + alike as usize);
                (column.list(), at + forms.before_sliding(links, end - at))
            };
            // Of one sample, some may store sixteen numbers and others not.
            let whole = |column: &Column| column.is_full() || (column.spills && job.in_order());
            let mixed = plan.one && !plan.full_lanes;
            store.side_by_side = job.store.side_by_side && column.is_full();
            let steps = plan.steps(list, piece.chunk);
            if steps.is_empty() && store.accumulate && store.bias.is_none() {
                at = end;
                continue;
            }
            while at < end {
                let (mut width, mut count) = if slide > 0 { (forms.sliding, slide) } else { cut(widths, end - at) };
                if mixed {
                    let blocks = plan.columns[at..at + count].chunks_exact(width);
                    let first = blocks.take_while(|columns| columns.iter().all(whole)).count() * width;
                    store.side_by_side = job.store.side_by_side && first > 0;
                    count = if first > 0 { first } else { width };
                }
                let mut rows = wanted(piece, &plan.columns[at]);
                let all_wanted = |column: &&Column| wanted(piece, column) == piece.rows;
                let guarded = plan.guarded && slide == 0;
                let whole =
                    if guarded && !mixed { plan.columns[at..end].iter().take_while(all_wanted).count() } else { 0 };
                if whole > 0 {
                    (width, count) = cut(widths, whole);
                } else if guarded {
                    count = width;
                    // Neighbours of which nearly the same rows are wanted are one block.
                    let each = plan.columns[at..at + width].iter().map(|column| wanted(piece, column));
                    let all = each.clone().fold(rows.clone(), |a, b| a.start.min(b.start)..a.end.max(b.end));
                    if each.map(|rows| rows.len() + piece.height).all(|enough| all.len() <= enough) {
                        rows = all;
                    } else {
                        (width, count) = (1, 1);
                    }
                }
                let blocks = Blocks {
                    operands,
                    rows: &plan.rows[rows.clone()],
                    columns: &plan.columns[at..at + count],
                    links: if slide > 0 { links } else { &[] },
                    steps,
                    tiles: if together { piece.tiles.len() } else { 1 },
                    base,
                    store,
                };
                if !rows.is_empty() {
                    (forms.run)(if slide > 0 { SLIDING } else { piece.height }, width, &blocks);
                }
                at += count;
            }
        }
    }
}

/// The tiles of a piece, as many at once as the registers hold.
fn tiles_of<E: Element>(job: &Job<'_, E>, forms: &Forms<'_, E>, piece: &Piece) {
    let Job { plan, operands, store, .. } = job;
    for column in &plan.columns[piece.columns.clone()] {
        let steps = plan.steps(column.list(), piece.chunk);
        let (rows, store) = (wanted(piece, column), piece.store(store, true));
        if rows.is_empty() || (steps.is_empty() && store.accumulate && store.bias.is_none()) {
            continue;
        }
        let store = Store { side_by_side: store.side_by_side && column.is_full(), ..store };
        for first in piece.tiles.clone().step_by(MOST_TILES) {
            let mut columns = [*column; MOST_TILES];
            let columns = &mut columns[..MOST_TILES.min(piece.tiles.end - first)];
            for (tile, column) in columns.iter_mut().enumerate() {
                let tile = (first + tile) as isize;
                *column = column.moved(tile * operands.right_tile, tile * plan.sizes[2] as isize);
            }
            let mut at = 0;
            while at < columns.len() {
                let (width, count) = cut(forms.widths[piece.height], columns.len() - at);
                let (rows, columns) = (&plan.rows[rows.clone()], &columns[at..at + count]);
                let blocks = Blocks { operands, rows, columns, links: &[], steps, tiles: 1, base: piece.outer, store };
                (forms.run)(piece.height, width, &blocks);
                at += count;
            }
        }
    }
}

/// The rows of a piece, block by block, that a column is wanted for.
fn wanted(piece: &Piece, column: &Column) -> Range<usize> {
    // As a rule all of them, without a division.
    let Range { start, end } = piece.rows;
    let (low, high) = (column.rows.0 as usize, column.rows.1 as usize);
    if low <= start && end <= high {
        return start..end;
    }
    let before = low.saturating_sub(start) / piece.height * piece.height;
    let up_to = high.saturating_sub(start).div_ceil(piece.height).saturating_mul(piece.height);
    (start + before).min(end)..start.saturating_add(up_to).min(end)
}
