//! Tokens to the syntax tree.
//!
//! Input: what the user wrote. Output: a `Declaration`; what could not be read is left out of it, with an error at its token for
//! each statement. What the grammar has room for and later versions will mean is refused here, at its word.

use super::ast::{Declaration, Extents, Join, Layer, Options, Source, Statement, Step};
use crate::error::Errors;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Token, token};

/// `network! { … }`: attributes, the struct, the statements.
pub(crate) fn function(tokens: TokenStream, errors: &mut Errors) -> syn::Result<Declaration> {
    let parser = |input: ParseStream<'_>| {
        let mut attributes = input.call(syn::Attribute::parse_inner)?;
        attributes.iter_mut().for_each(|attribute| attribute.style = syn::AttrStyle::Outer);
        attributes.extend(input.call(syn::Attribute::parse_outer)?);
        let visibility = input.parse()?;
        input.parse::<Token![struct]>().map_err(|error| {
            syn::Error::new(error.span(), "expected the network's struct first, as in `pub struct LeNet5;`")
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

/// Takes our own attributes out of a list.
fn take_options(attributes: &mut Vec<syn::Attribute>, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    attributes.retain(|attribute| {
        let path = attribute.path();
        let result = if path.is_ident("smooth") {
            options.smooth = true;
            attribute.meta.require_path_only().map(|_| ())
        } else if path.is_ident("gradient") {
            attribute
                .parse_args_with(syn::punctuated::Punctuated::<Ident, Token![,]>::parse_terminated)
                .map(|names| options.gradients.extend(names))
        } else if path.is_ident("budget") {
            attribute.parse_args_with(budget).map(|bytes| options.budget = Some(bytes))
        } else if path.is_ident("chainrule") {
            attribute.parse_args_with(root).map(|root| options.root = Some(root))
        } else {
            return true;
        };
        if let Err(error) = result {
            errors.add(error);
        }
        false
    });
    options
}

/// `cfg`, levels of lints, and for what is deprecated a licence to name it.
fn everywhere(attributes: &[syn::Attribute]) -> Vec<syn::Attribute> {
    let is = |attribute: &syn::Attribute, names: &[&str]| names.iter().any(|name| attribute.path().is_ident(name));
    let kept = attributes.iter().filter(|attribute| is(attribute, &["cfg", "allow", "warn", "deny"])).cloned();
    let is_deprecated = attributes.iter().any(|attribute| is(attribute, &["deprecated"]));
    kept.chain(is_deprecated.then(|| syn::parse_quote!(#[allow(deprecated)]))).collect()
}

fn budget(input: ParseStream<'_>) -> syn::Result<Expr> {
    let word: Ident = input.parse()?;
    if word != "training" {
        return Err(syn::Error::new(
            word.span(),
            "a budget is for `training`: `#[budget(training = 64 * 1024)]`, in bytes",
        ));
    }
    input.parse::<Token![=]>()?;
    let bytes: Expr = input.parse()?;
    let literal = match &bytes {
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    };
    match literal {
        Some(literal) if !matches!(literal, syn::Lit::Int(_)) => {
            Err(syn::Error::new(literal.span(), "a budget is a number of bytes, such as `64 * 1024`"))
        }
        _ => Ok(bytes),
    }
}

fn root(input: ParseStream<'_>) -> syn::Result<syn::Path> {
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    if let Ok(text) = input.fork().parse::<syn::LitStr>() {
        input.parse::<syn::LitStr>()?;
        return text.parse_with(syn::Path::parse_mod_style);
    }
    input.call(syn::Path::parse_mod_style)
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
        errors.at(last.span(), "a `;` is missing after this");
        // As it is while somebody writes; what else is wrong with it is told when the `;` is there.
        let names = names_in(current.clone());
        all.push(statement(&current, last.span()).unwrap_or(Statement::Broken { names }));
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

/// `LAYER(arguments)`: the last parentheses hold the arguments.
fn loss(tokens: &[TokenTree], word: Span) -> syn::Result<Statement> {
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
            "expected what the loss compares: `loss CrossEntropy(logits, label: Class(10));`",
        ));
    };
    if arguments.delimiter() != Delimiter::Parenthesis || layer.is_empty() {
        return Err(syn::Error::new(
            arguments.span(),
            "expected a loss and what it compares: `loss CrossEntropy(logits, label: Class(10));`",
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

/// `source -> step -> …`
fn pipe(input: ParseStream<'_>) -> syn::Result<Statement> {
    let source = sum(input)?;
    let mut steps = Vec::new();
    while input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        steps.push(step(input)?);
    }
    Ok(Statement::Pipe { source, steps })
}

fn sum(input: ParseStream<'_>) -> syn::Result<Source> {
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

fn wire_name(input: ParseStream<'_>) -> syn::Result<Ident> {
    let name = input.call(Ident::parse_any).map_err(|error| {
        syn::Error::new(error.span(), "expected the name of a wire, or an input such as `image: [1, 28, 28]`")
    })?;
    // Raw identifiers are names; bare keywords are not.
    syn::parse2::<Ident>(name.to_token_stream())
        .map_err(|_| syn::Error::new(name.span(), format!("`{name}` is a keyword, not the name of a wire")))
}

/// `[1, 28, 28]`, `[16] of Token(65)`
fn declared(name: Ident, input: ParseStream<'_>) -> syn::Result<Source> {
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
fn count(input: ParseStream<'_>) -> syn::Result<Expr> {
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
    if word(input, "shared") && input.peek2(Ident::peek_any) {
        return Err(later(input.span(), "layers that share parameters"));
    }
    if is_repeat(input) {
        return Err(later(input.span(), "repeated layers"));
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

/// `repeat(n)` with a layer behind it; a function of that name has none.
fn is_repeat(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    fork.call(Ident::parse_any).is_ok_and(|word| word == "repeat")
        && fork.peek(token::Paren)
        && fork.parse::<Group>().is_ok()
        && (fork.peek(Ident::peek_any) || fork.peek(token::Paren) || fork.peek(Token![::]))
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

/// The expression inside parentheses and the invisible groups of a `macro_rules!`.
fn ungrouped(mut expression: &Expr) -> &Expr {
    loop {
        match expression {
            Expr::Group(group) => expression = &group.expr,
            Expr::Paren(paren) => expression = &paren.expr,
            other => return other,
        }
    }
}

fn span_of(expression: &Expr) -> Span {
    expression.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// A layer's value, and its type: what `as` says, or the leading path.
fn layer_of(expression: &Expr) -> syn::Result<Layer> {
    if let Expr::Cast(cast) = ungrouped(expression) {
        return Ok(Layer {
            ty: cast.ty.to_token_stream(),
            value: cast.expr.to_token_stream(),
            written: cast.to_token_stream(),
        });
    }
    match leading_type(expression) {
        Some(ty) => Ok(Layer { ty, value: expression.to_token_stream(), written: expression.to_token_stream() }),
        None => Err(syn::Error::new_spanned(
            expression,
            "the layer's type is not to be seen from this expression: say it, as in `(…) as Dense`",
        )),
    }
}

/// `Conv2d` of `Conv2d::new(6, 5).padding(2)`; `None` where the expression does not start with a type.
fn leading_type(expression: &Expr) -> Option<TokenStream> {
    match expression {
        Expr::Group(group) => leading_type(&group.expr),
        Expr::Paren(paren) => leading_type(&paren.expr),
        Expr::MethodCall(call) => leading_type(&call.receiver),
        Expr::Struct(literal) if literal.qself.is_none() => Some(literal.path.to_token_stream()),
        Expr::Call(call) => match ungrouped(&call.func) {
            Expr::Path(function) => type_of_path(function, true),
            _ => None,
        },
        Expr::Path(path) => type_of_path(path, false),
        _ => None,
    }
}

/// Types start with a capital letter: `Conv2d::new` and `Conv2d::DEFAULT` are of `Conv2d`, `Relu` is itself.
fn type_of_path(path: &syn::ExprPath, is_called: bool) -> Option<TokenStream> {
    if let Some(qself) = &path.qself {
        return Some(qself.ty.to_token_stream());
    }
    let is_type = |ident: &Ident| ident.unraw().to_string().starts_with(char::is_uppercase);
    let is_constant = |ident: &Ident| !ident.unraw().to_string().contains(char::is_lowercase);
    let mut path = path.path.clone();
    let last = path.segments.last()?.ident.clone();
    if last == "Some" || last == "None" {
        return None;
    }
    let before_is_type = path.segments.iter().rev().nth(1).is_some_and(|segment| is_type(&segment.ident));
    if !is_type(&last) && is_called || is_constant(&last) && !is_called && before_is_type {
        path.segments.pop();
        path.segments.pop_punct();
    }
    let is_found = path.segments.last().is_some_and(|segment| is_type(&segment.ident));
    is_found.then(|| path.to_token_stream())
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
