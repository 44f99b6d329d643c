use crate::Layer;

/// The mean of every window. `[channels, h, w]` becomes `[channels, (h + 2 padding - size) / stride + 1, …]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1, 2, 2] -> AvgPool2d::new(2); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr3(&[[[1.0_f32, 2.0], [3.0, 6.0]]]))?;
/// assert_eq!(*y.values(), ndarray::arr3(&[[[3.0]]]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside 0;
    require 2*padding <= size, "padding is at most half the window";
    let    rows[i: (h + 2*padding - size) / stride + 1] = sum(p: size where borders || i*stride + p >= padding && i*stride + p < len(h) + padding) 1;
    let    columns[j: (w + 2*padding - size) / stride + 1] = sum(q: size where borders || j*stride + q >= padding && j*stride + q < len(w) + padding) 1;
    output y[c, i, j] = (sum(p, q) x[c, i*stride + p - padding, j*stride + q - padding]) / (rows[i] * columns[j]);
}]
pub struct AvgPool2d {
    /// Rows and columns of the window.
    pub size: usize,
    /// Rows and columns from window to window.
    #[default(size)]
    pub stride: usize,
    /// Rows and columns of zeros on each side, at most half the window.
    #[default(0)]
    pub padding: usize,
    /// Whether the padding counts as elements.
    #[default(false)]
    pub borders: bool,
}
