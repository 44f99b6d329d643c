//! Between samples, row by row, and tiles, where sixteen samples of an element lie side by side.

use crate::lanes::{Element, LANES, Lanes, Pack, Simd};
use crate::model::Column;
use crate::network::Region;

pub(super) fn packs<E>(arena: &mut [Pack<E>], region: Region) -> &mut [Pack<E>] {
    &mut arena[region.start..][..region.length]
}

/// Transposes sixteen samples of each column into the lanes.
#[inline(always)]
pub(super) fn fill<M: Simd, E: Element>(
    simd: M,
    arena: &mut [Pack<E>],
    regions: &[Region],
    (tile, tiles): (usize, usize),
    columns: &[Column<'_, E>],
    rows: &[usize; LANES],
) {
    for (region, column) in regions.iter().zip(columns) {
        let size = region.length;
        let samples: [&[E]; LANES] = std::array::from_fn(|lane| &column.values[rows[lane] * size..][..size]);
        let (squares, rest) = packs(arena, region.tile(tile, tiles)).as_chunks_mut::<LANES>();
        let whole = squares.len() * LANES;
        let rows = samples.map(|sample| sample.as_chunks::<LANES>().0);
        for (at, square) in squares.iter_mut().enumerate() {
            let mut row = [&rows[0][at]; LANES];
            for (lane, row) in row.iter_mut().enumerate() {
                *row = &rows[lane][at];
            }
            E::Lanes::transpose(simd, row, square);
        }
        for (at, pack) in rest.iter_mut().enumerate() {
            for (lane, sample) in samples.iter().enumerate() {
                pack.0[lane] = sample[whole + at];
            }
        }
    }
}

/// The way back, for the lanes that hold samples. An empty region or slice: not there, or not wanted.
#[inline(always)]
pub(super) fn collect<E: Element>(arena: &[Pack<E>], region: Region, to: &mut [E], first: usize, valid: usize) {
    let size = region.length;
    if size == 0 || to.is_empty() {
        return;
    }
    let packs = &arena[region.start..][..size];
    let samples = to[first * size..].chunks_exact_mut(size).take(valid);
    for (lane, sample) in samples.enumerate() {
        for (to, pack) in sample.iter_mut().zip(packs) {
            *to = pack.0[lane];
        }
    }
}
