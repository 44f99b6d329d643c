//! A few small layers and losses for the tests of networks.
#![allow(dead_code, unreachable_pub)]

use chainrule::Layer;

/// With one parameter, and one number kept from forward to backward.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; param weight = Ones; output y[..] = weight * x[..]; }]
pub struct Scale;

/// Constant between half-integers.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = round(x[..]); }]
pub struct Round;

/// With a kink.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 }; }]
pub struct Relu;

/// The first of some equal parts.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[(k: parts, i)]; output y[i] = x[(0, i)]; }]
pub struct Part {
    /// How many.
    pub parts: usize,
}

/// ½ Σ (x - target)²
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; target y[..]; output loss = 0.5 * sum(..) square(x[..] - y[..]); }]
pub struct SquaredError;

/// A table of learnt numbers, one a token.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input token[s] of v; param table[v: vocabulary] = Normal(1.0) as "weight"; output y[s] = table[token[s]]; }]
pub struct Lookup {
    /// How many tokens.
    pub vocabulary: usize,
}
