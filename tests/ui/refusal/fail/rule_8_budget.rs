// Rule 8: one byte short.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    pub struct Twin;
    x: [2] -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    #[budget(training = Twin::TRAINING_BYTES - 1)]
    pub struct Net;
    x: [2] -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
