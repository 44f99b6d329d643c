//! What `a + b`, `a * b` and `concat(a, b)` mean in `network!`: layers like any other.

use crate::Layer;

/// The sum of two wires of one shape.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input a[..]; input b[..]; output y[..] = a[..] + b[..]; }]
pub struct Add;

/// The product of two wires of one shape, element by element.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input a[..]; input b[..]; output y[..] = a[..] * b[..]; }]
pub struct Multiply;

/// Two wires one after the other along their leading axis.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[i, ..];
    input  b[j, ..];
    output y[k: i + j, ..] = if k < len(i) { a[k, ..] } else { b[k - len(i), ..] };
}]
pub struct Concat;
