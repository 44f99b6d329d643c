use crate::Layer;

/// The nearest integer, the even one of two. Not differentiable: only directly after an input. Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [3] -> Round; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.5_f32, 1.5, -1.2]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0, 2.0, -1.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("SoftRound")]
#[layer { input x[..]; output y[..] = round(x[..]); }]
pub struct Round;
