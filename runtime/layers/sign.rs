use crate::Layer;

/// 1 above 0, -1 below it, 0 at 0. Not differentiable: only directly after an input. Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [3] -> Sign; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.5_f32, 0.0, -3.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[1.0, 0.0, -1.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("Tanh")]
#[layer { input x[..]; output y[..] = sign(x[..]); }]
pub struct Sign;
