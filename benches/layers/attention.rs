//! The attention of `gpt`, alone: with its projections, and what stands between them.

use chainrule::prelude::*;
use chainrule_benches::{flops, tile};

network! { struct Whole; x: [64, 128]; x -> CausalSelfAttention::new(4); }
network! { struct Mixing; a: [64, 384]; a -> Mix::new(4); }

/// `softmax(Q Kᵀ / √d) V` without a view of the future: what `CausalSelfAttention` does between its projections.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[s, (r: 3, h: heads, d)];
    let    score[h, s, t: s] = (sum(d) a[s, (0, h, d)] * a[t, (1, h, d)]) / sqrt(len(d));
    let    top[h, s] = max(t where t <= s) score[h, s, t];
    let    share[h, s, t] = exp(score[h, s, t] - stop(top[h, s]));
    let    total[h, s] = sum(t where t <= s) share[h, s, t];
    output y[s, (h, d)] = (sum(t where t <= s) share[h, s, t] * a[t, (2, h, d)]) / total[h, s];
}]
struct Mix {
    heads: usize,
}

fn main() {
    let (project, mix) = (flops::dense(64, 128, 4 * 128), flops::causal(64, 128));
    tile::heading();
    tile::layer::<Whole>("gpt 64×128, 4 heads", &[project, mix]);
    tile::layer::<Mixing>("gpt 64×128, 4 heads, without projections", &[mix]);
}
