// Just across the line of each rule.
#![allow(unused_imports)]

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

#[path = "../../layers.rs"]
mod layers;
use layers::*;

// Rule 1: directly behind an input, alone, in a tuple, and for a second input of its own.
network! {
    pub struct Direct;
    image: [8] -> Quantize::new(8) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    pub struct Tuple;
    image: [8] -> (Tanh, Quantize::new(8), Step) -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    pub struct Second;
    image: [8] -> fc: Dense::new(8);
    switch: [8];
    (fc, switch) -> Gate -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    pub struct Integers;
    token: [8] of Token(65) -> Embedding::new(65, 3) -> Flatten -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

// Rule 3: the gradient of the other input.
network! {
    #[gradient(other)]
    pub struct Asked;
    image: [8] -> Quantize::new(8) -> left: Dense::new(4);
    other: [8] -> right: Dense::new(4);
    left + right -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

// Rule 4: smooth behind the input; a kink directly behind it.
network! {
    #[smooth]
    pub struct Smooth;
    image: [1, 8, 8] -> Relu -> conv: Conv2d::new(2, 3) -> Tanh -> Flatten -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

// Rule 5: what does not learn need not reach the loss; no loss, no rule.
network! {
    pub struct Frozen;
    image: [8] -> fc1: Dense::new(10) -> aside: frozen Dense::new(4);
    output aside;
    loss MeanSquare(fc1, truth: [10]);
}

// Rule 6: said in the text.
network! {
    pub struct Straight;
    image: [8] -> fc: Dense::new(4) -> StraightThroughStep -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

// Rule 8: just enough.
network! {
    pub struct Twin;
    x: [2] -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

network! {
    #[budget(training = Twin::TRAINING_BYTES)]
    pub struct Budget;
    x: [2] -> out: Dense::new(1);
    loss MeanSquare(out, truth: [1]);
}

fn main() {}
