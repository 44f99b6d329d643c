//! `gpt`: two blocks of a transformer that reads 64 characters. Batch 16, AdamW.

use chainrule::prelude::*;
use chainrule_benches::{flops, training};

network! {
    /// Width 128, 4 heads; normalised before each branch; learnt positions.
    struct Gpt;

    text: [64] of Token(96) -> Embedding::new(96, 128) -> start: Positions::new();

    start                   -> LayerNorm::new() -> attended1: CausalSelfAttention::new(4);
    start + attended1       -> LayerNorm::new() -> Dense::new(512) -> Gelu::new().tanh(true) -> mixed1: Dense::new(128);
    start + attended1 + mixed1
                            -> LayerNorm::new() -> attended2: CausalSelfAttention::new(4);
    start + attended1 + mixed1 + attended2
                            -> LayerNorm::new() -> Dense::new(512) -> Gelu::new().tanh(true) -> mixed2: Dense::new(128);
    start + attended1 + mixed1 + attended2 + mixed2
                            -> LayerNorm::new() -> logits: Dense::new(96);

    loss CrossEntropy(logits, next: Token(96));
}

fn main() {
    let block = [
        flops::dense(64, 128, 3 * 128),
        flops::causal(64, 128),
        flops::dense(64, 128, 128),
        flops::dense(64, 128, 512),
        flops::dense(64, 512, 128),
    ];
    let contractions = [&block[..], &block[..], &[flops::dense(64, 128, 96)]].concat();
    training::<Gpt>("gpt", 16, flops::step_after_input(&contractions), AdamW::new(1e-4)).main();
}
