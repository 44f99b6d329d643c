//! `peak`: the multiply-add peak of one core, that everything is a share of. As a worker, its step is 10⁹ operations.

use chainrule_benches::Workload;
use chainrule_benches::measure::median;
use chainrule_benches::peak::{instruction_set, peak, work};

fn main() {
    if std::env::args().any(|argument| argument == "--worker") {
        let run = |_, steps| (0..steps).map(|_| work(1_000_000_000)).count();
        return Workload { name: "peak", batch: 1, flops: 1e9, run: Box::new(run) }.main();
    }
    let turns: Vec<f64> = (0..99).map(|_| peak() / 1e9).collect();
    let best = turns.iter().copied().fold(0.0, f64::max);
    println!("peak: {:.1} GFLOP/s a core (best turn {best:.1}), {}", median(&turns), instruction_set());
}
