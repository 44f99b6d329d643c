use crate::Layer;

/// `max(x, 0)`, with slope 0 at 0.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..];
    output y[..] = if x[..] > 0 { x[..] } else { 0 };
}]
pub struct Relu;
