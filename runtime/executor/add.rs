//! Adding up what the units of a batch have made of the parameters' gradients, always in the units' order.
//!
//! With several threads each unit has gradients of its own, which are added at the end. One thread adds a unit's while they are in its cache;
//! and what a layer adds to each element once in a unit, it adds to the sum itself: the same numbers in the same order.

use super::code::Plans;
use super::parts::share_slices;
use crate::aligned::Aligned;
use crate::lanes::{self, Element, Level, Simd, Task};
use crate::tables::Scalars;

/// Elements of a piece, at least; more threads than pieces are not worth it.
const PIECE: usize = 1 << 12;

/// The sum of the units so far, and room for the gradients of the next, unless all its layers add to the sum.
pub(super) struct Sum<'a, E> {
    pub(super) whole: &'a mut [E],
    pub(super) part: &'a mut [E],
}

impl<E: Element> Sum<'_, E> {
    /// Adds a unit's gradients; of layers that add to the sum themselves there are none.
    pub(super) fn add(&mut self, level: Level, plans: &Plans, scalars: &[Scalars], added: bool) {
        for (at, scalars) in scalars.iter().enumerate() {
            let own = scalars.learning.range();
            if !(added && plans.adds_once(at) || own.is_empty()) {
                lanes::run(level, Add { to: &mut self.whole[own.clone()], from: &self.part[own] });
            }
        }
    }
}

/// Adds the gradients of all units, in their order, to those of the first.
pub(super) fn add_all<E: Element>(threads: usize, level: Level, gradients: &mut [E], units: &[Aligned<E>]) {
    share_slices(threads, gradients, PIECE, &|piece, to| {
        for unit in units {
            lanes::run(level, Add { from: &unit[piece * PIECE..][..to.len()], to });
        }
    });
}

struct Add<'a, E> {
    to: &'a mut [E],
    from: &'a [E],
}

impl<E: Element> Task for Add<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        add(self.to, self.from);
    }
}

#[inline(always)]
pub(super) fn add<E: Element>(to: &mut [E], from: &[E]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = *to + from;
    }
}
