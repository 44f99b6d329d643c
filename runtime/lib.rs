//! Neural networks declared once, differentiated and checked by the compiler.

#[doc(hidden)]
pub mod bind;
pub mod checkpoint;
pub mod data;
mod files;
pub mod lanes;
pub mod message;
pub mod network;
pub mod shape;
pub mod site;
#[doc(hidden)]
pub mod vocabulary;
