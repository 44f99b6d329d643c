//! Windows whose taps depend on two indices together: neither decides alone which elements are read, or where.

use chainrule::model::Mode;
use chainrule::prelude::*;

/// A window's corner: the last tap of the last row is not there.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    param  k[o: out, c, p: 2, q: 2] = Normal(0.5);
    output y[o, i: h - 1, j: w - 1] = sum(c, p, q where p + q < 2) k[o, c, p, q] * x[c, i + p, j + q];
}]
struct Corner {
    out: usize,
}

/// Taps in one row unless both indices are 1.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    param  k[o: out, c, p: 2, q: 2] = Normal(0.5);
    output y[o, i: h - 1, j: w] = sum(c, p, q) k[o, c, p, q] * x[c, i + p*q, j];
}]
struct Bent {
    out: usize,
}

/// Windows over weights and inputs alike: each row has taps of its own, some of which its neighbours have too.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, w] outside 0;
    param  k[u: rows + 2] = Normal(0.5);
    output y[i: rows, j: w] = sum(t: 3) k[i + t] * x[1, i + j + t - 1];
}]
struct Hankel {
    rows: usize,
}

macro_rules! check {
    ($($wire:tt)*) => {{
        network! { struct One; $($wire)* }
        crate::ask::layer_in::<One>(Mode::Evaluation);
    }};
}

#[test]
fn taps_that_two_indices_decide_together() {
    check! { x: [4, 6, 6] -> layer: Corner::new(4); }
    check! { x: [4, 6, 5] -> layer: Bent::new(4); }
    check! { x: [2, 8] -> layer: Hankel::new(2); }
}
