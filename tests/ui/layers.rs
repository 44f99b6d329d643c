//! Layers of a user's own, for the cases.
#![allow(dead_code)]

use chainrule::Layer;

/// Not differentiable: its branches do not meet.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = if x[..] > 0 { 1 } else { 0 }; }]
pub struct Step;

/// The same forward, with the gradient of something else.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = straight_through(if x[..] > 0 { 1 } else { 0 }, x[..]); }]
pub struct StraightThroughStep;

/// Two inputs, differentiable in `value` only.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input value[..]; input gate[..]; output y[..] = if gate[..] > 0 { value[..] } else { 0 }; }]
pub struct Gate;

/// One dependable loss.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input prediction[..]; target truth[..]; output loss = mean(..) square(prediction[..] - truth[..]); }]
pub struct MeanSquare;
