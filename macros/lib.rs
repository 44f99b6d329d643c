//! The procedural macros of `chainrule`: entry points, nothing else.

mod error;
mod layer;
mod network;
#[cfg(test)]
mod odd_input;

use proc_macro::TokenStream;

/// A layer from its mathematics, in `#[layer { … }]`: forward code, backward code, shapes, constructors.
#[proc_macro_derive(Layer, attributes(layer, block, default, instead, chainrule))]
pub fn derive_layer(input: TokenStream) -> TokenStream {
    layer::pipeline::expand(input.into()).into()
}

/// Declares a network: a struct, and the wiring of its layers.
#[proc_macro]
pub fn network(input: TokenStream) -> TokenStream {
    network::function(input.into()).into()
}

/// Declares a network by attributes of a unit struct: the same grammar as `network!`, in `#[network { … }]`.
#[proc_macro_derive(Network, attributes(network, smooth, gradient, budget, chainrule))]
pub fn derive_network(input: TokenStream) -> TokenStream {
    network::derive(input.into()).into()
}
