//! A training step allocates nothing, on no thread: a run of many epochs allocates exactly as often as a run of one.

#![expect(unsafe_code, reason = "an allocator that counts is an allocator")]

mod networks;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use chainrule::Model;
use chainrule::model::Inputs;
use chainrule::network::Network;
use chainrule::optimizers::{AdamW, Optimizer, Sgd};
use chainrule::train::Trainer;
use ndarray::{Array1, Array2};
use networks::{Line, Words};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands every call on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are the system's demands.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often training for so many epochs allocates, at least: a thread that starts late allocates for itself, once.
fn allocations<N: Network>(
    optimizer: impl Optimizer<f32> + Clone,
    examples: &impl Inputs<f32>,
    epochs: usize,
    threads: usize,
) -> usize {
    let runs = (0..5).map(|_| count::<N>(optimizer.clone(), examples, epochs, threads));
    runs.min().unwrap()
}

fn count<N: Network>(
    optimizer: impl Optimizer<f32>,
    examples: &impl Inputs<f32>,
    epochs: usize,
    threads: usize,
) -> usize {
    let mut model = Model::<N>::new(1);
    let mut trainer = Trainer::new(optimizer).epochs(epochs).batch(100).threads(threads).clip(1.0).quiet(true);
    let before = COUNT.load(Ordering::Relaxed);
    trainer.fit(&mut model, examples, examples).unwrap();
    COUNT.load(Ordering::Relaxed) - before
}

// One test only: what other tests allocate meanwhile would be counted too.
#[test]
fn a_training_step_allocates_nothing() {
    let x = Array2::from_shape_fn((330, 2), |(i, j)| ((i * 31 + j * 17) as f32).sin());
    let line = (x, Array1::<f32>::zeros(330));
    let token = Array2::from_shape_fn((330, 3), |(i, j)| ((i + 2 * j) % 5) as u8);
    let words = ((token, Array1::<f32>::zeros(330)), Array1::<u8>::zeros(330));
    for threads in [1, 2, 3] {
        let sgd = || Sgd::new(1e-3).momentum(0.9);
        let adam = || AdamW::new(1e-3);
        let one = allocations::<Line>(sgd(), &line, 1, threads);
        assert!(one > 0, "the counter counts");
        assert_eq!(allocations::<Line>(sgd(), &line, 20, threads), one, "{threads} threads");
        let one = allocations::<Words>(adam(), &words, 1, threads);
        assert_eq!(allocations::<Words>(adam(), &words, 20, threads), one, "{threads} threads");
    }
}
