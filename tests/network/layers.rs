//! A few layers written by hand, until `derive(Layer)` writes them.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::cast_possible_wrap, clippy::wildcard_imports)]

use chainrule::lanes::{Element, LANES, Pack, Simd};
use chainrule::message::Message;
use chainrule::shape::Shape;
use chainrule::site::*;

pub const fn port(name: &'static str, class: Class, kept: bool) -> Input {
    Input { name, integer: false, target: false, class, why: WHY, kept }
}
pub const WHY: Why = Why { primitive: "round", sentence: "is constant between half-integers, where it jumps", place: "tests/layers.rs:7" };
pub const OUT: Output = Output { name: "y", integer: false, kept: false };
pub const NONE: Memory = Memory { once: 0, step: 0, saved: 0, forward: 0, backward: 0 };

macro_rules! layer {
    ($Layer:ident, inputs: $inputs:expr, parameters: $parameters:expr, instead: $instead:literal) => {
        impl Layer for $Layer {
            const NAME: &'static str = stringify!($Layer);
            const INPUTS: &'static [Input] = $inputs;
            const PARAMETERS: &'static [Parameter] = $parameters;
            const OUTPUTS: &'static [Output] = &[OUT];
            const DRAWS: bool = false;
            const INSTEAD: &'static str = $instead;
        }
    };
}
macro_rules! nothing_beside {
    () => {
        fn once<E: Element>(_: &mut [E]) {}
        fn prepare<E: Element>(_: Prepare<'_, E>) {}
        fn finish<E: Element>(_: Finish<'_, E>) {}
    };
}

pub const fn arrived<S: Site>(at: usize) -> Shape {
    if at < S::INPUTS.len() { S::INPUTS[at] } else { Shape::UNKNOWN }
}

/// y = scale · x, with one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Scale(pub f64);
layer!(Scale, inputs: &[port("x", Class::Smooth, true)],
    parameters: &[Parameter { name: "weight", checkpoint: "weight", class: Class::Smooth, why: Why::NOTHING }], instead: "");
impl<S: Site<Layer = Self>> Kernel<S> for Scale {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[arrived::<S>(0)];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] =
        &[Tensor { shape: Shape::new(&[1]), initialiser: Initialiser::Ones, fan_in: 1, fan_out: 1 }];
    const MEMORY: Memory = Memory { saved: 2, forward: 1, backward: 3, ..NONE };
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, f: Forward<'_, E>) {
        assert!(f.saved.len() == 2 && f.scratch.len() == 1 && f.parameters.len() == 1);
        f.scratch.fill(Pack([E::NAN; LANES]));
        f.saved.fill(Pack([E::ONE; LANES]));
        for (y, x) in f.outputs[0].iter_mut().zip(f.inputs[0]) {
            y.0 = x.0.map(|x| x * f.parameters[0]);
        }
    }
    fn backward<M: Simd, E: Element, P: Pass>(_: M, b: Backward<'_, E>) {
        assert_eq!(b.saved, [Pack([E::ONE; LANES]); 2]);
        b.scratch.fill(Pack([E::NAN; LANES]));
        for (at, g) in b.output_gradients[0].iter().enumerate() {
            for lane in 0..LANES {
                if let Some(gradient) = b.gradients.first_mut() {
                    *gradient = *gradient + g.0[lane] * b.inputs[0][at].0[lane];
                }
                if let Some(gradient) = b.input_gradients[0].get_mut(at) {
                    gradient.0[lane] = gradient.0[lane] + g.0[lane] * b.parameters[0];
                }
            }
        }
    }
}

/// Constant between half-integers.
#[derive(Clone, Copy, Debug)]
pub struct Round;
layer!(Round, inputs: &[port("x", Class::None, false)], parameters: &[], instead: "SoftRound");
impl<S: Site<Layer = Self>> Kernel<S> for Round {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[arrived::<S>(0)];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[];
    const MEMORY: Memory = NONE;
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, f: Forward<'_, E>) {
        for (y, x) in f.outputs[0].iter_mut().zip(f.inputs[0]) {
            y.0 = x.0.map(|x| E::from_f64(x.to_f64().round()));
        }
    }
    fn backward<M: Simd, E: Element, P: Pass>(_: M, _: Backward<'_, E>) {
        panic!("nothing is wanted of this layer");
    }
}

/// max(x, 0): not smooth.
#[derive(Clone, Copy, Debug)]
pub struct Relu;
layer!(Relu, inputs: &[port("x", Class::Piecewise, true)], parameters: &[], instead: "Softplus");
impl<S: Site<Layer = Self>> Kernel<S> for Relu {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[arrived::<S>(0)];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[];
    const MEMORY: Memory = NONE;
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, f: Forward<'_, E>) {
        for (y, x) in f.outputs[0].iter_mut().zip(f.inputs[0]) {
            y.0 = x.0.map(|x| if x > E::ZERO { x } else { E::ZERO });
        }
    }
    fn backward<M: Simd, E: Element, P: Pass>(_: M, b: Backward<'_, E>) {
        for ((to, g), x) in b.input_gradients[0].iter_mut().zip(b.output_gradients[0]).zip(b.inputs[0]) {
            for lane in 0..LANES {
                if x.0[lane] > E::ZERO {
                    to.0[lane] = to.0[lane] + g.0[lane];
                }
            }
        }
    }
}

/// Two inputs of the same shape: a · b, and the halves of the first axis for shapes' sake.
#[derive(Clone, Copy, Debug)]
pub struct Halve {
    pub parts: usize,
}
layer!(Halve, inputs: &[port("x", Class::Smooth, false)], parameters: &[], instead: "");
impl<S: Site<Layer = Self>> Kernel<S> for Halve {
    const PROBLEM: &'static Message = &{
        let mut message = Message::EMPTY;
        let x = arrived::<S>(0);
        if x.is_known() && !x.dim(0).is_multiple_of(S::LAYER.parts) {
            message.text("`Halve`: ");
            message.shape(&x);
            message.text(" does not fall into ");
            message.number(S::LAYER.parts as i64);
            message.text(" parts");
        }
        message
    };
    const OUTPUTS: &'static [Shape] = &[{
        let x = arrived::<S>(0);
        if x.is_known() && x.dim(0).is_multiple_of(S::LAYER.parts) { Shape::new(&[x.dim(0) / S::LAYER.parts]) } else { Shape::UNKNOWN }
    }];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[];
    const MEMORY: Memory = NONE;
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, f: Forward<'_, E>) {
        let length = f.outputs[0].len();
        f.outputs[0].copy_from_slice(&f.inputs[0][..length]);
    }
    fn backward<M: Simd, E: Element, P: Pass>(_: M, b: Backward<'_, E>) {
        for (to, g) in b.input_gradients[0].iter_mut().zip(b.output_gradients[0]) {
            for lane in 0..LANES {
                to.0[lane] = to.0[lane] + g.0[lane];
            }
        }
    }
}

/// ½ Σ (x - target)²
#[derive(Clone, Copy, Debug)]
pub struct SquaredError;
layer!(SquaredError, inputs: &[
    port("x", Class::Smooth, true),
    Input { target: true, ..port("target", Class::Smooth, true) },
], parameters: &[], instead: "");
impl<S: Site<Layer = Self>> Kernel<S> for SquaredError {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[Shape::new(&[])];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[];
    const MEMORY: Memory = NONE;
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, f: Forward<'_, E>) {
        let half = E::from_f64(0.5);
        for lane in 0..LANES {
            let mut sum = E::ZERO;
            for (x, t) in f.inputs[0].iter().zip(f.inputs[1]) {
                let d = x.0[lane] - t.0[lane];
                sum = sum + d * d * half;
            }
            f.outputs[0][0].0[lane] = sum;
        }
    }
    fn backward<M: Simd, E: Element, P: Pass>(_: M, b: Backward<'_, E>) {
        assert!(b.input_gradients[1].is_empty());
        for (at, to) in b.input_gradients[0].iter_mut().enumerate() {
            for lane in 0..LANES {
                to.0[lane] = to.0[lane] + b.output_gradients[0][0].0[lane] * (b.inputs[0][at].0[lane] - b.inputs[1][at].0[lane]);
            }
        }
    }
}

/// A loss that is constant almost everywhere.
#[derive(Clone, Copy, Debug)]
pub struct ZeroOne;
layer!(ZeroOne, inputs: &[
    port("x", Class::None, true),
    Input { target: true, integer: true, ..port("label", Class::None, true) },
], parameters: &[], instead: "CrossEntropy");
impl<S: Site<Layer = Self>> Kernel<S> for ZeroOne {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[Shape::new(&[])];
    const INPUTS: &'static [Shape] = &[arrived::<S>(0), Shape::new(&[]).holding(arrived::<S>(1).values())];
    const PARAMETERS: &'static [Tensor] = &[];
    const MEMORY: Memory = NONE;
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, _: Forward<'_, E>) {}
    fn backward<M: Simd, E: Element, P: Pass>(_: M, _: Backward<'_, E>) {}
}

/// A table of learnt numbers, one a token.
#[derive(Clone, Copy, Debug)]
pub struct Lookup;
layer!(Lookup, inputs: &[Input { integer: true, ..port("token", Class::None, true) }],
    parameters: &[Parameter { name: "table", checkpoint: "weight", class: Class::Smooth, why: Why::NOTHING }], instead: "");
impl<S: Site<Layer = Self>> Kernel<S> for Lookup {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[arrived::<S>(0).holding(chainrule::shape::Values::Real)];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[Tensor {
        shape: Shape::new(&[match arrived::<S>(0).values() {
            chainrule::shape::Values::Below(count) => count,
            chainrule::shape::Values::Real => 1,
        }]),
        initialiser: Initialiser::Normal(1.0),
        fan_in: 1,
        fan_out: 1,
    }];
    const MEMORY: Memory = NONE;
    nothing_beside!();
    fn forward<M: Simd, E: Element>(_: M, f: Forward<'_, E>) {
        for (y, x) in f.outputs[0].iter_mut().zip(f.inputs[0]) {
            y.0 = x.0.map(|x| f.parameters[x.to_index()]);
        }
    }
    fn backward<M: Simd, E: Element, P: Pass>(_: M, b: Backward<'_, E>) {
        assert!(b.input_gradients[0].is_empty());
        for (g, x) in b.output_gradients[0].iter().zip(b.inputs[0]) {
            for lane in 0..LANES {
                let at = x.0[lane].to_index();
                b.gradients[at] = b.gradients[at] + g.0[lane];
            }
        }
    }
}
