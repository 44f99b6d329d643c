#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> (left, right): Dense::new(1);
    left + right -> out: Relu;
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
