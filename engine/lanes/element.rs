//! The two element types, their packs of sixteen in memory, and what their lanes can do.

use super::{Level, Pack, Value, rows};
use crate::contract::{Call, Plan};
use fearless_simd::{Simd, f32x16, u32x16};
use std::fmt::{Debug, Display};

/// How many samples travel together: the lanes of a [`Pack`] and of every [`Lanes`] value.
pub const LANES: usize = 16;

/// `f32` or `f64`: what tensors are made of. Integers (labels, tokens, positions) are stored as elements too, exact
/// up to 2^24 in `f32`.
pub trait Element:
    Value<Mask = bool> + PartialEq + PartialOrd + Default + Debug + Display + Send + Sync + 'static
{
    /// Runs a contraction. Here, and not generic, so that (for `f32`) it is compiled once and not with every program.
    #[doc(hidden)]
    fn contract(level: Level, plan: &Plan, call: Call<'_, Self>);
    /// Puts element `n` of each row, row `l` in lane `l`, into pack `n`. Likewise compiled once.
    #[doc(hidden)]
    fn to_lanes(level: Level, rows: [&[Self]; LANES], to: &mut [Pack<Self>]);
    /// The way back: element `n` of row `l` is what lane `l` of pack `n` holds. Rows of as many elements as there are packs, sixteen or fewer,
    /// one behind the other.
    #[doc(hidden)]
    fn to_rows(level: Level, from: &[Pack<Self>], to: &mut [Self]);

    /// Sixteen of them in SIMD registers of the instruction set `S`.
    type Lanes<S: Simd>: Lanes<S, Element = Self>;

    /// One pack of ones.
    #[doc(hidden)]
    const ONES: &'static [Pack<Self>];
    /// `"f32"` or `"f64"`.
    const NAME: &'static str;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Plus infinity.
    const INFINITY: Self;
    /// Minus infinity.
    const NEG_INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;

    /// The nearest element.
    fn from_f64(number: f64) -> Self;
    /// The same number, exactly.
    fn to_f64(self) -> f64;
    /// An integer (a position, an index) as an element.
    fn of_index(index: i64) -> Self;
    /// The integer part, for indexing: 0 for what is negative or NaN, at most `usize::MAX`.
    fn to_index(self) -> usize;
    /// The integer part with its sign: 0 for NaN, limited to the range of `i64`.
    fn to_integer(self) -> i64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
}

/// Sixteen elements in SIMD registers, lane `l` belonging to sample `l` of the tile.
pub trait Lanes<S: Simd>: Value + 'static {
    /// What each lane holds.
    type Element: Element<Lanes<S> = Self>;

    /// `element` in every lane.
    fn splat(simd: S, element: Self::Element) -> Self;
    /// Lane `l` holds `array[l]`.
    fn from_array(simd: S, array: [Self::Element; LANES]) -> Self;
    /// Element `l` is that of lane `l`.
    fn to_array(self) -> [Self::Element; LANES];

    /// The sixteen samples of a tensor element.
    fn load(simd: S, from: &Pack<Self::Element>) -> Self;
    /// The other way round.
    fn store(self, to: &mut Pack<Self::Element>);

    /// Lanes 0 to 7, then 8 to 15.
    #[doc(hidden)]
    fn from_halves(simd: S, low: &[Self::Element; LANES / 2], high: &[Self::Element; LANES / 2]) -> Self;
    /// The other way round.
    #[doc(hidden)]
    fn to_halves(self) -> ([Self::Element; LANES / 2], [Self::Element; LANES / 2]);

    /// Every other number, from the first on.
    #[doc(hidden)]
    #[inline(always)]
    fn evens(simd: S, of: &[Self::Element; 2 * LANES]) -> Self {
        Self::from_array(simd, core::array::from_fn(|lane| of[2 * lane]))
    }

    /// Adds to sixteen numbers that lie side by side.
    #[inline(always)]
    fn add_to(self, simd: S, to: &mut [Self::Element; LANES]) {
        *to = (self + Self::from_array(simd, *to)).to_array();
    }
    /// Rows become columns: `to[n]` gets number `n` of each row, row `l` in lane `l`.
    #[inline(always)]
    fn transpose(_: S, rows: [&[Self::Element; LANES]; LANES], to: &mut [Pack<Self::Element>; LANES]) {
        for (lane, row) in rows.into_iter().enumerate() {
            for (to, number) in to.iter_mut().zip(row) {
                to.0[lane] = *number;
            }
        }
    }

    /// The same answer in every lane.
    fn mask_splat(simd: S, answer: bool) -> Self::Mask;
    /// Lane `l` answers `bits[l]`.
    fn mask_from_lanes(simd: S, lanes: [bool; LANES]) -> Self::Mask;
    /// Answer `l` is that of lane `l`.
    fn mask_lanes(mask: Self::Mask) -> [bool; LANES];
    /// Lane `l` answers whether bit `l` is set; there are no bits above those of the lanes.
    fn mask_of_bits(simd: S, bits: u64) -> Self::Mask;
    /// Whether any lane says yes.
    fn mask_any(mask: Self::Mask) -> bool;

    /// The sum over the lanes, in an order that does not depend on the instruction set:
    /// lane `l` with `l + 8`, then with `l + 4`, then neighbours, then the two that are left.
    fn reduce_sum(self) -> Self::Element;

    /// Such sums, of as many values as there are lanes, to the same bits: that of `values(l)` in lane `l`.
    #[inline(always)]
    fn reduce_sums(simd: S, mut values: impl FnMut(usize) -> Self) -> Self {
        let mut sums = [Self::Element::ZERO; LANES];
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum = values(lane).reduce_sum();
        }
        Self::from_array(simd, sums)
    }

    /// Uniform in `[0, 1)` from random words: from 24 bits (`f32`, of the first word) or 53 (`f64`, of both).
    #[doc(hidden)]
    fn unit(simd: S, first: u32x16<S>, second: u32x16<S>) -> Self;
    /// Uniform in `(0, 1)`, neither end included: from 23 bits or 52, in the middle of its step.
    #[doc(hidden)]
    fn open_unit(simd: S, first: u32x16<S>, second: u32x16<S>) -> Self;

    /// The product over the lanes, in a fixed order.
    #[inline(always)]
    fn reduce_product(self) -> Self::Element {
        halves(self.to_array(), |a, b| a * b)
    }

    /// The largest lane; NaN if any is.
    #[inline(always)]
    fn reduce_max(self) -> Self::Element {
        halves(self.to_array(), Value::max)
    }

    /// The smallest lane; NaN if any is.
    #[inline(always)]
    fn reduce_min(self) -> Self::Element {
        halves(self.to_array(), Value::min)
    }

    /// `base + stride * self` as places in a table; what is negative or NaN counts as 0.
    #[inline(always)]
    fn to_offsets(self, base: usize, stride: usize) -> [usize; LANES] {
        let mut offsets = [0; LANES];
        for (offset, index) in offsets.iter_mut().zip(self.to_array()) {
            *offset = base.saturating_add(stride.saturating_mul(index.to_index()));
        }
        offsets
    }

    /// Lane `l` reads `table[offsets[l]].0[l]`: a gather in a tensor of the samples. Outside of the table: NaN.
    #[inline(always)]
    fn gather(simd: S, table: &[Pack<Self::Element>], offsets: &[usize; LANES]) -> Self {
        let mut lanes = [Self::Element::NAN; LANES];
        for (lane, (to, &offset)) in lanes.iter_mut().zip(offsets).enumerate() {
            if let Some(pack) = table.get(offset) {
                *to = pack.0[lane];
            }
        }
        Self::from_array(simd, lanes)
    }

    /// Lane `l` reads `table[offsets[l]]`: a gather in a parameter. Outside of the table: NaN.
    #[inline(always)]
    fn gather_shared(simd: S, table: &[Self::Element], offsets: &[usize; LANES]) -> Self {
        let mut lanes = [Self::Element::NAN; LANES];
        for (to, &offset) in lanes.iter_mut().zip(offsets) {
            if let Some(&element) = table.get(offset) {
                *to = element;
            }
        }
        Self::from_array(simd, lanes)
    }

    /// Adds lane `l` to `table[offsets[l]].0[l]`; what is outside of the table is left out.
    #[inline(always)]
    fn scatter_add(self, table: &mut [Pack<Self::Element>], offsets: &[usize; LANES]) {
        for (lane, (value, &offset)) in self.to_array().into_iter().zip(offsets).enumerate() {
            if let Some(pack) = table.get_mut(offset) {
                pack.0[lane] = pack.0[lane] + value;
            }
        }
    }

    /// Adds lane `l` to `table[offsets[l]]`, one lane after another, so that lanes may meet in one place; what is
    /// outside of the table is left out.
    #[inline(always)]
    fn scatter_add_shared(self, table: &mut [Self::Element], offsets: &[usize; LANES]) {
        for (value, &offset) in self.to_array().into_iter().zip(offsets) {
            if let Some(to) = table.get_mut(offset) {
                *to = *to + value;
            }
        }
    }
}

/// Folds sixteen lanes in the order of [`Lanes::reduce_sum`].
#[inline(always)]
fn halves<E: Copy>(mut a: [E; LANES], mut fold: impl FnMut(E, E) -> E) -> E {
    for lane in 0..8 {
        a[lane] = fold(a[lane], a[lane + 8]);
    }
    for lane in 0..4 {
        a[lane] = fold(a[lane], a[lane + 4]);
    }
    let (left, right) = (fold(a[0], a[1]), fold(a[2], a[3]));
    fold(left, right)
}

macro_rules! element {
    ($E:ident, $Lanes:ident, #[$compiled:meta]) => {
        impl Element for $E {
            type Lanes<S: Simd> = $Lanes<S>;

            #[$compiled]
            fn contract(level: Level, plan: &Plan, call: Call<'_, Self>) {
                plan.run(level, call);
            }
            #[$compiled]
            fn to_lanes(level: Level, rows: [&[Self]; LANES], to: &mut [Pack<Self>]) {
                rows::to_lanes(level, rows, to);
            }
            #[$compiled]
            fn to_rows(level: Level, from: &[Pack<Self>], to: &mut [Self]) {
                rows::to_rows(level, from, to);
            }

            const ONES: &'static [Pack<$E>] = &[Pack([1.0; LANES])];
            const NAME: &'static str = stringify!($E);
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $E::INFINITY;
            const NEG_INFINITY: Self = $E::NEG_INFINITY;
            const NAN: Self = $E::NAN;
            const EPSILON: Self = $E::EPSILON;

            #[inline(always)]
            fn from_f64(number: f64) -> Self {
                number as $E
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn of_index(index: i64) -> Self {
                index as $E
            }
            #[inline(always)]
            fn to_index(self) -> usize {
                self as usize
            }
            #[inline(always)]
            fn to_integer(self) -> i64 {
                self as i64
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $E::is_finite(self)
            }
        }
    };
}

use super::F64x16;
element!(f32, f32x16, #[inline(never)]);
// Compiled where it is used: a quarter of the engine that most programs do not need.
element!(f64, F64x16, #[inline]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Task, run};

    /// Runs the same checks for both elements on the best instruction set, AVX2 and the baseline.
    fn everywhere<T: Task<Output = ()>>(task: impl Fn() -> T) {
        let best = Level::new();
        run(best, task());
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = best.as_avx2() {
            run(Level::Avx2(avx2), task());
        }
        run(Level::baseline(), task());
    }

    fn numbers<E: Element>() -> [E; LANES] {
        std::array::from_fn(|l| E::from_f64(((l * 7 + 3) % 16) as f64 - 4.5))
    }

    struct Memory;
    impl Task for Memory {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            check::<S, f32>(simd);
            check::<S, f64>(simd);
            #[inline(always)]
            fn check<S: Simd, E: Element>(simd: S) {
                let lanes = E::Lanes::from_array(simd, numbers());
                assert_eq!(lanes.to_array(), numbers());
                let mut pack = Pack::default();
                lanes.store(&mut pack);
                assert_eq!(pack.0, numbers());
                assert_eq!(E::Lanes::load(simd, &pack).to_array(), numbers());
                assert_eq!(E::Lanes::splat(simd, E::ONE).to_array(), [E::ONE; LANES]);
            }
        }
    }

    struct Masks;
    impl Task for Masks {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            check::<S, f32>(simd);
            check::<S, f64>(simd);
            #[inline(always)]
            fn check<S: Simd, E: Element>(simd: S) {
                for count in 0..=LANES {
                    let first = E::Lanes::mask_of_bits(simd, (1 << count) - 1);
                    let expected: [bool; LANES] = std::array::from_fn(|l| l < count);
                    assert_eq!(E::Lanes::mask_lanes(first), expected);
                    assert_eq!(E::Lanes::mask_any(first), count > 0);
                    let rest = E::Lanes::mask_lanes(!first);
                    assert_eq!(rest, expected.map(|lane| !lane));
                    let copy = E::Lanes::mask_from_lanes(simd, expected);
                    assert_eq!(E::Lanes::mask_lanes(copy), expected);
                    let both = E::Lanes::mask_lanes(copy & E::Lanes::mask_splat(simd, true));
                    assert_eq!(both, expected);
                    let either = E::Lanes::mask_lanes(copy | E::Lanes::mask_splat(simd, false));
                    assert_eq!(either, expected);
                }
            }
        }
    }

    struct Reductions;
    impl Task for Reductions {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            check::<S, f32>(simd);
            check::<S, f64>(simd);
            #[inline(always)]
            fn check<S: Simd, E: Element>(simd: S) {
                // 1 + eps rounds to 1 when added alone: the result shows the order
                let third = |l: usize| E::from_f64(1.0 / (l as f64 + 3.0));
                let uneven: [E; LANES] = std::array::from_fn(third);
                let sum = E::Lanes::from_array(simd, uneven).reduce_sum();
                assert_eq!(sum, halves(uneven, |a, b| a + b));
                let value =
                    |lane: usize| E::Lanes::from_array(simd, uneven.map(|x| x * E::from_f64(lane as f64 - 0.3)));
                let sums = E::Lanes::reduce_sums(simd, value).to_array();
                assert_eq!(sums, std::array::from_fn(|lane| value(lane).reduce_sum()));
                let lanes = E::Lanes::from_array(simd, numbers());
                assert_eq!(lanes.reduce_sum().to_f64(), 48.0);
                assert_eq!(lanes.reduce_max().to_f64(), 10.5);
                assert_eq!(lanes.reduce_min().to_f64(), -4.5);
                let two = E::Lanes::splat(simd, E::from_f64(2.0));
                assert_eq!(two.reduce_product().to_f64(), 65_536.0);
                for lane in 0..LANES {
                    let mut with_nan = numbers();
                    with_nan[lane] = E::NAN;
                    let lanes = E::Lanes::from_array(simd, with_nan);
                    assert!(lanes.reduce_max().to_f64().is_nan());
                    assert!(lanes.reduce_min().to_f64().is_nan());
                }
            }
        }
    }

    struct Tables;
    impl Task for Tables {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            check::<S, f32>(simd);
            check::<S, f64>(simd);
            #[inline(always)]
            fn check<S: Simd, E: Element>(simd: S) {
                let of = |n: usize| E::from_f64(n as f64);
                // lanes 14 and 15 ask for what is not there
                let mut places: [E; LANES] = std::array::from_fn(|l| of(l % 3));
                places[13] = E::NAN;
                places[14] = E::from_f64(1e30);
                places[15] = of(4);
                let offsets = E::Lanes::from_array(simd, places).to_offsets(1, 2);
                assert_eq!(offsets[..4], [1, 3, 5, 1]);
                assert_eq!(offsets[13..], [1, usize::MAX, 9]);

                let mut table: [Pack<E>; 6] =
                    std::array::from_fn(|row| Pack(std::array::from_fn(|l| of(100 * row + l))));
                let found = E::Lanes::gather(simd, &table, &offsets).to_array();
                assert_eq!(found[..5], [of(100), of(301), of(502), of(103), of(304)]);
                assert!(found[14].to_f64().is_nan() && found[15].to_f64().is_nan());
                E::Lanes::splat(simd, E::ONE).scatter_add(&mut table, &offsets);
                assert_eq!(table[1].0[0], of(101));
                assert_eq!(table[1].0[1], of(101));
                assert_eq!(table[3].0[1], of(302));

                let mut shared: [E; 6] = std::array::from_fn(|row| of(10 * row));
                let found = E::Lanes::gather_shared(simd, &shared, &offsets).to_array();
                assert_eq!(found[..3], [of(10), of(30), of(50)]);
                assert!(found[15].to_f64().is_nan());
                E::Lanes::splat(simd, E::ONE).scatter_add_shared(&mut shared, &offsets);
                // lanes 0, 3, 6, 9, 12 and 13; 1, 4, 7, 10; 2, 5, 8, 11
                assert_eq!(shared, [of(0), of(16), of(20), of(34), of(40), of(54)]);
            }
        }
    }

    #[test]
    fn lanes_go_to_memory_and_back() {
        everywhere(|| Memory);
    }
    #[test]
    fn masks_are_sixteen_answers() {
        everywhere(|| Masks);
    }
    #[test]
    fn reductions_have_one_order() {
        everywhere(|| Reductions);
    }
    #[test]
    fn gathers_and_scatters_stay_in_the_table() {
        everywhere(|| Tables);
    }

    #[test]
    fn indices_saturate() {
        assert_eq!(f32::NAN.to_index(), 0);
        assert_eq!((-3.0_f64).to_index(), 0);
        assert_eq!(1e30_f32.to_index(), usize::MAX);
        assert_eq!((-3.7_f32).to_integer(), -3);
        assert_eq!(f32::of_index(16_777_216).to_index(), 16_777_216);
        assert_eq!(size_of::<Pack<f32>>(), 64);
        assert_eq!(align_of::<Pack<f64>>(), 64);
    }
}
