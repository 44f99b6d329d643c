//! Networks of a few small layers, run forward and backward on one tile.

#[path = "network/layers.rs"]
mod layers;

use chainrule::executor::calls::Calls;
use chainrule::executor::code::Program;
use chainrule::lanes::{LANES, Level, Pack};
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
    let program = Program::of::<N, P>();
    let mut tile = Tile {
        calls: &Calls::new(&program),
        level: Level::new(),
        arena: &mut arena,
        scratch: &mut [],
        parameters,
        once: &[],
        step: &[],
        gradients: &mut gradients,
        first: true,
        before: &mut [],
        plans: &N::plans::<Pack<f64>>(true),
        step_gradients: &mut [],
        training: true,
        threads: 1,
        tiles: 1,
        apart: false,
        draws: &[draws],
    };
    tile.forward();
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
        tile.backward();
    }
    let inputs = plan.input_gradients.iter().map(|region| read(tile.arena, region)).collect();
    for gradient in &mut gradients {
        *gradient /= LANES as f64;
    }
    Answer { outputs, loss, gradients, inputs }
}

chainrule::network! {
    /// y = b (a x)
    pub struct Straight;
    x: [3] -> Scale -> named: Scale;
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

chainrule::network! {
    /// Residual, product, twice the same wire, and a wire with three readers.
    pub struct Branches;
    x: [2] -> stem: Scale -> body: Scale;
    stem + body -> sum: Scale;
    sum * sum -> square: Relu;
    concat(square, stem) -> all: Relu;
    all + all -> twice: Relu;
    loss SquaredError(twice, y: [4]);
}

/// The same by hand, on one number x (the loss sums over both): 2 (c (1 + b) a x)^2 and 2 a x against targets 0.
fn branches_loss(parameters: &[f64], x: &[f64]) -> f64 {
    let [a, b, c] = parameters else { panic!("three parameters") };
    x.iter()
        .map(|x| {
            let (stem, body) = (a * x, b * a * x);
            let sum = c * (stem + body);
            let relu = |x: f64| x.max(0.0);
            let (first, second) = (2.0 * relu(sum * sum), 2.0 * relu(stem));
            0.5 * (first * first + second * second)
        })
        .sum()
}

fn difference(f: impl Fn(&[f64]) -> f64, at: &[f64]) -> Vec<f64> {
    let shifted = |k: usize, h: f64| {
        let mut at = at.to_vec();
        at[k] += h;
        f(&at)
    };
    (0..at.len()).map(|k| (shifted(k, 1e-5) - shifted(k, -1e-5)) / 2e-5).collect()
}

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= 1e-7 * (1.0 + b.abs()), "{a} against {b}");
    }
}

#[test]
fn gradients_of_branches_add_up() {
    let (parameters, x) = ([0.7, -0.3, 1.3], [0.9, 0.4]);
    let answer = run::<Branches, Training>(&parameters, &[&x, &[0.0; 4]], &[]);
    assert_close(&[answer.loss.unwrap_or(f64::NAN)], &[branches_loss(&parameters, &x)]);
    assert_close(&answer.gradients, &difference(|p| branches_loss(p, &x), &parameters));
    // The cotangent of the outputs that makes their product with them the loss's derivative.
    let outputs = &answer.outputs[0];
    let answer = run::<Branches, Vjp>(&parameters, &[&x], &[outputs]);
    assert_close(&answer.gradients, &difference(|p| branches_loss(p, &x), &parameters));
    assert_close(&answer.inputs[0], &difference(|x| branches_loss(&parameters, x), &x));
}

chainrule::network! {
    struct Preprocessed;
    x: [2] -> clean: (Relu, Round) -> Scale -> fixed: frozen Scale -> last: Scale;
    loss SquaredError(last, x);
}

#[test]
fn preprocessing_frozen_layers_and_an_input_as_target() {
    let names: Vec<_> = Preprocessed::LAYERS.iter().map(|row| (row.name, row.trains)).collect();
    let expected =
        [("clean.0", true), ("clean.1", true), ("1", true), ("fixed", false), ("last", true), ("loss", true)];
    assert_eq!(names, expected);
    assert_eq!(Preprocessed::INPUTS[0].class, chainrule::site::Class::None);
    // y = abc round(x), against x; the frozen b gets no gradient.
    let answer = run::<Preprocessed, Training>(&[2.0, 3.0, 5.0], &[&[0.9, 2.2]], &[]);
    let (dy0, dy1) = (30.0 - 0.9, 60.0 - 2.2);
    assert_close(&answer.gradients, &[15.0 * (dy0 + 2.0 * dy1), 0.0, 6.0 * (dy0 + 2.0 * dy1)]);
    // Nothing passes through `Round`: the input's gradient is not computed.
    let answer = run::<Preprocessed, Vjp>(&[2.0, 3.0, 5.0], &[&[0.9, 2.2]], &[&[1.0, 0.0]]);
    assert_close(&answer.gradients, &[15.0, 0.0, 6.0]);
    assert_eq!(answer.inputs, [[]]);
}

#[derive(chainrule::Network)]
#[gradient(scale)]
#[network {
    token: [3] of Token(4) -> Lookup::new(4) -> table: Scale;
    scale: [3] -> Part::new(1) -> factor: Scale;
    table * factor -> product: Relu;
    product -> aside: Scale;
    output aside;
}]
struct Tokens;

#[test]
fn integers_and_no_loss() {
    assert!(!Tokens::LOSS && Tokens::TARGETS.is_empty());
    assert_eq!(Tokens::OUTPUTS[0].name, "aside");
    // a = 2 table[t] · 3 s · 5
    let table = [1.0, 2.0, 3.0, 4.0];
    let parameters: Vec<f64> = table.into_iter().chain([2.0, 3.0, 5.0]).collect();
    let answer = run::<Tokens, Vjp>(&parameters, &[&[3.0, 0.0, 3.0], &[1.0, 1.0, 2.0]], &[&[1.0, 1.0, 1.0]]);
    assert_eq!(answer.outputs, [[120.0, 30.0, 240.0]]);
    assert_close(&answer.gradients, &[30.0, 0.0, 0.0, 90.0, 195.0, 130.0, 78.0]);
    assert_eq!(answer.inputs, vec![vec![], vec![120.0, 30.0, 120.0]]);
    // A pass that trains without a loss is fed the same way.
    let trained = run::<Tokens, Training>(&parameters, &[&[3.0, 0.0, 3.0], &[1.0, 1.0, 2.0]], &[&[1.0, 1.0, 1.0]]);
    assert_eq!(trained.gradients, answer.gradients);
    assert!(trained.inputs.is_empty());
}

chainrule::network! {
    /// Ten layers written alike: some see other shapes, some do not learn, some pass no gradient on.
    pub struct Repeated;
    x: [2]
        -> Scale -> Scale -> frozen Scale -> frozen Scale -> a: Scale;
    y: [2]
        -> frozen Scale -> frozen Scale -> b: Scale;
    concat(a, b) -> Scale -> c: Scale;
    a + b -> d: Relu;
    a + a -> e: Relu;
    concat(d, e) -> f: Relu;
    c + f -> all: Relu;
    loss SquaredError(all, z: [4]);
}

#[test]
fn layers_of_one_text_and_shape_run_one_body() {
    // The first reads an input whose gradient is asked for on request only, as those behind `y` do, up to the first that learns.
    let names: Vec<_> = Repeated::LAYERS.iter().map(|row| row.name).collect();
    let shared: Vec<_> = Repeated::BODIES.iter().map(|&body| names[body]).collect();
    let expected = [
        "0",
        "1",
        "2",
        "2",
        "1",
        "5",
        "5",
        "0",
        "concat(a, b)",
        "8",
        "8",
        "a + b",
        "d",
        "a + b",
        "d",
        "concat(a, b)",
        "f",
        "c + f",
        "f",
        "loss",
    ];
    assert_eq!(shared, expected);
}
