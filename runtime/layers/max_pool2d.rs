use crate::Layer;

/// The largest element of every window; the gradient goes to the first of equals.
/// `[channels, h, w]` becomes `[channels, (h + 2 padding - size) / stride + 1, …]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1, 2, 4] -> MaxPool2d::new(2); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr3(&[[[1.0_f32, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 0.0]]]))?;
/// assert_eq!(*y.values(), ndarray::arr3(&[[[6.0, 7.0]]]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("LogSumExpPool2d")]
#[layer {
    input  x[c, h, w] outside -inf;
    require 2*padding <= size, "padding is at most half the window";
    output y[c, i: (h + 2*padding - size) / stride + 1, j: (w + 2*padding - size) / stride + 1]
         = max(p: size, q: size) x[c, i*stride + p - padding, j*stride + q - padding];
}]
pub struct MaxPool2d {
    /// Rows and columns of the window.
    pub size: usize,
    /// Rows and columns from window to window.
    #[default(size)]
    pub stride: usize,
    /// Rows and columns of nothing on each side, at most half the window.
    #[default(0)]
    pub padding: usize,
}
