//! The names that an expansion uses, brought in by their absolute paths at its top.
//!
//! A user's expression stands in the same block: a name of ours that is one of the user's words would hide what they mean by it.
//! Such a name gets an underscore behind it, in our code and not in theirs: what is theirs travels in invisible groups until then.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use std::collections::BTreeSet;

const PRIMITIVES: [&str; 3] = ["bool", "str", "usize"];
const RUNTIME: [&str; 21] = [
    "Arena",
    "Cell",
    "Code",
    "Graph",
    "Network",
    "Node",
    "Parameter",
    "Pass",
    "Place",
    "Port",
    "Row",
    "Scalars",
    "Shape",
    "Site",
    "Source",
    "Want",
    "graph",
    "plan",
    "refusal",
    "tables",
    "wiring",
];

/// `use` of all that the code names, for the top of the expansion.
pub(crate) fn of(code: &TokenStream, root: &TokenStream) -> TokenStream {
    let mut used = BTreeSet::new();
    ours(code, &mut used);
    let [primitives, runtime] = [&PRIMITIVES[..], &RUNTIME[..]].map(|names| {
        let used = names.iter().filter(|name| used.contains(**name));
        used.map(|name| TokenTree::Ident(Ident::new(name, Span::call_site()))).collect::<Vec<_>>()
    });
    let root = users(root.clone());
    quote! {
        use ::core::primitive::{#(#primitives),*};
        use #root::expansion::{#(#runtime),*};
    }
}

/// The words of our own code.
fn ours(code: &TokenStream, words: &mut BTreeSet<String>) {
    for token in code.clone() {
        match token {
            TokenTree::Ident(word) => _ = words.insert(word.to_string()),
            TokenTree::Group(group) if group.delimiter() != Delimiter::None => ours(&group.stream(), words),
            _ => {}
        }
    }
}

/// Marks tokens as the user's.
pub(crate) fn users(tokens: TokenStream) -> TokenStream {
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}

/// Keeps our names apart from the user's words, and takes the marks away.
pub(crate) fn apart(code: TokenStream, words: &BTreeSet<String>) -> TokenStream {
    let taken: Vec<&str> = PRIMITIVES.into_iter().chain(RUNTIME).filter(|name| words.contains(*name)).collect();
    rename(code, &taken, words, false)
}

fn rename(code: TokenStream, taken: &[&str], words: &BTreeSet<String>, in_use: bool) -> TokenStream {
    let (mut renamed, mut in_use) = (Vec::new(), in_use);
    for token in code {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                renamed.extend(with_parentheses(group.stream()))
            }
            TokenTree::Group(group) => {
                let is_imports = in_use && group.delimiter() == Delimiter::Brace;
                let mut inner = Group::new(group.delimiter(), rename(group.stream(), taken, words, is_imports));
                inner.set_span(group.span());
                renamed.push(TokenTree::Group(inner));
            }
            TokenTree::Ident(name) if taken.contains(&name.to_string().as_str()) => {
                let mut other = format!("{name}_");
                while words.contains(&other) {
                    other.push('_');
                }
                let other = Ident::new(&other, name.span());
                renamed.extend(if in_use { quote!(#name as #other) } else { quote!(#other) });
            }
            other => {
                match &other {
                    TokenTree::Ident(word) if word == "use" => in_use = true,
                    TokenTree::Punct(punct) if punct.as_char() == ';' => in_use = false,
                    _ => {}
                }
                renamed.push(other);
            }
        }
    }
    renamed.into_iter().collect()
}

/// Parentheses in place of the invisible groups that a `macro_rules!` put around `$e:expr`, beside operators: rustc forgets such
/// a group when it comes back from us, and `$e * 2` with `1 + 1` would be 3.
fn with_parentheses(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let operator = |at: Option<usize>, operators: &str| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(punct)) => operators.contains(punct.as_char()),
        Some(TokenTree::Ident(word)) => word == "as",
        _ => false,
    };
    let regrouped = tokens.iter().enumerate().map(|(at, token)| match token {
        TokenTree::Group(group) => {
            let binds = operator(at.checked_sub(1), "+-*/%&|^!<>") || operator(Some(at + 1), "+-*/%&|^<>.?");
            let is_long = group.stream().into_iter().nth(1).is_some();
            let delimiter = match group.delimiter() {
                Delimiter::None if binds && is_long => Delimiter::Parenthesis,
                other => other,
            };
            let mut inner = Group::new(delimiter, with_parentheses(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other.clone(),
    });
    regrouped.collect()
}
