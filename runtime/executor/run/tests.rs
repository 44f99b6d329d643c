//! How batches are cut, and what they take.

use super::*;
use crate::layers::{Conv2d, Dense, Flatten, MaxPool2d, Relu};
use crate::losses::CrossEntropy;
use crate::site::Training;

crate::network! {
    struct Narrow;
    x: [20] -> Dense::new(30) -> logits: Dense::new(7);
    loss CrossEntropy(logits, label: Class(7));
}

crate::network! {
    struct Wide;
    x: [2048] -> y: Dense::new(2048);
}

/// Parameters that come from memory do so once for several tiles, which changes no bit.
#[test]
fn parameters_are_read_once_for_some_tiles() {
    let plans = Plans::default();
    let wide = [9, 2].map(|tiles| Cut::of::<Wide, f32, Training>(2, tiles, false, &plans));
    assert_eq!(wide.map(|cut| (cut.units, cut.together)), [(3, 3), (1, 2)]);
    assert_eq!(Cut::of::<Narrow, f32, Training>(2, 9, false, &plans).units, 9);

    let rows = ndarray::Array2::from_shape_fn((70, 2048), |(row, at)| ((row * 7 + at) % 13) as f32 - 6.0);
    for threads in [1, 2] {
        let model = crate::Model::<Wide>::new(1).threads(threads);
        let together = model.predict(&rows).unwrap();
        let alone = model.predict(rows.slice(ndarray::s![64.., ..])).unwrap();
        assert_eq!(together.values().slice(ndarray::s![64.., ..]), alone.values().slice(ndarray::s![.., ..]));
    }
}

crate::network! {
    struct Windows;
    x: [2, 9, 9] -> Conv2d::new(3, 3).padding(1) -> Relu -> MaxPool2d::new(2) -> Conv2d::new(4, 3) -> Flatten
        -> Dense::new(30) -> Relu -> logits: Dense::new(7);
    loss CrossEntropy(logits, label: Class(7));
}

/// One thread, or two, let two tiles pass together; more take them one by one: the same bits.
#[test]
fn tiles_that_pass_together_add_as_if_each_passed_alone() {
    for tiles in [2, 3, 4, 7, 16] {
        let count = tiles * LANES - 3;
        let x = ndarray::Array4::from_shape_fn((count, 2, 9, 9), |(n, c, i, j)| {
            ((n * 29 + c * 11 + i * 7 + j * 3) % 31) as f32 / 15.0 - 1.0
        });
        let labels = ndarray::Array1::from_shape_fn(count, |n| n % 7);
        let run = |threads| {
            let model = crate::Model::<Windows>::new(1).threads(threads);
            let (loss, gradients) = model.gradient(&x, &labels).unwrap();
            (loss.to_bits(), gradients.flat().iter().map(|number| number.to_bits()).collect::<Vec<_>>())
        };
        let mut executor = Executor::<Windows, f32>::new(1);
        executor.reserve::<Training>(count, true);
        let cut = |threads| Cut::of::<Windows, f32, Training>(threads, tiles, true, &executor.plans);
        let together = 2.min(tiles - tiles / 2);
        assert_eq!(cut(1), Cut { units: 2, halves: true, together, room: 2, apart: true });
        assert_eq!(cut(3), Cut { units: tiles, halves: false, together: 1, room: 2, apart: false });
        let expected = run(3);
        assert!([1, 2, 8].into_iter().all(|threads| run(threads) == expected), "{tiles} tiles");
    }
}

/// However a smaller batch is cut.
#[test]
fn smaller_batches_find_room() {
    for (threads, most) in [(1, 20), (2, 20), (2, 7), (3, 5)] {
        let mut executor = Executor::<Windows, f32>::new(threads);
        let mut rooms = |tiles: usize| {
            executor.reserve::<Training>(tiles * LANES, true);
            let arenas: Vec<usize> = executor.arenas.iter().map(|arena| lock(arena).len()).collect();
            (arenas, executor.partial.len(), executor.scores.len(), executor.step_gradients.len())
        };
        let first = rooms(most);
        assert!((1..most).all(|tiles| rooms(tiles) == first), "{threads} threads, {most} tiles");
    }
}

/// `TRAINING_BYTES` is what the training of one tile takes: nothing is forgotten, nothing stays unused.
#[test]
fn one_tile_takes_the_training_bytes() {
    let mut executor = Executor::<Narrow, f32>::new(1);
    executor.reserve::<Training>(LANES, true);
    let arena: usize = executor.arenas.iter().map(|arena| lock(arena).len() * size_of::<Pack<f32>>()).sum();
    let scalars = executor.step.len() + executor.step_gradients.len() + Narrow::ONCE + 2 * Narrow::PARAMETERS;
    assert!(executor.partial.is_empty());
    assert_eq!(arena + scalars * size_of::<f32>(), Narrow::TRAINING_BYTES);
}
