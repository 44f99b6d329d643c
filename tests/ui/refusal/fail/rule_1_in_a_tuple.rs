// Rule 1: a tuple that is not directly behind the input.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    image: [8] -> fc1: Dense::new(4) -> (Relu, Step) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
