//! `network!` and `#[derive(Network)]`: a wiring of layers to the code that runs it.
//!
//! A stage may assume all that earlier ones checked. User errors end at `check`; `emit` cannot fail, and runs after errors
//! too: rustc then finds the mistakes that only it can see in the same compile. What depends on the layers (shapes, classes
//! of differentiability) is no business of these stages: they know wires, and no layer.

mod ast;
mod check;
mod emit;
mod graph;
mod imports;
mod parse;
mod suggest;
#[cfg(test)]
mod tests;
mod tidy;

use crate::error::{Errors, tokens};
use crate::layer::parse as parse_layer;
use proc_macro2::TokenStream;
use std::collections::BTreeSet;

/// `network! { … }`: the struct, and what implements `Network` for it.
pub(crate) fn function(input: TokenStream) -> TokenStream {
    if let Some(error) = too_deep(&input) {
        return error;
    }
    let mut errors = Errors::new();
    let words = words(&input);
    match parse::function(input, &mut errors) {
        Ok(declaration) => {
            let structure = emit::structure(&declaration);
            let code = expand(&declaration, &words, errors);
            quote::quote!(#structure #code)
        }
        Err(error) => {
            errors.add(error);
            report(errors)
        }
    }
}

/// `#[derive(Network)]`: what implements `Network` for the struct.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    if let Some(error) = too_deep(&input) {
        return error;
    }
    let mut errors = Errors::new();
    let words = words(&input);
    match parse::derive(input, &mut errors) {
        Ok(declaration) => expand(&declaration, &words, errors),
        Err(error) => {
            errors.add(error);
            report(errors)
        }
    }
}

fn expand(declaration: &ast::Declaration, words: &BTreeSet<String>, mut errors: Errors) -> TokenStream {
    let mut graph = graph::build(declaration, &mut errors);
    check::check(declaration, &mut graph, &mut errors);
    let code = emit::network(declaration, &graph, words, errors.is_empty());
    let errors = report(errors);
    quote::quote!(#errors #code)
}

/// What would overflow the stack before anybody could say so.
fn too_deep(input: &TokenStream) -> Option<TokenStream> {
    let span = parse_layer::too_deep(input.clone())?;
    Some(tokens(&syn::Error::new(span, "this is nested too deeply")))
}

fn report(errors: Errors) -> TokenStream {
    errors.finish().err().map(|error| tokens(&error)).unwrap_or_default()
}

/// All words that the user wrote: a name of ours must be none of them.
fn words(input: &TokenStream) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for token in input.clone() {
        match token {
            proc_macro2::TokenTree::Ident(word) => _ = words.insert(word.to_string()),
            proc_macro2::TokenTree::Group(group) => words.extend(self::words(&group.stream())),
            _ => {}
        }
    }
    words
}
