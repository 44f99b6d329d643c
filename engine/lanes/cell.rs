//! What an element of a tensor of samples is in memory, and how elements come into the lanes.
//!
//! Where samples are many, an element is a [`Pack`]: sixteen samples, one in each lane. Where there is one sample, an element is a
//! [`Single`], and the lanes hold elements: neighbours, those a step apart, or the same one in all of them (a step of 0). A kernel is
//! written once for both. It says how far the loop at hand moves each read from one lane to the next, and how many of the loop's
//! positions are left; packs need to know neither.

use super::{Element, LANES, Lanes};
use fearless_simd::Simd;
use std::fmt::Debug;

/// Lanes of a cell's elements.
pub type LanesOf<C, S> = <<C as Cell>::Element as Element>::Lanes<S>;

/// An element of a tensor of samples: a [`Pack`] or a [`Single`]. Places beyond a tensor's end are read as 0 and never written.
pub trait Cell: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// What it is made of.
    type Element: Element;
    /// How many samples it holds: [`LANES`] or 1.
    const SAMPLES: usize;
    /// How many positions of a loop stand in the lanes at once: 1, or [`LANES`].
    const POSITIONS: usize = LANES / Self::SAMPLES;
    /// All zero.
    const ZERO: Self;

    /// The same memory, number by number.
    #[must_use]
    fn elements(cells: &[Self]) -> &[Self::Element];
    /// The same memory, number by number.
    #[must_use]
    fn elements_mut(cells: &mut [Self]) -> &mut [Self::Element];
    /// The way back.
    ///
    /// # Panics
    /// Where numbers do not begin as a cell does, or are no whole number of cells.
    #[must_use]
    fn cells(elements: &[Self::Element]) -> &[Self];

    /// What samples have at `at`, and `step` further on for each position in the lanes.
    fn load<S: Simd>(simd: S, from: &[Self], at: i64, step: i64) -> LanesOf<Self, S>;
    /// The same in a tensor that all samples share.
    fn share<S: Simd>(simd: S, from: &[Self::Element], at: i64, step: i64) -> LanesOf<Self, S>;
    /// Stores at `at` and behind it, where `left` positions are left.
    fn store<S: Simd>(to: &mut [Self], at: i64, left: i64, value: LanesOf<Self, S>);
    /// Adds there.
    fn add<S: Simd>(simd: S, to: &mut [Self], at: i64, left: i64, value: LanesOf<Self, S>);
    /// The sum over the samples at the first position.
    fn over_samples<S: Simd>(value: LanesOf<Self, S>) -> Self::Element;
    /// Adds the sum over the samples, at each position, to a tensor that they share.
    fn add_over_samples<S: Simd>(simd: S, to: &mut [Self::Element], at: i64, left: i64, value: LanesOf<Self, S>);
    /// Each lane's own element of its own sample.
    fn gather<S: Simd>(simd: S, from: &[Self], places: &[usize; LANES]) -> LanesOf<Self, S>;
    /// Adds to each sample's own element, at the first position.
    fn scatter<S: Simd>(to: &mut [Self], places: &[usize; LANES], value: LanesOf<Self, S>);
    /// Adds to each sample's own element of a tensor that they share, at the first position.
    fn scatter_shared<S: Simd>(to: &mut [Self::Element], places: &[usize; LANES], value: LanesOf<Self, S>);
}

/// Sixteen samples of one tensor element.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pack<E>(pub [E; LANES]);

impl<E: Element> Pack<E> {
    /// Sixteen zeros.
    pub const ZERO: Self = Self([E::ZERO; LANES]);

    /// The packs among numbers that packs were made of.
    #[doc(hidden)]
    #[must_use]
    #[inline(always)]
    pub fn packs_mut(elements: &mut [E]) -> &mut [Self] {
        // SAFETY: any sixteen numbers that are aligned so are a pack.
        let (before, packs, after) = unsafe { elements.align_to_mut() };
        debug_assert!(before.is_empty() && after.is_empty());
        packs
    }
}

impl<E: Element> Default for Pack<E> {
    #[inline(always)]
    fn default() -> Self {
        Self::ZERO
    }
}

impl<E: Element> Cell for Pack<E> {
    type Element = E;
    const SAMPLES: usize = LANES;
    const ZERO: Self = Self::ZERO;

    #[inline(always)]
    fn elements(packs: &[Self]) -> &[E] {
        const { assert!(size_of::<Self>() == LANES * size_of::<E>()) };
        // SAFETY: `Pack` is `repr(C)` around `[E; LANES]`, whose size is a multiple of its alignment of 64.
        unsafe { core::slice::from_raw_parts(packs.as_ptr().cast(), packs.len() * LANES) }
    }
    #[inline(always)]
    fn elements_mut(packs: &mut [Self]) -> &mut [E] {
        const { assert!(size_of::<Self>() == LANES * size_of::<E>()) };
        // SAFETY: as in `elements`.
        unsafe { core::slice::from_raw_parts_mut(packs.as_mut_ptr().cast(), packs.len() * LANES) }
    }
    #[inline(always)]
    fn cells(elements: &[E]) -> &[Self] {
        // SAFETY: as in `elements`; any sixteen numbers are a pack.
        let (before, packs, behind) = unsafe { elements.align_to::<Self>() };
        assert!(before.is_empty() && behind.is_empty(), "numbers that are no packs");
        packs
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[Self], at: i64, _: i64) -> E::Lanes<S> {
        E::Lanes::load(simd, &from[at as usize])
    }
    #[inline(always)]
    fn share<S: Simd>(simd: S, from: &[E], at: i64, _: i64) -> E::Lanes<S> {
        E::Lanes::splat(simd, from[at as usize])
    }
    #[inline(always)]
    fn store<S: Simd>(to: &mut [Self], at: i64, _: i64, value: E::Lanes<S>) {
        value.store(&mut to[at as usize]);
    }
    #[inline(always)]
    fn add<S: Simd>(simd: S, to: &mut [Self], at: i64, _: i64, value: E::Lanes<S>) {
        let to = &mut to[at as usize];
        (E::Lanes::load(simd, to) + value).store(to);
    }
    #[inline(always)]
    fn over_samples<S: Simd>(value: E::Lanes<S>) -> E {
        value.reduce_sum()
    }
    #[inline(always)]
    fn add_over_samples<S: Simd>(_: S, to: &mut [E], at: i64, _: i64, value: E::Lanes<S>) {
        let to = &mut to[at as usize];
        *to = *to + value.reduce_sum();
    }
    #[inline(always)]
    fn gather<S: Simd>(simd: S, from: &[Self], places: &[usize; LANES]) -> E::Lanes<S> {
        E::Lanes::gather(simd, from, places)
    }
    #[inline(always)]
    fn scatter<S: Simd>(to: &mut [Self], places: &[usize; LANES], value: E::Lanes<S>) {
        value.scatter_add(to, places);
    }
    #[inline(always)]
    fn scatter_shared<S: Simd>(to: &mut [E], places: &[usize; LANES], value: E::Lanes<S>) {
        value.scatter_add_shared(to, places);
    }
}

/// One sample of one tensor element.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Single<E>(pub E);

impl<E: Element> Single<E> {
    /// Numbers as cells.
    #[must_use]
    #[inline(always)]
    pub fn cells_mut(elements: &mut [E]) -> &mut [Self] {
        // SAFETY: `Single` is `repr(transparent)`.
        unsafe { core::slice::from_raw_parts_mut(elements.as_mut_ptr().cast(), elements.len()) }
    }
}

impl<E: Element> Cell for Single<E> {
    type Element = E;
    const SAMPLES: usize = 1;
    const ZERO: Self = Self(E::ZERO);

    #[inline(always)]
    fn elements(cells: &[Self]) -> &[E] {
        // SAFETY: `Single` is `repr(transparent)`.
        unsafe { core::slice::from_raw_parts(cells.as_ptr().cast(), cells.len()) }
    }
    #[inline(always)]
    fn elements_mut(cells: &mut [Self]) -> &mut [E] {
        // SAFETY: `Single` is `repr(transparent)`.
        unsafe { core::slice::from_raw_parts_mut(cells.as_mut_ptr().cast(), cells.len()) }
    }
    #[inline(always)]
    fn cells(elements: &[E]) -> &[Self] {
        // SAFETY: `Single` is `repr(transparent)`.
        unsafe { core::slice::from_raw_parts(elements.as_ptr().cast(), elements.len()) }
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, from: &[Self], at: i64, step: i64) -> E::Lanes<S> {
        spaced(simd, Self::elements(from), at, step)
    }
    #[inline(always)]
    fn share<S: Simd>(simd: S, from: &[E], at: i64, step: i64) -> E::Lanes<S> {
        spaced(simd, from, at, step)
    }
    #[inline(always)]
    fn store<S: Simd>(to: &mut [Self], at: i64, left: i64, value: E::Lanes<S>) {
        let to = &mut Self::elements_mut(to)[at as usize..];
        match to.first_chunk_mut() {
            Some(to) if left >= LANES as i64 => *to = value.to_array(),
            _ => {
                for (to, value) in to.iter_mut().zip(value.to_array()).take(left as usize) {
                    *to = value;
                }
            }
        }
    }
    #[inline(always)]
    fn add<S: Simd>(simd: S, to: &mut [Self], at: i64, left: i64, value: E::Lanes<S>) {
        Self::add_over_samples(simd, Self::elements_mut(to), at, left, value);
    }
    #[inline(always)]
    fn over_samples<S: Simd>(value: E::Lanes<S>) -> E {
        value.to_array()[0]
    }
    #[inline(always)]
    fn add_over_samples<S: Simd>(simd: S, to: &mut [E], at: i64, left: i64, value: E::Lanes<S>) {
        let to = &mut to[at as usize..];
        match to.first_chunk_mut() {
            Some(to) if left >= LANES as i64 => value.add_to(simd, to),
            _ => {
                for (to, value) in to.iter_mut().zip(value.to_array()).take(left as usize) {
                    *to = *to + value;
                }
            }
        }
    }
    #[inline(always)]
    fn gather<S: Simd>(simd: S, from: &[Self], places: &[usize; LANES]) -> E::Lanes<S> {
        E::Lanes::gather_shared(simd, Self::elements(from), places)
    }
    #[inline(always)]
    fn scatter<S: Simd>(to: &mut [Self], places: &[usize; LANES], value: E::Lanes<S>) {
        Self::scatter_shared::<S>(Self::elements_mut(to), places, value);
    }
    #[inline(always)]
    fn scatter_shared<S: Simd>(to: &mut [E], [place, ..]: &[usize; LANES], value: E::Lanes<S>) {
        if let Some(to) = to.get_mut(*place) {
            *to = *to + value.to_array()[0];
        }
    }
}

/// Elements of one sample, `step` apart; 0 where they lie outside.
#[inline(always)]
fn spaced<S: Simd, E: Element>(simd: S, from: &[E], at: i64, step: i64) -> E::Lanes<S> {
    if step == 0 {
        return E::Lanes::splat(simd, from[at as usize]);
    }
    if step == 1
        && at >= 0
        && let Some(sixteen) = from.get(at as usize..).and_then(<[E]>::first_chunk)
    {
        return E::Lanes::from_array(simd, *sixteen);
    }
    if step == 2
        && at >= 0
        && let Some(all) = from.get(at as usize..).and_then(<[E]>::first_chunk)
    {
        return E::Lanes::evens(simd, all);
    }
    let mut lanes = [E::ZERO; LANES];
    let mut place = at;
    for lane in &mut lanes {
        if let Some(element) = from.get(place as usize) {
            *lane = *element;
        }
        place = place.wrapping_add(step);
    }
    E::Lanes::from_array(simd, lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Level, Task, run};

    const TO: usize = 40;

    /// Loads where the arguments say, and stores at 7.
    struct Copy<'a>(&'a [f32], i64, i64, i64);
    impl Task for Copy<'_> {
        type Output = [[f32; TO]; 3];
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            let Copy(from, at, step, left) = self;
            let lanes = Single::share(simd, from, at, step);
            let (mut set, mut added) = ([Single(-1.0); TO], [Single(-1.0); TO]);
            let mut summed = [-1.0; TO];
            Single::store::<S>(&mut set, 7, left, lanes);
            Single::add(simd, &mut added, 7, left, lanes);
            Single::add_over_samples(simd, &mut summed, 7, left, lanes);
            [set.map(|cell| cell.0), added.map(|cell| cell.0), summed]
        }
    }

    #[test]
    fn a_single_sample_has_elements_in_the_lanes() {
        let from: [f32; 50] = std::array::from_fn(|at| at as f32 + 1.0);
        for (at, step) in [(3, 1), (3, 0), (3, 2), (20, 2), (45, -3), (40, 1), (-4, 1), (49, 0)] {
            for left in [1, 5, 16, 90] {
                let expected: [f32; TO] = std::array::from_fn(|to| {
                    let lane = to as i64 - 7;
                    let place = at + step * lane;
                    let found = if (0..50).contains(&place) { from[place as usize] } else { 0.0 };
                    if (0..left.min(16)).contains(&lane) { found } else { -1.0 }
                });
                let sums = expected.map(|x| if x == -1.0 { x } else { x - 1.0 });
                for level in [Level::new(), Level::baseline()] {
                    let [set, added, summed] = run(level, Copy(&from, at, step, left));
                    assert_eq!(set, expected, "from {at} by {step}, {left} left");
                    assert_eq!((added, summed), (sums, sums), "from {at} by {step}, {left} left");
                }
            }
        }
    }

    #[test]
    fn the_end_of_a_tensor_is_the_end_of_what_is_stored() {
        struct AtTheEnd;
        impl Task for AtTheEnd {
            type Output = [f32; 3];
            #[inline(always)]
            fn run<S: Simd>(self, simd: S) -> [f32; 3] {
                let mut to = [Single(0.0); 3];
                let ones = LanesOf::<Single<f32>, S>::splat(simd, 1.0);
                Single::store::<S>(&mut to, 1, 16, ones);
                to.map(|cell| cell.0)
            }
        }
        assert_eq!(run(Level::new(), AtTheEnd), [0.0, 1.0, 1.0]);
    }
}
