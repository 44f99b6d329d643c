//! Losses that no library has, read from one or two outputs.

use chainrule::{Layer, Model, check, network};
use ndarray::{Array1, Array2};

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  w[o: out, i] = KaimingUniform;
    param  v[o, i] = KaimingUniform;
    output mean_out[o] = sum(i) w[o, i] * x[i];
    output log_deviation[o] = tanh(sum(i) v[o, i] * x[i]) + 0.1 * mean_out[o];
    output unused_pair[o, k: 2] = if k == 0 { mean_out[o] } else { log_deviation[o] };
}]
struct Gaussian {
    out: usize,
}

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  m[o];
    input  s[o];
    input  both[o, k];
    target t[o];
    output loss = sum(o) (s[o] + 0.5 * square((t[o] - m[o]) / exp(s[o])) + 0.01 * square(both[o, 0] - both[o, len(k) - 1]));
}]
struct Likelihood;
network! {
    struct LikelihoodNet;
    x: [3] -> (m, s, both): Gaussian::new(2);
    loss Likelihood(m, s, both, t: [2]);
}

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  score[k];
    target label of k;
    output loss = sum(k where k != label) square(max(0, margin + score[k] - score[label])) / len(k);
}]
struct MultiMargin {
    margin: f64,
}
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[i]; param w[o: out, i] = XavierNormal; param b[o] = Zeros; output y[o] = b[o] + sum(i) w[o, i] * x[i]; }]
struct Linear {
    out: usize,
}
network! {
    struct MarginNet;
    x: [3] -> score: Linear::new(4);
    loss MultiMargin::new(0.7)(score, label: Class(4));
}

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t, k];
    target label[t] of k;
    target weight[t];
    let    top[t] = max(k) x[t, k];
    let    log_share[t] = x[t, label[t]] - stop(top[t]) - ln(sum(k) exp(x[t, k] - stop(top[t])));
    output loss = -(sum(t where weight[t] > 0) weight[t] * powf(1 - exp(log_share[t]), gamma) * log_share[t]) / (1e-6 + sum(t) weight[t]);
}]
struct Focal {
    gamma: f64,
}
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[t, i]; param w[k: 3, i] = Normal(1.0); output y[t, k] = sum(i) w[k, i] * x[t, i]; }]
struct Positionwise;
network! {
    struct FocalNet;
    x: [4, 2] -> y: Positionwise;
    loss Focal { gamma: 2.0 }(y, label: [4] of Class(3), weight: [4]);
}

fn wave(count: usize, width: usize) -> Array2<f64> {
    Array2::from_shape_fn((count, width), |(i, j)| 1.3 * ((i * 7 + j * 3) as f64 + 0.4).sin())
}

#[test]
fn a_loss_of_three_outputs() {
    for count in [1, 16, 17, 40] {
        let model = Model::<LikelihoodNet, f64>::new(3);
        check::loss_gradients(&model, wave(count, 3), wave(count, 2)).unwrap().assert(1e-6).unwrap();
    }
}

#[test]
fn a_margin() {
    for count in [1, 16, 17, 40] {
        let model = Model::<MarginNet, f64>::new(3);
        let labels = Array1::from_shape_fn(count, |i| i % 4);
        let x = wave(count, 3);
        check::loss_gradients(&model, &x, &labels).unwrap().assert(1e-6).unwrap();
        let score = model.forward(&x).unwrap().remove(0);
        let expected: f64 = (0..count)
            .flat_map(|i| (0..4).map(move |k| (i, k)))
            .filter(|(i, k)| i % 4 != *k)
            .map(|(i, k)| (0.7 + score[[i, k]] - score[[i, i % 4]]).max(0.0).powi(2) / 4.0)
            .sum();
        assert!((model.loss(&x, &labels).unwrap() - expected / count as f64).abs() < 1e-10);
    }
}

#[test]
fn focal() {
    let x = ndarray::Array3::from_shape_fn((17, 4, 2), |(i, j, k)| ((i * 3 + j * 5 + k) as f64).sin());
    let labels = Array2::from_shape_fn((17, 4), |(i, j)| (i + j) % 3);
    let weights = Array2::from_shape_fn((17, 4), |(i, j)| ((i + 2 * j) % 4) as f64 - 1.0);
    check::loss_gradients(&Model::<FocalNet, f64>::new(3), &x, (&labels, &weights)).unwrap().assert(1e-6).unwrap();
}
