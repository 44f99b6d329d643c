//! How far the cores are apart that the machine gives two threads: what one has written, the other waits for. On a shared machine it changes
//! while programs run, and two threads are worth less where it is much.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

const ROUNDS: usize = 2000;

/// Seconds that a number takes to another core and back.
#[must_use]
pub fn round_trip() -> f64 {
    let ball = AtomicUsize::new(0);
    let wait = |number| {
        while ball.load(Ordering::Acquire) != number {
            spin_loop();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..=ROUNDS {
                wait(2 * round + 1);
                ball.store(2 * round + 2, Ordering::Release);
            }
        });
        let there_and_back = |round| {
            ball.store(2 * round + 1, Ordering::Release);
            wait(2 * round + 2);
        };
        // The other thread has started.
        there_and_back(0);
        let start = Instant::now();
        (1..=ROUNDS).for_each(there_and_back);
        start.elapsed().as_secs_f64() / ROUNDS as f64
    })
}
