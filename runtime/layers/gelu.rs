use crate::Layer;

/// `x Φ(x)` with the normal distribution function `Φ`, or its approximation `x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`
/// (Hendrycks and Gimpel 2016). Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [1] -> Gelu::new(); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[0.0_f32]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    output y[..] = if tanh { 0.5 * x[..] * (1 + tanh(sqrt(2 / pi) * (x[..] + 0.044715 * powi(x[..], 3)))) }
                   else { 0.5 * x[..] * (1 + erf(x[..] * sqrt(0.5))) };
}]
pub struct Gelu {
    /// Whether the approximation is taken.
    #[default(false)]
    pub tanh: bool,
}
