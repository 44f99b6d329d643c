//! The words that generated code is written in. Not for people: what the macros emit may change with every version.
//!
//! Positions are `i64`, as the formulas of indices are. They were proved in range when the network was compiled; the slices
//! check them once more, so a mistake of the proof stops the program instead of reading elsewhere.

mod along;

pub use crate::bind::*;
pub use crate::contract::{Axis, Call, Contraction, Kind, Own, Part, Plan, Small, Steps, Then, room, small};
pub use crate::lanes::{Cell, Element, Lanes, Simd, Value};
pub use crate::message::Message;
pub use crate::shape::{Shape, Values};
pub use crate::site::*;
pub use along::*;
pub use rows::{Above, Rows, all_rows, is_much, nest, share_rows};

use crate::lanes::draws::{DrawKey, standard_normal, standard_uniform};
use crate::lanes::{LANES, LanesOf, Level, draws};

mod rows;

macro_rules! functions {
    ($($name:ident($($argument:ident),*);)*) => {$(
        #[inline(always)]
        pub fn $name<V: Value>($($argument: V),*) -> V {
            functions!(@call $name $($argument)*)
        }
    )*};
    (@call $name:ident $first:ident $($rest:ident)*) => { V::$name($first $(, $rest)*) };
}

functions! {
    sqrt(x); abs(x); floor(x); ceil(x); round(x); trunc(x); exp(x); exp_m1(x); ln(x); ln_1p(x); powf(x, y); sin(x); cos(x); tan(x);
    sinh(x); cosh(x); tanh(x); asin(x); acos(x); atan(x); erf(x); sigmoid(x); softplus(x); square(x); recip(x); sign(x);
    min(x, y); max(x, y); div_floor(x, y); rem_floor(x, y); mul_add(x, y, z);
}

/// The root of a norm.
#[inline(always)]
pub fn root<V: Value>(x: V) -> V {
    x.sqrt()
}

/// An integer power.
#[inline(always)]
pub fn powi<V: Value>(x: V, exponent: i64) -> V {
    x.powi(exponent.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
}

/// A constant as an element.
#[inline(always)]
pub fn number<E: Element>(value: f64) -> E {
    E::from_f64(value)
}

/// An integer as an element.
#[inline(always)]
pub fn real<E: Element>(value: i64) -> E {
    E::of_index(value)
}

/// An element that holds an integer.
#[inline(always)]
pub fn integer<E: Element>(value: E) -> i64 {
    value.to_integer()
}

/// The same element in all lanes.
#[inline(always)]
pub fn splat<M: Simd, E: Element>(simd: M, value: E) -> E::Lanes<M> {
    E::Lanes::splat(simd, value)
}

/// The same answer in all lanes.
#[inline(always)]
pub fn mask<M: Simd, E: Element>(simd: M, answer: bool) -> <E::Lanes<M> as Value>::Mask {
    E::Lanes::mask_splat(simd, answer)
}

/// `yes` where the mask says so, else `no`.
#[inline(always)]
pub fn select<V: Value>(mask: V::Mask, yes: V, no: V) -> V {
    V::select(mask, yes, no)
}

/// `a < b`
#[inline(always)]
pub fn less<V: Value>(a: V, b: V) -> V::Mask {
    a.is_lt(b)
}
/// `a <= b`
#[inline(always)]
pub fn less_equal<V: Value>(a: V, b: V) -> V::Mask {
    a.is_le(b)
}
/// `a == b`
#[inline(always)]
pub fn equal<V: Value>(a: V, b: V) -> V::Mask {
    a.is_eq(b)
}
/// `a != b`
#[inline(always)]
pub fn not_equal<V: Value>(a: V, b: V) -> V::Mask {
    a.is_ne(b)
}

/// An element of samples.
#[inline(always)]
pub fn load<M: Simd, C: Cell>(simd: M, from: &[C], at: i64) -> LanesOf<C, M> {
    C::load(simd, from, at, 0)
}

/// An element that all samples share.
#[inline(always)]
pub fn take<E: Element>(from: &[E], at: i64) -> E {
    from[at as usize]
}

/// Stores an element of samples.
#[inline(always)]
pub fn store<M: Simd, C: Cell>(to: &mut [C], at: i64, value: LanesOf<C, M>) {
    C::store(to, at, 1, value);
}

/// Adds to an element of samples.
#[inline(always)]
pub fn add<M: Simd, C: Cell>(simd: M, to: &mut [C], at: i64, value: LanesOf<C, M>) {
    C::add(simd, to, at, 1, value);
}

/// Adds to an element of samples, or sets it where nothing is there yet.
#[inline(always)]
pub fn give<M: Simd, C: Cell>(simd: M, to: &mut [C], at: i64, value: LanesOf<C, M>, fresh: bool) {
    if fresh {
        C::store(to, at, 1, value);
    } else {
        C::add(simd, to, at, 1, value);
    }
}

/// The same with a gradient that is done with then: it becomes 0 where what is beside (or what stood in its place) is not above a number.
#[inline(always)]
pub fn give_above<M: Simd, C: Cell>(
    simd: M,
    to: &mut [C],
    at: i64,
    value: LanesOf<C, M>,
    fresh: bool,
    above: Above<'_, C>,
) {
    let Some((number, beside)) = above else { return give(simd, to, at, value, fresh) };
    let value = if fresh { value } else { load(simd, to, at) + value };
    let (number, zero) = (splat(simd, number), splat(simd, C::Element::ZERO));
    let beside = load(simd, if beside.is_empty() { to } else { beside }, at);
    store::<M, C>(to, at, select(less(number, beside), value, zero));
}

/// An input's values: where there are none, its gradient's place still holds them.
#[inline(always)]
pub fn values<'a, C: Cell>(input: &'a [C], place: &'a [C]) -> &'a [C] {
    if input.is_empty() { place } else { input }
}

/// Stores an element that all samples share.
#[inline(always)]
pub fn put<E: Element>(to: &mut [E], at: i64, value: E) {
    to[at as usize] = value;
}

/// Adds to an element that all samples share.
#[inline(always)]
pub fn add_shared<E: Element>(to: &mut [E], at: i64, value: E) {
    let to = &mut to[at as usize];
    *to = *to + value;
}

/// The sum over the samples.
#[inline(always)]
pub fn over_samples<M: Simd, C: Cell>(value: LanesOf<C, M>) -> C::Element {
    C::over_samples::<M>(value)
}

/// All zero.
#[inline(always)]
pub fn clear<C: Cell>(cells: &mut [C]) {
    cells.fill(C::ZERO);
}

/// The same place in every lane.
#[inline(always)]
pub fn places(base: i64) -> [i64; LANES] {
    [base; LANES]
}

/// Each lane's place, moved by its own integer times a stride.
#[inline(always)]
pub fn moved<M: Simd, L: Lanes<M>>(mut places: [i64; LANES], by: L, stride: i64) -> [i64; LANES] {
    for (place, by) in places.iter_mut().zip(by.to_array()) {
        *place = place.saturating_add(by.to_integer().saturating_mul(stride));
    }
    places
}

// What is negative is outside of every table.
#[inline(always)]
fn offsets(places: [i64; LANES]) -> [usize; LANES] {
    // A loop and no `map`: closures are not inlined into the functions of an instruction set.
    let mut offsets = [usize::MAX; LANES];
    for (offset, place) in offsets.iter_mut().zip(places) {
        if place >= 0 {
            *offset = place as usize;
        }
    }
    offsets
}

/// Each lane's own element of its own sample.
#[inline(always)]
pub fn gather<M: Simd, C: Cell>(simd: M, from: &[C], places: [i64; LANES]) -> LanesOf<C, M> {
    C::gather(simd, from, &offsets(places))
}

/// Each lane's own element of what all samples share.
#[inline(always)]
pub fn gather_shared<M: Simd, C: Cell>(simd: M, from: &[C::Element], places: [i64; LANES]) -> LanesOf<C, M> {
    LanesOf::<C, M>::gather_shared(simd, from, &offsets(places))
}

/// Adds to each sample's own element.
#[inline(always)]
pub fn scatter<M: Simd, C: Cell>(to: &mut [C], places: [i64; LANES], value: LanesOf<C, M>) {
    C::scatter::<M>(to, &offsets(places), value);
}

/// Adds to each sample's own element of what all samples share.
#[inline(always)]
pub fn scatter_shared<M: Simd, C: Cell>(to: &mut [C::Element], places: [i64; LANES], value: LanesOf<C, M>) {
    C::scatter_shared::<M>(to, &offsets(places), value);
}

/// What a random draw is keyed by, beside the sample and the element.
#[inline(always)]
pub fn key(draws: &Draws, number: u32, statement: u32) -> DrawKey {
    DrawKey { seed: draws.seed, step: draws.step, site: number.wrapping_mul(64).wrapping_add(statement) }
}

/// The number of the element that is drawn, in each lane.
#[inline(always)]
pub fn element(at: i64) -> [u32; LANES] {
    [at as u32; LANES]
}

/// 1 with probability `p`, else 0.
#[inline(always)]
pub fn bernoulli<M: Simd, E: Element>(
    simd: M,
    key: DrawKey,
    elements: [u32; LANES],
    draws: &Draws,
    p: E::Lanes<M>,
) -> E::Lanes<M> {
    let unit = standard_uniform::<M, E>(simd, key, &elements, &draws.samples);
    E::Lanes::select(unit.is_lt(p), unit.constant(1.0), unit.constant(0.0))
}

/// Between `low` and `high`.
#[inline(always)]
pub fn uniform<M: Simd, E: Element>(
    simd: M,
    key: DrawKey,
    elements: [u32; LANES],
    draws: &Draws,
    low: E::Lanes<M>,
    high: E::Lanes<M>,
) -> E::Lanes<M> {
    standard_uniform::<M, E>(simd, key, &elements, &draws.samples).mul_add(high - low, low)
}

/// Normal with this mean and standard deviation.
#[inline(always)]
pub fn normal<M: Simd, E: Element>(
    simd: M,
    key: DrawKey,
    elements: [u32; LANES],
    draws: &Draws,
    mean: E::Lanes<M>,
    std: E::Lanes<M>,
) -> E::Lanes<M> {
    standard_normal::<M, E>(simd, key, &elements, &draws.samples).mul_add(std, mean)
}

/// Standard Gumbel.
#[inline(always)]
pub fn gumbel<M: Simd, E: Element>(simd: M, key: DrawKey, elements: [u32; LANES], draws: &Draws) -> E::Lanes<M> {
    draws::gumbel::<M, E>(simd, key, &elements, &draws.samples)
}

/// The plans of a network's contractions.
pub type Plans = Vec<Plan>;

/// A tensor of samples as numbers.
#[inline(always)]
pub fn elements<C: Cell>(cells: &[C]) -> &[C::Element] {
    C::elements(cells)
}

/// A tensor of samples as numbers, to be written to.
#[inline(always)]
pub fn elements_mut<C: Cell>(cells: &mut [C]) -> &mut [C::Element] {
    C::elements_mut(cells)
}

/// Runs a contraction: in place, where it is small and there is one sample.
#[inline(always)]
pub fn contract<C: Cell, M: Simd>(
    (simd, level): (M, Level),
    plan: &Plan,
    small: Option<Small>,
    call: Call<'_, C::Element>,
) {
    if const { C::SAMPLES == 1 }
        && let Some(small) = small
    {
        return small.run(simd, call);
    }
    C::Element::contract(level, plan, call);
}

/// What is to be done with the gradient of this input.
#[inline(always)]
pub fn then_with<E>(then: Option<(usize, Then<'_, E>)>, input: usize) -> Option<Then<'_, E>> {
    then.filter(|(of, _)| *of == input).map(|(_, then)| then)
}

/// Puts what a formula makes of each element in its place.
#[inline(always)]
pub fn renew<M: Simd, E: Element>(simd: M, elements: &mut [E], formula: impl Fn(E::Lanes<M>) -> E::Lanes<M>) {
    let (sixteens, rest) = elements.as_chunks_mut();
    let nothing = nothing();
    for at in 0..sixteens.len() {
        sixteens[at] = formula(E::Lanes::from_array(simd, sixteens[at + nothing])).to_array();
    }
    if !rest.is_empty() {
        let made = formula(E::Lanes::from_array(simd, filled(rest))).to_array();
        rest.copy_from_slice(&made[..rest.len()]);
    }
}

/// Puts what a formula makes of each gradient in its place, given the value that it is the gradient of.
#[inline(always)]
pub fn renew_back<M: Simd, E: Element>(
    simd: M,
    values: &[E],
    gradients: &mut [E],
    formula: impl Fn(E::Lanes<M>, E::Lanes<M>) -> E::Lanes<M>,
) {
    let lanes = |sixteen: [E; LANES]| E::Lanes::from_array(simd, sixteen);
    let (values, last) = values[..gradients.len()].as_chunks();
    let (sixteens, rest) = gradients.as_chunks_mut();
    let nothing = nothing();
    for (at, value) in values.iter().enumerate() {
        sixteens[at] = formula(lanes(*value), lanes(sixteens[at + nothing])).to_array();
    }
    if !rest.is_empty() {
        let made = formula(lanes(filled(last)), lanes(filled(rest))).to_array();
        rest.copy_from_slice(&made[..rest.len()]);
    }
}

/// 0, which the compiler does not know: what is chosen between an element and something else would be stored under a mask if it knew that it
/// comes from there, which takes ten times as long.
#[inline(always)]
fn nothing() -> usize {
    std::hint::black_box(0)
}

/// Fewer than sixteen, and zeros.
#[inline(always)]
fn filled<E: Element>(some: &[E]) -> [E; LANES] {
    let mut all = [E::ZERO; LANES];
    all[..some.len()].copy_from_slice(some);
    all
}

/// The largest; 0 of none.
pub const fn most(numbers: &[usize]) -> usize {
    let (mut most, mut at) = (0, 0);
    while at < numbers.len() {
        if numbers[at] > most {
            most = numbers[at];
        }
        at += 1;
    }
    most
}
