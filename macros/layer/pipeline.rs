//! The whole compiler of layers as one function: parse → build → check → differentiate → lower → emit. A stage may assume what
//! earlier ones checked; after `check` there are no errors of the user's.

use proc_macro2::TokenStream;
use quote::quote;

use super::build::Built;
use super::classify::classify;
use super::demand::demand;
use super::differentiate::differentiate;
use super::emit::{Compiled, emit};
use super::hoist::hoist;
use super::lower::blocks::in_blocks;
use super::lower::lower;
use super::pairwise::pairwise;
use super::reparameterise::reparameterise;
use super::threshold::ask_outputs;
use super::{build, check, construct, doc, fields, parse};
use crate::error::{self, Errors};

/// `#[derive(Layer)]`.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    if let Some(span) = parse::too_deep(tokens.clone()) {
        return error::tokens(&syn::Error::new(
            span,
            "this is nested too deeply; give the inner parts names with `let`",
        ));
    }
    let input: syn::DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(wrong) => return error::tokens(&wrong),
    };
    let mut errors = Errors::new();
    let Some(declared) = fields::read(&input, &mut errors) else {
        return errors.finish().err().map(|e| error::tokens(&e)).unwrap_or_default();
    };
    let constructors = construct::constructors(&declared);
    let text = declared.text.clone().and_then(|text| parse::parse(text, &mut errors));
    let built = text.as_ref().map(|text| build::build(&declared.name, &declared.fields, text, &mut errors));
    let classes = built.as_ref().map(|built| check::check(built, &mut errors));
    if let Err(all) = errors.finish() {
        // With a lifetime the struct cannot be a layer: rustc would say so in its own words, beside ours.
        let is_static = declared.generics.lifetimes().next().is_none();
        let (all, stub) = (error::tokens(&all), is_static.then(|| construct::stub(&declared, text.as_ref())));
        return quote!(#all #constructors #stub);
    }
    let (Some(Built { layer: written, .. }), Some(classes)) = (built, classes) else { return constructors };
    let mut layer = written.clone();
    reparameterise(&mut layer);
    pairwise(&mut layer);
    hoist(&mut layer);
    demand(&mut layer);
    // The tensors that these passes made have classes too.
    let all_classes = classify(&layer);
    let backward = differentiate(&mut layer, &all_classes);
    let backward = ask_outputs(&layer, backward);
    let docs = doc::doc(&written, &classes, &layer, &backward);
    let mut program = lower(&layer, &backward);
    in_blocks(&mut layer, &mut program);
    let code = emit(&Compiled {
        declared: &declared,
        written: &written,
        classes: &classes,
        layer: &layer,
        program: &program,
        docs: &docs,
    });
    quote!(#constructors #code)
}
