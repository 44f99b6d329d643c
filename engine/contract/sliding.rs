//! Windows that slide: where a single row meets columns whose steps are those of their neighbours, moved on, a block reads what neighbours have
//! in common once, not once for each of them.

// As in `block`.
#![allow(clippy::needless_range_loop)]

use super::block::{Operands, put};
use super::columns::List;
use super::forms::{registers, vectors};
use super::plan::{Column, Place, Shift, Steps};
use super::planner::sort;
use super::store::Store;
use crate::lanes::{Element, LANES, Lanes, Simd, Value};

/// Steps that are taken together, equally far apart on the right: wider windows are several of these, and single steps.
pub(super) const TAPS: usize = 3;

/// Columns of a chain that are taken together; longer chains are some of these.
pub(super) const LEAST: usize = 4;
/// The most columns of a chain. A longer one is as good as several.
const MOST: usize = 8;
/// Columns beside chains, which are done with before the next chains come: near what was read with their neighbours, and enough for blocks.
const BESIDE: usize = 120;
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

/// Columns of one list in chains, in which each is `by` further on the right than the one before; those that are left over among them.
pub(super) fn in_chains(columns: &[Column], by: isize) -> Vec<Column> {
    let mut places: Vec<(i64, i64)> =
        columns.iter().enumerate().map(|(at, column)| (column.at().right as i64, at as i64)).collect();
    sort(&mut places, &|(right, at)| (right, at, 0));
    let mut taken = vec![false; columns.len()];
    let (mut ordered, mut beside) = (Vec::with_capacity(columns.len()), vec![]);
    for first in 0..columns.len() {
        if taken[first] {
            continue;
        }
        let mut chain = vec![first];
        while chain.len() < MOST {
            let right = columns[first].at().right + by * chain.len() as isize;
            let found = places.binary_search_by_key(&(right as i64), |(right, _)| *right);
            match found.map(|found| places[found].1 as usize) {
                Ok(next) if !taken[next] => chain.push(next),
                _ => break,
            }
        }
        chain.truncate(if chain.len() < LEAST { 1 } else { chain.len() / LEAST * LEAST });
        chain.iter().for_each(|at| taken[*at] = true);
        if chain.len() == 1 {
            beside.push(columns[first]);
            if beside.len() == BESIDE {
                ordered.append(&mut beside);
            }
            continue;
        }
        let length = chain.len();
        for (at, column) in chain.into_iter().enumerate() {
            let mut column = columns[column];
            column.chain = (length - at) as u16;
            column.chained = 1;
            ordered.push(column);
        }
    }
    ordered.append(&mut beside);
    for at in (1..ordered.len()).rev() {
        let next = ordered[at].chained;
        let this = &mut ordered[at - 1].chained;
        if (*this < 0) == (next < 0) {
            *this = next.saturating_add(*this);
        }
    }
    ordered
}

/// A block of one row and `C` columns, each `LEAST` of which are of one chain.
///
/// # Safety
/// As for [`block`](super::block::block); and those of a chain ([`in_chains`]) are as far apart as the taps: then all that is read is where a
/// step of some column leads to.
#[inline(always)]
pub(super) unsafe fn sliding<M: Simd, E: Element, const C: usize>(
    simd: M,
    operands: &Operands<'_, E>,
    steps: Steps<'_>,
    row: &[Shift; 1],
    columns: &[Column; C],
    base: Shift,
    to: &Store<'_, E>,
) {
    let mut sums = [[E::Lanes::splat(simd, E::ZERO); C]; 1];
    let first = columns[0].at();
    let by = columns[1].at().right - first.right;
    let left = operands.left.as_ptr().wrapping_offset(first.left + base.left + row[0].left);
    let right = operands.right.as_ptr().wrapping_offset(first.right + base.right);
    // SAFETY (of both): the caller's promise.
    let value = |at: i32| E::Lanes::splat(simd, unsafe { *left.wrapping_offset(at as isize) });
    let lanes = |from: *const E| E::Lanes::from_array(simd, unsafe { *from.cast::<[E; LANES]>() });
    let mut chains = [0; C];
    for c in 0..C {
        chains[c] = columns[c / LEAST * LEAST].at().right - first.right;
    }
    let (together, single) = steps.places.split_at(steps.together);
    for taps in together.as_chunks::<TAPS>().0 {
        let values = [value(taps[0].left), value(taps[1].left), value(taps[2].left)];
        let mut from = right.wrapping_offset(taps[0].right as isize);
        // What stands here is a chain's first column's, or the second one's a tap before, and so on.
        for at in 0..LEAST + TAPS - 1 {
            for chain in 0..C / LEAST {
                let lanes = lanes(from.wrapping_offset(chains[chain * LEAST]));
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
    for place in single {
        let value = value(place.left);
        let mut from = right.wrapping_offset(place.right as isize);
        for c in 0..LEAST {
            for chain in 0..C / LEAST {
                let lanes = lanes(from.wrapping_offset(chains[chain * LEAST]));
                let c = chain * LEAST + c;
                sums[0][c] = value.mul_add(lanes, sums[0][c]);
            }
            from = from.wrapping_offset(by);
        }
    }
    unsafe { put(simd, sums, row, columns, base, to) };
}
