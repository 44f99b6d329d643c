// One mistake, one error: none about what follows from it.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

/// Wrong, and everything that uses it is right.
#[derive(chainrule::Layer, Clone, Copy)]
#[layer {
    input  x[i];
    output y[i] = x[i] * weight;
}]
pub struct Mine {
    pub size: usize,
    #[default(1.0)]
    pub scale: f64,
}

network! {
    pub struct Net;
    image: [8] -> mine: Mine::new(3).scale(2.0) -> fc: Dense::new(4) -> Relu -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn uses() {
    let model = Model::<Net>::new(1);
    assert!(Net::PARAMETERS > 0 && model.save("net.safetensors").is_ok());
}

fn main() {}
