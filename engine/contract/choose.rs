//! What stands in the lanes while samples are summed over. Const, for the memory of the transposed side is part of the arena.

use super::describe::{Axis, Kind, Own};
use super::pad::border;
use crate::lanes::LANES;

/// An index of a parameter's gradient that stands in the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Which of the own indices.
    pub index: usize,
    /// Whether the left side is the one to be transposed.
    pub of_left: bool,
}

/// Rows of a block that hide the latency of its multiply-adds.
const ROWS: i64 = 4;

/// The best index for the lanes; `None`: better leave the samples there, and add over the lanes at the end.
#[must_use]
pub const fn choose(kind: Kind, own: &[Own], sizes: [usize; 4]) -> Option<Lane> {
    if !matches!(kind, Kind::Gradient) || !all_there(own) || many_positions(own, sizes) {
        return None;
    }
    // In hundredths of what full lanes and full rows of a block would give.
    let mut best = 70;
    let mut found = None;
    let mut at = 0;
    while at < own.len() {
        let candidate = own[at];
        if candidate.stride > 0 && !candidate.conditional && candidate.in_left != candidate.in_right {
            let blocks = ceil_div(candidate.extent, LANES as i64);
            let full = 100 * candidate.extent / (blocks * LANES as i64);
            let rows = least(rows_beside(own, at), ROWS);
            // A tie goes to the last: nearest to where its neighbours lie side by side in the target.
            let score = full * rows / ROWS + if at + 1 == own.len() { 5 } else { 0 };
            if score >= best {
                best = score;
                found = Some(Lane { index: at, of_left: candidate.in_left });
            }
        }
        at += 1;
    }
    found
}

/// The outermost axis of a side, where its stride makes all its elements meet in few places of the caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// How far the axis runs.
    pub(super) extent: usize,
    /// Its stride in packs.
    pub(super) stride: usize,
    /// Whether the side is the left one of the plan.
    pub(super) of_left: bool,
}

impl Spread {
    /// The stride in the copy that is worked on.
    pub(super) const fn wider(self) -> usize {
        self.stride + 1
    }

    /// Packs of the copy.
    pub(super) const fn packs(self) -> usize {
        self.extent.saturating_mul(self.wider())
    }
}

/// The side that is better copied with a stride of its own: of what stands beside a parameter the only one that can be, where both sides belong
/// to a sample the one whose elements a block reads again for every column.
pub(super) const fn spread(kind: Kind, axes: [&[Axis]; 2], swapped: bool) -> Option<Spread> {
    match kind {
        Kind::Weights => strided(axes[1], false),
        Kind::Samples => strided(axes[if swapped { 1 } else { 0 }], true),
        Kind::Gradient => None,
    }
}

/// A side whose first axis that is longer than 1 is summed over, with a stride that is a multiple of half of the first cache's period.
const fn strided(axes: &[Axis], of_left: bool) -> Option<Spread> {
    let mut first = 0;
    while first < axes.len() && axes[first].extent == 1 {
        first += 1;
    }
    if first == axes.len() || !axes[first].summed || !fits(axes[first].extent) || axes[first].extent < 8 {
        return None;
    }
    let (mut stride, mut at) = (1, first + 1);
    while at < axes.len() {
        if !fits(axes[at].extent) || !fits(axes[at].extent.saturating_mul(stride)) {
            return None;
        }
        stride *= axes[at].extent;
        at += 1;
    }
    if stride < 64 || stride % 32 != 0 {
        return None;
    }
    Some(Spread { extent: axes[first].extent as usize, stride: stride as usize, of_left })
}

/// Sums that are kept lane by lane until all tiles have passed: at most so many packs.
pub(super) const MOST_OF_LANES: usize = 4096;

/// Whether each of few sums has so many steps in a tile that to keep them lane by lane costs less than to transpose a side.
const fn many_positions(own: &[Own], sizes: [usize; 4]) -> bool {
    if sizes[2] == 0 || sizes[2] > MOST_OF_LANES {
        return false;
    }
    // How many positions there are on the left, times those on the right.
    let (mut square, mut at) = (sizes[0].saturating_mul(sizes[1]) / sizes[2], 0);
    while at < own.len() {
        if own[at].in_left && own[at].in_right {
            square /= own[at].extent as usize;
        }
        at += 1;
    }
    square >= MANY * MANY
}

/// Measured on convolutions.
const MANY: usize = 16;

/// The packs of scratch memory for one tile.
#[must_use]
pub const fn room(kind: Kind, own: &[Own], sizes: [usize; 4], axes: [&[Axis]; 2]) -> usize {
    // Which side is the plan's left one is known later.
    let spread = match (spread(kind, axes, false), spread(kind, axes, true)) {
        (Some(one), Some(other)) if one.packs() < other.packs() => Some(other),
        (Some(one), _) | (None, Some(one)) => Some(one),
        (None, None) => None,
    };
    if let Some(spread) = spread {
        return spread.packs();
    }
    match choose(kind, own, sizes) {
        Some(lane) => {
            let extent = own[lane.index].extent;
            let size = if lane.of_left { sizes[0] } else { sizes[1] };
            size / extent as usize * ceil_div(extent, LANES as i64) as usize * LANES
        }
        None if matches!(kind, Kind::Gradient) && sizes[2] <= MOST_OF_LANES => {
            let sums = shares(own, sizes) * sizes[2];
            match border(kind, own, sizes, axes) {
                Some(border) if sizes[2] + border.packs > sums => sizes[2] + border.packs,
                _ => sums,
            }
        }
        None => 0,
    }
}

/// How many sums each element of the target may have, of steps that are apart: see `Plan::shares`. Two where there may be borders; where a
/// single row meets them, one for the inside, one for each row of positions along a side (and each corner of small windows), and one for what is
/// left, if that is little memory.
pub(super) const fn shares(own: &[Own], sizes: [usize; 4]) -> usize {
    let (mut columns, mut single, mut along, mut at) = (1_i64, all_there(own), 0, 0);
    while at < own.len() && single {
        if own[at].conditional {
            columns = columns.saturating_mul(own[at].extent);
            along += least(own[at].extent, SET) as usize - 1;
        } else if own[at].extent > 1 && own[at].in_left != own[at].in_right {
            single = false;
        }
        at += 1;
    }
    let most = if columns <= SMALL_WINDOW { columns as usize + 1 } else { along + 2 };
    let room = sizes[2].saturating_mul(most);
    let little = room <= MOST_OF_LANES || room <= sizes[0].saturating_add(sizes[1]) / 8;
    match (any_conditional(own) && single, columns < SET && little) {
        (false, _) => 1,
        (true, false) => 2,
        (true, true) => most,
    }
}

/// Columns of a window whose corners of positions are worth a sum of their own.
const SMALL_WINDOW: i64 = 9;

/// A set of columns is a number of so many bits.
pub(super) const SET: i64 = 63;

pub(super) const fn any_conditional(own: &[Own]) -> bool {
    let mut at = 0;
    while at < own.len() {
        if own[at].conditional {
            return true;
        }
        at += 1;
    }
    false
}

/// How many rows the side that stays has: elements of its own indices that move it alone.
const fn rows_beside(own: &[Own], lane: usize) -> i64 {
    let mut rows = 1;
    let mut at = 0;
    while at < own.len() {
        let alone = own[at].in_left != own[at].in_right && own[at].in_left != own[lane].in_left;
        if alone && !own[at].conditional {
            // No more than a few matter.
            rows = least(rows * own[at].extent, 1 << 20);
        }
        at += 1;
    }
    rows
}

/// Whether all extents are those of a tensor: where a layer does not fit, they are anything.
const fn all_there(own: &[Own]) -> bool {
    let mut at = 0;
    while at < own.len() {
        if !fits(own[at].extent) {
            return false;
        }
        at += 1;
    }
    true
}

pub(super) const fn fits(extent: i64) -> bool {
    extent > 0 && extent < 1 << 40
}

pub(super) const fn least(a: i64, b: i64) -> i64 {
    if a < b { a } else { b }
}

const fn ceil_div(a: i64, b: i64) -> i64 {
    (a + b - 1) / b
}
