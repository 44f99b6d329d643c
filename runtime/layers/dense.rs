use crate::Layer;

/// Fully connected: every output is a weighted sum of every input, plus a bias.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., i];
    param  weight[o: out, i]     = KaimingUniform;
    param  bias[o] if biased     = Zeros;
    output y[.., o] = bias[o] + sum(i) weight[o, i] * x[.., i];
}]
pub struct Dense {
    /// Outputs.
    pub out: usize,
    /// Whether there is a bias.
    #[default(true)]
    pub biased: bool,
}
