#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Net;
    x: [8] -> mean: Dense::new(1);
    x -> spread: Dense::new(1);
}

fn main() {}
