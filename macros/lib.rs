//! The procedural macros of `chainrule`: entry points, nothing else. Their documentation is in the `chainrule` crate.

mod error;
mod layer;

use proc_macro::TokenStream;

/// A layer from its mathematics; see `chainrule::Layer`.
#[proc_macro_derive(Layer, attributes(layer, block, default, chainrule))]
pub fn derive_layer(input: TokenStream) -> TokenStream {
    layer::pipeline::expand(input.into()).into()
}
