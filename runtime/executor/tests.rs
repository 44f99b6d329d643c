//! A network that is trained by one thread and by several: small, for an interpreter to see all that the executor does with memory.

use crate::Model;
use crate::layers::{Conv2d, Dense, Flatten, Gelu, MaxPool2d, Relu, Tanh};
use crate::losses::CrossEntropy;
use crate::optimizers::Adam;
use crate::train::Trainer;
use ndarray::{Array1, Array4};

crate::network! {
    struct Small;
    x: [1, 3, 3] -> Conv2d::new(2, 2).padding(1) -> Relu -> MaxPool2d::new(2) -> Gelu::new() -> Flatten -> Dense::new(3) -> Tanh
        -> logits: Dense::new(3);
    loss CrossEntropy(logits, label: Class(3));
}

/// One tile at a time, whose layers the threads share; several, each with a thread; and one sample.
#[test]
fn a_small_network_is_trained_by_any_number_of_threads() {
    let count = 2 * crate::lanes::LANES + 1;
    let x =
        Array4::from_shape_fn((count, 1, 3, 3), |(n, _, i, j)| ((n * 31 + i * 17 + j * 7) % 101) as f32 / 50.0 - 1.0);
    let label = Array1::from_shape_fn(count, |n| (n % 3) as u8);
    let run = |threads, batch| {
        let mut model = Model::<Small>::new(2);
        let mut trainer = Trainer::new(Adam::new(1e-2)).epochs(1).batch(batch).threads(threads).quiet(true);
        let report = trainer.fit(&mut model, (&x, &label), (&x, &label)).unwrap();
        let bits: Vec<u32> = model.parameters().flat_map(|(_, p)| p.mapv(f32::to_bits)).collect();
        (bits, report.epochs[0].train_loss)
    };
    for batch in [16, count] {
        assert_eq!(run(3, batch), run(1, batch), "batches of {batch}");
    }
}
