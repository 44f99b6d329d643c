//! Layers and losses that have no useful gradient say so, and run.

use chainrule::Error;
use chainrule::prelude::*;
use chainrule::site::Class;

/// The gradient of the input cannot be asked for; the message names the primitive.
fn refused<N: Network>(primitive: &str) {
    let input = N::INPUTS[0];
    assert_eq!(input.class, Class::None, "{}", N::LAYERS[0].expression);
    assert_eq!(input.why.primitive, primitive, "{}", N::LAYERS[0].expression);
    let x = ndarray::Array::from_shape_fn(input.shape.dims(), |_| 0.3);
    let y = ndarray::Array::from_shape_fn(N::OUTPUTS[0].shape.dims(), |_| 1.0);
    let vjp = Model::<N, f64>::new(1).vjp(&x, &y).unwrap();
    let error = vjp.input(input.name).unwrap_err();
    assert!(matches!(error, Error::NoGradient { .. }), "{error}");
}

macro_rules! refused {
    ($($wire:tt)*) => {{
        network! { struct One; $($wire)* }
        refused::<One>
    }};
}

#[test]
fn layers_without_a_gradient() {
    refused!(x: [2, 3] -> Round;)("round");
    refused!(x: [2, 3] -> Sign;)("sign");
    refused!(x: [2, 3] -> Quantize::new(4);)("round");
    refused!(x: [2, 3] -> Threshold::new(0.5);)("if");
    refused!(x: [2, 3] -> Round -> Dense::new(2) -> Relu;)("round");
}

#[test]
fn a_flat_loss_scores_as_a_layer() {
    network! { struct Score; logits: [3]; label: [] of Class(3); (logits, label) -> ZeroOne; }
    assert_eq!(Score::INPUTS[0].class, Class::None);
    let logits = ndarray::arr2(&[[0.0, 2.0, 1.0], [3.0, 0.0, 0.0], [1.0, 1.0, 0.0]]);
    let found = Model::<Score, f64>::new(1).predict((&logits, &ndarray::arr1(&[1_u8, 2, 0]))).unwrap();
    assert_eq!(found.values().iter().copied().collect::<Vec<_>>(), [0.0, 1.0, 0.0]);
}
