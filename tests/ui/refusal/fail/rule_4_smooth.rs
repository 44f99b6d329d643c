// Rule 4: a network that is `#[smooth]` has no kinks.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    #[smooth]
    pub struct Net;
    image: [1, 8, 8] -> conv: Conv2d::new(2, 3) -> Relu -> Flatten -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
