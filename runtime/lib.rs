//! Neural networks declared once, differentiated and checked by the compiler.

pub mod check;
pub mod checkpoint;
pub mod data;
pub mod error;
pub(crate) mod executor;
mod files;
mod initialise;
pub mod lanes;
pub mod message;
pub mod model;
pub mod network;
pub mod optimizers;
pub mod prelude;
pub mod shape;
pub mod site;
pub mod train;

pub use error::Error;
pub use model::Model;
pub use train::Trainer;
