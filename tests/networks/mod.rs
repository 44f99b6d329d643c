//! Three networks whose layers are written by hand, against the contract that `derive(Layer)` emits, so that the runtime is tested on
//! closed forms without it.

#![allow(dead_code, reason = "each test file that includes this module uses a part of it")]

use chainrule::lanes::draws::bernoulli;
use chainrule::lanes::{Cell, DrawKey, Element, LANES, Lanes, Simd};
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

/// The samples of an element.
fn of<C: Cell>(cell: &C) -> &[C::Element] {
    C::elements(std::slice::from_ref(cell))
}

fn own<C: Cell>(cell: &mut C) -> &mut [C::Element] {
    C::elements_mut(std::slice::from_mut(cell))
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

    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(_: M, frame: &mut Forward<'_, C>) {
        let (x, p) = (frame.inputs[0], frame.parameters);
        for l in 0..C::SAMPLES {
            let dot = p[0] * of(&x[0])[l] + p[1] * of(&x[1])[l];
            own(&mut frame.outputs[0][0])[l] = frame.step[0] * dot + p[2];
        }
    }

    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(_: M, frame: &mut Backward<'_, C>) {
        let (x, p, scale) = (frame.inputs[0], frame.parameters, frame.step[0]);
        let slip = E::from_f64(if S::LAYER.wrong { 1.001 } else { 1.0 });
        for l in 0..C::SAMPLES {
            let g = of(&frame.output_gradients[0][0])[l];
            let (x0, x1) = (of(&x[0])[l], of(&x[1])[l]);
            add(&mut frame.gradients[0], g * scale * x0);
            add(&mut frame.gradients[1], g * scale * x1 * slip);
            add(&mut frame.gradients[2], g);
            add(&mut frame.step_gradients[0], g * (p[0] * x0 + p[1] * x1));
            for (to, weight) in frame.input_gradients[0].iter_mut().zip(p) {
                add(&mut own(to)[l], g * scale * *weight);
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

    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(_: M, frame: &mut Forward<'_, C>) {
        let mut sum = C::ZERO;
        for (x, weight) in frame.inputs[0].iter().zip(frame.parameters) {
            for l in 0..C::SAMPLES {
                add(&mut own(&mut sum)[l], of(x)[l] * *weight);
            }
        }
        frame.outputs[0][0] = sum;
    }

    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(_: M, frame: &mut Backward<'_, C>) {
        let g = frame.output_gradients[0][0];
        for (x, to) in frame.inputs[0].iter().zip(frame.gradients.iter_mut()) {
            for l in 0..C::SAMPLES {
                add(to, of(x)[l] * of(&g)[l]);
            }
        }
        for (to, weight) in frame.input_gradients[0].iter_mut().zip(frame.parameters) {
            for l in 0..C::SAMPLES {
                add(&mut own(to)[l], *weight * of(&g)[l]);
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

    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(_: M, frame: &mut Forward<'_, C>) {
        for l in 0..C::SAMPLES {
            let d = of(&frame.inputs[0][0])[l] - of(&frame.inputs[1][0])[l];
            own(&mut frame.outputs[0][0])[l] = d * d;
        }
    }

    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(_: M, frame: &mut Backward<'_, C>) {
        let two = E::ONE + E::ONE;
        for l in 0..C::SAMPLES {
            let d = of(&frame.inputs[0][0])[l] - of(&frame.inputs[1][0])[l];
            let g = of(&frame.output_gradients[0][0])[l];
            add(&mut own(&mut frame.input_gradients[0][0])[l], two * d * g);
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
    bernoulli::<M, E>(simd, key, &[0; LANES], &draws.samples, E::from_f64(0.5)).to_array()
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

    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(simd: M, frame: &mut Forward<'_, C>) {
        let (token, z, p) = (frame.inputs[0], frame.inputs[1], frame.parameters);
        let keep = keep::<M, E>(simd, frame.training, &frame.draws[0]);
        for (k, y) in frame.outputs[0].iter_mut().enumerate() {
            for (l, keep) in keep.iter().enumerate().take(C::SAMPLES) {
                let rows = token.iter().map(|token| p[2 * of(token)[l].to_index() + k]);
                let sum = rows.fold(E::ZERO, |sum, row| sum + row);
                own(y)[l] = sum * *keep + of(&z[0])[l] * p[SLOPE + k];
            }
        }
    }

    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(simd: M, frame: &mut Backward<'_, C>) {
        let (token, z, p) = (frame.inputs[0], frame.inputs[1], frame.parameters);
        let keep = keep::<M, E>(simd, frame.training, &frame.draws[0]);
        for (k, g) in frame.output_gradients[0].iter().enumerate() {
            for (l, keep) in keep.iter().enumerate().take(C::SAMPLES) {
                for token in token {
                    add(&mut frame.gradients[2 * of(token)[l].to_index() + k], of(g)[l] * *keep);
                }
                add(&mut frame.gradients[SLOPE + k], of(g)[l] * of(&z[0])[l]);
                if let Some(to) = frame.input_gradients[1].first_mut() {
                    add(&mut own(to)[l], of(g)[l] * p[SLOPE + k]);
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

    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(_: M, frame: &mut Forward<'_, C>) {
        for (k, y) in frame.outputs[0].iter_mut().enumerate() {
            for l in 0..C::SAMPLES {
                own(y)[l] = of(&frame.inputs[0][k])[l] + frame.parameters[k];
            }
        }
    }

    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(_: M, frame: &mut Backward<'_, C>) {
        assert!(frame.gradients.is_empty(), "it is frozen");
        for (to, g) in frame.input_gradients[0].iter_mut().zip(frame.output_gradients[0]) {
            for l in 0..C::SAMPLES {
                add(&mut own(to)[l], of(g)[l]);
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

    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(_: M, frame: &mut Forward<'_, C>) {
        let (x, label) = (frame.inputs[0], frame.inputs[1]);
        for l in 0..C::SAMPLES {
            let (a, b) = (of(&x[0])[l], of(&x[1])[l]);
            let top = a.max(b);
            let total = top + ((a - top).exp() + (b - top).exp()).ln();
            own(&mut frame.outputs[0][0])[l] = total - of(&x[of(&label[0])[l].to_index()])[l];
        }
    }

    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(_: M, frame: &mut Backward<'_, C>) {
        let (x, label) = (frame.inputs[0], frame.inputs[1]);
        for (k, to) in frame.input_gradients[0].iter_mut().enumerate() {
            for l in 0..C::SAMPLES {
                let share = E::ONE / (E::ONE + (of(&x[1 - k])[l] - of(&x[k])[l]).exp());
                let is = of(&label[0])[l].to_index() == k;
                let one = if is { E::ONE } else { E::ZERO };
                add(&mut own(to)[l], (share - one) * of(&frame.output_gradients[0][0])[l]);
            }
        }
    }
}
