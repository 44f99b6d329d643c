//! Each mistake that the page lists, with its words and its token; and layers just across the line, which must pass.

mod accepted;
mod at_once;
mod classes;
mod refused;

use proc_macro2::{Ident, Span};

use super::super::tests::{WORKED, fields};
use crate::error::Errors;

/// The messages, each with the token it points at.
fn refusals(field_text: &str, text: &str) -> Vec<(String, String)> {
    let mut errors = Errors::new();
    let parsed = super::super::parse::parse(text.parse().unwrap(), &mut errors);
    let name = Ident::new("Test", Span::call_site());
    if let Some(parsed) = parsed {
        let built = super::super::build::build(&name, &fields(field_text), &parsed, &mut errors);
        super::check(&built, &mut errors);
    }
    let Err(error) = errors.finish() else { return vec![] };
    error.into_iter().map(|e| (e.span().source_text().unwrap_or_default(), e.to_string())).collect()
}

#[test]
fn worked_cases_pass() {
    for (name, fields, text) in WORKED {
        let found = refusals(fields, text);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}
