//! Declarations in other people's code: where every name is somebody else's, where nothing is forgiven, and made by macros.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused_qualifications, clippy::pedantic)]

pub mod declared;
pub mod hostile;
pub mod made;
pub mod names;
pub mod strict;
mod versions;
