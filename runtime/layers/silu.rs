use crate::Layer;

/// `x sigmoid(x)` of every element, also called swish (Elfwing et al. 2018). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1] -> Silu; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.0_f32]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = x[..] * sigmoid(x[..]); }]
pub struct Silu;
