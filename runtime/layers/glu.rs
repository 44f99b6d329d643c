use crate::Layer;

/// The first half of the last axis times the sigmoid of the second, a gate (Dauphin et al. 2017). `[.., 2 n]` becomes `[.., n]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [4] -> Glu; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr1(&[1.0_f32, 2.0, 0.0, 0.0]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[0.5, 1.0]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., (k: 2, i)];
    output y[.., i] = x[.., (0, i)] * sigmoid(x[.., (1, i)]);
}]
pub struct Glu;
