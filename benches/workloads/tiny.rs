//! `tiny`: a small network that learns online, one sample a step, as in control. Sgd.

use chainrule::prelude::*;
use chainrule_benches::{flops, training};

network! {
    /// 8-32-32-4.
    struct Tiny;

    state: [8] -> Dense::new(32) -> Tanh -> Dense::new(32) -> Tanh -> action: Dense::new(4);

    loss MeanSquaredError(action, wanted: [4]);
}

fn main() {
    let contractions = [flops::dense(1, 8, 32), flops::dense(1, 32, 32), flops::dense(1, 32, 4)];
    training::<Tiny>("tiny", 1, flops::step(&contractions), Sgd::new(1e-4)).main();
}
