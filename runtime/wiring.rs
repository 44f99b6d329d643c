//! Sums, products and concatenations of wires, as layers: what `a + b`, `a * b` and `concat(a, b)` mean in `network!`.
//!
//! WRITTEN BY HAND until `derive(Layer)` is here; then this file is three structs with these texts:
//!
//! ```text
//! Add       input a[..]; input b[..]; output y[..] = a[..] + b[..];
//! Multiply  input a[..]; input b[..]; output y[..] = a[..] * b[..];
//! Concat    input a[i, ..]; input b[j, ..]; output y[k: i + j, ..] = if k < len(i) { a[k, ..] } else { b[k - len(i), ..] };
//! ```

use crate::lanes::{Element, LANES, Lanes, Pack, Simd};
use crate::message::Message;
use crate::shape::Shape;
use crate::site::{Backward, Class, Finish, Forward, Input, Kernel, Layer, Memory, Output, Parameter, Pass, Prepare, Site, Tensor, Why};

/// The sum of two wires of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Add;
/// The product of two wires of one shape, element by element.
#[derive(Clone, Copy, Debug)]
pub struct Multiply;
/// Two wires one after the other along their leading axis.
#[derive(Clone, Copy, Debug)]
pub struct Concat;

const fn input(name: &'static str, kept: bool) -> Input {
    Input { name, integer: false, target: false, class: Class::Smooth, why: Why::NOTHING, kept }
}

const fn joined(a: &Shape, b: &Shape) -> Option<Shape> {
    if a.rank() != b.rank() || a.rank() == 0 {
        return None;
    }
    let mut dims = [0; crate::shape::MAX_RANK];
    dims[0] = a.dim(0) + b.dim(0);
    let mut axis = 1;
    while axis < a.rank() {
        if a.dim(axis) != b.dim(axis) {
            return None;
        }
        dims[axis] = a.dim(axis);
        axis += 1;
    }
    Some(Shape::new(dims.split_at(a.rank()).0))
}

const fn problem(name: &str, a: &Shape, b: &Shape) -> Message {
    let mut message = Message::EMPTY;
    message.text("`");
    message.text(name);
    message.text("`: `a` is ");
    message.shape(a);
    message.text(" and `b` is ");
    message.shape(b);
    message
}

macro_rules! wiring {
    ($Layer:ident, $kept:literal, $shape:expr, |$f:ident, $simd:ident| $forward:expr, |$b:ident| $backward:expr) => {
        impl Layer for $Layer {
            const NAME: &'static str = stringify!($Layer);
            const INPUTS: &'static [Input] = &[input("a", $kept), input("b", $kept)];
            const PARAMETERS: &'static [Parameter] = &[];
            const OUTPUTS: &'static [Output] = &[Output { name: "y", integer: false, kept: false }];
            const DRAWS: bool = false;
        }

        impl<S: Site<Layer = Self>> Kernel<S> for $Layer {
            const PROBLEM: &'static Message = &{
                let [a, b] = [&S::INPUTS[0], &S::INPUTS[1]];
                match $shape(a, b) {
                    None if a.is_known() && b.is_known() => problem(stringify!($Layer), a, b),
                    _ => Message::EMPTY,
                }
            };
            const OUTPUTS: &'static [Shape] = &[match $shape(&S::INPUTS[0], &S::INPUTS[1]) {
                Some(shape) if S::INPUTS[0].is_known() && S::INPUTS[1].is_known() => shape,
                _ => Shape::UNKNOWN,
            }];
            const INPUTS: &'static [Shape] = S::INPUTS;
            const PARAMETERS: &'static [Tensor] = &[];
            const MEMORY: Memory = Memory { once: 0, step: 0, saved: 0, forward: 0, backward: 0 };
            fn once<E: Element>(_: &mut [E]) {}
            fn prepare<E: Element>(_: Prepare<'_, E>) {}
            #[inline(always)]
            fn forward<M: Simd, E: Element>($simd: M, $f: Forward<'_, E>) {
                $forward
            }
            #[inline(always)]
            fn backward<M: Simd, E: Element, P: Pass>(_: M, $b: Backward<'_, E>) {
                $backward
            }
            fn finish<E: Element>(_: Finish<'_, E>) {}
        }
    };
}

const fn same(a: &Shape, b: &Shape) -> Option<Shape> {
    if a.same_dims(b) { Some(*a) } else { None }
}

/// `to += from * by`
fn add<E: Element>(to: &mut [Pack<E>], from: &[Pack<E>], by: Option<&[Pack<E>]>) {
    for (at, (to, from)) in to.iter_mut().zip(from).enumerate() {
        for lane in 0..LANES {
            let factor = by.map_or(E::ONE, |by| by[at].0[lane]);
            to.0[lane] = to.0[lane] + from.0[lane] * factor;
        }
    }
}

wiring!(
    Add,
    false,
    same,
    |f, simd| for (at, y) in f.outputs[0].iter_mut().enumerate() {
        (E::Lanes::load(simd, &f.inputs[0][at]) + E::Lanes::load(simd, &f.inputs[1][at])).store(y);
    },
    |b| for gradient in b.input_gradients.iter_mut() {
        add(gradient, b.output_gradients[0], None);
    }
);
wiring!(
    Multiply,
    true,
    same,
    |f, simd| for (at, y) in f.outputs[0].iter_mut().enumerate() {
        (E::Lanes::load(simd, &f.inputs[0][at]) * E::Lanes::load(simd, &f.inputs[1][at])).store(y);
    },
    |b| for (at, gradient) in b.input_gradients.iter_mut().enumerate() {
        add(gradient, b.output_gradients[0], Some(b.inputs[1 - at]));
    }
);
wiring!(
    Concat,
    false,
    joined,
    |f, _simd| {
        let (first, second) = f.outputs[0].split_at_mut(f.inputs[0].len());
        first.copy_from_slice(f.inputs[0]);
        second.copy_from_slice(f.inputs[1]);
    },
    |b| {
        let (first, second) = b.output_gradients[0].split_at(S::INPUTS[0].size());
        add(b.input_gradients[0], first, None);
        add(b.input_gradients[1], second, None);
    }
);
