// Rule 1, for one input of a layer: the other one is differentiable.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> value: Dense::new(4);
    x -> switch: Dense::new(4);
    (value, switch) -> Gate -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
