//! Which blocks are compiled for an instruction set: so many rows and columns at once as its registers hold. And entering it, block by block.

use super::block::{Operands, block};
use super::column::{Column, Link, Shift};
use super::plan::Steps;
use super::sliding::{self, sliding};
use super::store::Store;
use crate::lanes::{Element, Pack, Simd};

/// Registers that sixteen lanes fill.
pub(super) const fn vectors<M: Simd, E: Element>() -> usize {
    size_of::<Pack<E>>() / size_of::<M::f32s>()
}

/// Registers of the instruction set.
pub(super) const fn registers<M: Simd>() -> usize {
    if size_of::<M::f32s>() == 64 || cfg!(target_arch = "aarch64") { 32 } else { 16 }
}

/// Whether the registers hold the accumulators of a block and what a step reads: see `block`.
pub(super) const fn fits<M: Simd, E: Element>(rows: usize, columns: usize) -> bool {
    let vectors = vectors::<M, E>();
    let held = if columns * vectors <= rows { columns * vectors + 1 } else { rows + 1 };
    // More than hide the latency of a multiply-add would be more code, part of which the compiler keeps in memory. Where a register holds
    // sixteen lanes, there are twice as many, and what a block costs beside its steps weighs twice as much.
    let most = match (vectors, rows) {
        (1, 0..=6) => 18,
        (1, _) => 16,
        _ => 12,
    };
    let sums = rows * columns * vectors;
    (sums <= most && sums + held < registers::<M>()) || (rows == 1 && columns == 1)
}

/// Whether blocks of so many rows, both of whose sides are read sixteen at a time, may take two columns, summed eight lanes after the other
/// eight: the registers hold half of the sums, and each number that is read takes part in more.
pub(super) const fn in_halves<M: Simd, E: Element>(lanes_left: bool, rows: usize) -> bool {
    lanes_left && rows >= 4 && vectors::<M, E>() == 2 && !fits::<M, E>(rows, 2)
}

/// The most rows of a block. `f64` is not what speed is measured on, nor is the baseline of x86-64: fewer forms are less to compile, and no
/// less of the registers is used where the columns suffice.
pub(super) const fn most_rows<M: Simd, E: Element>() -> usize {
    let baseline = cfg!(target_arch = "x86_64") && size_of::<M::f32s>() == 16;
    let mut rows = if baseline {
        1
    } else if size_of::<E>() == size_of::<f64>() {
        3
    } else if vectors::<M, E>() == 1 {
        8
    } else {
        6
    };
    while rows > 1 && !fits::<M, E>(rows, 1) {
        rows -= 1;
    }
    rows
}

/// As many where all blocks take a single column: where one register holds sixteen lanes, fewer multiply-adds wait for each other. More rows
/// would need more addresses than there are registers for.
pub(super) const fn most_rows_of_one<M: Simd, E: Element>(lanes_left: bool) -> usize {
    if vectors::<M, E>() == 1 && !lanes_left { MOST_ROWS } else { most_rows::<M, E>() }
}

/// The most rows of any block.
pub(super) const MOST_ROWS: usize = 10;

/// The most columns of a block: the window of most depthwise layers.
const MOST_COLUMNS: usize = 9;

/// The most tiles beside each other, in place of columns.
pub(super) const MOST_TILES: usize = 8;

/// The most columns of a block with so many rows.
pub(super) const fn most_columns<M: Simd, E: Element>(rows: usize) -> usize {
    let mut columns = MOST_COLUMNS;
    while columns > 1 && !fits::<M, E>(rows, columns) {
        columns -= 1;
    }
    columns
}

/// Blocks of one form: of so many rows and columns each, which all take the same steps.
pub(super) struct Blocks<'a, E> {
    pub(super) operands: &'a Operands<'a, E>,
    pub(super) rows: &'a [Shift],
    pub(super) columns: &'a [Column],
    /// Where the window slides, the columns' places in chains.
    pub(super) links: &'a [Link],
    pub(super) steps: Steps<'a>,
    /// Tiles that pass inside of a block.
    pub(super) tiles: usize,
    pub(super) base: Shift,
    pub(super) store: Store<'a, E>,
}

/// What runs blocks of so many rows and columns with the instructions at hand, and which such forms there are. All that is around the
/// blocks is compiled once for all instructions.
pub(super) struct Forms<'a, E> {
    /// The most rows of a block, and of one that takes a single column.
    pub(super) most_rows: [usize; 2],
    /// For each number of rows the numbers of columns, as bits.
    pub(super) widths: Widths,
    /// Columns of a block whose window slides; 0: there are none.
    pub(super) sliding: usize,
    pub(super) run: Run<'a, E>,
}

/// Runs blocks of so many rows and columns.
type Run<'a, E> = &'a (dyn Fn(usize, usize, &Blocks<'_, E>) + Sync);

/// In place of the number of rows: one, and a window that slides.
pub(super) const SLIDING: usize = 0;

type Widths = [u32; MOST_ROWS + 1];

impl<'a, E: Element> Forms<'a, E> {
    /// The forms for the instructions of `M`; `halves`: those in halves among them.
    pub(super) fn of<M: Simd, const LANES_LEFT: bool>(halves: bool, run: Run<'a, E>) -> Forms<'a, E> {
        let widths = const { [widths::<M, E>(LANES_LEFT, false), widths::<M, E>(LANES_LEFT, true)] };
        Forms {
            most_rows: const { [most_rows::<M, E>(), most_rows_of_one::<M, E>(LANES_LEFT)] },
            widths: widths[usize::from(halves)],
            sliding: const { sliding::width::<M, E>(LANES_LEFT) },
            run,
        }
    }

    /// How many columns, from the first on, are whole chains of one window.
    pub(super) fn slide(&self, links: &[Link]) -> usize {
        let Some(Link { chained, chain, .. }) = links.first() else { return 0 };
        // Parts may begin or end in the middle of a chain.
        if self.sliding == 0 || *chained < 0 || !usize::from(*chain).is_multiple_of(sliding::LEAST) {
            return 0;
        }
        links.len().min(*chained as usize) / self.sliding * self.sliding
    }

    /// How many of some columns, from the first on, which do not slide, come before others that do.
    pub(super) fn before_sliding(&self, links: &[Link], columns: usize) -> usize {
        match links.first() {
            Some(Link { chained, chain, .. }) if self.sliding > 0 => {
                let part = usize::from(*chain) % sliding::LEAST;
                let count = columns.min(chained.unsigned_abs().into());
                if *chained > 0 && part > 0 { count.min(part) } else { count }
            }
            _ => columns,
        }
    }
}

/// How many columns to take together, of some that are alike, and how many so: all but what is left for narrower blocks. A single one is not
/// left over where two blocks of two are as few.
pub(super) fn cut(widths: u32, alike: usize) -> (usize, usize) {
    let width = (widths & ((2 << alike.min(MOST_COLUMNS)) - 1)).ilog2() as usize;
    match (width, alike % width) {
        (1, _) => (1, alike),
        (3, 1) if widths & 1 << 2 != 0 => {
            if alike == 4 {
                (2, 4)
            } else {
                (3, alike - 4)
            }
        }
        (_, left) => (width, alike - left),
    }
}

/// Whether blocks of so many columns are compiled: the widest that the registers hold, and what is left. Each is code in every program; where
/// a single row meets columns, narrow blocks wait for their own sums, so that there it pays to have more widths.
const fn is_width<M: Simd, E: Element>(rows: usize, columns: usize) -> bool {
    let most = most_columns::<M, E>(rows);
    columns == most
        || columns == 1
        || (columns == 2 && (most > 3 || rows > 4))
        || ((columns == 3 || columns == 4 || columns == 6 || columns == MOST_TILES) && rows == 1 && most > 4)
}

/// Whether there is a form of so many rows and columns at all.
const fn is_form<M: Simd, E: Element>(lanes_left: bool, rows: usize, columns: usize) -> bool {
    (rows <= most_rows::<M, E>() || (columns == 1 && rows <= most_rows_of_one::<M, E>(lanes_left)))
        && ((is_width::<M, E>(rows, columns) && fits::<M, E>(rows, columns))
            || (columns == 2 && in_halves::<M, E>(lanes_left, rows)))
}

/// The widths for each number of rows, as bits; those in halves if a plan takes them.
const fn widths<M: Simd, E: Element>(lanes_left: bool, halves: bool) -> Widths {
    let mut all = [0; MOST_ROWS + 1];
    let mut rows = 1;
    while rows < all.len() {
        let mut columns = 1;
        while columns <= MOST_COLUMNS {
            if is_form::<M, E>(lanes_left, rows, columns) && (halves || fits::<M, E>(rows, columns)) {
                all[rows] |= 1 << columns;
            }
            columns += 1;
        }
        rows += 1;
    }
    all
}

/// Blocks of so many rows and columns.
pub(super) fn run<M: Simd, E: Element, const LANES_LEFT: bool>(
    simd: M,
    rows: usize,
    columns: usize,
    blocks: &Blocks<'_, E>,
) {
    macro_rules! forms {
        ($($R:literal: $($C:literal)*;)*) => {
            $($(if const { is_form::<M, E>(LANES_LEFT, $R, $C) } && (rows, columns) == ($R, $C) {
                return apart::<M, E, LANES_LEFT, $R, $C>(simd, blocks);
            })*)*
        };
    }
    macro_rules! sliding {
        ($($C:literal)*) => {
            $(if const { sliding::width::<M, E>(LANES_LEFT) == $C } && rows == SLIDING {
                return apart_sliding::<M, E, $C>(simd, blocks);
            })*
        };
    }
    sliding!(4 8);
    forms!(
        10: 1; 9: 1; 8: 2 1; 7: 2 1; 6: 3 2 1; 5: 3 2 1; 4: 4 3 2 1; 3: 6 4 3 2 1; 2: 9 8 6 5 4 3 2 1;
        1: 9 8 7 6 5 4 3 2 1;
    );
    unreachable!("a form of its own widths");
}

/// Blocks as a function of its own: in a larger one the accumulators do not stay in registers. (The instruction set is entered
/// anew, for a function that is compiled for it would be inlined after all.)
#[inline(never)]
fn apart<M: Simd, E: Element, const LANES_LEFT: bool, const R: usize, const C: usize>(simd: M, blocks: &Blocks<'_, E>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let Blocks { operands, tiles, steps, base, store, .. } = blocks;
            for rows in blocks.rows.as_chunks::<R>().0 {
                for columns in blocks.columns.as_chunks::<C>().0 {
                    // SAFETY: `Plan::prove` has compared all places with the sizes of the tensors, and `Plan::run` those with the slices.
                    unsafe {
                        block::<M, E, LANES_LEFT, R, C>(simd, (operands, *tiles), *steps, rows, columns, *base, store);
                    };
                }
            }
        },
    );
}

/// As [`apart`], for windows that slide.
#[inline(never)]
fn apart_sliding<M: Simd, E: Element, const C: usize>(simd: M, blocks: &Blocks<'_, E>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let Blocks { operands, steps, base, store, .. } = blocks;
            for row in blocks.rows.as_chunks::<1>().0 {
                for (columns, links) in blocks.columns.as_chunks::<C>().0.iter().zip(blocks.links.as_chunks::<C>().0) {
                    // SAFETY: as in `apart`; `Forms::slide` has cut whole chains.
                    unsafe { sliding::<M, E, C>(simd, operands, *steps, row, (columns, links), *base, store) };
                }
            }
        },
    );
}
