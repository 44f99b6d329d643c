// Rule 1: the parameters of both towers are named.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    left: [8] -> a: Dense::new(4);
    right: [8] -> b: Dense::new(4) -> c: Relu;
    a + c -> Quantize { levels: 2 } -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
