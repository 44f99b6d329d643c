//! The arithmetic of a network, by convention:
//!
//! - a multiply-add is two operations, and nothing but the multiply-adds of contractions counts: no bias, activation, softmax, norm, optimiser;
//! - a whole training step of a contraction is three of them: forward, the gradient of its parameters, the gradient of its input. The
//!   first layer of a network computes no gradient of its input, so two. (Between two values, as in attention: forward and two gradients.)
//! - borders of zeros around an image count like its inside;
//! - causal attention counts the scores on and below the diagonal.

/// Multiply-adds of a dense layer at so many positions.
#[must_use]
pub const fn dense(positions: usize, inputs: usize, outputs: usize) -> usize {
    positions * inputs * outputs
}

/// Multiply-adds of a convolution: so many outputs, of a square window over so many channels.
#[must_use]
pub const fn conv(inputs: usize, window: usize, outputs: usize, height: usize, width: usize) -> usize {
    inputs * window * window * outputs * height * width
}

/// Multiply-adds of causal attention between its projections, all heads together: the scores and the mixing.
#[must_use]
pub const fn causal(positions: usize, width: usize) -> usize {
    2 * (positions * (positions + 1) / 2) * width
}

/// Operations of a forward pass of contractions with these multiply-adds.
#[must_use]
pub fn forward(contractions: &[usize]) -> f64 {
    2.0 * contractions.iter().sum::<usize>() as f64
}

/// Operations of a whole training step; the first contraction computes no gradient of its input.
#[must_use]
pub fn step(contractions: &[usize]) -> f64 {
    step_after_input(contractions) - 2.0 * contractions[0] as f64
}

/// The same where something that learns stands before the first contraction, as an embedding does.
#[must_use]
pub fn step_after_input(contractions: &[usize]) -> f64 {
    3.0 * forward(contractions)
}
