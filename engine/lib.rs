//! What `chainrule` calculates with: lanes of sixteen samples, contractions, and the threads that share them. Knows neither layers nor
//! networks. A package of its own because it is most of the machine code: it is compiled while the macros are.
//!
//! Use the `chainrule` crate, which shows what of this is for users.

pub mod contract;
pub mod lanes;
#[doc(hidden)]
pub mod parts;
#[doc(hidden)]
pub mod threads;
