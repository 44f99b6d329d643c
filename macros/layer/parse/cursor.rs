//! A place in a list of tokens, and what an error says about it.

use proc_macro2::{Delimiter, Ident, Span};

use super::refuse;
use super::tokens::{Group, Token};

/// A place in a list of tokens. Copies are cheap: looking ahead is walking on with a copy.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    tokens: &'t [Token],
    /// Where to point when the tokens are used up, and what that end is called.
    end: Span,
    ending: &'static str,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(tokens: &'t [Token], end: Span, ending: &'static str) -> Cursor<'t> {
        Cursor { tokens, end, ending }
    }

    pub(super) fn inside(group: &'t Group) -> Cursor<'t> {
        let ending = match group.delimiter {
            Delimiter::Parenthesis => "`)`",
            Delimiter::Bracket => "`]`",
            Delimiter::Brace => "`}`",
            Delimiter::None => "the end of what a macro passed",
        };
        Cursor { tokens: &group.tokens, end: group.close, ending }
    }

    pub(super) fn is_end(&self) -> bool {
        self.tokens.is_empty()
    }

    /// How many tokens are left.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn peek(&self) -> Option<&'t Token> {
        self.tokens.first()
    }

    pub(super) fn peek_second(&self) -> Option<&'t Token> {
        self.tokens.get(1)
    }

    pub(super) fn skip(&mut self) {
        self.tokens = self.tokens.get(1..).unwrap_or_default();
    }

    /// The span of the next token, or of the end.
    pub(super) fn span(&self) -> Span {
        self.peek().map_or(self.end, Token::span)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|token| token.is_symbol(symbol))
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(word))
    }

    /// Takes the symbol if it stands here.
    pub(super) fn symbol(&mut self, symbol: &str) -> Option<Span> {
        let span = self.span();
        self.is_symbol(symbol).then(|| {
            self.skip();
            span
        })
    }

    /// Takes the word if it stands here.
    pub(super) fn word(&mut self, word: &str) -> Option<Span> {
        let span = self.span();
        self.is_word(word).then(|| {
            self.skip();
            span
        })
    }

    /// Takes the group if one with this delimiter stands here.
    pub(super) fn group(&mut self, delimiter: Delimiter) -> Option<&'t Group> {
        let group = self.peek()?.as_group(delimiter)?;
        self.skip();
        Some(group)
    }

    /// Takes a name: an identifier that is no keyword of Rust.
    pub(super) fn name(&mut self, expected: &str) -> syn::Result<Ident> {
        match self.peek() {
            Some(Token::Word(name)) => {
                if let Some(error) = refuse::keyword_as_name(name, expected) {
                    return Err(error);
                }
                self.skip();
                Ok(name.clone())
            }
            _ => Err(self.expected(expected)),
        }
    }

    /// The next entry of a list when all of it is what a macro passed: then that is read in its place.
    pub(super) fn passed_entry(&self) -> Option<&'t Group> {
        let group = self.peek()?.as_group(Delimiter::None)?;
        self.peek_second().is_none_or(|next| next.is_symbol(",") || next.is_word("where")).then_some(group)
    }

    pub(super) fn found(&self) -> String {
        match self.peek() {
            None => self.ending.to_owned(),
            Some(Token::Word(name)) => format!("`{name}`"),
            Some(Token::Symbol(symbol, _)) => format!("`{symbol}`"),
            Some(Token::Literal(literal)) => format!("`{literal}`"),
            Some(Token::Group(group)) => match group.delimiter {
                Delimiter::Parenthesis => "`(`".to_owned(),
                Delimiter::Bracket => "`[`".to_owned(),
                Delimiter::Brace => "`{`".to_owned(),
                Delimiter::None => "an expression that a macro passed".to_owned(),
            },
        }
    }

    /// `expected …, found …` at the next token.
    pub(super) fn expected(&self, what: &str) -> syn::Error {
        self.error(format!("expected {what}, found {}", self.found()))
    }

    pub(super) fn error(&self, message: impl std::fmt::Display) -> syn::Error {
        syn::Error::new(self.span(), message)
    }

    /// Everything in this list is read, or else an error with a hint for what stands here instead.
    pub(super) fn finished(&self) -> syn::Result<()> {
        if self.is_end() {
            return Ok(());
        }
        Err(refuse::after_expression(self, &format!("an operator or {}", self.ending)))
    }

    /// Whether a statement starts here: two words in a row mean nothing else within one.
    pub(super) fn starts_statement(&self) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if super::statement::KEYWORDS.iter().any(|keyword| word == keyword))
            && matches!(self.peek_second(), Some(Token::Word(_)))
    }
}
