//! What size costs: whole training steps of a dense layer of growing width, and of one network on a growing batch. (Depth: `depth.py`.)

use chainrule::network::Network;
use chainrule::prelude::*;
use chainrule_benches::{flops, training};

/// Two dense layers, so that the second computes the gradient of its input.
macro_rules! width {
    ($Net:ident, $width:literal) => {
        network! {
            struct $Net;
            x: [$width] -> Dense::new($width) -> Relu -> y: Dense::new($width);
            loss MeanSquaredError(y, wanted: [$width]);
        }
    };
}
width!(Width16, 16);
width!(Width64, 64);
width!(Width256, 256);
width!(Width1024, 1024);
width!(Width4096, 4096);

fn width<N: Network>(name: &'static str, width: usize, batch: usize) {
    let contractions = [flops::dense(1, width, width); 2];
    training::<N>(name, batch, flops::step(&contractions), Sgd::new(1e-4)).main();
}

fn main() {
    width::<Width16>("width 16", 16, 64);
    width::<Width64>("width 64", 64, 64);
    width::<Width256>("width 256", 256, 64);
    width::<Width1024>("width 1024", 1024, 64);
    width::<Width4096>("width 4096", 4096, 64);
    for (name, batch) in
        [("batch 1", 1), ("batch 4", 4), ("batch 16", 16), ("batch 64", 64), ("batch 256", 256), ("batch 1024", 1024)]
    {
        width::<Width256>(name, 256, batch);
    }
}
