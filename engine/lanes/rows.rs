//! Samples as they come, row by row, into the lanes.

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
