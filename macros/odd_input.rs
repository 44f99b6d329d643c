//! Input that nobody means: half-typed, cut, doubled, wrapped by a `macro_rules!`. No expansion panics, each is Rust that a compiler
//! can read, and the same text always gives the same code.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::layer::tests::WORKED;
use crate::{layer, network};

const NETWORKS: [&str; 4] = [
    "/// Doc.\n#[gradient(image)] pub struct N; image: [1, 4 * 7] -> conv: frozen Window::new(6, 5).padding(2); image + conv -> Bend;",
    "struct N; x: [2] -> a: f(3) as Mix -> my::Foo::<3>::new() -> Mix { out: WIDTH } -> b: Bend; loss L(b, y: [4] of Class(3));",
    "#[smooth] #[budget(training = 64 * 1024)] struct N; x: [] of Token(4); z: [2]; (x, z) -> (a, b): Two; concat(a, b * z) -> c: (Bend, D::new(1)); output c;",
    "#[chainrule(crate = a::b)] struct r#fn; r#in: [1] -> loss: Bend -> r#type: shared loss -> repeat(3) Bend -> out: Bend; loss 0.5 * L(out) + M(out);",
];

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// The tokens with one thing done to one of them, at any depth.
fn spoilt(tokens: TokenStream, numbers: &mut Numbers) -> TokenStream {
    let mut all: Vec<TokenTree> = tokens.into_iter().collect();
    if all.is_empty() {
        return "oops".parse().unwrap_or_default();
    }
    let at = numbers.below(all.len());
    let is_entered = numbers.below(3) > 0;
    if let (TokenTree::Group(group), true) = (&all[at], is_entered) {
        all[at] = Group::new(group.delimiter(), spoilt(group.stream(), numbers)).into();
        return all.into_iter().collect();
    }
    const WORDS: [&str; 12] = ["+", "->", "..", ";", "=", ":", "of", "0", "-1.5e300", "r#type", "{}", "(,)"];
    match numbers.below(7) {
        0 => _ = all.remove(at),
        1 => all.insert(at, all[at].clone()),
        2 => all.truncate(at),
        3 => all
            .splice(at..at, WORDS[numbers.below(WORDS.len())].parse::<TokenStream>().unwrap_or_default())
            .for_each(drop),
        4 => {
            let other = numbers.below(all.len());
            all.swap(at, other);
        }
        5 => all[at] = Group::new(Delimiter::None, all[at].clone().into()).into(),
        _ => {
            let rest = all.split_off(at);
            all.push(Group::new(Delimiter::None, rest.into_iter().collect()).into());
        }
    }
    all.into_iter().collect()
}

/// Expands what is left of a text after ever more has been done to it.
fn try_all(what: &str, text: &str, expand: impl Fn(TokenStream) -> TokenStream, rounds: usize) {
    let mut numbers = Numbers(text.len() as u64);
    let whole: TokenStream = text.parse().expect("tokens");
    for round in 0..rounds {
        let mut tokens = whole.clone();
        for _ in 0..round.min(3) {
            tokens = spoilt(tokens, &mut numbers);
        }
        let code = expand(tokens.clone()).to_string();
        assert_eq!(code, expand(tokens.clone()).to_string(), "{what}: {tokens}");
        let parsed = code
            .parse::<TokenStream>()
            .map_err(|e| e.to_string())
            .and_then(|code| syn::parse2::<syn::File>(code).map_err(|e| e.to_string()));
        // What the user wrote as an expression may be none: the errors beside say so.
        assert!(parsed.is_ok() || code.contains("compile_error"), "{what}: {tokens}\n{:?}\n{code}", parsed.err());
    }
}

#[test]
fn deep_nesting() {
    let nested = (0..5_000)
        .fold(TokenStream::new(), |inner, _| TokenTree::from(Group::new(Delimiter::Parenthesis, inner)).into());
    for code in [
        network::function(quote::quote!(struct N; x: [1] -> Bend::new(#nested);)),
        network::derive(quote::quote!(
            #[network { x: [1] -> Bend::new(#nested); }]
            struct N;
        )),
        layer::pipeline::expand(quote::quote!(
            #[layer { output y = #nested; }]
            struct N;
        )),
    ] {
        assert!(code.to_string().contains("nested too deeply"));
    }
    // Dropping it group by group needs no stack either.
    let mut rest = Some(nested);
    while let Some(TokenTree::Group(group)) = rest.take().and_then(|tokens| tokens.into_iter().next()) {
        rest = Some(group.stream());
    }
}

#[test]
fn networks() {
    for text in NETWORKS {
        try_all("network!", text, network::function, 400);
    }
}

#[test]
fn derived_networks() {
    for text in NETWORKS {
        let wiring = text.split_once(';').map_or(text, |(_, wiring)| wiring);
        try_all("derive(Network)", &format!("#[network {{ {wiring} }}] struct N;"), network::derive, 150);
    }
}

#[test]
fn layers() {
    for (name, fields, text) in WORKED {
        try_all(name, &format!("#[layer {{ {text} }}] pub struct Test {{ {fields} }}"), layer::pipeline::expand, 8);
    }
}
