//! LeNet-5 on MNIST: `cargo run --release --example lenet -- --data DIRECTORY`, where the directory holds the four IDX files,
//! gzipped or not. Without `--data`, on the built-in digits, enlarged. `--epochs N`: 5 unless told otherwise.

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use chainrule::data;
use chainrule::prelude::*;

network! {
    /// LeNet-5 on 28×28 grey images (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998),
    /// with today's activations and pooling.
    pub struct LeNet5;

    image: [1, 28, 28]
        -> conv1: Conv2d::new(6, 5).padding(2) -> Relu -> MaxPool2d::new(2)
        -> conv2: Conv2d::new(16, 5)           -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> fc1: Dense::new(120) -> Relu
        -> fc2: Dense::new(84)  -> Relu
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read(std::env::args().skip(1))?;
    let (train, test) = match &options.data {
        Some(directory) => mnist::load(directory)?,
        None => {
            let (train, test) = digits::load()?;
            (enlarge(&train)?, enlarge(&test)?)
        }
    };
    println!("{}", LeNet5::summary());

    let mut model = Model::<LeNet5>::new(1);
    let (mut seconds, mut accuracy) = (0.0, f64::NAN);
    // The second half in smaller steps, to settle.
    for (rate, epochs) in [(2e-3, options.epochs.div_ceil(2)), (3e-4, options.epochs / 2)] {
        if epochs > 0 {
            let report = Trainer::new(Adam::new(rate)).epochs(epochs).batch(32).fit(&mut model, &train, &test)?;
            seconds += report.seconds();
            accuracy = 100.0 * report.accuracy().unwrap_or(f64::NAN);
        }
    }
    println!("{} training images, {} epochs, {seconds:.1} s", train.len(), options.epochs);
    println!("test accuracy: {accuracy:.2} %");
    Ok(())
}

/// The digits of 8×8 pixels in the middle of 28×28, every pixel three by three.
fn enlarge(digits: &Dataset<f32>) -> Result<Dataset<f32>, data::Error> {
    let small = digits.column(0)?;
    let images = ArrayD::from_shape_fn([digits.len(), 1, 28, 28].as_slice(), |at| {
        let (y, x) = (at[2], at[3]);
        if (2..26).contains(&y) && (2..26).contains(&x) { small[[at[0], 0, (y - 2) / 3, (x - 2) / 3]] } else { 0.0 }
    });
    Dataset::new(vec![images, digits.column(1)?.to_owned()])
}

struct Options {
    data: Option<PathBuf>,
    epochs: usize,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options { data: None, epochs: 5 };
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("`{name}` is to be followed by a value"));
            match name.as_str() {
                "--data" => options.data = Some(value()?.into()),
                "--epochs" => {
                    let epochs: NonZeroUsize = value()?.parse().map_err(|error| format!("`--epochs`: {error}"))?;
                    options.epochs = epochs.get();
                }
                _ => return Err(format!("unknown option `{name}`: there are `--data DIRECTORY` and `--epochs N`")),
            }
        }
        Ok(options)
    }
}
