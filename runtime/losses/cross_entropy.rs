use crate::Layer;

/// Minus the logarithm of the share that softmax gives to the right class: `ln(Σ exp(logits[j])) - logits[label]`, without overflow;
/// over several positions, the mean. Takes logits `[.., classes]` and labels `[..]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2]; loss CrossEntropy(x, label: Class(2)); }
/// let loss = Model::<Net>::new(1).loss(&ndarray::arr1(&[1000.0_f32, 0.0]), &ndarray::arr0(1_u8))?;
/// assert_eq!(loss, 1000.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  logits[.., i];
    target label[..] of i;
    let    top[..] = max(i) logits[.., i];
    output loss = mean(..) (stop(top[..]) + ln(sum(i) exp(logits[.., i] - stop(top[..]))) - logits[.., label[..]]);
}]
pub struct CrossEntropy;
