//! Errors of a macro's user: collected, so that one compile reports them all.

use proc_macro2::{Span, TokenStream};

/// A collector. It must be emptied with [`Errors::finish`] before it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    all: Vec<syn::Error>,
}

impl Errors {
    pub(crate) fn new() -> Errors {
        Errors::default()
    }

    /// An error at one token: what is wrong in lower case, names in backticks, and what to do.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.all.push(syn::Error::new(span, message));
    }

    pub(crate) fn add(&mut self, error: syn::Error) {
        self.all.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many so far.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// All errors as one, in the order of the text and each once, or `Ok`. (What is written once may be compiled twice: the
    /// argument of a `clamp`, the condition of a `mean`.)
    pub(crate) fn finish(mut self) -> syn::Result<()> {
        let place = |error: &syn::Error| {
            let start = error.span().start();
            (start.line, start.column)
        };
        self.all.sort_by_key(place);
        self.all.dedup_by(|a, b| place(a) == place(b) && a.to_string() == b.to_string());
        let mut all = self.all.into_iter();
        match all.next() {
            None => Ok(()),
            Some(mut first) => {
                all.for_each(|error| first.combine(error));
                Err(first)
            }
        }
    }
}

/// `compile_error!`s for rustc.
pub(crate) fn tokens(error: &syn::Error) -> TokenStream {
    error.to_compile_error()
}
