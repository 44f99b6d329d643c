// Rule 1 holds whatever stands before the layer.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    image: [8] -> Relu -> Quantize::new(8) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
