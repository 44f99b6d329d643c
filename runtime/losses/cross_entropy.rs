use crate::Layer;

/// Minus the logarithm of the share that softmax gives to the right class; the mean of it over positions, if there are several.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  logits[.., i];
    target label[..] of i;
    let    top[..] = max(i) logits[.., i];
    output loss = mean(..) (stop(top[..]) + ln(sum(i) exp(logits[.., i] - stop(top[..]))) - logits[.., label[..]]);
}]
pub struct CrossEntropy;
