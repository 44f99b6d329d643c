//! What generated consts are computed with: extents from the shapes that arrive, and the words for what does not fit. All of
//! it runs while compiling, and none of it panics: a site with a problem gets zeros, and its message.

mod checks;
mod integers;

use crate::shape::{MAX_RANK, Shape};
pub use checks::*;
pub use integers::*;

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
