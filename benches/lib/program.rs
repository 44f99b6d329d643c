//! The program around a workload. Without arguments it measures for some seconds and prints a line for each number of threads. With
//! `--worker THREADS` it serves a driver that compares it with other programs: it writes a line `ready version=… batch=… flops=…` (operations
//! of a step), then answers each line `run N` with the seconds that a step took, the mean of at least N.

use std::hint::black_box;
use std::io::{self, BufRead, Write};

use chainrule::network::Network;
use chainrule::optimizers::Optimizer;
use chainrule::{Model, Trainer};

use crate::data::examples;
use crate::exchange::round_trip;
use crate::measure::{core_seconds, median, steps_for, wall_seconds};
use crate::peak::{instruction_set, peak};

/// Turns of the quick measurement.
const TURNS: usize = 9;

/// A step to be repeated, and its arithmetic.
pub struct Workload<'a> {
    /// As in the tables.
    pub name: &'static str,
    /// Samples of a step.
    pub batch: usize,
    /// Operations for a sample: see [`flops`](crate::flops).
    pub flops: f64,
    /// With so many threads, at least so many steps; how many they were.
    pub run: Box<dyn FnMut(usize, usize) -> usize + 'a>,
}

/// Whole training steps of a network. All steps work on one batch of `batch` samples, but where a step is one sample: there each takes the next of 1000.
pub fn training<N: Network>(
    name: &'static str,
    batch: usize,
    flops: f64,
    optimizer: impl Optimizer<f32> + Clone + 'static,
) -> Workload<'static> {
    let steps_each = if batch == 1 { 1000 } else { 1 };
    let examples = examples::<N>(steps_each * batch);
    let mut model = Model::<N>::new(1);
    let mut kept = None;
    let run = move |threads, steps: usize| {
        let epochs = steps.div_ceil(steps_each);
        // The optimiser's state stays from one measurement to the next, as it does in the other programs.
        let trainer = kept.take().unwrap_or_else(|| Trainer::new(optimizer.clone()).batch(batch).quiet(true));
        let trainer = kept.insert(trainer.epochs(epochs).threads(threads));
        trainer.fit_untested(&mut model, &examples).expect("a workload trains");
        epochs * steps_each
    };
    Workload { name, batch, flops, run: Box::new(run) }
}

/// Answers to one sample after the other.
pub fn inference<N: Network>(name: &'static str, flops: f64) -> Workload<'static> {
    let examples = examples::<N>(1);
    let models = [1, 2].map(|threads| Model::<N>::new(1).threads(threads));
    let run = move |threads: usize, steps| {
        let model = &models[threads - 1];
        for _ in 0..steps {
            black_box(model.predict(&examples[..N::INPUTS.len()]).expect("a workload predicts"));
        }
        steps
    };
    Workload { name, batch: 1, flops, run: Box::new(run) }
}

impl Workload<'_> {
    /// What the program does, as its arguments say.
    pub fn main(mut self) {
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        match (arguments.next().as_deref(), arguments.next().map(|threads| threads.parse())) {
            (None, _) => self.report(),
            (Some("--worker"), Some(Ok(threads))) => self.serve(threads).expect("the driver listens"),
            _ => eprintln!("no arguments, or `--worker THREADS`"),
        }
    }

    /// Seconds of a step: one thread's on its core, so that it matters little what else the machine does; several threads' as they pass.
    fn seconds(&mut self, threads: usize, steps: usize) -> f64 {
        let mut done = 0;
        let work = || done = (self.run)(threads, steps);
        let seconds = if threads == 1 { core_seconds(work) } else { wall_seconds(work) };
        seconds / done as f64
    }

    /// The quick measurement: the peak and the steps take turns.
    fn report(&mut self) {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<usize> = [1, 2].into_iter().filter(|&threads| threads <= available).collect();
        let mut steps = Vec::new();
        for &threads in &threads {
            let first = self.seconds(threads, 1);
            steps.push(steps_for(self.seconds(threads, steps_for(first) / 4 + 1)));
        }
        let (mut peaks, mut trips) = (Vec::new(), Vec::new());
        let mut seconds = vec![Vec::new(); threads.len()];
        for _ in 0..TURNS {
            peaks.push(peak());
            for (at, &threads) in threads.iter().enumerate() {
                if threads > 1 {
                    trips.push(round_trip());
                }
                seconds[at].push(self.seconds(threads, steps[at]));
            }
        }
        let apart = match trips[..] {
            [] => String::new(),
            _ => format!(", from core to core and back {:.0} ns", median(&trips) * 1e9),
        };
        println!("{}: peak {:.1} GFLOP/s a core, {}{apart}", self.name, median(&peaks) / 1e9, instruction_set());
        let one = median(&seconds[0]);
        for (&threads, seconds) in threads.iter().zip(&seconds) {
            let shares: Vec<f64> = seconds
                .iter()
                .zip(&peaks)
                .map(|(seconds, peak)| 100.0 * self.flops * self.batch as f64 / seconds / (peak * threads as f64))
                .collect();
            let best = shares.iter().copied().fold(0.0, f64::max);
            let each = median(seconds);
            println!(
                "{:8} {threads} threads {:12.0} samples/s {:11.2} µs a step {:6.1} % of peak (best turn {best:.1}) {:6.2} × one thread",
                self.name,
                self.batch as f64 / each,
                1e6 * each,
                median(&shares),
                one / each
            );
        }
    }

    fn serve(&mut self, threads: usize) -> io::Result<()> {
        let (version, flops) = (env!("CARGO_PKG_VERSION"), self.flops * self.batch as f64);
        println!("ready version={version} batch={} flops={flops} level={}", self.batch, instruction_set());
        for line in io::stdin().lock().lines() {
            let line = line?;
            let steps = line.strip_prefix("run ").and_then(|steps| steps.parse().ok());
            let steps = steps.ok_or_else(|| io::Error::other(format!("`{line}` is not `run N`")))?;
            let mut done = 0;
            let seconds = wall_seconds(|| done = (self.run)(threads, steps));
            println!("{:e}", seconds / done as f64);
            io::stdout().flush()?;
        }
        Ok(())
    }
}
