#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> first: Dense::new(8) -> repeat(3) Dense::new(8) -> shared first -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
