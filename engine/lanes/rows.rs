//! Samples as they come, row by row, into the lanes, and back.

use super::{Element, LANES, Lanes, Level, Pack, Simd, Task, run};

/// Puts element `n` of each row, row `l` in lane `l`, into pack `n`.
pub(super) fn to_lanes<E: Element>(level: Level, rows: [&[E]; LANES], to: &mut [Pack<E>]) {
    run(level, ToLanes { rows, to });
}

/// A square turned about, where few are. Apart, for it is much code.
#[inline(never)]
fn turn<S: Simd, E: Element>(simd: S, rows: &[&[E; LANES]; LANES], to: &mut [Pack<E>; LANES]) {
    simd.vectorize(
        #[inline(always)]
        || E::Lanes::transpose(simd, *rows, to),
    );
}

struct ToLanes<'a, E> {
    rows: [&'a [E]; LANES],
    to: &'a mut [Pack<E>],
}

impl<E: Element> Task for ToLanes<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let none = [E::ZERO; LANES];
        for (at, square) in self.to.chunks_mut(LANES).enumerate() {
            let own = at * LANES..at * LANES + square.len();
            match square.as_mut_array() {
                Some(square) => {
                    let mut rows = [&none; LANES];
                    for (row, from) in rows.iter_mut().zip(self.rows) {
                        *row = from[own.clone()].as_array().unwrap_or(&none);
                    }
                    E::Lanes::transpose(simd, rows, square);
                }
                None => {
                    let mut ends = [none; LANES];
                    for (end, from) in ends.iter_mut().zip(self.rows) {
                        end[..square.len()].copy_from_slice(&from[own.clone()]);
                    }
                    let mut turned = [Pack::ZERO; LANES];
                    turn(simd, &ends.each_ref(), &mut turned);
                    square.copy_from_slice(&turned[..square.len()]);
                }
            }
        }
    }
}

/// Puts lane `l` of pack `n` into element `n` of row `l`, for as many rows as there are.
pub(super) fn to_rows<E: Element>(level: Level, from: &[Pack<E>], to: &mut [E]) {
    if !from.is_empty() {
        run(level, ToRows { from, to });
    }
}

struct ToRows<'a, E> {
    from: &'a [Pack<E>],
    to: &'a mut [E],
}

impl<E: Element> Task for ToRows<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (length, none) = (self.from.len(), Pack::ZERO);
        let mut turned = [Pack::ZERO; LANES];
        for (at, square) in self.from.chunks(LANES).enumerate() {
            let mut packs = [&none.0; LANES];
            for (pack, from) in packs.iter_mut().zip(square) {
                *pack = &from.0;
            }
            turn(simd, &packs, &mut turned);
            let end = length.min((at + 1) * LANES);
            for (row, from) in self.to.chunks_exact_mut(length).zip(&turned) {
                let to = &mut row[at * LANES..end];
                match to.as_mut_array() {
                    Some(sixteen) => *sixteen = from.0,
                    None => to.copy_from_slice(&from.0[..to.len()]),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::super::same_bits::fused_levels;
    use super::*;

    #[test]
    fn rows_go_into_the_lanes_and_back() {
        for level in fused_levels().into_iter().chain([Level::baseline()]) {
            for (rows, length) in [(16, 33), (16, 16), (5, 20), (1, 3), (7, 0)] {
                let values: Vec<f32> = (0..rows * length).map(|at| at as f32).collect();
                let row = |lane: usize| &values[lane.min(rows - 1) * length..][..length];
                let mut packs = vec![Pack::ZERO; length];
                to_lanes(level, std::array::from_fn(row), &mut packs);
                for (at, pack) in packs.iter().enumerate() {
                    assert_eq!(pack.0, std::array::from_fn(|lane| row(lane)[at]));
                }
                let mut back = vec![0.0; values.len()];
                to_rows(level, &packs, &mut back);
                assert_eq!(back, values, "{rows} rows of {length} at {level:?}");
            }
        }
    }
}
