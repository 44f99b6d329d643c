//! The losses: layers with a target, each written in the layer language. All are in the [prelude](crate::prelude).

mod binary_cross_entropy;
mod cross_entropy;
mod huber;
mod mean_squared_error;
mod zero_one;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use cross_entropy::CrossEntropy;
pub use huber::Huber;
pub use mean_squared_error::MeanSquaredError;
pub use zero_one::ZeroOne;
