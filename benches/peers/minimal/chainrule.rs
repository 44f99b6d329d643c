//! LeNet-5, trained for ten steps.

use chainrule::prelude::*;
use chainrule_peers::{classes, numbers};
use ndarray::{Array1, Array4};

network! {
    struct Lenet;

    image: [1, 28, 28]
        -> Conv2d::new(6, 5).padding(2) -> Relu -> MaxPool2d::new(2)
        -> Conv2d::new(16, 5)           -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> Dense::new(120) -> Relu
        -> Dense::new(84)  -> Relu
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let images = Array4::from_shape_vec((64, 1, 28, 28), numbers(64 * 28 * 28))?;
    let labels = Array1::from_vec(classes(64, 10));
    let mut model = Model::<Lenet>::new(1);
    let mut sgd = Sgd::new(1e-2).momentum(0.9);
    for _ in 0..10 {
        let (loss, gradients) = model.gradient(&images, &labels)?;
        sgd.step(&mut model, &gradients)?;
        println!("{loss}");
    }
    Ok(())
}
