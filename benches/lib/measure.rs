//! Timing on a machine that does other things too: what is compared takes turns, and the middle of many turns counts.

use std::time::Instant;

use cpu_time::ThreadTime;

/// Seconds that the work takes this thread on its core: what other programs take of the core meanwhile does not count.
pub fn core_seconds(work: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Seconds that pass, whatever else takes the cores.
pub fn wall_seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// How long one turn is to take, in seconds.
pub const TURN: f64 = 0.1;

/// How many steps make a turn, if so many took so long each.
#[must_use]
pub fn steps_for(seconds_each: f64) -> usize {
    (TURN / seconds_each.max(1e-9)).ceil() as usize
}

/// The middle of some numbers.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
