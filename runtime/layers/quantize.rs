use crate::Layer;

/// The nearest multiple of `1 / levels`: `round(x levels) / levels`. Not differentiable: only directly after an input. Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2] -> Quantize::new(4); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.3_f32, 0.9]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.25, 1.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("SoftRound")]
#[layer { input x[..]; output y[..] = round(x[..] * levels) / levels; }]
pub struct Quantize {
    /// Steps from 0 to 1.
    pub levels: usize,
}
