//! `source -> step -> …;`: sums, products and concatenations of wires, and the layers that they go through.

use super::super::ast::{Extents, Join, Source, Statement, Step};
use super::later;
use super::layer::{layer_of, span_of, ungrouped};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Token, token};

/// `source -> step -> …`
pub(super) fn pipe(input: ParseStream<'_>) -> syn::Result<Statement> {
    let source = sum(input)?;
    let mut steps = Vec::new();
    while input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        steps.push(step(input)?);
    }
    Ok(Statement::Pipe { source, steps })
}

pub(super) fn sum(input: ParseStream<'_>) -> syn::Result<Source> {
    let mut left = product(input)?;
    while input.peek(Token![+]) {
        let plus: Token![+] = input.parse()?;
        left = Source::Joined { by: Join::Sum, span: plus.spans[0], parts: vec![left, product(input)?] };
    }
    Ok(left)
}

fn product(input: ParseStream<'_>) -> syn::Result<Source> {
    let mut left = factor(input)?;
    while input.peek(Token![*]) {
        let star: Token![*] = input.parse()?;
        left = Source::Joined { by: Join::Product, span: star.spans[0], parts: vec![left, factor(input)?] };
    }
    Ok(left)
}

fn factor(input: ParseStream<'_>) -> syn::Result<Source> {
    if input.peek(token::Paren) {
        let content;
        let parens = syn::parenthesized!(content in input);
        let mut parts = sources(&content)?;
        return match parts.len() {
            0 => Err(syn::Error::new(parens.span.join(), "expected names of wires")),
            1 => Ok(parts.remove(0)),
            _ => Ok(Source::Tuple { span: parens.span.join(), parts }),
        };
    }
    let name = input.call(wire_name)?;
    if name == "concat" && input.peek(token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        let parts = sources(&content)?;
        if parts.len() < 2 {
            return Err(syn::Error::new(
                name.span(),
                "`concat` joins two or more wires along their leading axis: `concat(a, b)`",
            ));
        }
        return Ok(Source::Joined { by: Join::Concat, span: name.span(), parts });
    }
    if input.peek(Token![.]) {
        let dot: Token![.] = input.parse()?;
        return Err(later(dot.spans[0], "a layer's parameters as wires"));
    }
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        return declared(name, input);
    }
    Ok(Source::Wire(name))
}

fn sources(input: ParseStream<'_>) -> syn::Result<Vec<Source>> {
    let mut all = Vec::new();
    while !input.is_empty() {
        all.push(sum(input)?);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(all)
}

pub(super) fn wire_name(input: ParseStream<'_>) -> syn::Result<Ident> {
    let name = input.call(Ident::parse_any).map_err(|error| {
        syn::Error::new(error.span(), "expected the name of a wire, or an input such as `image: [1, 28, 28]`")
    })?;
    // Raw identifiers are names; bare keywords are not.
    syn::parse2::<Ident>(name.to_token_stream())
        .map_err(|_| syn::Error::new(name.span(), format!("`{name}` is a keyword, not the name of a wire")))
}

/// `[1, 28, 28]`, `[16] of Token(65)`
pub(super) fn declared(name: Ident, input: ParseStream<'_>) -> syn::Result<Source> {
    if !input.peek(token::Bracket) {
        return Err(input.error(format!("expected the shape of one sample, as in `{name}: [1, 28, 28]`")));
    }
    let content;
    let brackets = syn::bracketed!(content in input);
    let extents = content.parse_terminated(Expr::parse, Token![,])?.into_iter().collect();
    let is_counted = input.peek(syn::Ident) && input.fork().parse::<Ident>().is_ok_and(|word| word == "of");
    let count = if is_counted {
        input.parse::<Ident>()?;
        Some(count(input)?)
    } else {
        None
    };
    Ok(Source::Input { name, extents: Some(Extents { span: brackets.span.join(), extents }), count })
}

/// `Class(10)`, `Token(65)`
pub(super) fn count(input: ParseStream<'_>) -> syn::Result<Expr> {
    let message = "expected what the integers are: `Class(10)` or `Token(65)`, with how many different ones there are";
    let word: Ident = input.parse().map_err(|error| syn::Error::new(error.span(), message))?;
    if word != "Class" && word != "Token" || !input.peek(token::Paren) {
        return Err(syn::Error::new(word.span(), message));
    }
    let content;
    syn::parenthesized!(content in input);
    let count = content.parse()?;
    if !content.is_empty() {
        return Err(content.error("expected one number"));
    }
    Ok(count)
}

/// `[names] [frozen] [shared NAME] [repeat(n)] LAYER`
fn step(input: ParseStream<'_>) -> syn::Result<Step> {
    let names = step_names(input)?;
    if input.peek(Token![;]) || input.peek(Token![->]) {
        return Err(input.error("expected a layer"));
    }
    let word = |input: ParseStream<'_>, word: &str| {
        let fork = input.fork();
        fork.call(Ident::parse_any).is_ok_and(|found| found == word)
            && (fork.peek(Ident::peek_any) || fork.peek(token::Paren) || fork.peek(Token![::]) && word == "frozen")
    };
    let frozen = if word(input, "frozen") { Some(input.parse::<Ident>()?.span()) } else { None };
    if frozen.is_some() && names.is_empty() && !step_names(&input.fork())?.is_empty() {
        return Err(input.error("the name stands before `frozen`, as in `name: frozen LAYER`"));
    }
    if let Some(error) = put_off(input) {
        return Err(error);
    }
    let expression: Expr = input.parse()?;
    let span = span_of(&expression);
    let layers = match ungrouped(&expression) {
        Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
            tuple.elems.iter().map(layer_of).collect::<syn::Result<_>>()?
        }
        other => vec![layer_of(other)?],
    };
    Ok(Step { names, frozen, layers, span })
}

/// `shared NAME`, or `repeat(n)` with a layer behind it, if the step begins so: an error at each such word in the rest of the pipe.
fn put_off(input: ParseStream<'_>) -> Option<syn::Error> {
    // Most steps begin with neither word: no need to look at all that follows.
    if !input.fork().call(Ident::parse_any).is_ok_and(|word| word == "shared" || word == "repeat") {
        return None;
    }
    let rest: Vec<TokenTree> = input.fork().parse::<TokenStream>().ok()?.into_iter().collect();
    let begins =
        |at: usize| at == 0 || matches!(&rest[at - 1], TokenTree::Punct(p) if matches!(p.as_char(), '>' | ':'));
    let what = |at: usize| match (&rest[at], rest.get(at + 1), rest.get(at + 2)) {
        (TokenTree::Ident(word), Some(TokenTree::Ident(_)), _) if word == "shared" => {
            Some("layers that share parameters")
        }
        (TokenTree::Ident(word), Some(TokenTree::Group(group)), Some(next))
            if word == "repeat"
                && group.delimiter() == Delimiter::Parenthesis
                && !matches!(next, TokenTree::Punct(p) if p.as_char() != ':') =>
        {
            Some("repeated layers")
        }
        _ => None,
    };
    what(0)?;
    let errors = (0..rest.len()).filter(|at| begins(*at)).filter_map(|at| Some(later(rest[at].span(), what(at)?)));
    errors.reduce(|mut all, next| {
        all.combine(next);
        all
    })
}

/// `name:`, `(a, b):`
fn step_names(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        let name = input.call(wire_name)?;
        input.parse::<Token![:]>()?;
        return Ok(vec![name]);
    }
    let fork = input.fork();
    let is_list = fork.parse::<Group>().is_ok_and(|group| group.delimiter() == Delimiter::Parenthesis)
        && fork.peek(Token![:])
        && !fork.peek(Token![::]);
    if !is_list {
        return Ok(Vec::new());
    }
    let content;
    syn::parenthesized!(content in input);
    let names = content.parse_terminated(wire_name, Token![,])?.into_iter().collect();
    input.parse::<Token![:]>()?;
    Ok(names)
}
