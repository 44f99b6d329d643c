use crate::Layer;

/// Rows of a table.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  token[..] of v;
    param  table[v: vocabulary, d: width] = Normal(1.0) as "weight";
    output y[.., d] = table[token[..], d];
}]
pub struct Embedding {
    /// Tokens.
    pub vocabulary: usize,
    /// Width.
    pub width: usize,
}
