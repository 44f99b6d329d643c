use crate::Layer;

/// In training every element is 0 with probability `rate` and else divided by `1 - rate`; in evaluation nothing happens (Srivastava
/// et al. 2014). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2] -> Dropout::new(0.5); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[1.0_f32, 2.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[1.0, 2.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    require rate >= 0 && rate < 1, "the rate is at least 0 and below 1";
    let    keep[..] ~ Bernoulli(1 - rate);
    output y[..] = if training { x[..] * keep[..] / (1 - rate) } else { x[..] };
}]
pub struct Dropout {
    /// How probable it is that an element is dropped.
    pub rate: f64,
}
