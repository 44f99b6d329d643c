// Rule 1, in the derive form.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

#[derive(Network)]
#[network {
    image: [8] -> fc1: Dense::new(4) -> Step -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}]
pub struct Net;

fn main() {}
