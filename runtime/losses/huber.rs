use crate::Layer;

/// `d² / 2` of a difference up to `delta`, `delta (|d| - delta / 2)` beyond: outliers pull no harder (Huber 1964); the mean over all
/// elements. Takes two `[..]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2]; loss Huber::new(1.0)(x, wanted: [2]); }
/// let loss = Model::<Net>::new(1).loss(&ndarray::arr1(&[1.0_f32, 2.0]), &ndarray::arr1(&[1.0_f32, 5.0]))?;
/// assert_eq!(loss, 1.25);
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    target wanted[..];
    let    d[..] = x[..] - wanted[..];
    output loss = mean(..) if abs(d[..]) <= delta { 0.5 * square(d[..]) } else { delta * (abs(d[..]) - 0.5 * delta) };
}]
pub struct Huber {
    /// From which difference on the loss grows in proportion.
    pub delta: f64,
}
