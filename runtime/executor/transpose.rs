//! Between samples, row by row, and tiles, where sixteen samples of an element lie side by side.

use super::parts::share_slices;
use std::ops::Range;

use crate::lanes::{Element, LANES, Level, Pack};
use crate::model::Column;
use crate::network::Region;

pub(super) fn packs<E>(arena: &mut [Pack<E>], region: Region) -> &mut [Pack<E>] {
    &mut arena[region.start..][..region.length]
}

/// Rows of columns on their way into the lanes of some tiles.
pub(super) struct Filling<'a> {
    pub(super) level: Level,
    pub(super) tiles: usize,
    /// The rows of a tile's samples.
    pub(super) rows: &'a (dyn Fn(usize) -> [usize; LANES] + Sync),
    /// How many threads may share the tiles.
    pub(super) threads: usize,
}

/// Elements of a region that are worth a thread.
const WORTH_A_THREAD: usize = 1 << 8;

impl Filling<'_> {
    /// Transposes sixteen samples of each column into the lanes.
    pub(super) fn run<E: Element>(&self, arena: &mut [Pack<E>], regions: &[Region], columns: &[Column<'_, E>]) {
        for (region, column) in regions.iter().zip(columns) {
            let size = region.length;
            let threads = self.threads.min(self.tiles * size / WORTH_A_THREAD);
            share_slices(threads, packs(arena, region.of(self.tiles)), size, &|first, to| {
                for (tile, to) in to.chunks_exact_mut(size.max(1)).enumerate() {
                    let rows = (self.rows)(first + tile);
                    E::to_lanes(self.level, rows.map(|row| &column.values[row * size..][..size]), to);
                }
            });
        }
    }
}

/// The way back, for the lanes that hold samples. An empty region or slice: not there, or not wanted.
pub(super) fn collect<E: Element>(
    level: Level,
    arena: &[Pack<E>],
    region: Region,
    to: &mut [E],
    samples: Range<usize>,
) {
    if !to.is_empty() {
        let size = region.length;
        E::to_rows(level, &arena[region.range()], &mut to[samples.start * size..samples.end * size]);
    }
}
