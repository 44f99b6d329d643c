//! A network's code on one tile of sixteen samples: no threads, no transposition of rows into lanes, no optimiser. For what a single
//! layer costs forward and backward.

use chainrule::Model;
use chainrule::executor::calls::Calls;
use chainrule::executor::code::{Plans, Program};
use chainrule::lanes::{self, LANES, Pack};
use chainrule::network::{Network, Tile};
use chainrule::site::{Draws, Vjp};

use crate::data::Random;
use crate::flops;
use crate::measure::{core_seconds, median, steps_for};
use crate::peak::{instruction_set, peak};

/// Turns of the measurement, and the seconds after which there are fewer.
const TURNS: f64 = 9.0;
const PATIENCE: f64 = 10.0;

/// The buffers of a tile.
struct Frame {
    arena: Vec<Pack<f32>>,
    parameters: Vec<f32>,
    once: Vec<f32>,
    step: Vec<f32>,
    gradients: Vec<f32>,
    step_gradients: Vec<f32>,
    plans: Plans,
}

/// What to do with a tile, how often.
#[derive(Clone, Copy)]
struct Passes {
    forward: usize,
    backward: usize,
}

impl Frame {
    fn new<N: Network>() -> Self {
        let mut random = Random::new(2);
        let model = Model::<N>::new(1);
        let parameters: Vec<f32> =
            model.parameters().flat_map(|(_, values)| values.into_iter().copied().collect::<Vec<_>>()).collect();
        let (mut once, mut step) = (vec![0.0; N::ONCE], vec![0.0; N::STEP]);
        N::once(&mut once);
        N::prepare(&parameters, &once, &mut step, true);
        let mut pack = || Pack(std::array::from_fn(|_| 2.0 * random.uniform() - 1.0));
        Frame {
            arena: (0..N::plan::<Vjp>().packs).map(|_| pack()).collect(),
            gradients: vec![0.0; parameters.len()],
            step_gradients: vec![0.0; step.len()],
            parameters,
            once,
            step,
            plans: N::plans::<Pack<f32>>(true),
        }
    }

    fn seconds<N: Network>(&mut self, passes: Passes) -> f64 {
        let program = Program::of::<N, Vjp>();
        let mut tile = Tile {
            calls: &Calls::new(&program),
            level: lanes::level(),
            arena: &mut self.arena,
            scratch: &mut [],
            parameters: &self.parameters,
            once: &self.once,
            step: &self.step,
            gradients: &mut self.gradients,
            first: true,
            before: &mut [],
            step_gradients: &mut self.step_gradients,
            training: true,
            plans: &self.plans,
            threads: 1,
            tiles: 1,
            apart: false,
            draws: &[Draws { seed: 0, step: 0, samples: [0; LANES] }],
        };
        core_seconds(|| {
            (0..passes.forward).for_each(|_| tile.forward());
            (0..passes.backward).for_each(|_| tile.backward());
        })
    }
}

/// The heading of the lines that [`layer`] prints.
pub fn heading() {
    println!(
        "{}, {:.1} GFLOP/s a core; operations a second of one tile, and their share of the peak",
        instruction_set(),
        peak() / 1e9
    );
    println!("{:44} {:>22} {:>22} {:>9}", "", "forward", "both gradients", "all");
}

/// Measures the network that holds one layer, if its name has the filter of the command line in it, and prints a line. Forward counts
/// `contractions`, backward the gradients of its parameters and of its inputs.
pub fn layer<N: Network>(name: &str, contractions: &[usize]) {
    let filters: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
        return;
    }
    let mut frame = Frame::new::<N>();
    let mut seconds = |forward, backward| frame.seconds::<N>(Passes { forward, backward });
    let once = [seconds(1, 0), seconds(0, 1)];
    let turns = (PATIENCE / (once[0] + once[1]) / 2.0).clamp(1.0, TURNS) as usize;
    let [forward, backward] = if turns > 1 { [seconds(1, 0), seconds(0, 1)] } else { once }.map(steps_for);

    let operations = LANES as f64 * flops::forward(contractions);
    let (mut speeds, mut shares) = ([vec![], vec![]], [vec![], vec![], vec![]]);
    for _ in 0..turns {
        let peak = peak();
        let each = [seconds(forward, 0) / forward as f64, seconds(0, backward) / backward as f64];
        let speed = [operations / each[0], 2.0 * operations / each[1], 3.0 * operations / (each[0] + each[1])];
        for (at, speed) in speed.into_iter().enumerate() {
            shares[at].push(100.0 * speed / peak);
            if let Some(speeds) = speeds.get_mut(at) {
                speeds.push(speed / 1e9);
            }
        }
    }
    let column = |at: usize| format!("{:8.1} GFLOP/s {:3.0} %", median(&speeds[at]), median(&shares[at]));
    println!("{name:44} {:>22} {:>22} {:>7.1} %", column(0), column(1), median(&shares[2]));
}
