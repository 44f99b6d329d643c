//! Gathers and scatters: positions that are data.

use crate::compare::agree;
use chainrule::{Layer, network};

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  token[s] of v;
    param  table[v: vocabulary, d: width] = Normal(1.0);
    param  weight[v] = Ones;
    output y[d] = (sum(s) weight[token[s]] * table[token[s], d]) / sqrt(len(s));
}]
struct Bag {
    vocabulary: usize,
    width: usize,
}
network! { struct BagNet; token: [4] of Token(5); token -> layer: Bag::new(5, 3); output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[s] of v;
    input  b[s] of w;
    param  table[v: 4, w: 3] = Normal(1.0);
    output y[s] = table[a[s], b[s]] * table[a[len(s) - 1 - s], b[0]];
}]
struct Pairs;
network! { struct PairsNet; a: [3] of Token(4); b: [3] of Token(3); (a, b) -> layer: Pairs; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[k, d];
    input  at[i] of k;
    output y[i, d] = x[at[i], d] * x[at[i], 0] + sum(i where at[i] == 0) x[i, d];
}]
struct Pointers;
network! { struct PointersNet; x: [3, 2]; at: [2] of Token(3); (x, at) -> layer: Pointers; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  score[i];
    input  x[i, d];
    let    best = stop(argmax(i) score[i]);
    let    worst = stop(argmin(i) score[i]);
    output y[d] = score[best] * x[best, d] - x[worst, d];
}]
struct Hard;
network! { struct HardNet; score: [4]; x: [4, 2]; (score, x) -> layer: Hard; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h];
    input  at[i];
    let    cell[i] = stop(clamp(floor(at[i]), 0, len(h) - 2));
    output y[c, i] = sum(p: 2) (1 - abs(at[i] - cell[i] - p)) * x[c, cell[i] + p];
}]
struct Sampled;
network! { struct SampledNet; x: [2, 5]; at: [3]; (x, at) -> layer: Sampled; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside 0;
    input  flow[k, h, w];
    require k == 2, "a flow has two components";
    output y[c, h, w] = sum(p: 2, q: 2)
        (1 - abs(flow[0, h, w] - stop(floor(flow[0, h, w])) - p)) * (1 - abs(flow[1, h, w] - stop(floor(flow[1, h, w])) - q))
        * x[c, h + stop(floor(flow[0, h, w])) + p, w + stop(floor(flow[1, h, w])) + q];
}]
struct Warp;
network! { struct WarpNet; x: [2, 3, 4]; flow: [2, 3, 4]; (x, flow) -> layer: Warp; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    let    place[c, i: h / 2, j: w / 2] = stop(argmax(p: 2, q: 2) x[c, 2*i + p, 2*j + q]);
    let    top[c, i, j] = x[c, 2*i + place[c, i, j] / 2, 2*j + place[c, i, j] % 2];
    output y[c, h, w] = sum(i, j where 2*i + place[c, i, j] / 2 == h, 2*j + place[c, i, j] % 2 == w) exp(top[c, i, j]);
}]
struct Unpool;
network! { struct UnpoolNet; x: [2, 4, 6] -> layer: Unpool; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  centre[k: bins] = Uniform(-1.0, 1.0);
    param  width[k] = Constant(0.8);
    output y[k] = mean(i) max(0, 1 - abs(x[i] - centre[k]) * width[k]);
}]
struct SoftHistogram {
    bins: usize,
}
network! { struct SoftHistogramNet; x: [7] -> layer: SoftHistogram::new(4); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  token[s] of v outside nearest;
    param  table[b: buckets, d: 2] = Normal(1.0);
    param  scale[v: 6] = Ones;
    output y[s, d] = table[(7*token[s] + 5*token[s - 1]) % buckets, d] * scale[token[s]];
}]
struct Hashed {
    buckets: usize,
}
network! { struct HashedNet; token: [4] of Token(6); token -> layer: Hashed::new(5); output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, d];
    input  segment[s] of k;
    param  bias[k: segments, d] = Normal(1.0);
    let    count[k] = sum(s where segment[s] == k) 1;
    output y[k, d] = bias[k, d] + (sum(s where segment[s] == k) x[s, d]) / max(count[k], 1);
}]
struct Segments {
    segments: usize,
}
network! { struct SegmentsNet; x: [5, 2]; segment: [5] of Token(3); (x, segment) -> layer: Segments::new(3); output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, d];
    param  code[k: codes, d] = Normal(1.0);
    let    nearest_code[s] = stop(argmin(k) sum(d) square(x[s, d] - code[k, d]));
    output y[s, d] = straight_through(code[nearest_code[s], d], x[s, d]) + square(code[nearest_code[s], d] - stop(x[s, d]));
}]
struct Codebook {
    codes: usize,
}
network! { struct CodebookNet; x: [4, 2] -> layer: Codebook::new(3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t];
    let    order[k: t] of t = (3 * k + 1) % len(t);
    param  w[t] = Normal(1.0);
    output y[k] = x[order[k]] * w[order[order[k]]];
}]
struct Permuted;
network! { struct PermutedNet; x: [5] -> layer: Permuted; }

/// What is read where a value allows it: other lanes must neither read nor fail.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  token[s] of 5;
    param  w[k: 7] = Normal(1.0);
    output y[s] = (if token[s] > 0 { w[token[s] - 1] } else { 0 }) + (if token[s] >= 3 { w[token[s] - 3] * w[token[s] + 2] } else { w[2] });
}]
struct Previous;
network! { struct PreviousNet; token: [3] of Token(5); token -> layer: Previous; output layer; }

agree! { "gathers";
    bag: BagNet;
    pairs: PairsNet;
    pointers: PointersNet;
    hard: HardNet;
    sampled: SampledNet;
    warp: WarpNet;
    unpool: UnpoolNet;
    soft_histogram: SoftHistogramNet;
    hashed: HashedNet;
    segments: SegmentsNet;
    codebook: CodebookNet;
    permuted: PermutedNet;
    previous: PreviousNet;
}
