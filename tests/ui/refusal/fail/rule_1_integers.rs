// Rule 1: nothing can be learnt through integers.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> fc: Dense::new(4) -> Embedding::new(10, 3) -> Flatten -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
