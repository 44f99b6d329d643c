use crate::Layer;

/// Dropout.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    let    keep[..] ~ Bernoulli(1 - rate);
    output y[..] = if training { x[..] * keep[..] / (1 - rate) } else { x[..] };
}]
pub struct Dropout {
    /// Rate.
    pub rate: f64,
}
