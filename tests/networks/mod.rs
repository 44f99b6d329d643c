//! Three networks whose layers are written by hand, against the contract that `derive(Layer)` emits, so that the runtime is tested on
//! closed forms without it.

#![allow(dead_code, reason = "each test file that includes this module uses a part of it")]

use chainrule::lanes::draws::bernoulli;
use chainrule::lanes::{DrawKey, Element, LANES, Lanes, Pack, Simd};
use chainrule::message::Message;
use chainrule::network;
use chainrule::shape::{Shape, Values};
use chainrule::site::{
    Backward, Class, Draws, Finish, Forward, Initialiser, Input, Kernel, Layer, Memory, Output, Parameter, Pass,
    Prepare, Site, Tensor, Why,
};

network! {
    /// `y = exp(gain) · (weight · x) + bias`, whose loss is `(y - t)²`.
    pub(crate) struct Line;

    x: [2] -> line: Affine { wrong: false };

    loss SquaredDistance(line, t: []);
}

network! {
    /// `Line` with a mistake in its backward code: the second weight's gradient is a thousandth too large.
    pub(crate) struct Wrong;

    x: [2] -> line: Affine { wrong: true };

    loss SquaredDistance(line, t: []);
}

network! {
    /// Two inputs: three tokens and a number. `logits[k] = Σ table[token, k] · keep + z · slope[k] + offset[k]`, where `keep` drops half of the
    /// samples in training.
    pub(crate) struct Words;

    token: [3] of Token(5);
    z: [];
    (token, z) -> mix: Mix -> logits: frozen Offset;

    loss Surprise(logits, label: Class(2));
}

network! {
    /// A weighted sum of many numbers.
    pub(crate) struct Wide;

    x: [40_000] -> dot: Dot;

    loss SquaredDistance(dot, t: []);
}

const fn input(name: &'static str, integer: bool, target: bool) -> Input {
    let class = if integer { Class::None } else { Class::Smooth };
    Input { name, integer, target, class, why: Why::NOTHING, kept: true }
}

const fn parameter(name: &'static str) -> Parameter {
    Parameter { name, checkpoint: name, class: Class::Smooth, why: Why::NOTHING }
}

const fn tensor(shape: Shape, initialiser: Initialiser) -> Tensor {
    Tensor { shape, initialiser, fan_in: 2, fan_out: 1 }
}

const OUTPUT: Output = Output { name: "y", integer: false, kept: true };
const SCALAR: Shape = Shape::new(&[]);
const NOTHING_BESIDE: Memory = Memory { once: 0, step: 0, saved: 0, forward: 0, backward: 0 };

macro_rules! nothing_beside {
    () => {
        const MEMORY: Memory = NOTHING_BESIDE;
        fn once<E: Element>(_: &mut [E]) {}
        fn prepare<E: Element>(_: Prepare<'_, E>) {}
        fn finish<E: Element>(_: Finish<'_, E>) {}
    };
}

fn add<E: Element>(to: &mut E, value: E) {
    *to = *to + value;
}

/// `y = exp(gain) · (weight · x) + bias`, where `exp(gain)` is computed once a step, times a 1 that is computed once.
#[derive(Clone, Copy)]
struct Affine {
    wrong: bool,
}

impl Layer for Affine {
    const NAME: &'static str = "Affine";
    const INPUTS: &'static [Input] = &[input("x", false, false)];
    const PARAMETERS: &'static [Parameter] =
        &[parameter("weight"), parameter("bias"), parameter("gain"), parameter("absent")];
    const OUTPUTS: &'static [Output] = &[OUTPUT];
    const DRAWS: bool = false;
}

impl<S: Site<Layer = Self>> Kernel<S> for Affine {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[SCALAR];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[
        tensor(Shape::new(&[2]), Initialiser::KaimingUniform),
        tensor(SCALAR, Initialiser::Zeros),
        tensor(SCALAR, Initialiser::Zeros),
        tensor(Shape::ABSENT, Initialiser::Zeros),
    ];
    const MEMORY: Memory = Memory { once: 1, step: 1, ..NOTHING_BESIDE };

    fn once<E: Element>(once: &mut [E]) {
        once[0] = E::ONE;
    }

    fn prepare<E: Element>(frame: Prepare<'_, E>) {
        frame.step[0] = frame.once[0] * frame.parameters[3].exp();
    }

    fn forward<M: Simd, E: Element>(_: M, frame: Forward<'_, E>) {
        let (x, p) = (frame.inputs[0], frame.parameters);
        for l in 0..LANES {
            let dot = p[0] * x[0].0[l] + p[1] * x[1].0[l];
            frame.outputs[0][0].0[l] = frame.step[0] * dot + p[2];
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(_: M, frame: Backward<'_, E>) {
        let (x, p, scale) = (frame.inputs[0], frame.parameters, frame.step[0]);
        let slip = E::from_f64(if S::LAYER.wrong { 1.001 } else { 1.0 });
        for l in 0..LANES {
            let g = frame.output_gradients[0][0].0[l];
            let (x0, x1) = (x[0].0[l], x[1].0[l]);
            add(&mut frame.gradients[0], g * scale * x0);
            add(&mut frame.gradients[1], g * scale * x1 * slip);
            add(&mut frame.gradients[2], g);
            add(&mut frame.step_gradients[0], g * (p[0] * x0 + p[1] * x1));
            for (to, weight) in frame.input_gradients[0].iter_mut().zip(p) {
                add(&mut to.0[l], g * scale * *weight);
            }
        }
    }

    fn finish<E: Element>(frame: Finish<'_, E>) {
        add(&mut frame.gradients[3], frame.step_gradients[0] * frame.step[0]);
    }
}

/// `y = weight · x`
#[derive(Clone, Copy)]
struct Dot;

impl Layer for Dot {
    const NAME: &'static str = "Dot";
    const INPUTS: &'static [Input] = &[input("x", false, false)];
    const PARAMETERS: &'static [Parameter] = &[parameter("weight")];
    const OUTPUTS: &'static [Output] = &[OUTPUT];
    const DRAWS: bool = false;
}

impl<S: Site<Layer = Self>> Kernel<S> for Dot {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[SCALAR];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[tensor(S::INPUTS[0], Initialiser::Normal(0.01))];
    nothing_beside!();

    fn forward<M: Simd, E: Element>(_: M, frame: Forward<'_, E>) {
        let mut sum = Pack::ZERO;
        for (x, weight) in frame.inputs[0].iter().zip(frame.parameters) {
            for l in 0..LANES {
                add(&mut sum.0[l], x.0[l] * *weight);
            }
        }
        frame.outputs[0][0] = sum;
    }

    fn backward<M: Simd, E: Element, P: Pass>(_: M, frame: Backward<'_, E>) {
        let g = frame.output_gradients[0][0];
        for (x, to) in frame.inputs[0].iter().zip(frame.gradients) {
            for l in 0..LANES {
                add(to, x.0[l] * g.0[l]);
            }
        }
        for (to, weight) in frame.input_gradients[0].iter_mut().zip(frame.parameters) {
            for l in 0..LANES {
                add(&mut to.0[l], *weight * g.0[l]);
            }
        }
    }
}

/// `(x - t)²`
#[derive(Clone, Copy)]
struct SquaredDistance;

impl Layer for SquaredDistance {
    const NAME: &'static str = "SquaredDistance";
    const INPUTS: &'static [Input] = &[input("x", false, false), input("t", false, true)];
    const PARAMETERS: &'static [Parameter] = &[];
    const OUTPUTS: &'static [Output] = &[OUTPUT];
    const DRAWS: bool = false;
}

impl<S: Site<Layer = Self>> Kernel<S> for SquaredDistance {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[SCALAR];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[];
    nothing_beside!();

    fn forward<M: Simd, E: Element>(_: M, frame: Forward<'_, E>) {
        for l in 0..LANES {
            let d = frame.inputs[0][0].0[l] - frame.inputs[1][0].0[l];
            frame.outputs[0][0].0[l] = d * d;
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(_: M, frame: Backward<'_, E>) {
        let two = E::ONE + E::ONE;
        for l in 0..LANES {
            let d = frame.inputs[0][0].0[l] - frame.inputs[1][0].0[l];
            let g = frame.output_gradients[0][0].0[l];
            add(&mut frame.input_gradients[0][0].0[l], two * d * g);
        }
    }
}

/// `y[k] = Σ table[token[t], k] · keep + z · slope[k]`
#[derive(Clone, Copy)]
struct Mix;

const SLOPE: usize = 10;

fn keep<M: Simd, E: Element>(simd: M, training: bool, draws: &Draws) -> [E; LANES] {
    if !training {
        return [E::ONE; LANES];
    }
    let key = DrawKey { seed: draws.seed, step: draws.step, site: 0 };
    bernoulli::<M, E>(simd, key, 0, &draws.samples, E::from_f64(0.5)).to_array()
}

impl Layer for Mix {
    const NAME: &'static str = "Mix";
    const INPUTS: &'static [Input] = &[input("token", true, false), input("z", false, false)];
    const PARAMETERS: &'static [Parameter] = &[parameter("table"), parameter("slope")];
    const OUTPUTS: &'static [Output] = &[OUTPUT];
    const DRAWS: bool = true;
}

impl<S: Site<Layer = Self>> Kernel<S> for Mix {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[Shape::new(&[2])];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] =
        &[tensor(Shape::new(&[5, 2]), Initialiser::Normal(1.0)), tensor(Shape::new(&[2]), Initialiser::KaimingUniform)];
    nothing_beside!();

    fn forward<M: Simd, E: Element>(simd: M, frame: Forward<'_, E>) {
        let (token, z, p) = (frame.inputs[0], frame.inputs[1], frame.parameters);
        let keep = keep::<M, E>(simd, frame.training, &frame.draws[0]);
        for (k, y) in frame.outputs[0].iter_mut().enumerate() {
            for (l, keep) in keep.iter().enumerate() {
                let rows = token.iter().map(|token| p[2 * token.0[l].to_index() + k]);
                let sum = rows.fold(E::ZERO, |sum, row| sum + row);
                y.0[l] = sum * *keep + z[0].0[l] * p[SLOPE + k];
            }
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(simd: M, frame: Backward<'_, E>) {
        let (token, z, p) = (frame.inputs[0], frame.inputs[1], frame.parameters);
        let keep = keep::<M, E>(simd, frame.training, &frame.draws[0]);
        for (k, g) in frame.output_gradients[0].iter().enumerate() {
            for (l, keep) in keep.iter().enumerate() {
                for token in token {
                    add(&mut frame.gradients[2 * token.0[l].to_index() + k], g.0[l] * *keep);
                }
                add(&mut frame.gradients[SLOPE + k], g.0[l] * z[0].0[l]);
                if let Some(to) = frame.input_gradients[1].first_mut() {
                    add(&mut to.0[l], g.0[l] * p[SLOPE + k]);
                }
            }
        }
    }
}

/// `y[k] = x[k] + offset[k]`
#[derive(Clone, Copy)]
struct Offset;

impl Layer for Offset {
    const NAME: &'static str = "Offset";
    const INPUTS: &'static [Input] = &[input("x", false, false)];
    const PARAMETERS: &'static [Parameter] = &[parameter("offset")];
    const OUTPUTS: &'static [Output] = &[OUTPUT];
    const DRAWS: bool = false;
}

impl<S: Site<Layer = Self>> Kernel<S> for Offset {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[Shape::new(&[2])];
    const INPUTS: &'static [Shape] = S::INPUTS;
    const PARAMETERS: &'static [Tensor] = &[tensor(Shape::new(&[2]), Initialiser::Constant(0.25))];
    nothing_beside!();

    fn forward<M: Simd, E: Element>(_: M, frame: Forward<'_, E>) {
        for (k, y) in frame.outputs[0].iter_mut().enumerate() {
            y.0 = frame.inputs[0][k].0.map(|x| x + frame.parameters[k]);
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(_: M, frame: Backward<'_, E>) {
        assert!(frame.gradients.is_empty(), "it is frozen");
        for (to, g) in frame.input_gradients[0].iter_mut().zip(frame.output_gradients[0]) {
            for l in 0..LANES {
                add(&mut to.0[l], g.0[l]);
            }
        }
    }
}

/// Cross entropy of two classes: `ln(exp(x[0]) + exp(x[1])) - x[label]`
#[derive(Clone, Copy)]
struct Surprise;

impl Layer for Surprise {
    const NAME: &'static str = "Surprise";
    const INPUTS: &'static [Input] = &[input("x", false, false), input("label", true, true)];
    const PARAMETERS: &'static [Parameter] = &[];
    const OUTPUTS: &'static [Output] = &[OUTPUT];
    const DRAWS: bool = false;
}

impl<S: Site<Layer = Self>> Kernel<S> for Surprise {
    const PROBLEM: &'static Message = &Message::EMPTY;
    const OUTPUTS: &'static [Shape] = &[SCALAR];
    const INPUTS: &'static [Shape] = &[Shape::new(&[2]), SCALAR.holding(Values::Below(2))];
    const PARAMETERS: &'static [Tensor] = &[];
    nothing_beside!();

    fn forward<M: Simd, E: Element>(_: M, frame: Forward<'_, E>) {
        let (x, label): (&[Pack<E>], _) = (frame.inputs[0], frame.inputs[1]);
        for l in 0..LANES {
            let (a, b) = (x[0].0[l], x[1].0[l]);
            let top = a.max(b);
            let total = top + ((a - top).exp() + (b - top).exp()).ln();
            frame.outputs[0][0].0[l] = total - x[label[0].0[l].to_index()].0[l];
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(_: M, frame: Backward<'_, E>) {
        let (x, label) = (frame.inputs[0], frame.inputs[1]);
        for (k, to) in frame.input_gradients[0].iter_mut().enumerate() {
            for l in 0..LANES {
                let share = E::ONE / (E::ONE + (x[1 - k].0[l] - x[k].0[l]).exp());
                let is = label[0].0[l].to_index() == k;
                let one = if is { E::ONE } else { E::ZERO };
                add(&mut to.0[l], (share - one) * frame.output_gradients[0][0].0[l]);
            }
        }
    }
}
