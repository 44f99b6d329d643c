//! The layers: each written in the layer language, as a user's would be.

mod conv2d;
mod dense;
mod max_pool2d;
mod flatten;
mod relu;
mod softmax;
mod attention;
mod embedding;
mod dropout;

pub use conv2d::Conv2d;
pub use dense::Dense;
pub use max_pool2d::MaxPool2d;
pub use flatten::Flatten;
pub use relu::Relu;
pub use softmax::Softmax;
pub use attention::CausalSelfAttention;
pub use embedding::Embedding;
pub use dropout::Dropout;
