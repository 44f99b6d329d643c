use crate::Layer;

/// Shares.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..before: axis, i, ..];
    let    top[..before, ..]  = max(i) x[..before, i, ..];
    let    e[..before, i, ..] = exp(x[..before, i, ..] - stop(top[..before, ..]));
    output y[..before, i, ..] = e[..before, i, ..] / (sum(i) e[..before, i, ..]);
}]
pub struct Softmax {
    /// Axes before.
    pub axis: usize,
}
