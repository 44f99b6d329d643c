#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> logits: Dense::new(10);
    loss CrossEntropy(logits, label: [10]);
}

fn main() {}
