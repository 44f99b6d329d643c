//! Layers: from the text in `#[layer { … }]` to Rust.

pub(crate) mod ast;
mod bounds;
mod build;
mod calculus;
pub(crate) mod check;
mod classify;
mod demand;
mod differentiate;
pub(crate) mod doc;
pub(crate) mod evaluate;
mod hoist;
mod ir;
mod linear;
mod meet;
pub(crate) mod parse;
mod primitives;
mod print;
mod simplify;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod tests;
