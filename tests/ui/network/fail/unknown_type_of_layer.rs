#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

const fn make(out: usize) -> Dense {
    Dense::new(out)
}

network! {
    pub struct Net;
    x: [8] -> make(4) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
