use crate::Layer;

/// The differentiable stand-in for [`Round`](super::Round): `m + tanh(sharpness (x - m)) / (2 tanh(sharpness / 2))` with the middle `m = floor(x) + 1/2`
/// (Agustsson and Theis 2020, "Universally quantized neural compression"). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1] -> SoftRound::new(8.0); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.5_f32]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.5]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    require sharpness > 0, "the sharpness is above 0";
    let    m[..] = floor(x[..]) + 0.5;
    output y[..] = stop(m[..]) + 0.5 * tanh(sharpness * (x[..] - stop(m[..]))) / tanh(0.5 * sharpness);
}]
pub struct SoftRound {
    /// From nearly the identity (below 1) to nearly rounding (above 20).
    pub sharpness: f64,
}
