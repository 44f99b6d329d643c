//! Losses: layers with a target.

mod cross_entropy;

pub use cross_entropy::CrossEntropy;
