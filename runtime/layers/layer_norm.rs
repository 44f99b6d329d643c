use crate::Layer;

/// The last axis shifted and scaled to mean 0 and variance 1, then by learnt numbers: `weight (x - m) / √(v + epsilon) + bias`
/// (Ba et al. 2016). `[.., n]` stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2] -> LayerNorm::new().epsilon(0.0); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[1.0_f32, 3.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[-1.0, 1.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., i];
    param  weight[i] = Ones;
    param  bias[i]   = Zeros;
    let    m[..] = mean(i) x[.., i];
    let    v[..] = mean(i) square(x[.., i] - m[..]);
    let    s[..] = sqrt(v[..] + epsilon);
    output y[.., i] = (x[.., i] - m[..]) / s[..] * weight[i] + bias[i];
}]
pub struct LayerNorm {
    /// What keeps the root away from 0.
    #[default(1e-5)]
    pub epsilon: f64,
}
