//! Neural networks declared once, differentiated and checked by the compiler.

// The layers of this crate are written as a user's are: their code names `::chainrule`.
extern crate self as chainrule;

#[doc(hidden)]
pub mod bind;
pub mod checkpoint;
pub mod data;
mod files;
pub mod lanes;
pub mod layers;
pub mod message;
pub mod network;
pub mod shape;
pub mod site;
#[doc(hidden)]
pub mod vocabulary;

pub use chainrule_macros::Layer;
