//! Input: the tokens between the braces, as rustc hands them over. Output: a tree of tokens that the parser likes to walk:
//! operators are whole (`<=`, `..`), attributes are gone, groups nest at most [`DEEPEST`] deep.
//!
//! What a `macro_rules!` passes as `$e:expr` arrives between invisible delimiters. One token between them stands for itself;
//! several stay a group, which the parser treats as if it were in parentheses: that keeps the precedence of the macro's author.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};

use crate::error::Errors;

/// How deep parentheses, branches and signs may nest: far beyond what a person writes, far from a stack's end.
pub(super) const DEEPEST: usize = 128;

#[derive(Debug)]
pub(super) enum Token {
    Word(Ident),
    Symbol(&'static str, Span),
    Literal(Literal),
    Group(Group),
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) delimiter: Delimiter,
    pub(super) tokens: Vec<Token>,
    pub(super) open: Span,
    pub(super) close: Span,
}

impl Token {
    pub(super) fn span(&self) -> Span {
        match self {
            Token::Word(name) => name.span(),
            Token::Symbol(_, span) => *span,
            Token::Literal(literal) => literal.span(),
            Token::Group(group) => group.open,
        }
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self, Token::Symbol(found, _) if *found == symbol)
    }

    /// A raw identifier is never one of the language's words.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Token::Word(found) if found == word)
    }

    pub(super) fn as_group(&self, delimiter: Delimiter) -> Option<&Group> {
        match self {
            Token::Group(group) if group.delimiter == delimiter => Some(group),
            _ => None,
        }
    }
}

/// Operators of two characters, of this language and of others that people may try.
const PAIRS: [&str; 20] = [
    "==", "!=", "<=", ">=", "&&", "||", "..", "**", "->", "=>", "::", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "^=",
    ":=",
];

const SINGLES: [&str; 24] = [
    "=", "<", ">", "+", "-", "*", "/", "%", "!", "~", ",", ";", ":", ".", "&", "|", "^", "?", "@", "#", "$", "'", "\\",
    "`",
];

pub(super) fn read(stream: TokenStream, errors: &mut Errors) -> Vec<Token> {
    tokens(stream, 0, errors)
}

fn tokens(stream: TokenStream, depth: usize, errors: &mut Errors) -> Vec<Token> {
    let mut read: Vec<Token> = Vec::new();
    let mut rest = stream.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(name) => read.push(Token::Word(name)),
            TokenTree::Literal(literal) => read.push(Token::Literal(literal)),
            TokenTree::Punct(first) => {
                if first.as_char() == '#' {
                    // `#![…]` as well as `#[…]`.
                    rest.next_if(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '!'));
                    let brackets = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
                    if let Some(TokenTree::Group(attribute)) = rest.next_if(brackets) {
                        refuse_attribute(first.span(), attribute.stream(), errors);
                        continue;
                    }
                }
                let second = match rest.peek() {
                    Some(TokenTree::Punct(second)) if first.spacing() == proc_macro2::Spacing::Joint => {
                        second.as_char()
                    }
                    _ => ' ',
                };
                let is_pair = |pair: &&&str| pair.chars().eq([first.as_char(), second]);
                let symbol = if let Some(pair) = PAIRS.iter().find(is_pair) {
                    rest.next();
                    *pair
                } else {
                    let is_it = |single: &&&str| single.chars().eq([first.as_char()]);
                    SINGLES.iter().find(is_it).copied().unwrap_or("?")
                };
                read.push(Token::Symbol(symbol, first.span()));
            }
            TokenTree::Group(group) if depth == DEEPEST => {
                errors.at(group.span_open(), "this is nested too deeply: define parts of it with `let`");
                // The parser shall not complain about a hole here as well.
                read.push(Token::Literal(Literal::i64_unsuffixed(0)));
            }
            TokenTree::Group(group) => {
                let inner = tokens(group.stream(), depth + 1, errors);
                let invisible = group.delimiter() == Delimiter::None;
                let starts_statement = depth == 0
                    && read.last().is_none_or(|last| last.is_symbol(";"))
                    && matches!(inner[..], [Token::Word(_), Token::Word(_), ..]);
                if invisible && (inner.len() <= 1 || starts_statement) {
                    read.extend(inner);
                    continue;
                }
                read.push(Token::Group(Group {
                    delimiter: group.delimiter(),
                    tokens: inner,
                    open: group.span_open(),
                    close: group.span_close(),
                }));
            }
        }
    }
    read
}

/// Doc comments arrive as attributes and are the reader's; rustc resolves no other attribute inside a derive's text.
fn refuse_attribute(mark: Span, attribute: TokenStream, errors: &mut Errors) {
    let Some(TokenTree::Ident(name)) = attribute.into_iter().next() else {
        errors.at(mark, "attributes cannot stand in a layer's text");
        return;
    };
    if name == "cfg" || name == "cfg_attr" {
        errors.at(
            mark,
            format!(
                "`#[{name}]` cannot stand in a layer's text: rustc hands the text to the derive without resolving it. \
                 Put `#[{name}]` on the struct, or give the layer a `bool` field and write `if`"
            ),
        );
    } else if name != "doc" {
        errors.at(mark, format!("attributes such as `#[{name}]` cannot stand in a layer's text: put it on the struct"));
    }
}
