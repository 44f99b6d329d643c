use crate::Layer;

/// A row of learnt numbers for every token: `table[token]`. Integers `[..]` below `vocabulary` become `[.., width]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; text: [8] of Token(50) -> Embedding::new(50, 16); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [8, 16]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  token[..] of v;
    param  table[v: vocabulary, d: width] = Normal(1.0) as "weight";
    output y[.., d] = table[token[..], d];
}]
pub struct Embedding {
    /// How many tokens there are.
    pub vocabulary: usize,
    /// How many numbers each becomes.
    pub width: usize,
}
