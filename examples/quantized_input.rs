//! A layer that is not differentiable, where it may stand: directly after the input, which no gradient has to reach.
//!
//! Images of four grey levels instead of seventeen are all that this network sees: `cargo run --release --example quantized_input`.

use std::error::Error;

use chainrule::prelude::*;

network! {
    /// Reads digits in four grey levels.
    pub struct FourGreys;

    image: [1, 8, 8]
        -> Quantize::new(3)         // moved further down, it would be refused when compiling: `conv1` could not learn
        -> conv1: Conv2d::new(16, 3).padding(1) -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> fc1: Dense::new(64) -> Relu
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", FourGreys::summary());

    let (train, test) = digits::load()?;
    let mut model = Model::<FourGreys>::new(1);
    let before = model.evaluate(test.column(0)?, test.column(1)?)?;
    let report = Trainer::new(Adam::new(3e-3)).epochs(20).batch(32).fit(&mut model, &train, &test)?;

    let percent = |accuracy: Option<f64>| 100.0 * accuracy.unwrap_or(f64::NAN);
    println!("before training: {:.2} %", percent(before.accuracy));
    println!("test accuracy: {:.2} %", percent(report.accuracy()));
    Ok(())
}
