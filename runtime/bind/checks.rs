//! What is wrong with the shapes that arrive, line by line.

use super::{Dims, axis, rem};
use crate::message::Message;
use crate::shape::{MAX_RANK, Shape, Values};

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

/// An ellipsis that stands for as many axes as a formula says, beside those that are `taken`.
#[expect(clippy::too_many_arguments, reason = "the ellipsis, its formula, and what arrives")]
pub const fn check_rank(
    message: &mut Message,
    pattern: &Pattern,
    shape: &Shape,
    rest: &str,
    formula: &str,
    rank: i64,
    taken: i64,
    exact: bool,
    names: &[Named],
) {
    let found = shape.rank() as i64;
    let room = found - taken;
    // With too few axes for its indices alone it is refused as it is.
    if found < pattern.axes {
        return;
    }
    if rank < 0 || rank > room || exact && rank != room {
        line(message);
        message.text("`");
        message.text(rest);
        message.text("` of `");
        message.text(pattern.text);
        message.text("` stands for `");
        message.text(formula);
        message.text("` = ");
        message.number(rank);
        message.text(if rank == 1 { " axis, and " } else { " axes, and " });
        message.shape(shape);
        message.text(if exact { " arrives, which leaves " } else { " arrives, which leaves room for " });
        message.number(room);
        numbers(message, names);
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

/// A division of integers by what fields and extents make 0.
pub const fn check_divisor(message: &mut Message, formula: &str, divisor: i64, names: &[Named]) {
    if divisor == 0 {
        line(message);
        message.text("`");
        message.text(formula);
        message.text("` divides by 0");
        numbers(message, names);
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
        message.text(if b == 0 { "; nothing is divided by 0" } else { "; the quotient has a remainder" });
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
