//! `loss LOSS(prediction, NAME: shape);`

use super::super::ast::{Source, Statement};
use super::later;
use super::layer::layer_of;
use super::pipe::{count, declared, wire_name};
use proc_macro2::{Delimiter, Span, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Token, token};

/// `LAYER(arguments)`: the last parentheses hold the arguments.
pub(super) fn loss(tokens: &[TokenTree], word: Span) -> syn::Result<Statement> {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '*' => return Err(later(punct.span(), "weighted losses")),
            TokenTree::Punct(punct) if punct.as_char() == '+' => return Err(later(punct.span(), "several losses")),
            TokenTree::Literal(number) if at == 0 => return Err(later(number.span(), "weighted losses")),
            _ => {}
        }
    }
    let Some((TokenTree::Group(arguments), layer)) = tokens.split_last() else {
        let span = tokens.last().map_or(word, TokenTree::span);
        return Err(syn::Error::new(
            span,
            "expected what the loss compares: `loss LOSS(prediction, label: Class(10));`",
        ));
    };
    if arguments.delimiter() != Delimiter::Parenthesis || layer.is_empty() {
        return Err(syn::Error::new(
            arguments.span(),
            "expected a loss and what it compares: `loss LOSS(prediction, label: Class(10));`",
        ));
    }
    let layer = layer_of(&syn::parse2(layer.iter().cloned().collect())?)?;
    let parser = |input: ParseStream<'_>| {
        let mut arguments = Vec::new();
        while !input.is_empty() {
            arguments.push(loss_argument(input)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    };
    let arguments = parser.parse2(arguments.stream())?;
    Ok(Statement::Loss { layer, arguments })
}

/// `NAME`, `NAME: shape`, `NAME: Class(n)`
fn loss_argument(input: ParseStream<'_>) -> syn::Result<Source> {
    let name = input.call(wire_name)?;
    if !input.peek(Token![:]) {
        return Ok(Source::Wire(name));
    }
    input.parse::<Token![:]>()?;
    if input.peek(token::Bracket) {
        return declared(name, input);
    }
    let count = count(input)?;
    Ok(Source::Input { name, extents: None, count: Some(count) })
}
