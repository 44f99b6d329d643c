use crate::Layer;

/// The smooth stand-in for [`MaxPool2d`](super::MaxPool2d): `ln(mean(exp(sharpness x))) / sharpness` of every window, between its mean
/// (`sharpness` near 0) and its maximum (Boyd and Vandenberghe, "Convex Optimization", 3.1.5). `[channels, h, w]` becomes
/// `[channels, (h - size) / stride + 1, …]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [4, 6, 8] -> LogSumExpPool2d::new(2).sharpness(4.0); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [4, 3, 4]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    require sharpness > 0, "the sharpness is above 0";
    let    top[c, i: (h - size) / stride + 1, j: (w - size) / stride + 1] = max(p: size, q: size) x[c, i*stride + p, j*stride + q];
    output y[c, i, j]
         = stop(top[c, i, j]) + ln(mean(p, q) exp(sharpness * (x[c, i*stride + p, j*stride + q] - stop(top[c, i, j])))) / sharpness;
}]
pub struct LogSumExpPool2d {
    /// Rows and columns of the window.
    pub size: usize,
    /// Rows and columns from window to window.
    #[default(size)]
    pub stride: usize,
    /// How close to the maximum.
    #[default(1.0)]
    pub sharpness: f64,
}
