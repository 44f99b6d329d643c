//! The procedural macros of `chainrule`.

mod error;
mod network;

use proc_macro::TokenStream;

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
