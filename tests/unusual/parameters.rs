//! Parameters: shifted, shared, computed once a step; values computed once; layers whose weights come from other layers.

use crate::compare::agree;
use chainrule::{Layer, network};

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  w[p: i + 2] = Normal(1.0);
    output y[i] = w[i + 1] * x[i] + w[i] * w[i + 2] - square(w[0]);
}]
struct Shifted;
network! { struct ShiftedNet; x: [4] -> layer: Shifted; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., i];
    param  v[o: out, i] = KaimingUniform;
    param  gain[o] = Ones;
    let    size = norm(o, i) v[o, i];
    let    w[o, i] = gain[o] * v[o, i] / size;
    output y[.., o] = sum(i) w[o, i] * x[.., i];
}]
struct Frobenius {
    out: usize,
}
network! { struct FrobeniusNet; x: [2, 3] -> layer: Frobenius::new(4); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  w[o: out, i] = Normal(1.0);
    param  u0[o] = Normal(1.0);
    let    v[i] = sum(o) w[o, i] * u0[o];
    let    vn[i] = v[i] / norm(i) v[i];
    let    u[o] = sum(i) w[o, i] * vn[i];
    let    un[o] = u[o] / (1e-12 + norm(o) u[o]);
    let    sigma = sum(o, i) un[o] * w[o, i] * vn[i];
    output y[o] = sum(i) w[o, i] / sigma * x[i];
}]
struct Spectral {
    out: usize,
}
network! { struct SpectralNet; x: [3] -> layer: Spectral::new(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[k, d];
    param  logit[o: out, k] = Normal(1.0);
    let    e[o, k] = exp(logit[o, k] - stop(max(k) logit[o, k]));
    let    mix[o, k] = e[o, k] / (sum(k) e[o, k]);
    output y[o, d] = sum(k) mix[o, k] * x[k, d];
}]
struct Mixture {
    out: usize,
}
network! { struct MixtureNet; x: [3, 2] -> layer: Mixture::new(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  z[k];
    input  x[i];
    param  make[(o: out, i), k] = Normal(0.5);
    param  made[(o, i)] = Normal(0.5);
    let    w[o, i] = made[(o, i)] + sum(k) make[(o, i), k] * z[k];
    output y[o] = tanh(sum(i) w[o, i] * x[i]);
}]
struct Hypernetwork {
    out: usize,
}
network! { struct HypernetworkNet; z: [2]; x: [3]; (z, x) -> layer: Hypernetwork::new(2); output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, (i, k: 2)];
    let    rate[i] = powf(10000, -1.0 * i / len(i));
    let    turn[s, i] = s * rate[i];
    param  shift[s] = Zeros;
    output y[s, (i, k)] = if k == 0 { x[s, (i, 0)] * cos(turn[s, i]) - x[s, (i, 1)] * sin(turn[s, i] + shift[s]) }
                          else { x[s, (i, 0)] * sin(turn[s, i]) + x[s, (i, 1)] * cos(turn[s, i] + shift[s]) };
}]
struct Rotary;
network! { struct RotaryNet; x: [3, 4] -> layer: Rotary; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., i];
    param  gate[o: out, i] = Normal(1.0);
    param  expert[k: experts, o, i] = Normal(1.0);
    param  route[k, i] = Normal(1.0);
    let    a[.., k] = sum(i) route[k, i] * x[.., i];
    let    e[.., k] = exp(a[.., k] - stop(max(k) a[.., k]));
    let    p[.., k] = e[.., k] / (sum(k) e[.., k]);
    output y[.., o] = sigmoid(sum(i) gate[o, i] * x[.., i]) * sum(k) p[.., k] * sum(i) expert[k, o, i] * x[.., i];
}]
struct Experts {
    experts: usize,
    out: usize,
}
network! { struct ExpertsNet; x: [2, 3] -> layer: Experts::new(2, 2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  v[r: reflections, i] = Normal(1.0);
    let    a[i] = x[i] - 2 * v[0, i] * (sum(i) v[0, i] * x[i]) / (sum(i) square(v[0, i]));
    output y[i] = a[i] - 2 * v[1, i] * (sum(i) v[1, i] * a[i]) / (sum(i) square(v[1, i]));
}]
struct Householder {
    reflections: usize,
}
network! { struct HouseholderNet; x: [3] -> layer: Householder::new(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  w[o: 2, k: pieces, i] = Normal(1.0);
    param  b[(o, k)] = Normal(1.0);
    output y[o] = max(k) (b[(o, k)] + sum(i) w[o, k, i] * x[i]);
}]
struct Maxout {
    pieces: usize,
}
network! { struct MaxoutNet; x: [3] -> layer: Maxout::new(3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[f];
    param  v[f, k: 3] = Normal(1.0);
    param  w[f] = Normal(1.0);
    param  b = Zeros;
    output y = b + sum(f) w[f] * x[f] + 0.5 * sum(k) (square(sum(f) v[f, k] * x[f]) - sum(f) square(v[f, k] * x[f]));
}]
struct Factorization;
network! { struct FactorizationNet; x: [4] -> layer: Factorization; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    param  p = Constant(0.6);
    param  q = Constant(0.3);
    output y[..] = (p * x[..] + q * powi(x[..], 3)) / (1 + abs(p * powi(x[..], -1) + q * powi(x[..], degree))) + powf(abs(x[..]), p) + clamp(x[..], -0.5, q);
}]
struct Pade {
    degree: usize,
}
network! { struct PadeNet; x: [6] -> layer: Pade::new(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  w[i] = Normal(1.0);
    let    gram[i, j: i] = w[i] * w[j];
    let    penalty = sum(i, j where i != j) square(gram[i, j]);
    output y[i] = x[i] * w[i];
    output z[i] = y[i] * x[i] + penalty;
}]
struct Penalised;
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input a[i]; input b[i]; output y[i] = a[i] * b[i] + sin(b[i]); }]
struct Join;
network! { struct PenalisedNet; x: [3] -> (y, z): Penalised; (y, z) -> Join; }

agree! { "parameters";
    shifted: ShiftedNet;
    frobenius: FrobeniusNet;
    spectral: SpectralNet;
    mixture: MixtureNet;
    hypernetwork: HypernetworkNet;
    rotary: RotaryNet;
    experts: ExpertsNet;
    householder: HouseholderNet;
    maxout: MaxoutNet;
    factorization: FactorizationNet;
    pade: PadeNet;
    penalised: PenalisedNet;
}
