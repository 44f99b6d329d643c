//! Samples as they come, row by row, into the lanes, and back.

use super::{Element, LANES, Lanes, Level, Pack, Simd, Task, run};

/// Puts element `n` of each row, row `l` in lane `l`, into pack `n`.
pub(super) fn to_lanes<E: Element>(level: Level, rows: [&[E]; LANES], to: &mut [Pack<E>]) {
    run(level, ToLanes { rows, to });
}

struct ToLanes<'a, E> {
    rows: [&'a [E]; LANES],
    to: &'a mut [Pack<E>],
}

impl<E: Element> Task for ToLanes<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (squares, rest) = self.to.as_chunks_mut::<LANES>();
        let whole = squares.len() * LANES;
        let rows = self.rows.map(|row| row.as_chunks::<LANES>().0);
        for (at, square) in squares.iter_mut().enumerate() {
            let mut row = [&rows[0][at]; LANES];
            for (lane, row) in row.iter_mut().enumerate() {
                *row = &rows[lane][at];
            }
            E::Lanes::transpose(simd, row, square);
        }
        for (at, pack) in rest.iter_mut().enumerate() {
            for (lane, row) in self.rows.iter().enumerate() {
                pack.0[lane] = row[whole + at];
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
        let (squares, rest) = self.from.as_chunks::<LANES>();
        let mut turned = [Pack::ZERO; LANES];
        for (at, square) in squares.iter().enumerate() {
            let mut packs = [&square[0].0; LANES];
            for (pack, from) in packs.iter_mut().zip(square) {
                *pack = &from.0;
            }
            E::Lanes::transpose(simd, packs, &mut turned);
            for (row, from) in self.to.chunks_exact_mut(self.from.len()).zip(&turned) {
                row[at * LANES..][..LANES].copy_from_slice(&from.0);
            }
        }
        let whole = squares.len() * LANES;
        for (lane, row) in self.to.chunks_exact_mut(self.from.len()).enumerate() {
            for (to, from) in row[whole..].iter_mut().zip(rest) {
                *to = from.0[lane];
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
