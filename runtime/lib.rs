//! Neural networks declared once, differentiated and checked by the compiler.

// The layers of this crate are written as a user's are: their code names `::chainrule`.
extern crate self as chainrule;

#[doc(hidden)]
pub mod bind;
pub mod check;
pub mod checkpoint;
pub mod data;
pub mod error;
pub mod executor;
mod files;
pub mod graph;
mod initialise;
pub mod lanes;
pub mod layers;
pub mod losses;
pub mod message;
pub mod model;
pub mod network;
pub mod optimizers;
pub mod prelude;
pub mod refusal;
pub mod shape;
pub mod site;
pub mod summary;
pub mod tables;
pub mod train;
#[doc(hidden)]
pub mod vocabulary;
pub mod wiring;

/// What the expansion of `network!` names. Not for people.
#[doc(hidden)]
pub mod expansion {
    pub use crate::executor::plan::{self, Arena};
    pub use crate::executor::tile::Visitor;
    pub use crate::graph::{self, Graph, Node, Place, Source};
    pub use crate::lanes::{Element, Simd};
    pub use crate::network::{Network, Parameter, Port, Row, Tile};
    pub use crate::shape::Shape;
    pub use crate::site::{Pass, Site, Want};
    pub use crate::{refusal, tables, wiring};
}

pub use chainrule_macros::{Layer, Network, network};
pub use error::Error;
pub use model::Model;
/// Inputs and outputs are its arrays and views.
pub use ndarray;
pub use network::Network;
pub use train::Trainer;
