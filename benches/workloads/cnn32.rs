//! `cnn32`: four convolutions on 32×32 colour images. Batch 64, Adam.

use chainrule::prelude::*;
use chainrule_benches::{flops, training};

network! {
    /// Two by two convolutions of 3×3, and two dense layers.
    struct Cnn32;

    image: [3, 32, 32]
        -> Conv2d::new(32, 3).padding(1) -> Relu
        -> Conv2d::new(32, 3).padding(1) -> Relu -> MaxPool2d::new(2)
        -> Conv2d::new(64, 3).padding(1) -> Relu
        -> Conv2d::new(64, 3).padding(1) -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> Dense::new(256) -> Relu
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() {
    let contractions = [
        flops::conv(3, 3, 32, 32, 32),
        flops::conv(32, 3, 32, 32, 32),
        flops::conv(32, 3, 64, 16, 16),
        flops::conv(64, 3, 64, 16, 16),
        flops::dense(1, 64 * 8 * 8, 256),
        flops::dense(1, 256, 10),
    ];
    training::<Cnn32>("cnn32", 64, flops::step(&contractions), Adam::new(1e-4)).main();
}
