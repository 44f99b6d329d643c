//! The library under another name, no prelude, and nothing forgiven.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused_qualifications, unused_imports)]

/// Names of the library and of the language that mean something else here.
pub mod chainrule {}

/// A layer.
#[derive(::rules::Layer, ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
#[chainrule(crate = ::rules)]
#[layer {
    input  x[.., i];
    param  weight[o: out, i] = KaimingUniform;
    param  bias[o] if biased = Zeros;
    output y[.., o] = tanh(bias[o] + sum(i) weight[o, i] * x[.., i]);
}]
pub struct Affine {
    /// Outputs.
    pub out: usize,
    /// Whether there is a bias.
    #[default(true)]
    pub biased: bool,
}

::rules::network! {
    /// A network.
    #[chainrule(crate = ::rules)]
    pub struct Called;
    x: [4] -> hidden: Affine::new(3).biased(false) -> out: Affine::new(1);
    loss ::rules::losses::MeanSquaredError(out, truth: [1]);
}

/// A network, in the derive form.
#[derive(::rules::Network)]
#[chainrule(crate = "::rules")]
#[network { x: [4] -> Affine { out: 2, biased: true }; }]
pub struct Derived;
