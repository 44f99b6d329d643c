use crate::Layer;

/// `(x - t)²`, the mean over all elements. Takes two `[..]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2]; loss MeanSquaredError(x, wanted: [2]); }
/// let loss = Model::<Net>::new(1).loss(&ndarray::arr1(&[1.0_f32, 2.0]), &ndarray::arr1(&[1.0_f32, 4.0]))?;
/// assert_eq!(loss, 2.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    target wanted[..];
    output loss = mean(..) square(x[..] - wanted[..]);
}]
pub struct MeanSquaredError;
