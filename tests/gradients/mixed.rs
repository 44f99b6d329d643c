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

#[test]
fn positions_that_lie_far_apart() {
    network! { struct One; p: [9, 9]; v: [9, 64]; (p, v) -> layer: Mix; }
    crate::ask::layer_in::<One>(Mode::Evaluation);
    network! { struct Other; p: [8, 12]; v: [12, 96]; (p, v) -> layer: Mix; }
    crate::ask::layer_in::<Other>(Mode::Evaluation);
}
