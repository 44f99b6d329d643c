//! Layers: from the text in `#[layer { … }]` to Rust.

pub(crate) mod ast;
mod bounds;
mod build;
mod calculus;
pub(crate) mod check;
mod classify;
pub(crate) mod construct;
mod demand;
mod differentiate;
pub(crate) mod doc;
mod emit;
pub(crate) mod evaluate;
pub(crate) mod fields;
mod hoist;
mod ir;
mod linear;
mod lower;
mod meet;
mod pairwise;
pub(crate) mod parse;
pub(crate) mod pipeline;
mod primitives;
mod print;
mod reparameterise;
mod simplify;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
pub(crate) mod tests;
mod threshold;
