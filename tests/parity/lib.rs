//! Layers and losses against PyTorch: outputs, gradients of inputs and gradients of parameters, in f64 and in f32.
//!
//! `fixtures/` and `kinks.json` hold PyTorch's answers, `make_fixtures.py` and `make_kinks.py` asked for them;
//! `fixture` reads them, `networks` has a network for each, `ask` asks it and `compare` says how far an answer is
//! off. `kinks` asks for our conventions at the kinks.

#![cfg(test)]

mod ask;
mod compare;
mod fixture;
mod kinks;
mod networks;

use fixture::{Case, Fixture, LayerCase, LossCase};
use std::collections::BTreeSet;

const LAYERS: [&str; 29] = [
    "avg_pool2d",
    "causal_self_attention",
    "conv2d",
    "conv_transpose2d",
    "dense",
    "dropout",
    "elu",
    "embedding",
    "flatten",
    "gelu",
    "global_avg_pool",
    "glu",
    "group_norm",
    "layer_norm",
    "leaky_relu",
    "max_pool2d",
    "pixel_shuffle",
    "positions",
    "prelu",
    "quantize",
    "relu",
    "round",
    "sigmoid",
    "sign",
    "silu",
    "softmax",
    "softplus",
    "tanh",
    "threshold",
];

const LOSSES: [&str; 4] = ["binary_cross_entropy", "cross_entropy", "huber", "mean_squared_error"];

/// At least three different cases, none of a name that another has.
fn sound<C: Case>(name: &str) {
    let fixture = Fixture::<C>::read(name);
    let names: BTreeSet<_> = fixture.cases.iter().map(Case::name).collect();
    assert!(names.len() >= 3, "`{name}` has {} cases", names.len());
    assert_eq!(names.len(), fixture.cases.len(), "`{name}` has two cases of one name");
    assert!(
        !fixture.versions.torch.is_empty() && !fixture.versions.numpy.is_empty() && !fixture.versions.python.is_empty()
    );
}

#[test]
fn every_fixture_is_sound() {
    LAYERS.into_iter().for_each(sound::<LayerCase>);
    LOSSES.into_iter().for_each(sound::<LossCase>);
}

#[test]
fn no_fixture_is_forgotten() {
    let expected: BTreeSet<_> = LAYERS.into_iter().chain(LOSSES).map(|name| format!("{name}.json")).collect();
    let entries = std::fs::read_dir(fixture::folder().join("fixtures")).expect("the folder of fixtures");
    let found: BTreeSet<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, expected);
}

/// `conv_transpose2d` holds cases of `ConvTranspose2d`.
fn is_of(name: &str, expression: &str) -> bool {
    let layer = expression.split("::").next().unwrap_or_default();
    layer.to_lowercase() == name.replace('_', "")
}

#[test]
fn a_file_is_about_one_layer() {
    for name in LAYERS {
        for case in Fixture::<LayerCase>::read(name).cases {
            assert!(is_of(name, &case.layer), "`{}` in `{name}`", case.layer);
            // a layer that draws can only be compared where it does not
            assert_eq!(case.training, name != "dropout", "`{name}`");
        }
    }
    for name in LOSSES {
        for case in Fixture::<LossCase>::read(name).cases {
            assert!(is_of(name, &case.layer), "`{}` in `{name}`", case.layer);
        }
    }
}

#[test]
fn parameters_have_the_names_of_checkpoints() {
    let fixture = Fixture::<LayerCase>::read("causal_self_attention");
    let names: Vec<_> =
        fixture.case("two heads").parameters.iter().map(|p| (p.name.as_str(), p.checkpoint())).collect();
    assert_eq!(names, [("in_proj", "in_proj_weight"), ("out_proj", "out_proj.weight")]);
}

#[test]
fn every_kink_says_why_ours_differs() {
    let kinks: fixture::Kinks = fixture::parse("kinks.json");
    assert!(!kinks.versions.torch.is_empty());
    assert!(kinks.kinks.len() >= 40);
    for kink in &kinks.kinks {
        let who = format!("`{}` ({}) at {:?}", kink.expression, kink.torch, kink.at);
        assert_eq!(kink.ours.is_some(), kink.why.is_some(), "{who}");
        assert!(!kink.value.0.is_nan(), "{who}");
        if let Some(convention) = kink.convention() {
            assert_eq!(convention.len(), kink.at.len(), "{who}");
            assert!(convention.iter().all(|g| !g.is_nan()), "{who}: our conventions never ask for nan");
        }
    }
}
