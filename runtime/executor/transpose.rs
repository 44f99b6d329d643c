//! Between samples, row by row, and tiles, where sixteen samples of an element lie side by side.

use crate::lanes::{Element, LANES, Level, Pack};
use crate::model::Column;
use crate::network::Region;

pub(super) fn packs<E>(arena: &mut [Pack<E>], region: Region) -> &mut [Pack<E>] {
    &mut arena[region.start..][..region.length]
}

/// Transposes sixteen samples of each column into the lanes.
pub(super) fn fill<E: Element>(
    level: Level,
    arena: &mut [Pack<E>],
    regions: &[Region],
    (tile, tiles): (usize, usize),
    columns: &[Column<'_, E>],
    rows: &[usize; LANES],
) {
    for (region, column) in regions.iter().zip(columns) {
        let size = region.length;
        let samples: [&[E]; LANES] = std::array::from_fn(|lane| &column.values[rows[lane] * size..][..size]);
        E::to_lanes(level, samples, packs(arena, region.tile(tile, tiles)));
    }
}

/// The way back, for the lanes that hold samples. An empty region or slice: not there, or not wanted.
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
