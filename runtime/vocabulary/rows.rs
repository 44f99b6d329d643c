//! Nests of loops that are cut by the outermost index of their target, so that threads can share them.

use super::{Along, Then, along};
use crate::executor::parts::share_slices;
use crate::lanes::{Cell, LANES, Simd};
use std::iter::Zip;
use std::ops::Range;
use std::slice::ChunksMut;

/// Some positions of the outermost index, of a tile.
#[derive(Debug)]
pub struct Rows<'a, C: Cell> {
    /// The tile.
    pub tile: usize,
    /// The positions.
    pub rows: Range<i64>,
    /// Their part of the target.
    pub target: &'a mut [C],
    /// What is to be done with its elements in passing: see [`Then::where_above`].
    pub above: Above<'a, C>,
}

/// A number and cells beside those of a target: an element becomes 0 where the one beside is not above the number. No cells: those that it takes
/// the place of.
pub type Above<'a, C> = Option<(<C as Cell>::Element, &'a [C])>;

/// What is worth a thread: parts of formulas, a cycle or two each. An interpreter has time for few, and is to see threads all the same.
const WORTH_A_THREAD: i64 = if cfg!(miri) { 16 } else { 16_000 };

/// Bytes of a target that are computed before more is done with them.
const AT_ONCE: usize = 16 << 10;

/// Whether threads may share work of so much for a tile.
#[must_use]
pub const fn is_much(work: i64) -> bool {
    work >= WORTH_A_THREAD / 2
}

/// A nest: says to the compiler what its argument is.
#[inline(always)]
pub const fn nest<C, F: Fn(Rows<'_, C>) + Sync>(nest: F) -> F {
    nest
}

impl<'a, C: Cell> Rows<'a, C> {
    /// The positions, each with its element of a target that has no other index.
    #[inline(always)]
    pub fn each(self) -> impl Iterator<Item = (i64, &'a mut [C])> {
        self.rows.zip(self.target.chunks_exact_mut(1))
    }

    /// The same where positions stand in the lanes: as many elements as the lanes hold, or as are left.
    #[inline(always)]
    pub fn along(self) -> Zip<Along<C>, ChunksMut<'a, C>> {
        along::<C>(self.rows.start, self.rows.end).zip(self.target.chunks_mut(C::POSITIONS))
    }

    /// Whether a position is among these. To ask it of all positions costs little, and a loop over all of them the compiler unrolls and
    /// finds in range; one from here to there it does not.
    #[inline(always)]
    #[must_use]
    pub fn has(&self, at: i64) -> bool {
        self.rows.contains(&at)
    }

    /// A position's part of the target, of so many elements.
    #[inline(always)]
    #[must_use]
    pub fn row(&mut self, at: i64, size: i64) -> &mut [C] {
        &mut self.target[((at - self.rows.start) * size) as usize..][..size as usize]
    }

    /// What is beside that part.
    #[inline(always)]
    #[must_use]
    pub fn above(&self, at: i64, size: i64) -> Above<'a, C> {
        beside(self.above, ((at - self.rows.start) * size) as usize, size as usize)
    }
}

/// What is beside so many cells of a target, from the first of these on.
#[inline(always)]
fn beside<C: Cell>(above: Above<'_, C>, first: usize, count: usize) -> Above<'_, C> {
    above.map(|(number, beside)| (number, if beside.is_empty() { beside } else { &beside[first..][..count] }))
}

/// What of `then` a nest does in passing, if it can, and what is left to be done with the elements behind it.
#[inline(always)]
fn in_passing<'a, C: Cell>(
    then: Option<Then<'a, C::Element>>,
    passing: bool,
) -> (Above<'a, C>, Option<Then<'a, C::Element>>) {
    match then {
        Some(Then { where_above: Some(number), values, .. }) if passing => (Some((number, C::cells(values))), None),
        _ => (None, then),
    }
}

/// Runs a nest for all tiles, here; `then`: what is done with the target's elements, and whether the nest may do that in passing.
#[inline(always)]
pub fn all_rows<C: Cell>(
    tiles: usize,
    rows: i64,
    target: &mut [C],
    nest: &impl Fn(Rows<'_, C>),
    (then, passing): (Option<Then<'_, C::Element>>, bool),
) {
    let (above, then) = in_passing::<C>(then, passing);
    let size = (target.len() / tiles).max(1);
    for (tile, target) in target.chunks_exact_mut(size).enumerate() {
        let above = beside::<C>(above, tile * size, size);
        nest(Rows { tile, rows: 0..rows, target, above });
    }
    if let Some(then) = then {
        then.to(0, C::elements_mut(target));
    }
}

/// Shares a nest among threads. Compiled once, whether there is one or several: it is a function of its own.
#[inline(always)]
pub fn share_rows<M: Simd, C: Cell>(
    simd: M,
    (tiles, threads): (usize, usize),
    (rows, work): (i64, i64),
    target: &mut [C],
    nest: &(impl Fn(Rows<'_, C>) + Sync),
    (then, passing): (Option<Then<'_, C::Element>>, bool),
) {
    share_pieces(threads, target, (tiles, rows as usize), (work as usize, then, passing), &|piece| {
        simd.vectorize(
            #[inline(always)]
            || nest(piece),
        );
    });
}

/// What of sharing has nothing to do with the nest: in every program once, and not once for every nest and instruction set.
#[inline(never)]
fn share_pieces<C: Cell>(
    threads: usize,
    target: &mut [C],
    (tiles, rows): (usize, usize),
    (work, then, passing): (usize, Option<Then<'_, C::Element>>, bool),
    nest: &(dyn Fn(Rows<'_, C>) + Sync),
) {
    let (above, then) = in_passing::<C>(then, passing);
    let work = work * tiles * C::SAMPLES / LANES;
    let size = target.len() / (tiles * rows).max(1);
    if size == 0 {
        return;
    }
    share_slices(threads.min(work / WORTH_A_THREAD as usize), target, size, &|mut first, mut target| {
        while !target.is_empty() {
            let (tile, start) = (first / rows, first % rows);
            // Of what is to be done more with, as much as stays in the first cache.
            let most = if then.is_some() { (AT_ONCE / (size * size_of::<C>())).max(1) } else { usize::MAX };
            let end = rows.min(start + (target.len() / size).min(most));
            let (now, rest) = std::mem::take(&mut target).split_at_mut((end - start) * size);
            let above = beside::<C>(above, first * size, now.len());
            nest(Rows { tile, rows: start as i64..end as i64, target: now, above });
            if let Some(then) = then {
                then.to(first * size * C::SAMPLES, C::elements_mut(now));
            }
            (first, target) = (first + end - start, rest);
        }
    });
}
