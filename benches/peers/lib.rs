//! What the peers' programs share: they serve the driver as Chainrule's own programs do (`benches/lib/program.rs`), on data of the same shapes.

use std::io::{BufRead, Write};
use std::time::Instant;

/// Writes `ready version=…`, then answers each line `run N` with the seconds that a step took, the mean of N.
pub fn serve(package: &str, mut step: impl FnMut()) {
    println!("ready version={}", version(package));
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("the driver writes lines");
        let steps: usize = line.strip_prefix("run ").and_then(|steps| steps.parse().ok()).expect("`run N`");
        let start = Instant::now();
        for _ in 0..steps {
            step();
        }
        println!("{:e}", start.elapsed().as_secs_f64() / steps as f64);
        std::io::stdout().flush().expect("the driver listens");
    }
}

/// The version that a package was built with, from the lock file.
fn version(package: &str) -> &'static str {
    let lock = include_str!("Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \"")).expect("a dependency").1;
    entry.split('"').next().expect("a version")
}

/// So many numbers between -1 and 1, the same each time.
pub fn numbers(count: usize) -> Vec<f32> {
    uniform(1).take(count).map(|value| 2.0 * value - 1.0).collect()
}

/// So many integers below `below`, the same each time.
pub fn classes(count: usize, below: usize) -> Vec<u32> {
    uniform(2).take(count).map(|value| (value * below as f32) as u32).collect()
}

fn uniform(seed: u64) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32
    })
}
