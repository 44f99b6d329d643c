#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Part;
    x: [8] -> Dense::new(4);
}

network! {
    pub struct Net;
    x: [8] -> Part -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
