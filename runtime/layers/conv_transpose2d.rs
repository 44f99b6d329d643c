use crate::Layer;

/// Transposed convolution: every input element adds a weighted window to the output (Zeiler et al. 2010), the transpose of
/// [`Conv2d`](super::Conv2d). `[channels, h, w]` becomes `[out, (h - 1) stride + kernel - 2 padding, …]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [4, 5, 3] -> ConvTranspose2d::new(2, 4).stride(2).padding(1); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [2, 10, 6]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    param  weight[c, o: out, p: kernel, q: kernel] = KaimingUniform;
    param  bias[o] if biased = Zeros;
    output y[o, i: (h - 1)*stride + kernel - 2*padding, j: (w - 1)*stride + kernel - 2*padding]
         = bias[o] + sum(c, h, w, p, q where i == h*stride + p - padding, j == w*stride + q - padding) weight[c, o, p, q] * x[c, h, w];
}]
pub struct ConvTranspose2d {
    /// Output channels.
    pub out: usize,
    /// Rows and columns of the window.
    pub kernel: usize,
    /// Rows and columns from window to window.
    #[default(1)]
    pub stride: usize,
    /// Rows and columns cut off on each side.
    #[default(0)]
    pub padding: usize,
    /// Whether there is a bias.
    #[default(true)]
    pub biased: bool,
}
