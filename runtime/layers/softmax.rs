use crate::Layer;

/// Positive shares that add up to 1 along an axis: `exp(x[i]) / Σ exp(x[j])`, without overflow. Any shape, which stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2, 2] -> Softmax::new(1); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr2(&[[1.0_f32, 1.0], [0.0, 1000.0]]))?;
/// assert_eq!(*y.values(), ndarray::arr2(&[[0.5, 0.5], [0.0, 1.0]]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..before: axis, i, ..];
    let    top[..before, ..]  = max(i) x[..before, i, ..];
    let    e[..before, i, ..] = exp(x[..before, i, ..] - stop(top[..before, ..]));
    output y[..before, i, ..] = e[..before, i, ..] / (sum(i) e[..before, i, ..]);
}]
pub struct Softmax {
    /// Along which axis, the first being 0.
    pub axis: usize,
}
