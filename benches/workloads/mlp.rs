//! `mlp`: a classifier of 784 numbers. Batch 64, Adam.

use chainrule::prelude::*;
use chainrule_benches::{flops, training};

network! {
    /// 784-256-128-10.
    struct Mlp;

    image: [784] -> Dense::new(256) -> Relu -> Dense::new(128) -> Relu -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() {
    let contractions = [flops::dense(1, 784, 256), flops::dense(1, 256, 128), flops::dense(1, 128, 10)];
    training::<Mlp>("mlp", 64, flops::step(&contractions), Adam::new(1e-4)).main();
}
