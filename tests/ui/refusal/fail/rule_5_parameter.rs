// Rule 5: every parameter reaches the loss.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    image: [8] -> fc1: Dense::new(10) -> aside: Dense::new(4);
    output aside;
    loss MeanSquare(fc1, truth: [10]);
}

fn main() {}
