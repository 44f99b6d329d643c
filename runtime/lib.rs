//! Neural networks declared once, differentiated and checked by the compiler.

// The macros name this crate by its absolute path, here too.
extern crate self as chainrule;

pub mod executor;
pub mod graph;
pub mod lanes;
pub mod message;
pub mod network;
pub mod refusal;
pub mod shape;
pub mod site;
pub mod summary;
pub mod tables;
pub mod wiring;

pub use chainrule_macros::{Network, network};
pub use network::Network;
