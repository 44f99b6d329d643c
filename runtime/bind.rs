//! What generated consts are computed with: extents from the shapes that arrive, and the words for what does not fit. All of
//! it runs while compiling, and none of it panics: a site with a problem gets zeros, and its message.

use crate::message::Message;
use crate::shape::{MAX_RANK, Shape, Values};

/// The quotient rounded down; 0 for a divisor of 0.
#[inline(always)]
pub const fn div(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

/// The quotient rounded up; 0 for a divisor of 0.
#[inline(always)]
pub const fn ceil_div(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) == (b < 0) { quotient + 1 } else { quotient }
}

/// The remainder of [`div`].
#[inline(always)]
pub const fn rem(a: i64, b: i64) -> i64 {
    a.wrapping_sub(div(a, b).wrapping_mul(b))
}

/// The smaller one.
#[inline(always)]
pub const fn least(a: i64, b: i64) -> i64 {
    if a < b { a } else { b }
}

/// The larger one.
#[inline(always)]
pub const fn greatest(a: i64, b: i64) -> i64 {
    if a > b { a } else { b }
}

/// The absolute value.
#[inline(always)]
pub const fn magnitude(a: i64) -> i64 {
    a.wrapping_abs()
}

/// The square.
#[inline(always)]
pub const fn squared(a: i64) -> i64 {
    a.wrapping_mul(a)
}

/// An integer to an integer power; 0 for negative exponents of what is not ±1.
#[inline(always)]
pub const fn power(a: i64, n: i64) -> i64 {
    if n < 0 {
        return if a == 1 || (a == -1 && n % 2 == 0) {
            1
        } else if a == -1 {
            -1
        } else {
            0
        };
    }
    a.wrapping_pow(n as u32)
}

/// -1, 0 or 1.
#[inline(always)]
pub const fn sign_of(a: i64) -> i64 {
    a.signum()
}

/// The extent of an axis, 0 beyond the rank.
pub const fn axis(shape: &Shape, at: i64) -> i64 {
    if at < 0 { 0 } else { shape.dim(at as usize) as i64 }
}

/// The product of `count` extents from an axis on.
pub const fn product(shape: &Shape, from: i64, count: i64) -> i64 {
    let mut product = 1;
    let mut at = from;
    while at < from + count {
        product *= axis(shape, at);
        at += 1;
    }
    product
}

/// A bound of a position: an integer, or what the rounding of a real number gives.
pub const fn whole(value: f64) -> i64 {
    value as i64
}

/// Shapes, put together axis by axis.
#[derive(Clone, Copy)]
pub struct Dims {
    dims: [usize; MAX_RANK],
    rank: usize,
    over: bool,
}

impl Dims {
    /// No axes.
    pub const NONE: Dims = Dims { dims: [0; MAX_RANK], rank: 0, over: false };

    /// One more axis.
    #[must_use]
    pub const fn one(mut self, extent: i64) -> Dims {
        if self.rank == MAX_RANK {
            self.over = true;
            return self;
        }
        self.dims[self.rank] = if extent < 0 { 0 } else { extent as usize };
        self.rank += 1;
        self
    }

    /// `count` axes of a shape that arrives.
    #[must_use]
    pub const fn many(mut self, shape: &Shape, from: i64, count: i64) -> Dims {
        let mut at = from;
        while at < from + count {
            self = self.one(axis(shape, at));
            at += 1;
        }
        self
    }

    /// The shape.
    pub const fn shape(self) -> Shape {
        Shape::new(self.dims.split_at(self.rank).0)
    }

    /// Whether there were more axes than a tensor may have.
    pub const fn is_over(self) -> bool {
        self.over
    }
}

/// An arriving tensor as the layer's text writes it.
#[derive(Clone, Copy)]
pub struct Pattern {
    /// Its name.
    pub name: &'static str,
    /// Its declaration, `x[(g, c), h, w]`.
    pub text: &'static str,
    /// The axes it has at least; exactly, unless it has an ellipsis.
    pub axes: i64,
    /// Whether an ellipsis stands for further ones.
    pub open: bool,
    /// Whether it holds integers.
    pub integer: bool,
}

/// A numbered name in a formula: `("h", 28)`.
pub type Named = (&'static str, i64);

/// Number of axes and kind of values.
pub const fn check_arrival(message: &mut Message, pattern: &Pattern, shape: &Shape) {
    if shape.is_inferred() {
        return;
    }
    let rank = shape.rank() as i64;
    if rank < pattern.axes || (rank > pattern.axes && !pattern.open) {
        line(message);
        message.text("`");
        message.text(pattern.text);
        message.text("` has ");
        message.number(pattern.axes);
        message.text(if pattern.open {
            " axes or more"
        } else if pattern.axes == 1 {
            " axis"
        } else {
            " axes"
        });
        message.text(", and ");
        message.shape(shape);
        message.text(" arrives, which has ");
        message.number(rank);
    }
    if let Values::Below(count) = shape.values()
        && count > 1 << 24
        && count != usize::MAX
    {
        line(message);
        message.text("`");
        message.text(pattern.name);
        message.text("` holds integers below ");
        message.number(count as i64);
        message.text("; single precision tells them apart up to 16777216 only");
    }
    match shape.values() {
        Values::Real if pattern.integer => {
            line(message);
            message.text("`");
            message.text(pattern.name);
            message.text("` holds integers, and real numbers arrive; declare the network's input with `of Token(n)` or `of Class(n)`");
        }
        Values::Below(count) if !pattern.integer => {
            line(message);
            message.text("`");
            message.text(pattern.name);
            message.text("` holds real numbers, and integers below ");
            message.number(count as i64);
            message.text(" arrive; a layer that reads integers, such as an embedding, has to stand before");
        }
        _ => {}
    }
}

/// The extent of an axis against the one its index has elsewhere.
pub const fn check_axis(message: &mut Message, pattern: &Pattern, index: &str, shape: &Shape, at: i64, expected: i64) {
    let found = axis(shape, at);
    if found != expected {
        line(message);
        message.text("axis ");
        message.number(at);
        message.text(" of `");
        message.text(pattern.name);
        message.text("` is ");
        message.number(found);
        message.text(" (");
        message.shape(shape);
        message.text(" arrives), and `");
        message.text(index);
        message.text("` is ");
        message.number(expected);
    }
}

/// Several axes that an ellipsis stands for against those it stands for elsewhere.
#[expect(clippy::too_many_arguments, reason = "two groups of axes, three numbers each")]
pub const fn check_rest(
    message: &mut Message,
    pattern: &Pattern,
    shape: &Shape,
    from: i64,
    count: i64,
    other: &Shape,
    other_from: i64,
    other_count: i64,
) {
    let mut same = count == other_count;
    let mut at = 0;
    while at < count && same {
        same = axis(shape, from + at) == axis(other, other_from + at);
        at += 1;
    }
    if !same {
        line(message);
        message.text("the axes that the ellipsis of `");
        message.text(pattern.text);
        message.text("` stands for differ: ");
        message.shape(shape);
        message.text(" arrives here, and ");
        message.shape(other);
        message.text(" where it first stands");
    }
}

/// An axis that several parts share: a multiple of the parts whose extents are known.
pub const fn check_parts(
    message: &mut Message,
    pattern: &Pattern,
    shape: &Shape,
    at: i64,
    parts: &str,
    known: i64,
    names: &[Named],
) {
    let found = axis(shape, at);
    if known <= 0 || rem(found, known) != 0 {
        line(message);
        message.text("axis ");
        message.number(at);
        message.text(" of `");
        message.text(pattern.text);
        message.text("` is ");
        message.number(found);
        message.text(", which is no multiple of ");
        message.text(parts);
        message.text(" = ");
        message.number(known);
        numbers(message, names);
    }
}

/// The integers that arrive against those the layer can read.
pub const fn check_below(message: &mut Message, name: &str, shape: &Shape, formula: &str, below: i64) {
    if let Values::Below(count) = shape.values()
        && count as i64 > below
    {
        line(message);
        message.text("`");
        message.text(name);
        message.text("` may hold integers below ");
        message.number(below);
        message.text(" (");
        message.text(formula);
        message.text("), and integers below ");
        message.number(count as i64);
        message.text(" arrive");
    }
}

/// An extent that is not at least 1.
pub const fn check_extent(message: &mut Message, index: &str, formula: &str, extent: i64, names: &[Named]) {
    if extent < 1 {
        line(message);
        message.text("the extent of `");
        message.text(index);
        message.text("` is ");
        message.text(formula);
        message.text(" = ");
        message.number(extent);
        numbers(message, names);
        message.text("; it has to be at least 1");
    }
}

/// An extent that is a quotient with a remainder.
pub const fn check_exact(message: &mut Message, index: &str, formula: &str, a: i64, b: i64, names: &[Named]) {
    if b == 0 || a % b != 0 {
        line(message);
        message.text("the extent of `");
        message.text(index);
        message.text("` is ");
        message.text(formula);
        message.text(" = ");
        message.number(a);
        message.text(" / ");
        message.number(b);
        numbers(message, names);
        message.text("; the quotient has a remainder");
    }
}

/// What the layer's text requires.
pub const fn check_require(message: &mut Message, holds: bool, words: &str, condition: &str, names: &[Named]) {
    if !holds {
        line(message);
        message.text(words);
        message.text(" (required: ");
        message.text(condition);
        numbers(message, names);
        message.text(")");
    }
}

/// A read that may leave its tensor.
pub const fn check_read(
    message: &mut Message,
    tensor: &str,
    position: &str,
    low: i64,
    high: i64,
    extent: i64,
    names: &[Named],
) {
    if low < 0 || high >= extent {
        line(message);
        message.text("position `");
        message.text(position);
        message.text("` of `");
        message.text(tensor);
        message.text("` runs from ");
        message.number(low);
        message.text(" to ");
        message.number(high);
        message.text(", and the axis has ");
        message.number(extent);
        message.text(" elements");
        numbers(message, names);
        message.text("; say what lies `outside`, or restrict it with `where` or `if`");
    }
}

/// A mean that has no elements at some position.
pub const fn check_mean(message: &mut Message, count: &str, empty: bool) {
    if empty {
        line(message);
        message.text("a mean is empty at some position: `");
        message.text(count);
        message.text("` is 0 there; restrict the fields with `require`, or divide the sum by `max(count, 1)`");
    }
}

/// A shape with more axes than a tensor may have.
pub const fn check_dims(message: &mut Message, tensor: &str, dims: Dims) {
    if dims.is_over() {
        line(message);
        message.text("`");
        message.text(tensor);
        message.text("` has more axes than the ");
        message.number(MAX_RANK as i64);
        message.text(" a tensor may have");
    }
}

const fn line(message: &mut Message) {
    if !message.is_empty() {
        message.text("\n");
    }
}

const fn numbers(message: &mut Message, names: &[Named]) {
    let mut at = 0;
    while at < names.len() {
        message.text(if at == 0 { ", with " } else { ", " });
        message.text(names[at].0);
        message.text(" = ");
        message.number(names[at].1);
        at += 1;
    }
}

/// The nearest position in range.
#[inline(always)]
pub const fn nearest(at: i64, len: i64) -> i64 {
    greatest(least(at, len - 1), 0)
}

/// The position mirrored at the edges, which do not repeat: …, 2, 1, 0, 1, 2, …
#[inline(always)]
pub const fn reflect(at: i64, len: i64) -> i64 {
    let period = greatest(2 * (len - 1), 1);
    let folded = rem(at, period);
    least(folded, period - folded)
}

/// Whether all that is to arrive does, and nothing before was refused.
pub const fn complete(shapes: &[Shape], count: usize) -> bool {
    let mut at = 0;
    while at < shapes.len() {
        if shapes[at].is_unknown() {
            return false;
        }
        at += 1;
    }
    shapes.len() == count
}

/// A shape that arrives; unknown where too few do, which is said elsewhere.
pub const fn arriving(shapes: &'static [Shape], at: usize) -> &'static Shape {
    if at < shapes.len() { &shapes[at] } else { &Shape::UNKNOWN }
}
