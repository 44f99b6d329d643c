//! Learns real handwritten digits.

use chainrule::layers::*;
use chainrule::losses::*;
use chainrule::prelude::*;

network! {
    /// A small convolutional network on 8×8 grey images.
    pub struct Digits;

    image: [1, 8, 8]
        -> conv1: Conv2d::new(16, 3).padding(1) -> Relu
        -> conv2: Conv2d::new(32, 3).padding(1) -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> fc1: Dense::new(64) -> Relu
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (train, test) = digits::load()?;
    let mut model = Model::<Digits>::new(1);
    println!("{}", Digits::summary());
    let start = std::time::Instant::now();
    let report = Trainer::new(Adam::new(1e-3)).epochs(20).batch(64).fit(&mut model, &train, &test)?;
    println!("{report} {:?}", start.elapsed());
    Ok(())
}
