//! The words of a loop whose positions stand in the lanes where there is one sample. With packs a loop goes position by position, and these are
//! the words of any loop.
//!
//! `step`: how far the loop moves a place from one position to the next. `left`: how many of the loop's positions are left; what lanes
//! beyond them hold is stored nowhere.

use std::marker::PhantomData;

use crate::bind::{greatest, least};
use crate::lanes::{Cell, Element, LANES, Lanes, LanesOf, Simd, Value};

/// The positions of a loop that the lanes hold, some at a time: as many as they hold beside the samples.
#[inline(always)]
pub fn along<C: Cell>(start: i64, end: i64) -> Along<C> {
    Along { at: start, end, cells: PhantomData }
}

/// See [`along`].
#[derive(Debug)]
pub struct Along<C> {
    at: i64,
    end: i64,
    cells: PhantomData<C>,
}

impl<C: Cell> Iterator for Along<C> {
    type Item = i64;

    #[inline(always)]
    fn next(&mut self) -> Option<i64> {
        // No closure: those are not inlined into the functions of an instruction set.
        let at = self.at;
        if at < self.end {
            self.at += C::POSITIONS as i64;
            Some(at)
        } else {
            None
        }
    }
}

/// The elements of samples, `step` from one position to the next.
#[inline(always)]
pub fn load_along<M: Simd, C: Cell>(simd: M, from: &[C], at: i64, step: i64) -> LanesOf<C, M> {
    C::load(simd, from, at, step)
}

/// The elements that all samples share, `step` from one position to the next.
#[inline(always)]
pub fn take_along<M: Simd, C: Cell>(simd: M, from: &[C::Element], at: i64, step: i64) -> LanesOf<C, M> {
    C::share(simd, from, at, step)
}

/// Whether any position in the lanes may lie inside of an extent.
#[inline(always)]
pub fn touches<C: Cell>(position: i64, step: i64, left: i64, len: i64) -> bool {
    let last = position + step * (least(left, C::POSITIONS as i64) - 1);
    least(position, last) < len && 0 <= greatest(position, last)
}

/// `found` where a position lies inside of an extent, else `other`; some do.
#[inline(always)]
pub fn within<M: Simd, C: Cell>(
    simd: M,
    (position, step, left, len): (i64, i64, i64, i64),
    found: LanesOf<C, M>,
    other: LanesOf<C, M>,
) -> LanesOf<C, M> {
    if const { C::POSITIONS == 1 } {
        return found;
    }
    let last = position + step * (least(left, C::POSITIONS as i64) - 1);
    if 0 <= least(position, last) && greatest(position, last) < len {
        return found;
    }
    let mut inside = [false; LANES];
    for (lane, inside) in inside.iter_mut().enumerate() {
        *inside = (0..len).contains(&(position + step * lane as i64));
    }
    Value::select(LanesOf::<C, M>::mask_from_lanes(simd, inside), found, other)
}

/// The positions in the lanes.
#[inline(always)]
pub fn positions<M: Simd, C: Cell>(simd: M, at: i64) -> LanesOf<C, M> {
    let mut positions = [C::Element::of_index(at); LANES];
    if const { C::POSITIONS > 1 } {
        for (lane, position) in positions.iter_mut().enumerate() {
            *position = C::Element::of_index(at + lane as i64);
        }
    }
    Lanes::from_array(simd, positions)
}

/// Stores elements of samples, at no more positions than are left.
#[inline(always)]
pub fn store_along<M: Simd, C: Cell>(to: &mut [C], at: i64, left: i64, value: LanesOf<C, M>) {
    C::store(to, at, left, value);
}

/// Adds to elements of samples, at no more positions than are left.
#[inline(always)]
pub fn add_along<M: Simd, C: Cell>(simd: M, to: &mut [C], at: i64, left: i64, value: LanesOf<C, M>) {
    C::add(simd, to, at, left, value);
}

/// Adds to elements of samples, or sets them, at no more positions than are left.
#[inline(always)]
pub fn give_along<M: Simd, C: Cell>(simd: M, to: &mut [C], at: i64, left: i64, value: LanesOf<C, M>, fresh: bool) {
    if fresh {
        C::store(to, at, left, value);
    } else {
        C::add(simd, to, at, left, value);
    }
}

/// Adds the sums over the samples to elements that they share, at no more positions than are left.
#[inline(always)]
pub fn add_shared_along<M: Simd, C: Cell>(simd: M, to: &mut [C::Element], at: i64, left: i64, value: LanesOf<C, M>) {
    C::add_over_samples(simd, to, at, left, value);
}

/// A place, and `step` further on for each position in the lanes.
#[inline(always)]
pub fn places_along<C: Cell>(base: i64, step: i64) -> [i64; LANES] {
    let mut places = [base; LANES];
    if const { C::POSITIONS > 1 } {
        for (lane, place) in places.iter_mut().enumerate() {
            *place += step * lane as i64;
        }
    }
    places
}

/// Those of neighbours.
#[inline(always)]
pub fn elements_along<C: Cell>(at: i64) -> [u32; LANES] {
    let mut elements = [at as u32; LANES];
    if const { C::POSITIONS > 1 } {
        for (lane, element) in elements.iter_mut().enumerate() {
            *element = element.wrapping_add(lane as u32);
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{self, Pack, Single, Task};

    struct Within<C>(i64, i64, i64, PhantomData<C>);
    impl<C: Cell<Element = f32>> Task for Within<C> {
        type Output = [f32; LANES];
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> [f32; LANES] {
            let Within(position, step, left, _) = self;
            let [found, other] = [1.0, 0.0].map(|x| LanesOf::<C, S>::splat(simd, x));
            within::<S, C>(simd, (position, step, left, 20), found, other).to_array()
        }
    }

    #[test]
    fn positions_outside_of_an_extent_read_something_else() {
        for (position, step, left) in
            [(0, 1, 16), (-2, 1, 16), (-2, 1, 3), (10, 2, 16), (25, -3, 8), (4, 0, 5), (-40, 1, 16)]
        {
            let inside = |lane: i64| (0..20).contains(&(position + step * lane));
            let any = (0..left).any(inside);
            assert!(!any || touches::<Single<f32>>(position, step, left, 20), "{position} {step} {left}");
            assert_eq!(touches::<Pack<f32>>(position, step, left, 20), inside(0));
            let found = lanes::run(lanes::level(), Within::<Single<f32>>(position, step, left, PhantomData));
            for (lane, found) in found.into_iter().enumerate().take(left as usize) {
                assert_eq!(found == 1.0, inside(lane as i64), "{position} {step} {left}, lane {lane}");
            }
        }
    }

    #[test]
    fn a_loop_passes_all_its_positions() {
        assert_eq!(along::<Pack<f32>>(2, 5).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(along::<Single<f32>>(2, 35).collect::<Vec<_>>(), [2, 18, 34]);
        assert_eq!(along::<Single<f32>>(3, 3).count(), 0);
    }
}
