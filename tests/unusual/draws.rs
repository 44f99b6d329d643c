//! Draws: their statistics, that they can be had again, and the gradients that pass through them.

use chainrule::model::Mode;
use chainrule::{Layer, Model, check, network};
use ndarray::{Array1, Array2, Axis};

const STEP: Mode = Mode::Training { seed: 5, step: 2 };

/// A sample from a normal distribution whose mean and deviation arrive.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  mean_in[d];
    input  log_deviation[d];
    param  scale = Ones;
    let    e[d] ~ Normal(0, 1);
    let    z[d] = mean_in[d] + scale * exp(log_deviation[d]) * e[d];
    output y[d] = if training { z[d] } else { mean_in[d] };
}]
struct Reparameterised;
network! { struct ReparameterisedNet; mean_in: [3]; log_deviation: [3]; (mean_in, log_deviation) -> layer: Reparameterised; output layer; }

/// The same, the distribution's arguments being the inputs.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  m[d];
    input  s[d];
    let    z[d] ~ Normal(m[d], exp(s[d]));
    output y[d] = if training { square(z[d]) + m[d] } else { m[d] };
}]
struct Direct;
network! { struct DirectNet; m: [3]; s: [3]; (m, s) -> layer: Direct; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x;
    let    b[k: 400] ~ Bernoulli(0.3);
    let    n[k] ~ Normal(1, 2);
    let    u[k] ~ Uniform(-1, 3);
    let    g[k] ~ Gumbel;
    output y[v: 4, k] = if training { (if v == 0 { b[k] } else if v == 1 { n[k] } else if v == 2 { u[k] } else { g[k] }) + 0 * x } else { x };
}]
struct Every;
network! { struct EveryNet; x: [] -> layer: Every; }

/// Gumbel softmax, whose noise is one draw an element.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  heat = Ones;
    let    g[i] ~ Gumbel;
    let    a[i] = if training { (x[i] + g[i]) / heat } else { x[i] / heat };
    let    e[i] = exp(a[i] - stop(max(i) a[i]));
    output y[i] = e[i] / (sum(i) e[i]);
}]
struct GumbelSoftmax;
network! { struct GumbelSoftmaxNet; x: [4] -> layer: GumbelSoftmax; }

/// A whole channel at once, with a probability that the inputs say.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, t];
    let    keep[c] ~ Bernoulli(1 - rate);
    let    low[c] ~ Uniform(0, 1);
    output y[c, t] = if training { x[c, t] * keep[c] / (1 - rate) + low[c] } else { x[c, t] };
}]
struct ChannelDropout {
    rate: f64,
}
network! { struct ChannelDropoutNet; x: [3, 5] -> layer: ChannelDropout::new(0.4); }

fn pair(count: usize) -> (Array2<f64>, Array2<f64>) {
    let at = |shift: f64| Array2::from_shape_fn((count, 3), |(i, j)| ((i * 7 + j * 3) as f64 + shift).sin());
    (at(0.0), at(0.5))
}

#[test]
fn statistics() {
    let model = Model::<EveryNet, f64>::new(1);
    let y = model.forward_in(STEP, Array1::<f64>::zeros(50)).unwrap().remove(0);
    let expected = [(0.3, 0.21), (1.0, 4.0), (1.0, 16.0 / 12.0), (0.577_215_664_9, std::f64::consts::PI.powi(2) / 6.0)];
    for (v, (mean, variance)) in expected.into_iter().enumerate() {
        let values = y.index_axis(Axis(1), v);
        let count = values.len() as f64;
        let found = values.sum() / count;
        let spread = values.iter().map(|x| (x - found).powi(2)).sum::<f64>() / count;
        assert!((found - mean).abs() < 5.0 * (variance / count).sqrt(), "{v}: mean {found} for {mean}");
        assert!((spread / variance - 1.0).abs() < 0.06, "{v}: variance {spread} for {variance}");
        let distinct: std::collections::BTreeSet<u64> = values.iter().map(|x| x.to_bits()).collect();
        assert!(if v == 0 { distinct.len() == 2 } else { distinct.len() > 19_900 }, "{v}: {} values", distinct.len());
    }
    let evaluation = model.forward(Array1::from_elem(3, 0.5)).unwrap().remove(0);
    assert!(evaluation.iter().all(|y| *y == 0.5));
}

#[test]
fn draws_depend_on_seed_and_step_and_on_nothing_else() {
    let (m, s) = pair(40);
    let model = Model::<DirectNet, f64>::new(1).threads(1);
    let run = |model: &Model<DirectNet, f64>, seed, step| {
        model.forward_in(Mode::Training { seed, step }, (&m, &s)).unwrap().remove(0)
    };
    let first = run(&model, 5, 2);
    assert_eq!(run(&Model::new(9).threads(3), 5, 2), first);
    assert_ne!(run(&model, 6, 2), first);
    assert_ne!(run(&model, 5, 3), first);
    let part =
        model.forward_in(STEP, (m.slice(ndarray::s![..17, ..]), s.slice(ndarray::s![..17, ..]))).unwrap().remove(0);
    assert_eq!(part, first.slice(ndarray::s![..17, ..]).into_dyn());
}

#[test]
fn gradients_pass_through_draws() {
    let (m, s) = pair(17);
    check::gradients_in(STEP, &Model::<ReparameterisedNet, f64>::new(1), (&m, &s)).unwrap().assert(1e-6).unwrap();
    check::gradients(&Model::<ReparameterisedNet, f64>::new(1), (&m, &s)).unwrap().assert(1e-6).unwrap();
    check::gradients_in(STEP, &Model::<DirectNet, f64>::new(1), (&m, &s)).unwrap().assert(1e-6).unwrap();
    let x = Array2::from_shape_fn((17, 4), |(i, j)| ((i * 5 + j) as f64).cos());
    check::gradients_in(STEP, &Model::<GumbelSoftmaxNet, f64>::new(1), &x).unwrap().assert(1e-6).unwrap();
    let x = ndarray::Array3::from_shape_fn((3, 3, 5), |(i, j, k)| ((i * 5 + j * 2 + k) as f64).cos());
    let model = Model::<ChannelDropoutNet, f64>::new(1);
    check::gradients_in(STEP, &model, &x).unwrap().assert(1e-6).unwrap();
    let y = model.forward_in(STEP, &x).unwrap().remove(0);
    for (y, x) in y.lanes(Axis(2)).into_iter().zip(x.lanes(Axis(2))) {
        let kept = (y[0] - y[1] - (x[0] - x[1]) / 0.6).abs() < 1e-12;
        let dropped = (y[0] - y[1]).abs() < 1e-12;
        assert!(kept != dropped, "a channel is kept or dropped as a whole");
    }
}

#[test]
fn the_reparameterised_gradient_is_the_formula() {
    let (m, s) = pair(17);
    let model = Model::<ReparameterisedNet, f64>::new(1);
    let vjp = model.vjp_in(STEP, (&m, &s), Array2::<f64>::ones((17, 3))).unwrap();
    let (dm, ds) = (vjp.input("mean_in").unwrap(), vjp.input("log_deviation").unwrap());
    assert!(dm.iter().all(|x| *x == 1.0));
    for ((at, m), ds) in m.indexed_iter().zip(&ds) {
        assert!(
            (vjp.outputs[0][[at.0, at.1]] - m - ds).abs() < 1e-12,
            "z - mean is the slope by the logarithm of the deviation"
        );
    }
}

/// Every distribution that moves with what it is drawn from.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  m[d];
    input  s[d];
    param  w[d] = Normal(0.5);
    param  width = Constant(1.5);
    let    n[d, k: 2] ~ Normal(w[d] * m[d], 1);
    let    u[d] ~ Uniform(m[d] - square(width), m[d] + exp(s[d]));
    let    v[d] ~ Uniform(0, width);
    output y[d] = if training { (mean(k) n[d, k] * u[d]) + v[d] } else { m[d] + s[d] };
}]
struct Moving;
network! { struct MovingNet; m: [3]; s: [3]; (m, s) -> layer: Moving; output layer; }

#[test]
fn a_draw_moves_with_its_distribution() {
    let (m, s) = pair(17);
    let run = |m: &Array2<f64>, s: &Array2<f64>| {
        Model::<DirectNet, f64>::new(1).vjp_in(STEP, (m, s), Array2::<f64>::ones((17, 3))).unwrap()
    };
    let (vjp, standard) = (run(&m, &s), run(&Array2::zeros((17, 3)), &Array2::zeros((17, 3))));
    // y = z² + m, with z = m + exp(s) e: the same e for the same seed, step and sample.
    for (at, e) in standard.outputs[0].mapv(f64::sqrt).indexed_iter() {
        let (m, s) = (m[[at[0], at[1]]], s[[at[0], at[1]]]);
        let is = |e: f64| {
            let z = m + s.exp() * e;
            let near = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
            near(vjp.outputs[0][&at], z * z + m)
                && near(vjp.input("m").unwrap()[&at], 2.0 * z + 1.0)
                && near(vjp.input("s").unwrap()[&at], 2.0 * z * s.exp() * e)
        };
        assert!(is(*e) || is(-e), "{at:?}");
    }
    check::gradients_in(STEP, &Model::<MovingNet, f64>::new(1), (&m, &s)).unwrap().assert(1e-6).unwrap();
    check::gradients(&Model::<MovingNet, f64>::new(1), (&m, &s)).unwrap().assert(1e-6).unwrap();
}

/// Nothing follows the probability of a yes or a no.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  p[d];
    let    keep[d] ~ Bernoulli(sigmoid(p[d]));
    output y[d] = if training { 1.0 * keep[d] } else { 0.5 };
}]
struct Coin;
network! { struct CoinNet; p: [3] -> layer: Coin; output layer; }

#[test]
fn a_yes_or_no_does_not() {
    let (p, _) = pair(17);
    let vjp = Model::<CoinNet, f64>::new(1).vjp_in(STEP, &p, Array2::<f64>::ones((17, 3))).unwrap();
    let error = vjp.input("p").unwrap_err().to_string();
    assert!(error.contains("`Bernoulli` draws 0 or 1"), "{error}");
}
