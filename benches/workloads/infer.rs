//! `infer`: LeNet-5's answer to one image.

mod networks;

use chainrule_benches::{flops, inference};
use networks::{LENET, Lenet};

fn main() {
    inference::<Lenet>("infer", flops::forward(&LENET)).main();
}
