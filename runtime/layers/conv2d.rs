use crate::Layer;

/// Convolution of an image (cross-correlation, as in all of deep learning) with zeros around it: LeCun et al. 1989, dilation
/// and groups as in PyTorch. `[channels, h, w]` becomes `[out, (h + 2 padding - dilation (kernel - 1) - 1) / stride + 1, …]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [3, 9, 7] -> Conv2d::new(8, 3).stride(2).padding(1); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [8, 5, 4]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(g: groups, c), h, w] outside 0;
    param  weight[(g, o: out / groups), c, p: kernel, q: kernel] = KaimingUniform;
    param  bias[(g, o)] if biased = Zeros;
    output y[(g, o), i: (h + 2*padding - dilation*(kernel - 1) - 1) / stride + 1, j: (w + 2*padding - dilation*(kernel - 1) - 1) / stride + 1]
         = bias[(g, o)] + sum(c, p, q) weight[(g, o), c, p, q] * x[(g, c), i*stride + p*dilation - padding, j*stride + q*dilation - padding];
}]
pub struct Conv2d {
    /// Output channels.
    pub out: usize,
    /// Rows and columns of the window.
    pub kernel: usize,
    /// Rows and columns from window to window.
    #[default(1)]
    pub stride: usize,
    /// Rows and columns of zeros on each side.
    #[default(0)]
    pub padding: usize,
    /// Rows and columns from element to element of the window.
    #[default(1)]
    pub dilation: usize,
    /// Groups of channels that do not see each other.
    #[default(1)]
    pub groups: usize,
    /// Whether there is a bias.
    #[default(true)]
    pub biased: bool,
}
