//! The two element types, their packs of sixteen in memory, and what their lanes can do.

use super::Value;
use fearless_simd::{Simd, f32x16, u32x16};
use std::fmt::{Debug, Display};

/// How many samples travel together: the lanes of a [`Pack`] and of every [`Lanes`] value.
pub const LANES: usize = 16;

/// Sixteen samples of one tensor element: the unit of storage of a tile.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pack<E>(pub [E; LANES]);

impl<E: Element> Pack<E> {
    /// Sixteen zeros.
    pub const ZERO: Self = Self([E::ZERO; LANES]);
}

impl<E: Element> Default for Pack<E> {
    #[inline(always)]
    fn default() -> Self {
        Self::ZERO
    }
}

/// `f32` or `f64`: what tensors are made of. Integers (labels, tokens, positions) are stored as elements too, exact
/// up to 2^24 in `f32`.
pub trait Element:
    Value<Mask = bool> + PartialEq + PartialOrd + Default + Debug + Display + Send + Sync + 'static
{
    /// Sixteen of them in SIMD registers of the instruction set `S`.
    type Lanes<S: Simd>: Lanes<S, Element = Self>;

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

    /// The same answer in every lane.
    fn mask_splat(simd: S, answer: bool) -> Self::Mask;
    /// Lane `l` answers `bits[l]`.
    fn mask_from_lanes(simd: S, lanes: [bool; LANES]) -> Self::Mask;
    /// Answer `l` is that of lane `l`.
    fn mask_lanes(mask: Self::Mask) -> [bool; LANES];
    /// True in the first `count` lanes: the samples of a tile that are not padding.
    fn mask_first(simd: S, count: usize) -> Self::Mask;
    /// Whether any lane says yes.
    fn mask_any(mask: Self::Mask) -> bool;

    /// The sum over the lanes, in an order that does not depend on the instruction set:
    /// lane `l` with `l + 8`, then with `l + 4`, then neighbours, then the two that are left.
    fn reduce_sum(self) -> Self::Element;

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
        self.to_array()
            .map(|index| base.saturating_add(stride.saturating_mul(index.to_index())))
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
        Self::from_array(
            simd,
            offsets.map(|offset| table.get(offset).copied().unwrap_or(Self::Element::NAN)),
        )
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
fn halves<E: Copy>(a: [E; LANES], mut fold: impl FnMut(E, E) -> E) -> E {
    let eight: [E; 8] = std::array::from_fn(|l| fold(a[l], a[l + 8]));
    let four: [E; 4] = std::array::from_fn(|l| fold(eight[l], eight[l + 4]));
    let (left, right) = (fold(four[0], four[1]), fold(four[2], four[3]));
    fold(left, right)
}

macro_rules! element {
    ($E:ident, $Lanes:ident) => {
        impl Element for $E {
            type Lanes<S: Simd> = $Lanes<S>;
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
element!(f32, f32x16);
element!(f64, F64x16);
