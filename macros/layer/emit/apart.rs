//! The user's generics and layers where ours have the same names. Their generics are called otherwise in our code, where only
//! their order counts; a layer keeps its name, and ours give way.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};

/// What the emitted functions and implementations call their own generics.
const OURS: [&str; 6] = ["Here", "Isa", "Elem", "Cells", "Run", "_words"];

/// A layer's name while the code is put together, to be [`settled`].
pub(super) fn layer(name: &Ident) -> Ident {
    if is_ours(name) { format_ident!("{name}OfTheUser", span = name.span()) } else { name.clone() }
}

/// The layer has its own name again, and what we called so has another.
pub(super) fn settled(code: TokenStream, name: &Ident) -> TokenStream {
    if !is_ours(name) {
        return code;
    }
    let theirs = layer(name);
    renamed(code, &|word| match word {
        _ if *word == theirs => name.clone(),
        _ if word == name => format_ident!("{name}Ours", span = word.span()),
        _ => word.clone(),
    })
}

fn is_ours(name: &Ident) -> bool {
    OURS.iter().any(|ours| name == ours)
}

/// A name of the user's as our code calls it.
pub(super) fn name(theirs: &Ident) -> Ident {
    if is_ours(theirs) { format_ident!("{theirs}_", span = theirs.span()) } else { theirs.clone() }
}

/// Generics with all their names apart from ours.
pub(super) fn generics(theirs: &syn::Generics) -> syn::Generics {
    let mut apart =
        syn::parse2::<syn::Generics>(renamed(theirs.to_token_stream(), &name)).unwrap_or_else(|_| theirs.clone());
    apart.where_clause =
        theirs.where_clause.as_ref().and_then(|clause| syn::parse2(renamed(clause.to_token_stream(), &name)).ok());
    apart
}

fn renamed(tokens: TokenStream, name: &dyn Fn(&Ident) -> Ident) -> TokenStream {
    let renamed = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) => TokenTree::Ident(name(&word)),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), renamed(group.stream(), name));
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
    fn a_layer_keeps_its_name() {
        let name = format_ident!("Here");
        let theirs = layer(&name);
        let code = quote::quote!(impl<Here: _words::Site<Layer = #theirs>> _words::Kernel<Here> for #theirs {});
        let expected = "impl < HereOurs : _words :: Site < Layer = Here >> _words :: Kernel < HereOurs > for Here { }";
        assert_eq!(settled(code, &name).to_string(), expected);
    }

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
