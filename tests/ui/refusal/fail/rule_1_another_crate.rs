// Rule 1: a layer of another crate, one of this library, and one's own are refused alike.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

use edition_2018::Steps;

network! {
    pub struct Theirs;
    x: [8] -> fc1: Dense::new(4) -> Steps -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    pub struct Ours;
    x: [8] -> fc1: Dense::new(4) -> Round -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

#[derive(chainrule::Layer, Clone, Copy)]
#[layer { input x[..]; output y[..] = round(x[..]); }]
pub struct Mine;

network! {
    pub struct Own;
    x: [8] -> fc1: Dense::new(4) -> Mine -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
