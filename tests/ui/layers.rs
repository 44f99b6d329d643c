//! Layers of a user's own, for the cases.
#![allow(dead_code)]

use chainrule::Layer;

/// Not differentiable: `round`.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = round(x[..] * levels) / levels; }]
pub struct Quantize {
    pub levels: f64,
}

/// Not differentiable: its branches do not meet.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = if x[..] > 0 { 1 } else { 0 }; }]
pub struct Step;

/// The same forward, with the gradient of something else.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = straight_through(if x[..] > 0 { 1 } else { 0 }, x[..]); }]
pub struct StraightThroughStep;

/// Smooth.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = tanh(x[..]); }]
pub struct Tanh;

/// Two inputs, differentiable in `value` only.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input value[..]; input gate[..]; output y[..] = if gate[..] > 0 { value[..] } else { 0 }; }]
pub struct Gate;

/// One dependable loss.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input prediction[..]; target truth[..]; output loss = mean(..) square(prediction[..] - truth[..]); }]
pub struct MeanSquare;

/// A loss that cannot train anything.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input logits[i]; target label of i; output loss = if (argmax(i) logits[i]) == label { 0 } else { 1 }; }]
pub struct Misses;
