#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [4, 8, 8] -> conv: Conv2d::new(6, 3).groups(4) -> Flatten -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
