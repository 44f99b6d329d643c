//! Learns 1,437 real handwritten digits, and is asked for 360 others: `cargo run --release --example digits`.

use std::error::Error;

use chainrule::prelude::*;

network! {
    /// A small convolutional network on 8×8 grey images.
    pub struct Digits;

    image: [1, 8, 8]
        -> conv1: Conv2d::new(16, 3).padding(1) -> Relu
        -> conv2: Conv2d::new(32, 3).padding(1) -> Relu -> MaxPool2d::new(2)
        -> conv3: Conv2d::new(64, 3).padding(1) -> Relu -> MaxPool2d::new(2)
        -> Flatten
        -> Dropout::new(0.3)
        -> logits: Dense::new(10);

    loss CrossEntropy(logits, label: Class(10));
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", Digits::summary());

    let (train, test) = digits::load()?;
    let mut model = Model::<Digits>::new(1);
    Trainer::new(Adam::new(3e-3)).epochs(15).batch(32).fit(&mut model, &train, &test)?;
    // Smaller steps, to settle.
    let report = Trainer::new(Adam::new(5e-4)).epochs(5).batch(32).fit(&mut model, &train, &test)?;

    let (images, labels) = (test.column(0)?, test.column(1)?);
    let answers = model.predict(images.view())?;
    draw(&images, answers.classes().iter().zip(&labels).map(|(answer, label)| (*answer, *label as usize)));

    let file = std::env::temp_dir().join(format!("digits-{}.safetensors", std::process::id()));
    model.save(&file)?;
    let loaded = Model::<Digits>::load(&file)?;
    std::fs::remove_file(&file)?;
    if loaded.predict(images.view())? != answers {
        return Err("the model answers otherwise after it was saved and loaded".into());
    }
    println!("saved, and loaded: the same answers");

    let accuracy = report.accuracy().ok_or("the loss has no classes")?;
    println!("test accuracy: {:.2} %", 100.0 * accuracy);
    Ok(())
}

/// Draws four digits that were read well, and then up to four that were not.
fn draw(images: &ArrayViewD<'_, f32>, answers: impl Iterator<Item = (usize, usize)>) {
    let (right, wrong): (Vec<_>, Vec<_>) = answers.enumerate().partition(|(_, (answer, label))| answer == label);
    for row in [right, wrong] {
        let row = &row[..row.len().min(4)];
        for y in 0..if row.is_empty() { 0 } else { 8 } {
            for (sample, _) in row {
                let shade = |x| [' ', '░', '▒', '▓', '█'][(images[[*sample, 0, y, x]] * 4.0).round() as usize];
                (0..8).for_each(|x| print!("{0}{0}", shade(x)));
                print!("  ");
            }
            println!();
        }
        for (_, (answer, label)) in row {
            let correction = if answer == label { String::new() } else { format!(", not {label}") };
            print!("{:<18}", format!("read as {answer}{correction}"));
        }
        println!("\n");
    }
}
