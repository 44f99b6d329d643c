//! A layer of one's own: its mathematics is all there is to write. `cargo run --release --example custom_layer`.

use std::error::Error;

use chainrule::prelude::*;

/// x·sigmoid(β·x), with a β for each channel that is learnt (Ramachandran, Zoph, Le: Searching for activation functions, 2017).
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, ..];
    param  beta[c] = Ones;
    output y[c, ..] = x[c, ..] * sigmoid(beta[c] * x[c, ..]);
}]
pub struct Swish;

network! {
    /// A network that uses it.
    pub struct Digits;

    image: [1, 8, 8]
        -> conv1: Conv2d::new(8, 3).padding(1) -> swish: Swish -> MaxPool2d::new(2)
        -> Flatten
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() -> Result<(), Box<dyn Error>> {
    let (train, test) = digits::load()?;
    let mut model = Model::<Digits>::new(1);

    // The gradients that were derived, against differences in f64.
    let (few, _) = test.split_at(3)?;
    println!("{}\n", check::loss_gradients(&model, few.column(0)?, few.column(1)?)?.assert(1e-6)?);

    let report = Trainer::new(Adam::new(3e-3)).epochs(15).batch(32).fit(&mut model, &train, &test)?;
    println!("learnt: beta = {:.2}", model.parameter("swish.beta")?);
    println!("test accuracy: {:.2} %", 100.0 * report.accuracy().unwrap_or(f64::NAN));
    Ok(())
}
