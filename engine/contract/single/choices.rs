//! The steps of a single sample: what stands in the lanes is an index of the target, or one that is summed over.
//!
//! Sixteen elements of the target, or sixteen steps, are taken at a time where they lie side by side. Where some of them have no
//! such step (beyond a border), or there are fewer than sixteen left, and no copy gives it to them, the step is a partial one.

use super::super::describe::Contraction;
use super::super::plan::Partial;
use super::super::planner::sort;
use crate::lanes::LANES;

/// What stands in the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contract) enum Across {
    /// This one of the target's own indices, which moves the right side by one place, and perhaps the left one.
    Own { index: usize, swapped: bool, lanes_left: bool },
    /// Steps of the sum, side by side on both sides; the lanes are added up at the end.
    Summed { swapped: bool },
}

/// The choices there are.
pub(in crate::contract) fn choices(described: &Contraction<'_>, summed_swapped: bool) -> Vec<Across> {
    let mut choices = vec![];
    for (index, own) in described.own.iter().enumerate() {
        if own.extent < 2 || own.guarded || !bias_follows(described, index) {
            continue;
        }
        let [first, second] = neighbours(described, index);
        for (by, swapped, lanes_left) in [((0, 1), false, false), ((1, 0), true, false), ((1, 1), false, true)] {
            let moved = |(left, right): &(i64, i64)| (left + by.0, right + by.1);
            if first.iter().any(|step| second.binary_search(&moved(step)).is_ok()) {
                choices.push(Across::Own { index, swapped, lanes_left });
            }
        }
    }
    choices.push(Across::Summed { swapped: summed_swapped });
    let costs: Vec<usize> = choices.iter().map(|across| about(described, *across)).collect();
    let least = costs.iter().copied().min().unwrap_or_default();
    choices.into_iter().zip(costs).filter(|(_, cost)| *cost <= MUCH_MORE * least).map(|(across, _)| across).collect()
}

/// A choice that costs so many times as much as another one, as far as that is seen from an element in the middle, is not the best: borders
/// make less of a difference. A plan of many steps takes its time.
const MUCH_MORE: usize = 3;

/// What sixteen elements cost, in multiplications or so.
fn about(described: &Contraction<'_>, across: Across) -> usize {
    let at: Vec<i64> = described.own.iter().map(|own| (own.extent - 1) / 2).collect();
    let mut list = described.list(&at);
    match across {
        Across::Own { index, .. } => {
            let extent = described.own[index].extent as usize;
            list.len() * extent.div_ceil(LANES) * LANES / extent
        }
        Across::Summed { .. } => {
            let by_right = if described.right_is_ones() { 0 } else { 1 };
            sort(&mut list);
            let chains = list.chunk_by(|a, b| (a.0 + 1, a.1 + by_right) == *b);
            LANES * chains.map(|chain| chain.len().div_ceil(LANES)).sum::<usize>()
        }
    }
}

/// The steps of two neighbours in the middle of an index, the other indices in the middle too: borders are elsewhere. The second one's are
/// sorted.
fn neighbours(described: &Contraction<'_>, index: usize) -> [Vec<(i64, i64)>; 2] {
    let mut at: Vec<i64> = described.own.iter().map(|own| (own.extent - 1) / 2).collect();
    let first = described.list(&at);
    at[index] += 1;
    let mut second = described.list(&at);
    sort(&mut second);
    [first, second]
}

/// Whether the bias is one number for all lanes, or a row of them.
fn bias_follows(described: &Contraction<'_>, index: usize) -> bool {
    matches!(bias_step(described, index), 0 | 1)
}

pub(in crate::contract) fn bias_step(described: &Contraction<'_>, index: usize) -> i64 {
    step(described, index, &|at| described.bias(at))
}

/// How far the next position of an index is.
pub(in crate::contract) fn step(described: &Contraction<'_>, index: usize, place: &dyn Fn(&[i64]) -> i64) -> i64 {
    let mut at = vec![0; described.own.len()];
    let first = place(&at);
    at[index] = 1;
    place(&at) - first
}

/// Steps of all lanes, and of some, in their order.
#[derive(Default)]
pub(in crate::contract) struct Merged {
    pub(in crate::contract) whole: Vec<(i64, i64)>,
    pub(in crate::contract) partial: Vec<Partial>,
}

/// The steps of neighbours in the target, one list for each lane: those that all have in common, moved by `by` from lane to lane. `readable`: whether
/// sixteen numbers can be read there on each side.
pub(in crate::contract) fn own_lanes(
    lists: &[Vec<(i64, i64)>],
    by: (i64, i64),
    readable: impl Fn((i64, i64)) -> bool,
) -> Merged {
    let start = |lane: usize, step: (i64, i64)| (step.0 - by.0 * lane as i64, step.1 - by.1 * lane as i64);
    if let Some(merged) = in_one_order(lists, &start, &readable) {
        return merged;
    }
    // In the order of the lane that has most; then what only others have.
    // (And how often each lane has it.)
    let mut steps: Vec<((i64, i64), [usize; LANES])> = vec![];
    let mut known = std::collections::HashMap::new();
    let longest = (0..lists.len()).max_by_key(|lane| lists[*lane].len());
    for lane in longest.into_iter().chain((0..lists.len()).filter(|lane| Some(*lane) != longest)) {
        for step in &lists[lane] {
            let key = start(lane, *step);
            let at = *known.entry(key).or_insert_with(|| {
                steps.push((key, [0; LANES]));
                steps.len() - 1
            });
            steps[at].1[lane] += 1;
        }
    }
    let mut merged = Merged::default();
    for (step, times) in steps {
        let times = &times[..lists.len()];
        for time in 0..times.iter().copied().max().unwrap_or(0) {
            if times.iter().all(|times| *times > time) && readable(step) {
                merged.whole.push(step);
                continue;
            }
            let mut from = 0;
            for range in times.chunk_by(|a, b| (*a > time) == (*b > time)) {
                let to = from + range.len();
                if range[0] > time {
                    merged.partial.push(some(step, from, to, &readable));
                }
                from = to;
            }
        }
    }
    merged
}

/// The same where each lane has steps of the one that has most, in its order: without borders, or at one.
fn in_one_order(
    lists: &[Vec<(i64, i64)>],
    start: &dyn Fn(usize, (i64, i64)) -> (i64, i64),
    readable: &dyn Fn((i64, i64)) -> bool,
) -> Option<Merged> {
    let longest = (0..lists.len()).max_by_key(|lane| lists[*lane].len())?;
    let all: Vec<(i64, i64)> = lists[longest].iter().map(|step| start(longest, *step)).collect();
    // For each step the lanes that take it, as bits.
    let mut lanes = vec![0_u32; all.len()];
    for (lane, list) in lists.iter().enumerate() {
        let mut at = 0;
        for step in list {
            let step = start(lane, *step);
            at += all[at..].iter().position(|one| *one == step)? + 1;
            lanes[at - 1] |= 1 << lane;
        }
    }
    let mut merged = Merged::default();
    for (step, lanes) in all.into_iter().zip(lanes) {
        if lanes == (1 << lists.len()) - 1 && readable(step) {
            merged.whole.push(step);
            continue;
        }
        let (mut from, mut rest) = (0, lanes);
        while rest > 0 {
            from += rest.trailing_zeros() as usize;
            let count = (lanes >> from).trailing_ones() as usize;
            merged.partial.push(some(step, from, from + count, readable));
            from += count;
            rest = lanes >> from;
        }
    }
    Some(merged)
}

/// Steps that lie side by side on both sides (`by_right` 0: on the left alone), sixteen at a time. `tail`: where so many numbers from a place of
/// the right side on stand once more, as the last of sixteen behind zeros, if they do.
pub(in crate::contract) fn summed_lanes(
    list: &[(i64, i64)],
    by_right: i64,
    readable: impl Fn((i64, i64)) -> bool,
    mut tail: impl FnMut(i64, usize) -> Option<i64>,
) -> Merged {
    let mut merged = Merged::default();
    for chain in list.chunk_by(|a, b| (a.0 + 1, a.1 + by_right) == *b) {
        for lanes in chain.chunks(LANES) {
            if lanes.len() == LANES && readable(lanes[0]) {
                merged.whole.push(lanes[0]);
            } else if chain.len() >= LANES
                && lanes.len() < LANES
                && let Some(right) = tail(lanes[0].1, lanes.len())
            {
                // The left side is read from where the zeros meet steps that were taken before.
                merged.whole.push((lanes[0].0 - (LANES - lanes.len()) as i64, right));
            } else {
                merged.partial.push(some(lanes[0], 0, lanes.len(), &readable));
            }
        }
    }
    merged
}

fn some(step: (i64, i64), from: usize, to: usize, readable: &dyn Fn((i64, i64)) -> bool) -> Partial {
    let (left, right) = (step.0 as isize, step.1 as isize);
    Partial { left, right, from: from as u8, to: to as u8, readable: readable(step) }
}
