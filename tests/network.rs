//! Networks of a few small layers, run forward and backward on one tile.

#[path = "network/layers.rs"]
mod layers;

use chainrule::lanes::{LANES, Level, Pack, Simd};
use chainrule::network::{Network, Tile};
use chainrule::site::{Draws, Inference, Pass, Training, Vjp};
use layers::*;

/// What a pass gave: outputs, loss, parameter gradients (summed over 16 equal samples), input gradients.
#[derive(Debug, PartialEq)]
struct Answer {
    outputs: Vec<Vec<f64>>,
    loss: Option<f64>,
    gradients: Vec<f64>,
    inputs: Vec<Vec<f64>>,
}

fn run<N: Network, P: Pass>(parameters: &[f64], values: &[&[f64]], cotangents: &[&[f64]]) -> Answer {
    fn go<N: Network, P: Pass, M: Simd>(simd: M, parameters: &[f64], values: &[&[f64]], cotangents: &[&[f64]]) -> Answer {
        let plan = N::plan::<P>();
        assert_eq!(parameters.len(), N::PARAMETERS);
        let mut arena = vec![Pack([f64::NAN; LANES]); plan.packs];
        let mut gradients = vec![0.0; N::PARAMETERS];
        let sources = plan.inputs.iter().chain(plan.targets);
        for (region, values) in sources.zip(values) {
            assert_eq!(region.length, values.len());
            for (at, value) in values.iter().enumerate() {
                arena[region.start + at] = Pack([*value; LANES]);
            }
        }
        let draws = Draws { seed: 0, step: 0, samples: [0; LANES] };
        let mut tile = Tile {
            arena: &mut arena,
            parameters,
            once: &[],
            step: &[],
            gradients: &mut gradients,
            step_gradients: &mut [],
            training: true,
            draws,
        };
        N::forward::<M, f64, P>(simd, &mut tile);
        let read = |arena: &[Pack<f64>], region: &chainrule::network::Region| -> Vec<f64> {
            arena[region.start..][..region.length].iter().map(|pack| pack.0[3]).collect()
        };
        let outputs = plan.outputs.iter().map(|region| read(tile.arena, region)).collect();
        let loss = (plan.loss.length == 1).then(|| tile.arena[plan.loss.start].0[0]);
        if plan.loss.length == 1 {
            tile.arena[plan.loss_gradient.start] = Pack([1.0; LANES]);
        }
        for (region, values) in plan.output_gradients.iter().zip(cotangents) {
            for (at, value) in values.iter().enumerate() {
                tile.arena[region.start + at] = Pack([*value; LANES]);
            }
        }
        if P::BACKWARD {
            N::backward::<M, f64, P>(simd, &mut tile);
        }
        let inputs = plan.input_gradients.iter().map(|region| read(tile.arena, region)).collect();
        for gradient in &mut gradients {
            *gradient /= LANES as f64;
        }
        Answer { outputs, loss, gradients, inputs }
    }
    let level = Level::new();
    fearless_simd::dispatch!(level, simd => go::<N, P, _>(simd, parameters, values, cotangents))
}

chainrule::network! {
    /// y = b (a x)
    pub struct Straight;
    x: [3] -> Scale(1.0) -> named: Scale(2.0);
    loss SquaredError(named, y: [3]);
}

#[test]
fn a_straight_pipe_with_a_loss() {
    assert_eq!(Straight::PARAMETERS, 2);
    let names: Vec<_> = Straight::TENSORS.iter().map(|tensor| (tensor.layer, tensor.name, tensor.offset)).collect();
    assert_eq!(names, [("0", "weight", 0), ("named", "weight", 1)]);
    // y = 6 x; loss = ½ Σ (6x - t)²; d/da = Σ (6x - t) 3 x; d/db = Σ (6x - t) 2 x
    let answer = run::<Straight, Training>(&[2.0, 3.0], &[&[1.0, 2.0, 0.0], &[1.0, 10.0, 0.0]], &[]);
    assert_eq!(
        answer,
        Answer { outputs: vec![vec![6.0, 12.0, 0.0]], loss: Some(14.5), gradients: vec![27.0, 18.0], inputs: vec![] }
    );
    let answer = run::<Straight, Inference>(&[2.0, 3.0], &[&[1.0, 2.0, 0.0]], &[]);
    assert_eq!(answer.outputs, [[6.0, 12.0, 0.0]]);
    let answer = run::<Straight, Vjp>(&[2.0, 3.0], &[&[1.0, 2.0, 0.0]], &[&[1.0, 0.0, 0.5]]);
    assert_eq!(answer.gradients, [3.0, 2.0]);
    assert_eq!(answer.inputs, [[6.0, 0.0, 3.0]]);
    println!("{}", Straight::summary());
}
