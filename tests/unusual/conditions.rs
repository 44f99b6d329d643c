//! Conditions: equalities that are solved, bounds, conditions on values, and the values that nobody needs.

use crate::compare::agree;
use chainrule::{Layer, network};

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, e];
    param  wq[(h: heads, d: e / heads), e] = Normal(0.5);
    param  wk[(h, d), e] = Normal(0.5);
    param  wv[(h, d), e] = Normal(0.5);
    param  bias[h, r: window] = Normal(0.5);
    let    q[s, h, d] = sum(e) wq[(h, d), e] * x[s, e];
    let    k[s, h, d] = sum(e) wk[(h, d), e] * x[s, e];
    let    v[s, h, d] = sum(e) wv[(h, d), e] * x[s, e];
    let    score[h, s, t: s] = (sum(d) q[s, h, d] * k[t, h, d]) / sqrt(len(d)) + bias[h, s - t];
    let    top[h, s] = max(t where t <= s, t > s - window) score[h, s, t];
    let    share[h, s, t] = exp(score[h, s, t] - stop(top[h, s]));
    let    total[h, s] = sum(t where t <= s, t > s - window) share[h, s, t];
    output y[s, (h, d)] = (sum(t where t <= s, t > s - window) share[h, s, t] * v[t, h, d]) / total[h, s];
}]
struct SlidingAttention {
    heads: usize,
    window: usize,
}
network! { struct SlidingAttentionNet; x: [5, 4] -> layer: SlidingAttention::new(2, 3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input a[i]; input b[j]; output c[k: i + j - 1] = sum(i, j where i + j == k) a[i] * b[j]; }]
struct Polynomials;
network! { struct PolynomialsNet; a: [3]; b: [4]; (a, b) -> layer: Polynomials; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t];
    param  w[t, s: t] = Normal(1.0);
    output y[t] = sum(s where s <= t, t - s <= band) w[t, s] * x[s];
}]
struct Banded {
    band: usize,
}
network! { struct BandedNet; x: [6] -> layer: Banded::new(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s];
    param  w[k: 2*s - 1] = Normal(1.0);
    output y[t: s] = sum(s) w[t - s + len(s) - 1] * x[s];
}]
struct Toeplitz;
network! { struct ToeplitzNet; x: [5] -> layer: Toeplitz; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[i]; output y[i] = sum(j: i where x[j] > 0, j != i) x[j] * x[i]; }]
struct PositiveOthers;
network! { struct PositiveOthersNet; x: [5] -> layer: PositiveOthers; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    output y[i] = sum(k: 4 where i + k < len(i), x[i + k] > 0) ln(x[i + k]) * (k + 1) * max(x[i + k], 0);
}]
struct Guarded;
network! { struct GuardedNet; x: [6] -> layer: Guarded; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = if x[..] > 0 { x[..] * ln(x[..]) } else { 0 }; }]
struct Entropy;
network! { struct EntropyNet; x: [2, 3] -> layer: Entropy; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[i, ..];
    input  b[j, ..];
    input  c[k, ..];
    output y[n: i + j + k, ..] = if n < len(i) { a[n, ..] } else if n < len(i) + len(j) { 2 * b[n - len(i), ..] } else { c[n - len(i) - len(j), ..] };
}]
struct ConcatThree;
network! { struct ConcatThreeNet; a: [2, 2]; b: [1, 2]; c: [3, 2]; (a, b, c) -> layer: ConcatThree; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[h];
    param  w[p: 3] = Normal(1.0);
    output y[i: 3*h] = sum(h, p where i == 3*h - p + 1) w[p] * x[h] + sum(h where h % 2 == i % 2, h < i) x[h];
}]
struct Residues;
network! { struct ResiduesNet; x: [4] -> layer: Residues; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[h, w];
    output y[k: h + w - 1] = sum(h, w where h - w + len(w) - 1 == k || h == 0 && w == k) x[h, w] * (h + 1);
}]
struct Diagonals;
network! { struct DiagonalsNet; x: [3, 4] -> layer: Diagonals; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    output y[i] = if signed && i > 0 { x[i] - x[i - 1] } else if !signed && !(i < 2) { x[i - 2] } else { square(x[i]) };
}]
struct Steps {
    signed: bool,
}
network! { struct StepsNet; x: [5] -> layer: Steps::new(true); }
network! { struct StepsUnsignedNet; x: [5] -> layer: Steps::new(false); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t];
    let    r[t] = sqrt(x[t]);
    let    root[t] = r[t] / 2 + 1.0 / r[t];
    output y[t] = (if x[t] > 0.5 { root[t] - root[t] + square(x[t] - 0.5) } else { 0 }) + sum(s: t where s < t, x[s] > 0) r[s] * x[s] * sqrt(x[s]);
}]
struct Unneeded;
network! { struct UnneededNet; x: [5] -> layer: Unneeded; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    let    d[i, j: i] = abs(x[i] - x[j]);
    output y[i] = mean(j where j != i || len(i) == 1) d[i, j] + (max(j where j > i || i == len(i) - 1) d[i, j]) + (min(j where j != i) d[i, j]);
}]
struct Distances;
network! { struct DistancesNet; x: [5] -> layer: Distances; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[t]; output y[t] = (prod(s: t where s <= t) (1 - x[s])) * (sum(s where s > t) square(x[s])); }]
struct Transmittance;
network! { struct TransmittanceNet; x: [5] -> layer: Transmittance; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    param  w1[c, k: 3] = Normal(1.0);
    output y[c, u: h, v: w] = sum(h, w, k where 2*u == h + k - 1, v + h == w + u) w1[c, k] * x[c, h, w];
}]
struct TwoUnknowns;
network! { struct TwoUnknownsNet; x: [2, 5, 4] -> layer: TwoUnknowns; }

agree! { "conditions";
    sliding_attention: SlidingAttentionNet;
    polynomials: PolynomialsNet;
    banded: BandedNet;
    toeplitz: ToeplitzNet;
    positive_others: PositiveOthersNet;
    guarded: GuardedNet;
    entropy: EntropyNet;
    concat_three: ConcatThreeNet;
    residues: ResiduesNet;
    diagonals: DiagonalsNet;
    steps: StepsNet;
    steps_unsigned: StepsUnsignedNet;
    unneeded: UnneededNet;
    distances: DistancesNet;
    transmittance: TransmittanceNet;
    two_unknowns: TwoUnknownsNet;
}
