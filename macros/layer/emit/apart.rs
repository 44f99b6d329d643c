//! The user's generics where ours have the same names: theirs are called otherwise in our code, where only their order counts.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};

/// What the emitted functions and implementations call their own generics.
const OURS: [&str; 6] = ["Here", "Isa", "Elem", "Run", "ROWS", "COLUMNS"];

/// A name of the user's as our code calls it.
pub(super) fn name(theirs: &Ident) -> Ident {
    if OURS.iter().any(|ours| theirs == ours) {
        format_ident!("{theirs}_", span = theirs.span())
    } else {
        theirs.clone()
    }
}

/// Generics with all their names apart from ours.
pub(super) fn generics(theirs: &syn::Generics) -> syn::Generics {
    let mut apart = syn::parse2::<syn::Generics>(renamed(theirs.to_token_stream())).unwrap_or_else(|_| theirs.clone());
    apart.where_clause =
        theirs.where_clause.as_ref().and_then(|clause| syn::parse2(renamed(clause.to_token_stream())).ok());
    apart
}

fn renamed(tokens: TokenStream) -> TokenStream {
    let renamed = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) => TokenTree::Ident(name(&word)),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), renamed(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    });
    renamed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_are_left_to_us() {
        let theirs: syn::ItemStruct = syn::parse_quote!(
            struct Layer<const Here: usize = 2, const N: usize, Elem>
            where
                [(); N]: Sized,
                Elem: Copy;
        );
        let apart = generics(&theirs.generics);
        let expected: syn::ItemStruct = syn::parse_quote!(
            struct Layer<const Here_: usize = 2, const N: usize, Elem_>
            where
                [(); N]: Sized,
                Elem_: Copy;
        );
        assert_eq!(apart.to_token_stream().to_string(), expected.generics.to_token_stream().to_string());
        assert_eq!(
            apart.where_clause.to_token_stream().to_string(),
            expected.generics.where_clause.to_token_stream().to_string()
        );
    }
}
