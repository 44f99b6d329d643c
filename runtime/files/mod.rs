//! Files as they arrive and leave, whatever is in them: [`open`] takes regular files only and never waits, [`replace`] writes so that a
//! process killed at any moment leaves the old file or the new one. Knows no format.

mod open;
mod replace;

pub use open::Unreadable;
pub(crate) use open::open;
pub use replace::Unwritable;
pub(crate) use replace::replace;
