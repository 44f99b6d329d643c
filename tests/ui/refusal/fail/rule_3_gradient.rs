// Rule 3: the gradient of the input is asked for.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

network! {
    #[gradient(image)]
    pub struct Net;
    image: [8] -> Quantize::new(8) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
