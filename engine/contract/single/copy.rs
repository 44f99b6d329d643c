//! What is copied of a sample's tensors, so that all lanes take all steps: with zeros around them, in longer rows, and with ends where sixteen
//! numbers can be read.

use super::super::plan::Plan;
use super::flat::Filling;
use crate::lanes::{self, Element, LANES, Level};

/// The side that has tails; also the one with a border or longer rows, unless the sides are swapped.
const RIGHT: usize = 1;

impl Plan {
    /// The side that is copied with a border, or in longer rows, as sides are here.
    fn arranged(&self) -> Option<usize> {
        let any = self.one && (self.padded.is_some() || self.flat.is_some());
        any.then(|| self.here(self.padded.as_ref().is_some_and(|padded| padded.of_left)))
    }

    /// The side that is copied with zeros between its rows.
    fn lengthened(&self) -> Option<usize> {
        self.long.as_ref().map(|long| self.here(long.of_left))
    }

    /// Which side here is the left one as described, or the right one.
    fn here(&self, left: bool) -> usize {
        usize::from(left == self.swapped)
    }

    /// Numbers behind a side in its copy.
    pub(in crate::contract) fn behind(&self, side: usize) -> usize {
        let tails = if side == RIGHT { self.tails.len() * LANES } else { 0 };
        tails + if self.ends[side] { LANES - 1 } else { 0 }
    }

    /// Numbers of a side's copy; none: it is not copied.
    fn copied(&self, side: usize) -> Option<usize> {
        let arranged = [self.arranged(), self.lengthened()].contains(&Some(side));
        (arranged || self.behind(side) > 0).then(|| self.sizes[side])
    }

    /// Numbers of the side with a border, where it is arranged in longer rows after that.
    fn before_flat(&self) -> usize {
        match (&self.padded, &self.flat) {
            (Some(_), Some((_, size))) => *size,
            _ => 0,
        }
    }

    /// Numbers of scratch memory that a plan for one sample wants.
    #[doc(hidden)]
    #[must_use]
    pub fn room(&self) -> usize {
        let copied = [0, RIGHT].into_iter().filter_map(|side| self.copied(side));
        copied.sum::<usize>() + self.before_flat()
    }

    /// The sides of one sample as they are read.
    pub(in crate::contract) fn sides_of_one<'a, E: Element>(
        &self,
        level: Level,
        sides: [&'a [E]; 2],
        room: &'a mut [E],
    ) -> [&'a [E]; 2] {
        let (before, mut room) = room.split_at_mut(self.before_flat());
        let mut read = sides;
        for side in [0, RIGHT] {
            let Some(size) = self.copied(side) else { continue };
            let copy;
            (copy, room) = room.split_at_mut(size);
            self.copy(level, side, sides[side], (copy, before));
            read[side] = copy;
        }
        read
    }

    fn copy<E: Element>(&self, level: Level, side: usize, from: &[E], (to, before): (&mut [E], &mut [E])) {
        let (all, behind) = to.split_at_mut(to.len() - self.behind(side));
        let (tails, ends) = behind.as_chunks_mut::<LANES>();
        match (&self.padded, &self.flat) {
            _ if let Some(long) = self.long.as_ref().filter(|_| self.lengthened() == Some(side)) => {
                long.fill(from, all)
            }
            _ if self.arranged() != Some(side) => all.copy_from_slice(&from[..all.len()]),
            (Some(padded), Some((flat, _))) => {
                padded.fill(from, 0, before, 1);
                lanes::run(level, Filling { flat, from: before, to: all });
            }
            (_, Some((flat, _))) => lanes::run(level, Filling { flat, from, to: all }),
            (Some(padded), None) => padded.fill(from, 0, all, 1),
            (None, None) => {}
        }
        for (tail, &(start, count)) in tails.iter_mut().zip(&self.tails) {
            let (zeros, numbers) = tail.split_at_mut(LANES - count);
            zeros.fill(E::ZERO);
            numbers.copy_from_slice(&all[start..start + count]);
        }
        ends.fill(E::ZERO);
    }
}
