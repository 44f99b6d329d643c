//! Every way to write a declaration, in a crate that denies all that rustc and clippy have to say (`cargo clippy` reads this file too).

use chainrule::{Layer, Network};

/// Every kind of field.
#[derive(Layer, Clone, Copy, Debug, PartialEq)]
#[layer {
    input  x[c, h] outside nearest;
    input  token[s] of 9;
    param  table[v: 9, c] = Normal(0.02);
    param  bias[c] if biased else 0.5 = Uniform(-1, 1) as "shift.bias";
    let    drawn[c, h] ~ Bernoulli(1 - rate);
    let    phase[h] = sin(2 * pi * h / len(h)) * scales[0] + scales[1];
    let    gain[c] = exp(bias[c]) / (1 + sum(v) square(table[v, c]));
    let    window[c, h] = max(p: size, q: sizes[0]) x[c, h + p - q];
    let    share[c, h] = if training { window[c, h] * drawn[c, h] / (1 - rate) } else { window[c, h] };
    output y[c, h] = gain[c] * share[c, h] + phase[h] * (sum(s) table[token[s], c]) + flags_off;
    require size > 0 && sizes[0] <= 4, "a window";
}]
pub struct Everything {
    /// An integer.
    pub size: usize,
    /// Integers.
    #[default([1, 2])]
    pub sizes: [u8; 2],
    /// Numbers.
    #[default([1.0, 0.0])]
    pub scales: [f64; 2],
    /// A number.
    #[default(0.5)]
    pub rate: f64,
    /// A single.
    #[default(0.0)]
    pub flags_off: f32,
    /// A switch.
    #[default(true)]
    pub biased: bool,
}

/// A loss.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input a[..]; target b[..]; output loss = mean(..) abs(a[..] - b[..]); }]
pub struct Distance;

chainrule::network! {
    /// Every kind of statement.
    #[gradient(x, z)]
    #[budget(training = 1 << 20)]
    pub struct Whole;
    x: [2, 5];
    z: [2, 5];
    token: [3] of Token(9);
    (x, token) -> a: Everything::new(1);
    z -> b: frozen (chainrule::layers::Softmax::new(0), chainrule::layers::Dense::new(5)) -> c: chainrule::layers::Relu;
    concat(a, b * c + z) -> out: chainrule::layers::Dense { out: 1, biased: false };
    loss Distance(out, truth: [4, 1]);
}

/// The derive form.
#[derive(Network, Clone, Copy, Debug)]
#[network {
    x: [2] -> chainrule::layers::Tanh -> out: chainrule::layers::Dense::new(1);
    loss chainrule::losses::MeanSquaredError(out, truth: [1]);
}]
#[smooth]
pub struct Smooth;

#[test]
fn constructors_are_constant() {
    const LAYER: Everything = Everything::new(3).sizes([4, 4]).rate(0.1).biased(false);
    assert_eq!(LAYER.sizes, [4, 4]);
    const { assert!(Whole::TRAINING_BYTES < 1 << 20) };
    assert_eq!(Smooth::PARAMETERS, 3);
}
