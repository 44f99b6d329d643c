//! `lenet`: LeNet-5 on 28×28 grey images. Batch 64, momentum.

mod networks;

use chainrule::prelude::*;
use chainrule_benches::{flops, training};
use networks::{LENET, Lenet};

fn main() {
    training::<Lenet>("lenet", 64, flops::step(&LENET), Sgd::new(1e-4).momentum(0.9)).main();
}
