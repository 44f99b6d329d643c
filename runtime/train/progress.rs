//! Shows how far a run is, on the standard error stream: a bar that is drawn over while an epoch runs, on a terminal only, and a line
//! when it ends. Never fails: what cannot be written is left out.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use super::Epoch;

/// Between two drawings of the bar.
const PAUSE: Duration = Duration::from_millis(100);
const WIDTH: usize = 24;

pub(super) struct Progress {
    quiet: bool,
    bar: bool,
    epochs: usize,
    steps: usize,
    drawn: Instant,
}

impl Progress {
    pub(super) fn new(quiet: bool, epochs: usize, steps: usize) -> Self {
        let bar = !quiet && stderr().is_terminal();
        Progress { quiet, bar, epochs, steps, drawn: Instant::now() }
    }

    /// A step is done; `loss` is the epoch's mean so far.
    pub(super) fn step(&mut self, epoch: usize, step: usize, loss: f64) {
        if !self.bar || self.drawn.elapsed() < PAUSE {
            return;
        }
        self.drawn = Instant::now();
        let (done, of) = (step + 1, self.steps);
        let full = WIDTH * done / of;
        let (hashes, dots) = ("#".repeat(full), ".".repeat(WIDTH - full));
        let head = head(epoch + 1, self.epochs);
        // To the left edge, the text, and clear what is left of an older one.
        let _ = write!(stderr(), "\r{head}  [{hashes}{dots}] {done}/{of}  loss {loss:.4}\x1b[K");
    }

    /// An epoch is done.
    pub(super) fn epoch(&self, epoch: &Epoch) {
        if self.quiet {
            return;
        }
        let clear = if self.bar { "\r\x1b[K" } else { "" };
        let _ = writeln!(stderr(), "{clear}{}  {epoch}", head(epoch.number, self.epochs));
    }
}

fn head(epoch: usize, epochs: usize) -> String {
    let width = epochs.to_string().len();
    format!("epoch {epoch:>width$}/{epochs}")
}
