//! Neural networks declared once, differentiated and checked by the compiler.

pub mod lanes;
pub mod message;
pub mod network;
pub mod shape;
pub mod site;
