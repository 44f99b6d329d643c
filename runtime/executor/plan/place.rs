//! Where each region goes: what is alive at the same time never overlaps.

use super::Layout;
use crate::network::Region;

/// The most regions of which each is tried in all gaps, which takes time with their square.
const FEW: usize = 1024;

/// What a region takes. Elements a power of two apart in tensors of powers of two would all meet in the same few places of the first cache: where
/// the next region begins, it begins with others.
const fn taken(length: usize) -> usize {
    if length >= LARGE && length.is_multiple_of(PERIOD / 2) { length + APART } else { length }
}

/// Packs of a region that is worth it.
const LARGE: usize = 1024;
/// Packs after which a first cache begins with its first places again: 4 kB, on what there is.
const PERIOD: usize = 64;
/// Some of these, so that several regions are all apart.
const APART: usize = 24;

/// Which region is placed first.
#[derive(Clone, Copy, Debug)]
enum Order {
    Length,
    Area,
    Life,
    Birth,
}

impl<const REGIONS: usize, const STEPS: usize> Layout<REGIONS, STEPS> {
    /// Places one region after the other, each into the smallest gap that it fits in among those alive with it. The largest
    /// first is nearly always best; where it loses much, other orders are tried too. Where there are very many, all that would keep rustc
    /// busy for minutes, and they are placed as time passes.
    pub(super) const fn place(&mut self) {
        if REGIONS > FEW {
            (self.regions, self.packs) = self.place_in_time();
            return;
        }
        let least = self.most_alive();
        let orders = [Order::Length, Order::Area, Order::Life, Order::Birth];
        let mut best = self.place_by(orders[0]);
        let mut at = 1;
        while at < orders.len() && best.1 > least + least / 16 {
            let other = self.place_by(orders[at]);
            if other.1 < best.1 {
                best = other;
            }
            at += 1;
        }
        (self.regions, self.packs) = best;
    }

    /// How many packs are alive at once at most: no layout has fewer.
    pub(super) const fn most_alive(&self) -> usize {
        // Times go up to `2 * STEPS + 1`, and there are four regions a node: always enough room.
        let (mut born, mut dead) = ([0; REGIONS], [0; REGIONS]);
        let mut slot = 0;
        while slot < REGIONS {
            born[self.lives[slot].0] += self.regions[slot].length;
            dead[self.lives[slot].1] += self.regions[slot].length;
            slot += 1;
        }
        let (mut alive, mut most) = (0, 0);
        let mut time = 0;
        while time < REGIONS {
            alive += born[time];
            if alive > most {
                most = alive;
            }
            alive -= dead[time];
            time += 1;
        }
        most
    }

    const fn place_by(&self, order: Order) -> ([Region; REGIONS], usize) {
        let (order, count) = self.sorted(order);
        let mut regions = self.regions;
        let mut packs = 0;
        // What is placed already, in the order of `start`.
        let mut placed = [0; REGIONS];
        let mut done = 0;
        while done < count {
            let slot = order[done];
            let start = self.best_gap(slot, &regions, &placed, done);
            let end = start + taken(regions[slot].length);
            regions[slot].start = start;
            if end > packs {
                packs = end;
            }
            let mut at = done;
            while at > 0 && regions[placed[at - 1]].start > start {
                placed[at] = placed[at - 1];
                at -= 1;
            }
            placed[at] = slot;
            done += 1;
        }
        (regions, packs)
    }

    /// The regions that are not empty, in an order; how many they are. (A Shell sort: short, and quick enough.)
    const fn sorted(&self, by: Order) -> ([usize; REGIONS], usize) {
        let mut order = [0; REGIONS];
        let mut count = 0;
        let mut slot = 0;
        while slot < REGIONS {
            if self.regions[slot].length > 0 {
                order[count] = slot;
                count += 1;
            }
            slot += 1;
        }
        let mut gap = count / 2;
        while gap > 0 {
            let mut next = gap;
            while next < count {
                let slot = order[next];
                let rank = self.rank(slot, by);
                let mut at = next;
                while at >= gap && rank > self.rank(order[at - gap], by) {
                    order[at] = order[at - gap];
                    at -= gap;
                }
                order[at] = slot;
                next += 1;
            }
            gap /= 2;
        }
        (order, count)
    }

    const fn rank(&self, slot: usize, by: Order) -> usize {
        let (from, to) = self.lives[slot];
        match by {
            Order::Length => self.regions[slot].length,
            Order::Area => self.regions[slot].length * (to - from + 1),
            Order::Life => to - from,
            Order::Birth => 2 * STEPS + 1 - from,
        }
    }

    const fn best_gap(
        &self,
        slot: usize,
        regions: &[Region; REGIONS],
        placed: &[usize; REGIONS],
        count: usize,
    ) -> usize {
        let length = taken(regions[slot].length);
        let (from, to) = self.lives[slot];
        let mut best = None;
        let mut best_length = usize::MAX;
        // Everything before is taken by regions alive at the same time.
        let mut free = 0;
        let mut at = 0;
        while at < count {
            let other = placed[at];
            if self.lives[other].0 <= to && from <= self.lives[other].1 {
                let Region { start, length: of_other } = regions[other];
                if start >= free + length && start - free < best_length {
                    best = Some(free);
                    best_length = start - free;
                }
                if start + taken(of_other) > free {
                    free = start + taken(of_other);
                }
            }
            at += 1;
        }
        match best {
            Some(start) => start,
            None => free,
        }
    }

    /// Places the regions in the order of their births, each into the smallest gap that it fits in among those free at that time: in time that
    /// grows with their number, for a network's values are freed in about the order in which they were made, or the reverse, and the gaps are few.
    pub(super) const fn place_in_time(&self) -> ([Region; REGIONS], usize) {
        let (births, deaths) = (self.by_time(true), self.by_time(false));
        let mut regions = self.regions;
        let mut gaps = Gaps::<REGIONS> { gaps: [Region { start: 0, length: 0 }; REGIONS], count: 0, end: 0, packs: 0 };
        let (mut born, mut dead) = (0, 0);
        while born < REGIONS {
            let slot = births[born];
            while self.lives[deaths[dead]].1 < self.lives[slot].0 {
                gaps.free(regions[deaths[dead]]);
                dead += 1;
            }
            regions[slot].start = gaps.take(regions[slot].length);
            born += 1;
        }
        (regions, gaps.packs)
    }

    /// All regions in the order of their births, or of their deaths.
    const fn by_time(&self, births: bool) -> [usize; REGIONS] {
        // Times are fewer than regions. Each time's regions start where those of earlier times end.
        let mut starts = [0; REGIONS];
        let mut slot = 0;
        while slot < REGIONS {
            let (from, to) = self.lives[slot];
            starts[if births { from } else { to }] += 1;
            slot += 1;
        }
        let (mut time, mut before) = (0, 0);
        while time < REGIONS {
            let count = starts[time];
            starts[time] = before;
            before += count;
            time += 1;
        }
        let mut order = [0; REGIONS];
        let mut slot = 0;
        while slot < REGIONS {
            let (from, to) = self.lives[slot];
            let time = if births { from } else { to };
            order[starts[time]] = slot;
            starts[time] += 1;
            slot += 1;
        }
        order
    }
}

/// What is free below the end of all that is taken, in the order of `start`.
struct Gaps<const MOST: usize> {
    gaps: [Region; MOST],
    count: usize,
    end: usize,
    /// The most that was ever taken.
    packs: usize,
}

impl<const MOST: usize> Gaps<MOST> {
    const fn take(&mut self, length: usize) -> usize {
        if length == 0 {
            return 0;
        }
        let mut best = MOST;
        let mut at = 0;
        while at < self.count {
            let free = self.gaps[at].length;
            if free >= length && (best == MOST || free < self.gaps[best].length) {
                best = at;
            }
            at += 1;
        }
        if best == MOST {
            let start = self.end;
            self.end += length;
            if self.end > self.packs {
                self.packs = self.end;
            }
            return start;
        }
        let start = self.gaps[best].start;
        self.gaps[best] = Region { start: start + length, length: self.gaps[best].length - length };
        if self.gaps[best].length == 0 {
            self.remove(best);
        }
        start
    }

    const fn free(&mut self, region: Region) {
        if region.length == 0 {
            return;
        }
        let (mut start, mut end) = (region.start, region.start + region.length);
        // Behind the last gap that lies before it.
        let mut at = self.count;
        while at > 0 && self.gaps[at - 1].start > start {
            at -= 1;
        }
        if at < self.count && self.gaps[at].start == end {
            end += self.gaps[at].length;
            self.remove(at);
        }
        if at > 0 && self.gaps[at - 1].start + self.gaps[at - 1].length == start {
            at -= 1;
            start = self.gaps[at].start;
            self.remove(at);
        }
        if end == self.end {
            self.end = start;
            return;
        }
        let mut last = self.count;
        while last > at {
            self.gaps[last] = self.gaps[last - 1];
            last -= 1;
        }
        self.gaps[at] = Region { start, length: end - start };
        self.count += 1;
    }

    const fn remove(&mut self, at: usize) {
        self.count -= 1;
        let mut next = at;
        while next < self.count {
            self.gaps[next] = self.gaps[next + 1];
            next += 1;
        }
    }
}
