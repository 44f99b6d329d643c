// `..before: axis` stands for more axes than arrive.
use chainrule::prelude::*;

network! {
    struct Beyond;
    x: [8, 10] -> a: Softmax::new(1) -> b: Softmax::new(2) -> c: Softmax::new(7);
}

#[derive(chainrule::Layer, Clone, Copy)]
#[layer { input x[..all: axes]; output y = sum(..all) x[..all]; }]
struct Total {
    axes: usize,
}

network! {
    struct Inexact;
    x: [8, 10] -> a: Total::new(1);
}

fn main() {}
