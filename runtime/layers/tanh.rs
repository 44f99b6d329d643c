use crate::Layer;

/// The hyperbolic tangent of every element. Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1] -> Tanh; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.0_f32]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = tanh(x[..]); }]
pub struct Tanh;
