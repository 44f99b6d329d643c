//! Neural networks declared once, differentiated and checked by the compiler.

pub mod checkpoint;
pub mod data;
mod files;
