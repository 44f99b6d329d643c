//! Adding up what the units of a batch have made of the parameters' gradients, always in the same order: those of the first half of the
//! units one after the other, those of the second half likewise, then the two sums.
//!
//! One thread, or two with a half each, add a unit's gradients to the half's sum while they are in the cache; and what a layer adds to each
//! element once in a unit, it adds to the sum itself: the same numbers in the same order. With more threads each unit has gradients of its
//! own, which are added at the end.

use super::code::Plans;
use super::parts::share_slices;
use crate::aligned::Aligned;
use crate::lanes::{self, Element, Level, Simd, Task};
use crate::tables::Scalars;

/// Elements of a piece, at least; more threads than pieces are not worth it.
const PIECE: usize = 1 << 12;

/// The sum of a half's units so far, and room for the gradients of the next, unless all its layers add to the sum.
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

/// Adds the gradients of the other units of the first half to those of the first unit, and the sum of the second half to them.
pub(super) fn add_all<E: Element>(
    threads: usize,
    level: Level,
    gradients: &mut [E],
    [first, second]: [&[Aligned<E>]; 2],
) {
    share_slices(threads, gradients, PIECE, &|piece, to| {
        for (at, to) in to.chunks_mut(KEPT).enumerate() {
            let start = piece * PIECE + at * KEPT;
            let own = start..start + to.len();
            let add = |to: &mut [E], from: &[E]| lanes::run(level, Add { to, from });
            first.iter().for_each(|unit| add(to, &unit[own.clone()]));
            match second {
                [] => {}
                [sum] => add(to, &sum[own]),
                [unit, others @ ..] => {
                    let mut sum = [E::ZERO; KEPT];
                    let sum = &mut sum[..to.len()];
                    sum.copy_from_slice(&unit[own.clone()]);
                    others.iter().for_each(|unit| add(sum, &unit[own.clone()]));
                    add(to, sum);
                }
            }
        }
    });
}

/// Elements of which the second half's sum is kept meanwhile.
const KEPT: usize = 1 << 10;

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
