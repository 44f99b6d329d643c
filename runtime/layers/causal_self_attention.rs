use crate::Layer;

/// Every step mixes what it and the steps before it hold, by learnt similarity: `softmax(Q Kᵀ / √d) V` for each head, without a view of
/// the future (Vaswani et al. 2017, "Attention is all you need"), and no biases. Parameters as in PyTorch's `MultiheadAttention`.
/// `[steps, width]` stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [8, 16] -> CausalSelfAttention::new(4); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [8, 16]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, e];
    param  in_proj[(r: 3, h: heads, d: e / heads), e] = XavierUniform as "in_proj_weight";
    param  out_proj[f: e, (h, d)] = XavierUniform as "out_proj.weight";
    let    a[s, r, h, d] = sum(e) in_proj[(r, h, d), e] * x[s, e];
    let    score[h, s, t: s] = (sum(d) a[s, 0, h, d] * a[t, 1, h, d]) / sqrt(len(d));
    let    top[h, s] = max(t where t <= s) score[h, s, t];
    let    share[h, s, t] = exp(score[h, s, t] - stop(top[h, s]));
    let    total[h, s] = sum(t where t <= s) share[h, s, t];
    let    mixed[s, h, d] = (sum(t where t <= s) share[h, s, t] * a[t, 2, h, d]) / total[h, s];
    output y[s, f] = sum(h, d) out_proj[f, (h, d)] * mixed[s, h, d];
}]
pub struct CausalSelfAttention {
    /// Heads, each with its part of the width.
    pub heads: usize,
}
