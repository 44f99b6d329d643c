use crate::Layer;

/// Channels become pixels: every `factor²` of them a square (Shi et al. 2016, "Real-time single image and video super-resolution").
/// `[channels factor², h, w]` becomes `[channels, h factor, w factor]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [4, 1, 1] -> PixelShuffle::new(2); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr3(&[[[1.0_f32]], [[2.0]], [[3.0]], [[4.0]]]))?;
/// assert_eq!(*y.values(), ndarray::arr3(&[[[1.0, 2.0], [3.0, 4.0]]]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(c, a: factor, b: factor), h, w];
    output y[c, (h, a), (w, b)] = x[(c, a, b), h, w];
}]
pub struct PixelShuffle {
    /// By how much rows and columns grow.
    pub factor: usize,
}
