use crate::Layer;

/// Minus the logarithm of the probability that the sigmoid of a logit gives to what was seen, 1 or 0 (or a share of ones between them):
/// `-(t ln(sigmoid(x)) + (1 - t) ln(1 - sigmoid(x)))`, without overflow; the mean over all elements. Takes two `[..]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2]; loss BinaryCrossEntropy(x, seen: [2]); }
/// let loss = Model::<Net>::new(1).loss(&ndarray::arr1(&[1000.0_f32, 1000.0]), &ndarray::arr1(&[1.0_f32, 0.0]))?;
/// assert_eq!(loss, 500.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  logit[..];
    target seen[..];
    output loss = mean(..) (seen[..] * softplus(-logit[..]) + (1 - seen[..]) * softplus(logit[..]));
}]
pub struct BinaryCrossEntropy;
