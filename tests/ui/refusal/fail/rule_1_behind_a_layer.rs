// Rule 1: the first thing everybody tries.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    image: [1, 8, 8] -> conv1: Conv2d::new(4, 3) -> Relu -> Quantize::new(8) -> Flatten -> logits: Dense::new(10);
    loss CrossEntropy(logits, label: Class(10));
}

fn main() {}
