//! In: a network, a batch's tiles, and how many threads there are. Out: how the batch is cut: into how many units, and how many tiles of
//! a unit pass through a layer together. Guarantees that no result depends on the number of threads.

use super::code::Plans;
use super::parts::MOST_PARTS;
use super::units::units;
use crate::lanes::Pack;
use crate::network::Network;
use crate::site::Pass;

/// Tiles that pass through a layer together at most.
pub(super) const MOST_TOGETHER: usize = 4;

/// Bytes of parameters that stay in the second cache while one tile passes after the other, and of tiles that stay there together.
const SMALL: usize = 256 << 10;
const ARENAS: usize = 512 << 10;

/// Bytes of parameters that leave the last cache too, and of tiles that pass together then, wherever they are.
pub(super) const LARGE: usize = 16 << 20;
const LARGE_ARENAS: usize = 8 << 20;

/// Tiles that pass together where that gives blocks a second column.
const PAIR: usize = 2;

/// How many tiles pass through each layer together, as far as there are any: more than one where the parameters leave the cache between two
/// tiles, or where layers have a single column for each, so that what a block reads takes part in more.
fn together<N: Network, E>(packs: usize, plans: &Plans) -> usize {
    let arena = (packs * size_of::<Pack<E>>()).max(1);
    match N::PARAMETERS * size_of::<E>() {
        ..=SMALL if plans.gain_from_tiles() => PAIR,
        ..=SMALL => 1,
        LARGE.. => (LARGE_ARENAS / arena).clamp(1, MOST_TOGETHER),
        _ => (ARENAS / arena).clamp(1, MOST_TOGETHER),
    }
}

/// How a batch is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The number of units.
    pub(super) units: usize,
    /// Whether each half of the units is one thread's, in their order.
    pub(super) halves: bool,
    /// Tiles of a unit that pass through a layer together at most.
    pub(super) together: usize,
    /// As many of any smaller batch: for so many an arena has room.
    pub(super) room: usize,
    /// Whether each half is one unit, in which tiles add to gradients as if each were a unit.
    pub(super) apart: bool,
}

impl Cut {
    /// For a pass of so many tiles, backward too or not.
    pub(super) fn of<N: Network, E, P: Pass>(threads: usize, tiles: usize, backward: bool, plans: &Plans) -> Cut {
        let together = together::<N, E>(N::plan::<P>().packs, plans);
        let cut = |units: usize| Cut {
            units,
            halves: backward && in_halves(threads, units),
            together: together.min(tiles.div_ceil(units.max(1))).max(1),
            room: together.min(tiles).max(1),
            apart: false,
        };
        if !backward {
            // A unit is a tile, but where to read the parameters for each would cost most.
            let each = if N::PARAMETERS * size_of::<E>() < LARGE { 1 } else { together };
            return cut(tiles.div_ceil(each).min(MOST_PARTS));
        }
        let whole = cut(units::<N, E>(tiles, plans.work()));
        let apart = whole.halves && whole.units == tiles && together > 1 && N::STEP == 0 && plans.all_add_once();
        if apart { Cut { apart, ..cut(2) } } else { whole }
    }
}

/// Whether each half of the units is one thread's. Two threads share many units one by one, for one of them may be slower.
fn in_halves(threads: usize, units: usize) -> bool {
    units > 1 && (threads == 1 || threads == 2 && units <= 4)
}
