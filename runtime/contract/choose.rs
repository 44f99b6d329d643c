//! What stands in the lanes while samples are summed over. Const, for the memory of the transposed side is part of the arena.

use super::describe::{Kind, Own};
use crate::lanes::LANES;

/// An index of a parameter's gradient that stands in the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Which of the own indices.
    pub index: usize,
    /// Whether the left side is the one to be transposed.
    pub of_left: bool,
}

/// The best index for the lanes; `None`: better leave the samples there, and add over the lanes at the end.
#[must_use]
pub const fn choose(kind: Kind, own: &[Own]) -> Option<Lane> {
    if !matches!(kind, Kind::Gradient) {
        return None;
    }
    // In hundredths of what full lanes and full rows of a block would give.
    let mut best = 45;
    let mut found = None;
    let mut at = 0;
    while at < own.len() {
        let candidate = own[at];
        if candidate.stride > 0 && !candidate.conditional && candidate.in_left != candidate.in_right {
            let blocks = ceil_div(candidate.extent, LANES as i64);
            let full = 100 * candidate.extent / (blocks * LANES as i64);
            let rows = rows_beside(own, at) * least(blocks, 2);
            // A tie goes to the last: nearest to where its neighbours lie side by side in the target.
            let score = full * least(rows, 6) / 6 + if at + 1 == own.len() { 5 } else { 0 };
            if score >= best {
                best = score;
                found = Some(Lane { index: at, of_left: candidate.in_left });
            }
        }
        at += 1;
    }
    found
}

/// The packs of the transposed side for one tile: zero where nothing is transposed.
#[must_use]
pub const fn transposed(kind: Kind, own: &[Own], sizes: [usize; 4]) -> usize {
    match choose(kind, own) {
        Some(lane) => {
            let extent = own[lane.index].extent;
            let size = if lane.of_left { sizes[0] } else { sizes[1] };
            if extent < 1 {
                return 0;
            }
            size / extent as usize * ceil_div(extent, LANES as i64) as usize * LANES
        }
        None => 0,
    }
}

/// How many rows the side that stays has: elements of its own indices that move it alone.
const fn rows_beside(own: &[Own], lane: usize) -> i64 {
    let mut rows = 1;
    let mut at = 0;
    while at < own.len() {
        let alone = own[at].in_left != own[at].in_right && own[at].in_left != own[lane].in_left;
        if alone && !own[at].conditional {
            rows *= own[at].extent;
        }
        at += 1;
    }
    rows
}

const fn least(a: i64, b: i64) -> i64 {
    if a < b { a } else { b }
}

const fn ceil_div(a: i64, b: i64) -> i64 {
    (a + b - 1) / b
}
