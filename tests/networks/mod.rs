//! Two networks written by hand, against the contract that the macros emit, so that the runtime is tested without them.

#![allow(
    dead_code,
    reason = "each test file that includes this module uses a part of it"
)]

use chainrule::lanes::draws::bernoulli;
use chainrule::lanes::{DrawKey, Element, LANES, Lanes, Pack, Simd};
use chainrule::network::{Network, Parameter, Plan, Port, Region, Row, Tile};
use chainrule::shape::Shape;
use chainrule::site::{Class, Draws, Initialiser, Pass, Tensor, Why};

const fn port(name: &'static str, shape: Shape, class: Class) -> Port {
    Port {
        name,
        shape,
        class,
        why: Why::NOTHING,
    }
}

const fn parameter(
    name: &'static str,
    shape: Shape,
    initialiser: Initialiser,
    offset: usize,
    trains: bool,
) -> Parameter {
    Parameter {
        layer: "line",
        name,
        tensor: Tensor {
            shape,
            initialiser,
            fan_in: 2,
            fan_out: 1,
        },
        offset,
        trains,
    }
}

const fn at(start: usize, length: usize) -> Region {
    Region { start, length }
}

fn map<E: Element>(f: impl FnMut(usize) -> E) -> Pack<E> {
    Pack(std::array::from_fn(f))
}

/// `y = exp(gain) · (weight · x) + bias`, whose loss is `(y - t)²`. `exp(gain)` is computed once a step.
pub(crate) struct Line;

impl Network for Line {
    const NAME: &'static str = "Line";
    const INPUTS: &'static [Port] = &[port("x", Shape::new(&[2]), Class::Smooth)];
    const TARGETS: &'static [Port] = &[port("t", Shape::new(&[]), Class::Smooth)];
    const OUTPUTS: &'static [Port] = &[port("y", Shape::new(&[]), Class::Smooth)];
    const LOSS: bool = true;
    const LAYERS: &'static [Row] = &[];
    const TENSORS: &'static [Parameter] = &[
        parameter("weight", Shape::new(&[2]), Initialiser::KaimingUniform, 0, true),
        parameter("bias", Shape::new(&[]), Initialiser::Zeros, 2, true),
        parameter("gain", Shape::new(&[]), Initialiser::Zeros, 3, true),
        parameter("none", Shape::ABSENT, Initialiser::Zeros, 4, true),
    ];
    const PARAMETERS: usize = 4;
    const ONCE: usize = 1;
    const STEP: usize = 1;
    const TRAINING_BYTES: usize = 9 * 64 + 32;

    fn plan<P: Pass>() -> &'static Plan {
        const PLAN: Plan = Plan {
            packs: 9,
            inputs: &[at(0, 2)],
            targets: &[at(2, 1)],
            outputs: &[at(3, 1)],
            loss: at(4, 1),
            loss_gradient: at(5, 1),
            output_gradients: &[at(6, 1)],
            input_gradients: &[at(7, 2)],
        };
        &PLAN
    }

    fn once<E: Element>(once: &mut [E]) {
        once[0] = E::ONE;
    }

    fn prepare<E: Element>(parameters: &[E], once: &[E], step: &mut [E], _: bool) {
        step[0] = once[0] * parameters[3].exp();
    }

    fn forward<M: Simd, E: Element, P: Pass>(_: M, tile: &mut Tile<'_, E>) {
        let [w0, w1, bias, _] = *tile.parameters else { return };
        let (a, scale) = (&mut tile.arena, tile.step[0]);
        let dot = |a: &[Pack<E>], l: usize| w0 * a[0].0[l] + w1 * a[1].0[l];
        a[3] = map(|l| scale * dot(a, l) + bias);
        if P::LOSS {
            a[4] = map(|l| (a[3].0[l] - a[2].0[l]) * (a[3].0[l] - a[2].0[l]));
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(_: M, tile: &mut Tile<'_, E>) {
        let [w0, w1, ..] = *tile.parameters else { return };
        let (a, scale) = (&mut tile.arena, tile.step[0]);
        if P::LOSS {
            let two = E::ONE + E::ONE;
            a[6] = map(|l| two * (a[3].0[l] - a[2].0[l]) * a[5].0[l]);
        }
        for l in 0..LANES {
            let (g, x0, x1) = (a[6].0[l], a[0].0[l], a[1].0[l]);
            let to = &mut *tile.gradients;
            to[0] = to[0] + g * scale * x0;
            to[1] = to[1] + g * scale * x1;
            to[2] = to[2] + g;
            tile.step_gradients[0] = tile.step_gradients[0] + g * (w0 * x0 + w1 * x1);
        }
        if P::INPUTS {
            a[7] = map(|l| a[6].0[l] * scale * w0);
            a[8] = map(|l| a[6].0[l] * scale * w1);
        }
    }

    fn finish<E: Element>(
        _: &[E],
        _: &[E],
        step: &[E],
        step_gradients: &mut [E],
        gradients: &mut [E],
        _: bool,
    ) {
        gradients[3] = gradients[3] + step_gradients[0] * step[0];
    }
}

/// Two inputs: three tokens below 5 and a number `z`. `logits[k] = Σ table[token, k] · keep + z · slope[k] + offset[k]`, where `keep` drops
/// half of the samples in training and `offset` is frozen; cross entropy against a class.
pub(crate) struct Words;

const TABLE: usize = 0;
const SLOPE: usize = 10;
const OFFSET: usize = 12;

fn keep<M: Simd, E: Element>(simd: M, training: bool, draws: &Draws) -> [E; LANES] {
    if !training {
        return [E::ONE; LANES];
    }
    let key = DrawKey {
        seed: draws.seed,
        step: draws.step,
        site: 0,
    };
    bernoulli::<M, E>(simd, key, 0, &draws.samples, E::from_f64(0.5)).to_array()
}

impl Network for Words {
    const NAME: &'static str = "Words";
    const INPUTS: &'static [Port] = &[
        port("token", Shape::new(&[3]).below(5), Class::None),
        port("z", Shape::new(&[]), Class::Smooth),
    ];
    const TARGETS: &'static [Port] = &[port("label", Shape::new(&[]).below(2), Class::Smooth)];
    const OUTPUTS: &'static [Port] = &[port("logits", Shape::new(&[2]), Class::Smooth)];
    const LOSS: bool = true;
    const LAYERS: &'static [Row] = &[];
    const TENSORS: &'static [Parameter] = &[
        parameter("table", Shape::new(&[5, 2]), Initialiser::Normal(1.0), TABLE, true),
        parameter("slope", Shape::new(&[2]), Initialiser::KaimingUniform, SLOPE, true),
        parameter("offset", Shape::new(&[2]), Initialiser::Constant(0.25), OFFSET, false),
    ];
    const PARAMETERS: usize = 14;
    const ONCE: usize = 0;
    const STEP: usize = 0;
    const TRAINING_BYTES: usize = 12 * 64;

    fn plan<P: Pass>() -> &'static Plan {
        const PLAN: Plan = Plan {
            packs: 12,
            inputs: &[at(0, 3), at(3, 1)],
            targets: &[at(4, 1)],
            outputs: &[at(5, 2)],
            loss: at(7, 1),
            loss_gradient: at(8, 1),
            output_gradients: &[at(9, 2)],
            input_gradients: &[at(0, 0), at(11, 1)],
        };
        &PLAN
    }

    fn once<E: Element>(_: &mut [E]) {}

    fn prepare<E: Element>(_: &[E], _: &[E], _: &mut [E], _: bool) {}

    fn forward<M: Simd, E: Element, P: Pass>(simd: M, tile: &mut Tile<'_, E>) {
        let (a, p) = (&mut tile.arena, tile.parameters);
        let keep = keep::<M, E>(simd, tile.training, &tile.draws);
        for k in 0..2 {
            a[5 + k] = map(|l| {
                let rows = (0..3).map(|t| p[TABLE + 2 * a[t].0[l].to_index() + k]);
                let sum = rows.fold(E::ZERO, |sum, row| sum + row);
                sum * keep[l] + a[3].0[l] * p[SLOPE + k] + p[OFFSET + k]
            });
        }
        if P::LOSS {
            a[7] = map(|l| {
                let (y0, y1) = (a[5].0[l], a[6].0[l]);
                let top = y0.max(y1);
                top + ((y0 - top).exp() + (y1 - top).exp()).ln() - a[5 + a[4].0[l].to_index()].0[l]
            });
        }
    }

    fn backward<M: Simd, E: Element, P: Pass>(simd: M, tile: &mut Tile<'_, E>) {
        let (a, p) = (&mut tile.arena, tile.parameters);
        let keep = keep::<M, E>(simd, tile.training, &tile.draws);
        if P::LOSS {
            for k in 0..2 {
                a[9 + k] = map(|l| {
                    let share = E::ONE / (E::ONE + (a[6 - k].0[l] - a[5 + k].0[l]).exp());
                    let one = if a[4].0[l].to_index() == k { E::ONE } else { E::ZERO };
                    (share - one) * a[8].0[l]
                });
            }
        }
        for k in 0..2 {
            for (l, keep) in keep.iter().enumerate() {
                let g = a[9 + k].0[l];
                for t in 0..3 {
                    let to = &mut tile.gradients[TABLE + 2 * a[t].0[l].to_index() + k];
                    *to = *to + g * *keep;
                }
                let to = &mut tile.gradients[SLOPE + k];
                *to = *to + g * a[3].0[l];
            }
        }
        if P::INPUTS {
            a[11] = map(|l| a[9].0[l] * p[SLOPE] + a[10].0[l] * p[SLOPE + 1]);
        }
    }

    fn finish<E: Element>(_: &[E], _: &[E], _: &[E], _: &mut [E], _: &mut [E], _: bool) {}
}

/// `Line` with a mistake in its backward code: the second weight's gradient is a thousandth too large.
pub(crate) struct Wrong;

impl Network for Wrong {
    const NAME: &'static str = "Wrong";
    const INPUTS: &'static [Port] = Line::INPUTS;
    const TARGETS: &'static [Port] = Line::TARGETS;
    const OUTPUTS: &'static [Port] = Line::OUTPUTS;
    const LOSS: bool = true;
    const LAYERS: &'static [Row] = Line::LAYERS;
    const TENSORS: &'static [Parameter] = Line::TENSORS;
    const PARAMETERS: usize = Line::PARAMETERS;
    const ONCE: usize = Line::ONCE;
    const STEP: usize = Line::STEP;
    const TRAINING_BYTES: usize = Line::TRAINING_BYTES;

    fn plan<P: Pass>() -> &'static Plan {
        Line::plan::<P>()
    }
    fn once<E: Element>(once: &mut [E]) {
        Line::once(once);
    }
    fn prepare<E: Element>(parameters: &[E], once: &[E], step: &mut [E], training: bool) {
        Line::prepare(parameters, once, step, training);
    }
    fn forward<M: Simd, E: Element, P: Pass>(simd: M, tile: &mut Tile<'_, E>) {
        Line::forward::<M, E, P>(simd, tile);
    }
    fn backward<M: Simd, E: Element, P: Pass>(simd: M, tile: &mut Tile<'_, E>) {
        Line::backward::<M, E, P>(simd, tile);
    }
    fn finish<E: Element>(
        parameters: &[E],
        once: &[E],
        step: &[E],
        step_gradients: &mut [E],
        gradients: &mut [E],
        training: bool,
    ) {
        Line::finish(parameters, once, step, step_gradients, gradients, training);
        gradients[1] = gradients[1] * E::from_f64(1.001);
    }
}
