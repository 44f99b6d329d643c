use crate::Layer;

/// `ln(1 + exp(x))` of every element, without overflow (Dugas et al. 2001). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1] -> Softplus; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[1e3_f32]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[1e3]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = softplus(x[..]); }]
pub struct Softplus;
