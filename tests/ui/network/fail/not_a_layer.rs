#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

#[derive(Clone, Copy)]
pub struct Width(usize);

impl Width {
    const fn new(width: usize) -> Width {
        Width(width)
    }
}

network! {
    pub struct Net;
    x: [8] -> Width::new(4) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
