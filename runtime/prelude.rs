//! What most programs use.

pub use crate::check;
pub use crate::data::Dataset;
#[cfg(feature = "data")]
pub use crate::data::{csv, digits, idx, mnist};
pub use crate::error::Error;
pub use crate::layers::*;
pub use crate::losses::*;
pub use crate::model::{Gradients, Inputs, Mode, Model, Prediction, Vjp};
pub use crate::optimizers::{Adam, AdamW, Optimizer, Sgd};
pub use crate::train::{Report, Trainer};
pub use crate::{Layer, Network, network};
pub use ndarray::{self, ArrayD, ArrayViewD};
