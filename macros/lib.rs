//! The procedural macros of `chainrule`.
#![allow(dead_code)]

mod error;
mod layer;
