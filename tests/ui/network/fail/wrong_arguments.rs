#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> hidden: Dense::new(4.0) -> out: Dense::new(1).stride(2);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
