use crate::Layer;

/// 1 above `level`, else 0. Not differentiable: only directly after an input. Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [3] -> Threshold::new(0.5); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.4_f32, 0.5, 0.6]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0, 0.0, 1.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("Sigmoid")]
#[layer { input x[..]; output y[..] = if x[..] > level { 1 } else { 0 }; }]
pub struct Threshold {
    /// What has to be exceeded.
    pub level: f64,
}
