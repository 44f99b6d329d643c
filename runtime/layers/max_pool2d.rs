use crate::Layer;

/// The largest element of every window.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside -inf;
    require 2*padding <= size, "padding is at most half the window";
    output y[c, i: (h + 2*padding - size) / step + 1, j: (w + 2*padding - size) / step + 1]
         = max(p: size, q: size) x[c, i*step + p - padding, j*step + q - padding];
}]
pub struct MaxPool2d {
    /// Rows and columns of the window.
    pub size: usize,
    /// Steps.
    #[default(2)]
    pub step: usize,
    /// Padding.
    #[default(0)]
    pub padding: usize,
}
