// What the fields make 0: a stride inside an extent's formula, and a number of groups.
use chainrule::prelude::*;

#[derive(chainrule::Layer, Clone, Copy)]
#[layer { input x[i]; output y[i] = x[i] * (if period > 0 || always { i % period } else { 0 }); }]
struct Sawtooth {
    period: usize,
    always: bool,
}

network! {
    struct Net;
    x: [1, 6, 6] -> a: Conv2d::new(2, 3).stride(0);
}

network! {
    struct Grouped;
    x: [4, 6, 6] -> a: Conv2d::new(2, 3).groups(0);
}

network! {
    struct Waves;
    x: [4] -> Sawtooth::new(0, false) -> Sawtooth::new(2, true) -> Sawtooth::new(0, true);
}

fn main() {}
