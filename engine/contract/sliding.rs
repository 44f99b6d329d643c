//! Windows that slide: where a single row meets columns whose steps are those of their neighbours, moved on, a block reads what neighbours have
//! in common once, not once for each of them.

// As in `block`.
#![allow(clippy::needless_range_loop)]

use super::block::{Operands, put};
use super::column::{Column, Edge, Link, Shift};
use super::columns::List;
use super::forms::{registers, vectors};
use super::plan::{Place, Steps};
use super::store::Store;
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// Steps that are taken together, equally far apart on the right: wider windows are several of these, and single steps.
pub(super) const TAPS: usize = 3;

/// Columns of a chain that are taken together; longer chains are some of these.
pub(super) const LEAST: usize = 4;
/// The most columns of a chain. A longer one is as good as several.
pub(super) const MOST: usize = 2 * LEAST;
/// Longer sums are no windows.
pub(super) const LONGEST: usize = 128;

/// Columns of a block, those of one chain or of two: as many as hide the latency of its multiply-adds; none where the registers do not hold
/// them.
pub(super) const fn width<M: Simd, E: Element>(lanes_left: bool) -> usize {
    let vectors = vectors::<M, E>();
    if lanes_left || LEAST * vectors + TAPS + vectors > registers::<M>() {
        0
    } else if vectors == 1 {
        2 * LEAST
    } else {
        LEAST
    }
}

/// Puts the steps first that can be taken together.
pub(super) fn order(list: &mut List) {
    if list.len() < TAPS || list.len() > LONGEST {
        return;
    }
    let by = |at: usize| list[at + 1].1 - list[at].1;
    let apart = by(0).abs();
    let (mut together, mut single, mut at) = (vec![], vec![], 0);
    while at < list.len() {
        if at + TAPS <= list.len() && apart > 0 && by(at).abs() == apart && by(at) == by(at + 1) {
            let mut taps = [list[at], list[at + 1], list[at + 2]];
            if by(at) < 0 {
                taps.reverse();
            }
            together.extend(taps);
            at += TAPS;
        } else {
            single.push(list[at]);
            at += 1;
        }
    }
    together.extend(single);
    *list = together;
}

/// How many steps, from the first on, can be taken together: those that [`order`] has put there.
pub(super) fn together(places: &[Place]) -> usize {
    let by = |taps: &[Place; TAPS]| [taps[1].right - taps[0].right, taps[2].right - taps[1].right];
    let taps = places.as_chunks::<TAPS>().0;
    let Some(first) = taps.first().map(by).filter(|by| by[0] > 0) else { return 0 };
    TAPS * taps.iter().take_while(|taps| by(taps) == [first[0]; 2]).count()
}

/// A block of one row and `C` columns, each `LEAST` of which are of one chain.
///
/// # Safety
/// As for [`block`](super::block::block); and those of a chain (`chains`) are as far apart as the taps, but for those at its ends that lack the
/// outer taps: then all that is read is where a step of some column leads to.
#[inline(always)]
pub(super) unsafe fn sliding<M: Simd, E: Element, const C: usize>(
    simd: M,
    operands: &Operands<'_, E>,
    steps: Steps<'_>,
    row: &[Shift; 1],
    (columns, links): (&[Column; C], &[Link; C]),
    base: Shift,
    to: &Store<'_, E>,
) {
    // Those at the ends of a chain may begin a tap later than their windows do.
    let inner = columns[1].at();
    let by = columns[2].at().right - inner.right;
    let left = operands.left.as_ptr().wrapping_offset(inner.left + base.left + row[0].left);
    let right = operands.right.as_ptr().wrapping_offset(inner.right - by + base.right);
    // For each chain a bit, if it lacks its first column's first taps, and one, if its last column's last ones.
    let (mut chains, mut lacks) = ([0; C], 0_u32);
    for chain in 0..C / LEAST {
        let first = chain * LEAST;
        chains[chain] = columns[first + 1].at().right - inner.right;
        lacks |= u32::from(links[first].edge == Edge::First) << (2 * chain);
        lacks |= u32::from(links[first + LEAST - 1].edge == Edge::Last) << (2 * chain + 1);
    }
    let (together, single) = steps.places.split_at(steps.together);
    let together = together.as_chunks::<TAPS>().0;
    // SAFETY (of both): the caller's promise.
    let value = |at: i32| E::Lanes::splat(simd, unsafe { *left.wrapping_offset(at as isize) });
    let lanes = |from: *const E| E::Lanes::from_array(simd, unsafe { *from.cast::<[E; LANES]>() });
    let mut sums = [[E::Lanes::splat(simd, E::ZERO); C]; 1];
    macro_rules! slide {
        ($lacks:expr) => {
            for taps in together {
                let values = [value(taps[0].left), value(taps[1].left), value(taps[2].left)];
                let mut from = right.wrapping_offset(taps[0].right as isize);
                // What stands here is a chain's first column's, or the second one's a tap before, and so on.
                for at in 0..LEAST + TAPS - 1 {
                    for chain in 0..C / LEAST {
                        if $lacks(at, chain) {
                            continue;
                        }
                        let lanes = lanes(from.wrapping_offset(chains[chain]));
                        for tap in 0..TAPS {
                            if tap <= at && at - tap < LEAST {
                                let c = chain * LEAST + at - tap;
                                sums[0][c] = values[tap].mul_add(lanes, sums[0][c]);
                            }
                        }
                    }
                    from = from.wrapping_offset(by);
                }
            }
        };
    }
    if lacks > 0 {
        slide!(|at: usize, chain: usize| match at {
            0 => lacks >> (2 * chain) & 1 == 1,
            _ => at == LEAST + TAPS - 2 && lacks >> (2 * chain + 1) & 1 == 1,
        });
    } else {
        slide!(|_, _| false);
    }
    for place in single {
        let value = value(place.left);
        let mut from = right.wrapping_offset(place.right as isize);
        for c in 0..LEAST {
            for chain in 0..C / LEAST {
                let lanes = lanes(from.wrapping_offset(chains[chain]));
                let c = chain * LEAST + c;
                sums[0][c] = value.mul_add(lanes, sums[0][c]);
            }
            from = from.wrapping_offset(by);
        }
    }
    unsafe { put(simd, sums, row, columns, base, to) };
}
