//! Running a network's layers on one tile of samples: where everything lies in the arena, and the calls.

pub mod plan;
pub mod tile;
