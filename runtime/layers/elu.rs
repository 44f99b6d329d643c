use crate::Layer;

/// `x` above 0, `alpha (exp(x) - 1)` from 0 down (Clevert et al. 2016). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2] -> Elu::new(1.0); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.0_f32, 2.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0, 2.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("Softplus")]
#[layer { input x[..]; output y[..] = if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..]) }; }]
pub struct Elu {
    /// Minus the limit far below 0; with 1, the usual one, there is no kink at 0.
    pub alpha: f64,
}
