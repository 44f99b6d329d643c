//! Neural networks declared once: macros emit the forward code, derive the backward code, and refuse to compile a network through
//! which gradients cannot flow.
//!
//! ```
//! use chainrule::prelude::*;
//!
//! network! {
//!     /// Reads digits of 8×8 grey pixels.
//!     pub struct Digits;
//!
//!     image: [1, 8, 8]
//!         -> conv1: Conv2d::new(16, 3).padding(1) -> Relu -> MaxPool2d::new(2)
//!         -> Flatten
//!         -> logits: Dense::new(10);
//!
//!     loss CrossEntropy(logits, label: Class(10));
//! }
//!
//! let (train, test) = digits::load()?;
//! let mut model = Model::<Digits>::new(7);
//! let report = Trainer::new(Adam::new(3e-3)).epochs(2).batch(32).fit(&mut model, &train, &test)?;
//! println!("{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A tour
//! - [`network!`](crate::network!) declares a network: layers on wires, shapes and mistakes found when compiling.
//!   [`Network`](trait@Network) is what it implements: parameters, shapes and memory as consts, and the [`summary`](Network::summary).
//! - [`derive(Layer)`](derive@Layer) makes a layer from its mathematics. [`layers`] and [`losses`] are written so, and each one's page
//!   shows its formula.
//! - [`Model`] holds a network's parameters: it predicts, gives gradients, saves and loads.
//! - [`Trainer`] trains it with one of the [`optimizers`] on a [`data`] set.
//! - [`check`] compares derived gradients with differences.
//! - Errors at run time are [`Error`]s. Nothing that comes in makes the library panic.
//!
//! [`prelude`] holds what most programs use. Arrays are those of [`ndarray`]; a batch is the leading axis, of any size.
//!
//! # Features
//! `data`: the readers of data sets in [`data`], the built-in digits among them.

// The layers of this crate are written as a user's are: their code names `::chainrule`.
extern crate self as chainrule;

#[doc(hidden)]
mod aligned;
pub mod bind;
pub mod check;
pub mod checkpoint;
pub mod data;
pub mod error;
pub mod executor;
mod files;
pub mod graph;
mod initialise;
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

/// What the expansions name. Not for people.
#[doc(hidden)]
pub mod expansion {
    /// Stands behind the name of every local of a layer's code, so that no `const` or `static` of its user's does.
    pub fn local() {}

    pub use crate::executor::code::Code;
    pub use crate::executor::plan::{self, Arena};
    pub use crate::graph::{self, Graph, Node, Place, Source};
    pub use crate::lanes::Cell;
    pub use crate::network::{Network, Parameter, Port, Row};
    pub use crate::shape::Shape;
    pub use crate::site::{Pass, Site, Want};
    pub use crate::tables::Scalars;
    pub use crate::{refusal, tables, wiring};
}

pub use chainrule_engine::{contract, lanes};
pub use chainrule_macros::{Layer, Network, network};
pub use error::Error;
pub use model::Model;
/// Inputs and outputs are its arrays and views.
pub use ndarray;
pub use network::Network;
pub use train::Trainer;

/// The code in the README is tested too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
