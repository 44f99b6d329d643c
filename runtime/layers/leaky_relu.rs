use crate::Layer;

/// `x` above 0, `slope x` from 0 down (Maas et al. 2013). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [3] -> LeakyRelu::new(0.25); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[-1.0_f32, 0.0, 2.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[-0.25, 0.0, 2.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("Softplus")]
#[layer { input x[..]; output y[..] = if x[..] > 0 { x[..] } else { slope * x[..] }; }]
pub struct LeakyRelu {
    /// The slope from 0 down; PyTorch's is 0.01.
    pub slope: f64,
}
