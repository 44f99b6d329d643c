use crate::Layer;

/// The share of positions where the largest logit is not the label's: what one wants, and no loss to train with, since it is flat
/// between its jumps. As a layer it may score; as a loss it is refused. Takes logits `[.., classes]` and labels `[..]`.
///
/// ```compile_fail
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [4] -> y: Dense::new(2); loss ZeroOne(y, label: Class(2)); }
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("CrossEntropy")]
#[layer {
    input  logits[.., i];
    target label[..] of i;
    output loss = mean(..) if argmax(i) logits[.., i] == label[..] { 0.0 } else { 1.0 };
}]
pub struct ZeroOne;
