//! Locals that are nobody's constants. A user's `const` or `static` in scope turns a `let` of its name into a pattern, and the
//! hygiene of macros is no help: rust #49679. A function of that name nearer by does not, and hides the `const`; so the code
//! imports one under the name of each of its locals.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// `use chainrule::expansion::{local as x_data, …};` for all that the code binds.
pub(super) fn imports(code: &TokenStream, root: &syn::Path) -> TokenStream {
    let mut names = BTreeSet::new();
    bound(code.clone(), &mut names);
    let names = names.iter().map(|name| Ident::new(name, Span::call_site()));
    quote!(use #root::expansion::{#(local as #names),*};)
}

/// The names behind `let` and `for`, and those of parameters. We write no `match`, and the parameter of a
/// closure has the name of the `let` that it stands in.
fn bound(code: TokenStream, names: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => bound(group.stream(), names),
            TokenTree::Ident(word) if word == "let" => pattern(until(&tokens[at + 1..], "=;:"), names),
            TokenTree::Ident(word) if word == "for" => {
                let is_loop = |token: &&TokenTree| matches!(token, TokenTree::Ident(word) if word == "in");
                let before = tokens[at + 1..].iter().take_while(|token| !is_block(token)).collect::<Vec<_>>();
                if let Some(end) = before.iter().position(is_loop) {
                    pattern(&tokens[at + 1..][..end], names);
                }
            }
            TokenTree::Ident(word) if word == "fn" => {
                let parameters = tokens[at..].iter().find_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
                    _ => None,
                });
                let parameters: Vec<TokenTree> = parameters.unwrap_or_default().into_iter().collect();
                for (at, pair) in parameters.windows(2).enumerate() {
                    if is_punct(&pair[1], ":") && !parameters.get(at + 2).is_some_and(|next| is_punct(next, ":")) {
                        pattern(&pair[..1], names);
                    }
                }
            }
            _ => {}
        }
    }
}

/// All names of a pattern.
fn pattern(tokens: &[TokenTree], names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => pattern(&group.stream().into_iter().collect::<Vec<_>>(), names),
            TokenTree::Ident(word) if word != "mut" && word != "_" => _ = names.insert(word.to_string()),
            _ => {}
        }
    }
}

fn until<'t>(tokens: &'t [TokenTree], ends: &str) -> &'t [TokenTree] {
    let end = tokens.iter().position(|token| is_punct(token, ends)).unwrap_or(tokens.len());
    &tokens[..end]
}

fn is_punct(token: &TokenTree, which: &str) -> bool {
    matches!(token, TokenTree::Punct(punct) if which.contains(punct.as_char()))
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_local_has_a_function_of_its_name() {
        let code = quote! {
            impl Kernel for name {
                fn forward<Isa: words::Simd>(simd: Isa, _: words::Frame<'_>) -> usize {
                    let (x, rest) = frame.x.split_at(size::x);
                    let mut y: usize = 0;
                    let [a, _] = frame.outputs else { return };
                    for i in 0..n { let b = { let c = 1; c }; }
                }
            }
        };
        let imports = imports(&code, &syn::parse_quote!(::chainrule)).to_string();
        let expected = ["a", "b", "c", "i", "rest", "simd", "x", "y"].map(|name| format!("local as {name}"));
        assert_eq!(imports, format!("use :: chainrule :: expansion :: {{ {} }} ;", expected.join(" , ")));
    }
}
