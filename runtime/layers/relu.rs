use crate::Layer;

/// `max(x, 0)` of every element, with slope 0 at 0 (Nair and Hinton 2010). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [3] -> Relu; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[-1.0_f32, 0.0, 2.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0, 0.0, 2.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("Softplus")]
#[layer { input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 }; }]
pub struct Relu;
