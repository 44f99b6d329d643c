// Just across the line of each mistake in a network.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

const fn make(out: usize) -> Dense {
    Dense::new(out)
}
const WIDTH: usize = 4;

network! {
    /// The type said by `as`, a constant, a literal, a path.
    pub struct Types;
    x: [2 * WIDTH]
        -> make(4) as Dense -> (if WIDTH > 3 { make(2) } else { make(3) }) as Dense
        -> Dense { out: WIDTH, biased: false } -> chainrule::layers::Relu -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    /// A wire that is the output, and no loss.
    struct Output;
    x: [8] -> a: Dense::new(1);
    a -> b: Dense::new(1);
    x -> Dense::new(1) -> c: Relu;
    b + c -> d: Relu;
    output d;
}

network! {
    /// A window as large as the image; groups that divide; padding up to half the window.
    pub(crate) struct Windows;
    x: [4, 5, 5] -> Conv2d::new(8, 5).groups(4) -> MaxPool2d::new(2).padding(1) -> Flatten -> logits: Dense::new(10);
    loss CrossEntropy(logits, label: Class(10));
}

network! {
    /// An input that is a target, concatenation, products, tuples of wires.
    pub struct Joined;
    x: [8] -> a: Dense::new(8) -> b: Relu;
    concat(a, b, x) -> c: Dense::new(8);
    a * b + x * (c + a) -> d: Relu;
    (d, x) -> out: Gate;
    loss MeanSquare(out, x);
}

fn main() {}
