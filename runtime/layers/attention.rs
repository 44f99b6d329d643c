use crate::Layer;

/// Attention.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input x[s, e];
    param in_proj[(r: 3, h: heads, d: e / heads), e] = XavierUniform as "in_proj_weight";
    param out_proj[f: e, (h, d)] = XavierUniform as "out_proj.weight";
    let a[s, r, h, d] = sum(e) in_proj[(r, h, d), e] * x[s, e];
    let score[h, s, t: s] = (sum(d) a[s, 0, h, d] * a[t, 1, h, d]) / sqrt(len(d));
    let top[h, s] = max(t where t <= s) score[h, s, t];
    let share[h, s, t] = exp(score[h, s, t] - stop(top[h, s]));
    let total[h, s] = sum(t where t <= s) share[h, s, t];
    let mixed[s, h, d] = (sum(t where t <= s) share[h, s, t] * a[t, 2, h, d]) / total[h, s];
    output y[s, f] = sum(h, d) out_proj[f, (h, d)] * mixed[s, h, d];
}]
pub struct CausalSelfAttention {
    /// Heads.
    pub heads: usize,
}
