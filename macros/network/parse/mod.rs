//! Tokens to the syntax tree.
//!
//! Input: what the user wrote. Output: a `Declaration`; what could not be read is left out of it, with an error at its token for
//! each statement. What the grammar has room for and later versions will mean is refused here, at its word.

mod layer;
mod loss;
mod options;
mod pipe;

use super::ast::{Declaration, Statement};
use crate::error::Errors;
use loss::loss;
use options::{everywhere, take_options};
use pipe::pipe;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::Token;
use syn::parse::{ParseStream, Parser};

/// `network! { … }`: attributes, the struct, the statements.
pub(crate) fn function(tokens: TokenStream, errors: &mut Errors) -> syn::Result<Declaration> {
    let parser = |input: ParseStream<'_>| {
        let mut attributes = input.call(syn::Attribute::parse_inner)?;
        attributes.iter_mut().for_each(|attribute| attribute.style = syn::AttrStyle::Outer);
        attributes.extend(input.call(syn::Attribute::parse_outer)?);
        let visibility = input.parse()?;
        input.parse::<Token![struct]>().map_err(|error| {
            syn::Error::new(error.span(), "expected the network's struct first, as in `pub struct Digits;`")
        })?;
        let name = input.parse()?;
        input.parse::<Token![;]>()?;
        let rest: TokenStream = input.parse()?;
        Ok((attributes, visibility, name, rest))
    };
    let (mut attributes, visibility, name, rest) = parser.parse2(ungroup(tokens))?;
    let options = take_options(&mut attributes, errors);
    let statements = statements(rest, errors);
    let everywhere = everywhere(&attributes);
    Ok(Declaration { attributes, visibility, name, everywhere, options, statements })
}

/// `#[derive(Network)] #[network { … }] struct NAME;`: the attributes of the struct.
pub(crate) fn derive(tokens: TokenStream, errors: &mut Errors) -> syn::Result<Declaration> {
    let input: syn::DeriveInput = syn::parse2(tokens)?;
    let is_unit = matches!(&input.data, syn::Data::Struct(data) if matches!(data.fields, syn::Fields::Unit));
    if !is_unit || !input.generics.params.is_empty() {
        return Err(syn::Error::new(
            input.ident.span(),
            format!("a network is a unit struct: `struct {};`", input.ident),
        ));
    }
    let mut attributes = input.attrs;
    let options = take_options(&mut attributes, errors);
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("network")) {
        match &attribute.meta {
            syn::Meta::List(list) => all.extend(statements(list.tokens.clone(), errors)),
            other => errors.add(syn::Error::new_spanned(
                other,
                "write the wiring in braces: `#[network { image: [1, 28, 28] -> … }]`",
            )),
        }
    }
    if all.is_empty() && errors.is_empty() {
        errors.at(input.ident.span(), "the wiring is missing: write it in `#[network { image: [1, 28, 28] -> … }]`");
        all.push(Statement::Broken { names: Vec::new() });
    }
    let everywhere = everywhere(&attributes);
    Ok(Declaration {
        attributes: Vec::new(),
        visibility: input.vis,
        name: input.ident,
        everywhere,
        options,
        statements: all,
    })
}

/// The statements, each up to its `;`: an error in one does not hide those in the next.
fn statements(tokens: TokenStream, errors: &mut Errors) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut current = Vec::new();
    for token in ungroup(tokens) {
        let ends = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        if !ends {
            current.push(token);
            continue;
        }
        let end = token.span();
        if current.is_empty() {
            continue;
        }
        let tokens = std::mem::take(&mut current);
        all.push(statement(&tokens, end).unwrap_or_else(|error| {
            errors.add(error);
            Statement::Broken { names: names_in(tokens) }
        }));
    }
    if let Some(last) = current.last() {
        let end = last.span();
        // As it is while somebody writes: what can be made of it stays, so that editors complete it, and one thing is told.
        match statement(&current, end) {
            Ok(read) if read.leads_on() => {
                errors.at(end, "a `;` is missing after this");
                all.push(read);
            }
            Ok(_) => {
                errors.at(end, "a `;` is missing after this");
                all.push(Statement::Broken { names: names_in(current) });
            }
            Err(error) => {
                errors.add(error);
                all.push(Statement::Broken { names: names_in(current) });
            }
        }
    }
    all
}

fn names_in(tokens: impl IntoIterator<Item = TokenTree>) -> Vec<Ident> {
    let mut names = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) => names.push(name),
            TokenTree::Group(group) => names.extend(names_in(group.stream())),
            _ => {}
        }
    }
    names
}

impl Statement {
    /// Whether it is more than the beginning of something.
    fn leads_on(&self) -> bool {
        match self {
            Statement::Pipe { steps, .. } => !steps.is_empty(),
            Statement::Loss { arguments, .. } => !arguments.is_empty(),
            Statement::Output { .. } | Statement::Broken { .. } => true,
        }
    }
}

/// `statement` without its `;`, whose span is `end`.
fn statement(tokens: &[TokenTree], end: Span) -> syn::Result<Statement> {
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    };
    let continues_as_wire = match tokens.get(1) {
        None => true,
        Some(TokenTree::Punct(punct)) => "-+*:.,".contains(punct.as_char()) && !is_path_separator(tokens, 1),
        Some(_) => false,
    };
    if let [TokenTree::Punct(mark), TokenTree::Group(_), ..] = tokens
        && mark.as_char() == '#'
    {
        return Err(syn::Error::new(
            mark.span(),
            "attributes cannot stand before a wire: rustc hands the text over without resolving them; put them before the network's `struct`, `#[cfg(…)]` too",
        ));
    }
    if word(0).as_deref() == Some("loss") && !continues_as_wire {
        return loss(&tokens[1..], tokens[0].span());
    }
    if word(0).as_deref() == Some("output") && !continues_as_wire {
        return with_end(&tokens[1..], end, output);
    }
    with_end(tokens, end, pipe)
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// Parses tokens that a `;` ended, so that "unexpected end of input" points at it.
fn with_end<T>(tokens: &[TokenTree], end: Span, parser: fn(ParseStream<'_>) -> syn::Result<T>) -> syn::Result<T> {
    let semicolon = TokenTree::Punct({
        let mut punct = proc_macro2::Punct::new(';', proc_macro2::Spacing::Alone);
        punct.set_span(end);
        punct
    });
    let tokens: TokenStream = tokens.iter().cloned().chain([semicolon]).collect();
    let parser = |input: ParseStream<'_>| {
        let parsed = parser(input)?;
        if !input.peek(Token![;]) {
            return Err(input.error("expected `->` or `;`"));
        }
        input.parse::<Token![;]>()?;
        Ok(parsed)
    };
    parser.parse2(tokens)
}

fn output(input: ParseStream<'_>) -> syn::Result<Statement> {
    let names = vec![input.parse()?];
    if input.peek(Token![,]) {
        return Err(later(input.span(), "several outputs"));
    }
    Ok(Statement::Output { names })
}

fn later(span: Span, what: &str) -> syn::Error {
    syn::Error::new(span, format!("{what} come in a later version"))
}

/// Takes the invisible groups away that a `macro_rules!` puts around a whole argument such as `$t:tt`.
fn ungroup(tokens: TokenStream) -> TokenStream {
    let mut all: Vec<TokenTree> = tokens.into_iter().collect();
    if let [TokenTree::Group(group)] = &all[..]
        && group.delimiter() == Delimiter::None
    {
        all = ungroup(group.stream()).into_iter().collect();
    }
    all.into_iter().collect()
}
