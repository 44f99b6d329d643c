//! Products of what belongs to samples, of positions that lie so far apart that they are copied first.

use chainrule::model::Mode;
use chainrule::prelude::*;

/// Every position mixes those up to it.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  p[i, j];
    input  v[j, d];
    output y[i, d] = sum(j where j <= i) p[i, j] * v[j, d];
}]
struct Mix;

/// Windows of which only some are read.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside 0;
    param  weight[c, p: 3, q: 3] = Normal(0.3);
    let    z[c, h, w] = sum(p, q) weight[c, p, q] * x[c, h + p - 1, w + q - 1];
    output y[c, h] = sum(w where w <= h) exp(z[c, h, w]);
}]
struct Below;

#[test]
fn positions_that_lie_far_apart() {
    network! { struct One; p: [9, 9]; v: [9, 64]; (p, v) -> layer: Mix; }
    crate::ask::layer_in::<One>(Mode::Evaluation);
    network! { struct Other; p: [8, 12]; v: [12, 96]; (p, v) -> layer: Mix; }
    crate::ask::layer_in::<Other>(Mode::Evaluation);
}

#[test]
fn windows_of_which_some_are_read() {
    network! { struct One; x: [2, 12, 12] -> layer: Below; }
    crate::ask::layer_in::<One>(Mode::Evaluation);
}
