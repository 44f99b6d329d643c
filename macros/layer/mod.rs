//! Index notation: from the text of `#[layer { … }]` to code.

pub(crate) mod ast;
pub(crate) mod construct;
pub(crate) mod fields;
pub(crate) mod parse;
