//! Layers that work in place against the same formulas in layers that do not: outputs and gradients to the last bit, for tiles and for one
//! sample, where their work is part of a convolution, a dense layer, a pooling or a sum, and where it is not. Gradients that take the place of
//! the values against some that do not.

use chainrule::prelude::*;
use ndarray::{ArrayD, IxDyn};

/// In place: its derivative asks for the output alone.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 }; }]
struct Clamp;

/// Not in place, for there is a tensor between.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; let z[..] = x[..]; output y[..] = if z[..] > 0 { z[..] } else { 0 } + 0 * x[..]; }]
struct ClampApart;

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = tanh(x[..]); }]
struct Squash;

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; let z[..] = tanh(x[..]); output y[..] = z[..] + 0 * x[..]; }]
struct SquashApart;

/// Its gradient asks for the values to the end, and cannot take their place.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    output y[c, i: h / 2, j: w / 2] = max(p: 2, q: 2) x[c, 2*i + p, 2*j + q]
        + 0 * sum(r: 2, s: 2) x[c, 2*i + r, 2*j + s] * x[c, 2*i + r, 2*j + s];
}]
struct MaxPoolApart;

impl MaxPoolApart {
    const fn new(_: usize) -> Self {
        MaxPoolApart
    }
}

macro_rules! network_with {
    ($Net:ident $Clamp:ident $Squash:ident $MaxPool:ident) => {
        network! {
            struct $Net;
            x: [2, 12, 12];
            x -> Conv2d::new(6, 3).padding(1) -> $Clamp -> a: $MaxPool::new(2);
            a -> Conv2d::new(6, 3).padding(1) -> b: $Clamp;
            a + b -> $Squash -> c: $Clamp;
            c -> AvgPool2d::new(2) -> $Squash -> Flatten -> $Squash -> d: Dense::new(20);
            d -> e: $Squash;
            d + e -> $Clamp -> Dense::new(7) -> $Squash -> y: Dense::new(3);
            loss MeanSquaredError(y, t: [3]);
        }
    };
}
network_with!(InPlace Clamp Squash MaxPool2d);
network_with!(Apart ClampApart SquashApart MaxPoolApart);

fn numbers(shape: &[usize], seed: usize) -> ArrayD<f32> {
    let mut at = 0;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        at += 1;
        ((at * 2_654_435_761 + seed * 97) >> 7) as f32 % 1013.0 / 506.5 - 1.0
    })
}

#[test]
fn in_place_or_not_the_numbers_are_the_same() {
    const { assert!(InPlace::TRAINING_BYTES < Apart::TRAINING_BYTES) };
    let bits = |all: &[f32]| all.iter().map(|x| (x + 0.0).to_bits()).collect::<Vec<_>>();
    for count in [1, 5, 40] {
        let (model, apart) = (Model::<InPlace>::new(3), Model::<Apart>::new(3));
        let (x, cotangent) = (numbers(&[count, 2, 12, 12], 1), numbers(&[count, 3], 2));
        let outputs = [model.forward(&x).unwrap().remove(0), apart.forward(&x).unwrap().remove(0)];
        assert_eq!(bits(outputs[0].as_slice().unwrap()), bits(outputs[1].as_slice().unwrap()), "{count} samples");
        let (one, other) = (model.vjp(&x, &cotangent).unwrap(), apart.vjp(&x, &cotangent).unwrap());
        assert_eq!(bits(one.parameters.flat()), bits(other.parameters.flat()), "{count} samples");
        let [one, other] =
            [one.input("x").unwrap(), other.input("x").unwrap()].map(|of| of.iter().copied().collect::<Vec<_>>());
        assert_eq!(bits(&one), bits(&other), "{count} samples");
        assert!(one.iter().any(|x| *x != 0.0));
    }
    let (x, t) = (numbers(&[40, 2, 12, 12], 1), numbers(&[40, 3], 2));
    for (batch, threads) in [(1, 1), (1, 3), (16, 3), (40, 2)] {
        let (mut model, mut apart) = (Model::<InPlace>::new(3), Model::<Apart>::new(3));
        let trainer = || Trainer::new(Sgd::new(1e-2)).epochs(1).batch(batch).threads(threads).quiet(true);
        trainer().fit(&mut model, (&x, &t), (&x, &t)).unwrap();
        trainer().fit(&mut apart, (&x, &t), (&x, &t)).unwrap();
        let all = |parameters: Vec<f32>| bits(&parameters);
        let one = all(model.parameters().flat_map(|(_, p)| p.iter().copied().collect::<Vec<_>>()).collect());
        let other = all(apart.parameters().flat_map(|(_, p)| p.iter().copied().collect::<Vec<_>>()).collect());
        assert_eq!(one, other, "batches of {batch}, {threads} threads");
    }
}
