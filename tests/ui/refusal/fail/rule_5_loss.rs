// Rule 5: the loss is differentiable.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    image: [8] -> logits: Dense::new(10);
    loss ZeroOne(logits, label: Class(10));
}

fn main() {}
