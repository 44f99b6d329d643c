//! Running a plan: what its sides are, and what is copied or transposed first.

use super::block::Operands;
use super::choose::Spread;
use super::part::{Part, scaled};
use super::plan::{Plan, Sums, Transposition};
use super::single::AddingPartial;
use super::store::Store;
use super::then::Then;
use super::transpose::transpose;
use super::walk::{Job, walk};
use crate::lanes::{self, Cell, Element, LANES, Lanes, Pack, Simd, Task};
use crate::parts::share_slices;

/// What a plan is run on: tensors as numbers, those of samples as sixteen for each element and tile, or as one.
#[derive(Debug)]
pub struct Call<'a, E> {
    /// Where the sums go.
    pub target: &'a mut [E],
    /// The left side.
    pub left: &'a [E],
    /// The right side; none: ones.
    pub right: Option<&'a [E]>,
    /// Numbers that are added to the sums.
    pub bias: Option<&'a [E]>,
    /// What the sums are multiplied by.
    pub scale: E,
    /// Whether the sums are added to what the target holds; else they take its place.
    pub accumulate: bool,
    /// How many tiles.
    pub tiles: usize,
    /// Whether sums over samples are those of each tile, added one after the other: where a call [adds to each element
    /// once](Plan::adds_once), the bits of as many calls.
    pub apart: bool,
    /// How many threads may share the work.
    pub threads: usize,
    /// Which part of it.
    pub part: Part,
    /// Scratch memory: [`room`](super::room) packs for each tile of sixteen samples, or [`Plan::room`] numbers for one sample.
    pub room: &'a mut [E],
    /// What is to be done with the target's elements once they are there.
    pub then: Option<Then<'a, E>>,
}

impl Plan {
    /// Runs the contraction with the instructions of `level`.
    pub(crate) fn run<E: Element>(&self, level: lanes::Level, call: Call<'_, E>) {
        let Call { target, left, right, bias, scale, accumulate, tiles, apart, threads, part, room, then } = call;
        if apart && tiles > 1 && self.sums == Sums::Lanes {
            let (left_size, right_size) = (left.len() / tiles, right.map_or(0, <[E]>::len) / tiles);
            for tile in 0..tiles {
                let left = &left[tile * left_size..][..left_size];
                let right = right.map(|right| &right[tile * right_size..][..right_size]);
                let (target, room, accumulate) = (&mut *target, &mut *room, accumulate || tile > 0);
                let then = then.filter(|_| tile + 1 == tiles);
                self.run(level, Call { target, left, right, room, accumulate, then, tiles: 1, ..call });
            }
            return;
        }
        let part = self.part(part, target.len());
        assert!(!self.one || tiles <= 1, "one sample is no tiles");
        if self.rows.is_empty() || self.columns.is_empty() || tiles == 0 {
            let some = &mut target[part.target.clone()];
            return then.map_or((), |then| then.to(part.target.start, some));
        }
        if part.rows.is_empty() || part.outer.is_empty() {
            return;
        }
        let ones = Pack::elements(E::ONES);
        let (left, right) = (left, right.unwrap_or(ones));
        let (left, right) = if self.swapped { (right, left) } else { (left, right) };
        let (of_lanes, copies) = room.split_at_mut(if self.sums == Sums::Lanes { self.sizes[2] } else { 0 });
        let (left, right, copies) = match &self.padded {
            _ if self.one => {
                let [left, right] = self.sides_of_one(level, [left, right], copies);
                (left, right, &mut [][..])
            }
            Some(padded) => {
                let (room, rest) = copies.split_at_mut(padded.packs * LANES * tiles);
                let from = if padded.of_left == self.swapped { right } else { left };
                let threads = threads.min(room.len() / LANES / COPIES_WORTH_A_THREAD);
                share_slices(threads, room, LANES, &|first, to| padded.fill(from, first, to, LANES));
                if padded.of_left == self.swapped { (left, &*room, rest) } else { (&*room, right, rest) }
            }
            None => (left, right, copies),
        };
        let [left_size, right_size, target_size, bias_size] = self.sizes;
        // A side that all tiles share is as large as for one.
        let tile = |side: &[E], size: usize, shared: bool| {
            let tile = if shared { 0 } else { size };
            assert!(side.len() >= size + tile * (tiles - 1), "a tensor is smaller than the plan says");
            tile as isize
        };
        let mut left_tile = tile(left, left_size, self.shares_left || std::ptr::eq(left, ones));
        let mut right_tile = tile(right, right_size, std::ptr::eq(right, ones));
        assert!(bias.is_none_or(|bias| bias_size > 0 && bias.len() >= bias_size));
        assert!(match self.sums {
            Sums::Tiles => target.len() >= target_size * tiles,
            Sums::All => target.len() >= target_size,
            Sums::Lanes => target.len() * LANES * self.shares == target_size,
        });
        let (left, right) = match (self.transposition, self.spread) {
            (Some(how), _) => {
                let room = Pack::packs_mut(&mut copies[..self.right_size() * tiles]);
                let threads = threads.min(room.len() / COPIES_WORTH_A_THREAD);
                share_slices(threads, room, how.block(), &|first, to| {
                    lanes::run(level, Transposing { how, from: right, first, to });
                });
                right_tile = self.right_size() as isize;
                (left, Pack::elements(room))
            }
            (_, Some(spread)) if spread.of_left => {
                left_tile = self.left_size() as isize;
                (spread_out(spread, &left[..left_size * tiles], copies, threads), right)
            }
            (_, Some(spread)) => {
                right_tile = self.right_size() as isize;
                (left, spread_out(spread, &right[..right_size * tiles], copies, threads))
            }
            _ => (left, right),
        };
        let operands = Operands { left, right, left_tile, right_tile };
        let (over, stride) = (self.over, self.stride);
        let of_columns = self.bias_of_columns || self.bias_of_lanes;
        let side_by_side = !over && stride == 1 && !(of_columns && bias.is_some());
        let threads = if self.one { threads.min(self.work / ONE_WORTH_A_THREAD) } else { threads };
        // All blocks then store sixteen neighbours each, or all of one sample, and nothing comes after.
        let all = if self.one { self.partial.is_empty() } else { side_by_side && self.full_lanes };
        let at_once = self.sums == Sums::Tiles && self.chunks == 1 && all && !accumulate;
        let at_least = then.and_then(|then| then.at_least).filter(|_| at_once);
        let then = then.filter(|_| at_least.is_none());
        let bias_of_lanes = self.bias_of_lanes;
        let mut store = Store {
            target: target.as_mut_ptr(),
            accumulate,
            side_by_side,
            over,
            stride,
            bias,
            bias_of_lanes,
            scale,
            at_least,
        };
        if self.sums == Sums::Lanes {
            if !self.sets_all {
                for share in of_lanes.chunks_exact_mut(target.len() * LANES) {
                    let share = &mut share[scaled(part.target.clone(), LANES)];
                    let threads = threads.min(share.len() / LANES / COPIES_WORTH_A_THREAD);
                    share_slices(threads, share, LANES, &|_, share| share.fill(E::ZERO));
                }
            }
            store = Store { target: of_lanes.as_mut_ptr(), accumulate: !self.sets_all, scale: E::ONE, ..store };
        }
        // Where there are no other steps than those of some lanes, there is nothing but zeros to store.
        let threads_of_blocks = if self.runs.is_empty() && self.places.is_empty() { 1 } else { threads };
        let in_pieces = then.filter(|_| self.sums == Sums::Tiles && !self.one);
        lanes::run(
            level,
            Walking {
                job: Job {
                    plan: self,
                    rows: part.rows.clone(),
                    outer: &self.outer[part.outer.clone()],
                    operands,
                    store,
                    tiles,
                    apart,
                    threads: threads_of_blocks,
                    then: in_pieces,
                },
            },
        );
        if !self.partial.is_empty() {
            lanes::run(level, AddingPartial { plan: self, left, right, store, threads });
        }
        if self.sums == Sums::Lanes {
            let (ends, sums) = ((scale, accumulate), &*Pack::packs_mut(of_lanes));
            let (count, threads) = (target.len(), threads.min(sums.len() / COPIES_WORTH_A_THREAD));
            let start = part.target.start;
            share_slices(threads, &mut target[part.target.clone()], LANES, &|first, target| {
                let sums = &sums[start + first * LANES..];
                lanes::run(level, AddingOverLanes { ends, sums, shares: self.shares, count, target });
            });
        }
        match then {
            Some(then) if self.sums == Sums::Tiles && !self.one => {
                self.finish_late((&part.outer, &part.rows), target, tiles, then)
            }
            Some(then) => then.to(part.target.start, &mut target[part.target]),
            None => {}
        }
    }
}

/// Packs that are copied or transposed and worth a thread. (For an interpreter, see `walk`.)
const COPIES_WORTH_A_THREAD: usize = if cfg!(miri) { 1 << 4 } else { 1 << 10 };

/// Multiplications (of sixteen lanes) of one sample that are worth a thread.
pub(super) const ONE_WORTH_A_THREAD: usize = if cfg!(miri) { 10 } else { 20_000 };

struct Walking<'a, E> {
    job: Job<'a, E>,
}

impl<E: Element> Task for Walking<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        if self.job.plan.lanes_left {
            walk::<M, E, true>(simd, &self.job);
        } else {
            walk::<M, E, false>(simd, &self.job);
        }
    }
}

/// Blocks of a transposed side, of all tiles, from the `first` on.
struct Transposing<'a, E> {
    how: Transposition,
    from: &'a [E],
    first: usize,
    to: &'a mut [Pack<E>],
}

impl<E: Element> Task for Transposing<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        let Transposing { how, from, first, to } = self;
        let size = how.size * LANES;
        for (at, to) in to.chunks_exact_mut(how.block()).enumerate() {
            let (tile, block) = ((first + at) / how.blocks(), (first + at) % how.blocks());
            transpose(simd, how, &from[tile * size..][..size], block, to);
        }
    }
}

/// Sums of lanes, added over the lanes at the end, once.
struct AddingOverLanes<'a, E> {
    ends: (E, bool),
    sums: &'a [Pack<E>],
    /// How many sums each number has.
    shares: usize,
    /// How many numbers there are in all: between one share of a sum and the next.
    count: usize,
    target: &'a mut [E],
}

impl<E: Element> Task for AddingOverLanes<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        let (scale, accumulate) = self.ends;
        for (block, target) in self.target.chunks_mut(LANES).enumerate() {
            let here = &self.sums[block * LANES..];
            // What is not sixteen sums as they lie there: a copy. What lies beyond the last number's goes nowhere.
            let mut added;
            let sixteen = match here.first_chunk() {
                Some(sixteen) if self.shares == 1 => sixteen,
                _ => {
                    added = [Pack::ZERO; LANES];
                    for (at, to) in added[..target.len()].iter_mut().enumerate() {
                        let mut sum = E::Lanes::load(simd, &here[at]);
                        for share in 1..self.shares {
                            sum = sum + E::Lanes::load(simd, &here[at + share * self.count]);
                        }
                        sum.store(to);
                    }
                    &added
                }
            };
            let sums = E::Lanes::reduce_sums(
                simd,
                #[inline(always)]
                |at| E::Lanes::load(simd, &sixteen[at]),
            );
            let sums = sums * E::Lanes::splat(simd, scale);
            match target.as_mut_array::<LANES>() {
                Some(target) if accumulate => sums.add_to(simd, target),
                Some(target) => *target = sums.to_array(),
                None => {
                    for (to, sum) in target.iter_mut().zip(sums.to_array()) {
                        *to = if accumulate { *to + sum } else { sum };
                    }
                }
            }
        }
    }
}

/// Copies a side so that an axis gets a stride that meets itself in the caches less often.
fn spread_out<'a, E: Element>(spread: Spread, from: &[E], room: &'a mut [E], threads: usize) -> &'a [E] {
    let (stride, wider) = (spread.stride * LANES, spread.wider() * LANES);
    let room = &mut room[..from.len() / stride * wider];
    share_slices(threads.min(room.len() / LANES / COPIES_WORTH_A_THREAD), room, wider, &|first, to| {
        let from = from[first * stride..].chunks_exact(stride);
        for (from, to) in from.zip(to.chunks_exact_mut(wider)) {
            to[..stride].copy_from_slice(from);
        }
    });
    room
}
