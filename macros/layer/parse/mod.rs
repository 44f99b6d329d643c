//! Input: the tokens of `#[layer { … }]`. Output: its statements as they are written. Nothing is looked up or computed.
//!
//! Guarantees: any tokens at all give a result without a panic, and within bounded stack; a broken statement is reported
//! at the token where it breaks and the next one is read, so that one compile tells all mistakes.

mod axes;
mod cursor;
mod expression;
pub(in crate::layer) mod refuse;
mod statement;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use super::ast::{LayerText, Statement};
use crate::error::Errors;
use cursor::Cursor;
use tokens::{DEEPEST, Token};

/// Reads a layer's text. Statements that could not be read are reported and left out; the names that they were to
/// define are kept in [`LayerText::broken`]. `None` if no statement could be read at all.
pub(crate) fn parse(text: TokenStream, errors: &mut Errors) -> Option<LayerText> {
    let tokens = tokens::read(text, errors);
    let mut parser = Parser { errors, depth: 0, operators: 0, declared: None };
    let text = parser.text(&tokens);
    (!text.statements.is_empty()).then_some(text)
}

/// Where groups nest far beyond what is ever read. To be asked before `syn` parses anything: it has no bound of its own, and
/// overflows the stack.
pub(crate) fn too_deep(stream: TokenStream) -> Option<Span> {
    let mut open = vec![stream.into_iter()];
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(TokenTree::Group(group)) if open.len() > 2 * DEEPEST => {
                return Some(group.span_open());
            }
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(_) => {}
            None => drop(open.pop()),
        }
    }
    None
}

struct Parser<'e> {
    errors: &'e mut Errors,
    /// How deep the expression that is being read nests, leaving out its parentheses.
    depth: usize,
    /// How many operators the statement has so far.
    operators: usize,
    /// The name that the statement is to define, as soon as it is read.
    declared: Option<Ident>,
}

impl Parser<'_> {
    fn text(&mut self, tokens: &[Token]) -> LayerText {
        let mut text = LayerText { statements: Vec::new(), broken: Vec::new(), nameless: false };
        let mut rest = tokens;
        while !rest.is_empty() {
            let length = rest.iter().position(|token| token.is_symbol(";")).unwrap_or(rest.len());
            let (statements, after) = rest.split_at(length);
            // Without a `;` the end is after the last token, which is as near as a span comes.
            let end = after.first().or(statements.last()).map_or_else(Span::call_site, Token::span);
            self.until_semicolon(Cursor::new(statements, end, "`;`"), !after.is_empty(), &mut text);
            rest = after.get(1..).unwrap_or_default();
        }
        text
    }

    /// What stands before a `;`: one statement, or several whose `;` are missing.
    fn until_semicolon(&mut self, mut at: Cursor, mut ended: bool, text: &mut LayerText) {
        while !at.is_end() {
            let length = at.len();
            (self.depth, self.operators, self.declared) = (0, 0, None);
            match self.statement(&mut at).and_then(|statement| {
                ended_here(&at, &statement)?;
                Ok(statement)
            }) {
                Ok(statement) => {
                    text.statements.push(statement);
                    if !at.is_end() || !ended {
                        ended = ended || at.is_end();
                        let found = if at.is_end() { "the end of the text".to_owned() } else { at.found() };
                        self.errors.at(at.span(), format!("expected `;` after the statement, found {found}"));
                    }
                }
                Err(error) => {
                    self.errors.add(error);
                    text.nameless |= self.declared.is_none();
                    text.broken.extend(self.declared.take());
                    if at.len() == length {
                        at.skip();
                    }
                    while !at.is_end() && !at.starts_statement() {
                        at.skip();
                    }
                    // One error is enough for what may be one slip.
                    ended = ended || at.is_end();
                }
            }
        }
    }
}

/// Nothing but another statement stands after a statement.
fn ended_here(at: &Cursor, statement: &Statement) -> syn::Result<()> {
    if at.is_end() || at.starts_statement() {
        return Ok(());
    }
    let expected = match statement {
        Statement::Input(_)
        | Statement::Target(_)
        | Statement::Param { .. }
        | Statement::Draw { .. }
        | Statement::Require { .. } => "`;`",
        _ => "an operator or `;`",
    };
    Err(refuse::after_expression(at, expected))
}
