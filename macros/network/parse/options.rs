//! The attributes before the struct: what is ours, and what is `rustc`'s.

use super::super::ast::Options;
use crate::error::Errors;
use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, Token};

/// Takes our own attributes out of a list.
pub(super) fn take_options(attributes: &mut Vec<syn::Attribute>, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    attributes.retain(|attribute| {
        let path = attribute.path();
        let result = if path.is_ident("smooth") {
            options.smooth = true;
            attribute.meta.require_path_only().map(|_| ())
        } else if path.is_ident("gradient") {
            attribute
                .parse_args_with(syn::punctuated::Punctuated::<Ident, Token![,]>::parse_terminated)
                .map(|names| options.gradients.extend(names))
        } else if path.is_ident("budget") {
            attribute.parse_args_with(budget).map(|bytes| options.budget = Some(bytes))
        } else if path.is_ident("chainrule") {
            attribute.parse_args_with(root).map(|root| options.root = Some(root))
        } else {
            return true;
        };
        if let Err(error) = result {
            errors.add(error);
        }
        false
    });
    options
}

/// `cfg`, levels of lints, and for what is deprecated a licence to name it.
pub(super) fn everywhere(attributes: &[syn::Attribute]) -> Vec<syn::Attribute> {
    let is = |attribute: &syn::Attribute, names: &[&str]| names.iter().any(|name| attribute.path().is_ident(name));
    let kept = attributes.iter().filter(|attribute| is(attribute, &["cfg", "allow", "warn", "deny"])).cloned();
    let is_deprecated = attributes.iter().any(|attribute| is(attribute, &["deprecated"]));
    kept.chain(is_deprecated.then(|| syn::parse_quote!(#[allow(deprecated)]))).collect()
}

fn budget(input: ParseStream<'_>) -> syn::Result<Expr> {
    let word: Ident = input.parse()?;
    if word != "training" {
        return Err(syn::Error::new(
            word.span(),
            "a budget is for `training`: `#[budget(training = 64 * 1024)]`, in bytes",
        ));
    }
    input.parse::<Token![=]>()?;
    let bytes: Expr = input.parse()?;
    let literal = match &bytes {
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    };
    match literal {
        Some(literal) if !matches!(literal, syn::Lit::Int(_)) => {
            Err(syn::Error::new(literal.span(), "a budget is a number of bytes, such as `64 * 1024`"))
        }
        _ => Ok(bytes),
    }
}

fn root(input: ParseStream<'_>) -> syn::Result<syn::Path> {
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    if let Ok(text) = input.fork().parse::<syn::LitStr>() {
        input.parse::<syn::LitStr>()?;
        return text.parse_with(syn::Path::parse_mod_style);
    }
    input.call(syn::Path::parse_mod_style)
}
