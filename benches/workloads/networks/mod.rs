//! LeNet-5, that `lenet` trains and `infer` asks.

use chainrule::prelude::*;
use chainrule_benches::flops;

network! {
    /// LeNet-5 on 28×28 grey images, with today's activations and pooling.
    pub(crate) struct Lenet;

    image: [1, 28, 28]
        -> Conv2d::new(6, 5).padding(2) -> Relu -> MaxPool2d::new(2)
        -> Conv2d::new(16, 5)           -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> Dense::new(120) -> Relu
        -> Dense::new(84)  -> Relu
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

/// Multiply-adds of its contractions.
pub(crate) const LENET: [usize; 5] = [
    flops::conv(1, 5, 6, 28, 28),
    flops::conv(6, 5, 16, 10, 10),
    flops::dense(1, 400, 120),
    flops::dense(1, 120, 84),
    flops::dense(1, 84, 10),
];
