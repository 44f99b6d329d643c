//! Neural networks declared once, differentiated and checked by the compiler.

pub mod lanes;
