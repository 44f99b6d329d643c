// Independent mistakes in a layer and two networks: one compile tells them all.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

/// Never learns.
#[derive(chainrule::Layer, Clone, Copy)]
#[layer {
    input  x[i];
    param  w[i] = Ones;
    output y[i] = x[i] * round(w[i]);
}]
pub struct Mine;

network! {
    pub struct First;
    image: [8] -> fc: Dense::new(4) -> Step -> fc2: Dense::new(4) -> Quantize::new(2) -> out: Conv2d::new(1, 3);
    loss MeanSquare(out, truth: [1]);
}

network! {
    pub struct Second;
    image: [8] -> a: Dense::new(4) -> a: Dense::new(4);
    imaeg -> b: Dense::new(4) -> c: Step;
    loss MeanSquare(c, truth: [4]);
}

fn main() {}
