use crate::Layer;

/// Fully connected: every output is a weighted sum of every input, plus a bias: `y = W x + b`.
/// `[.., i]` becomes `[.., out]`, the same weights at every position.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [8, 5] -> Dense::new(3); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [8, 3]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., i];
    param  weight[o: out, i] = KaimingUniform;
    param  bias[o] if biased = Zeros;
    output y[.., o] = bias[o] + sum(i) weight[o, i] * x[.., i];
}]
pub struct Dense {
    /// Outputs.
    pub out: usize,
    /// Whether there is a bias.
    #[default(true)]
    pub biased: bool,
}
