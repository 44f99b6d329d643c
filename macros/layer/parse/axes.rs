//! What stands between brackets and in the parentheses of reductions: axes on the left, bindings, positions in a read.

use proc_macro2::{Delimiter, Ident};

use super::super::ast::{Axis, Expr, Position};
use super::Parser;
use super::cursor::Cursor;
use super::refuse;
use super::tokens::{Group, Token};

/// Where an axis stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `NAME[axes]` on the left.
    Left,
    /// `sum(axes) …`
    Reduction,
    /// `len(axes)`
    Len,
}

impl Parser<'_> {
    /// Axes between commas, up to the end.
    pub(super) fn axes(&mut self, mut at: Cursor, place: Place) -> syn::Result<Vec<Axis>> {
        let axes = self.axes_until_where(&mut at, place)?;
        match at.is_end() {
            true => Ok(axes),
            false => Err(refuse::after_expression(&at, "`,`")),
        }
    }

    /// `(axes [where condition, …])`
    pub(super) fn bindings(&mut self, group: &Group) -> syn::Result<(Vec<Axis>, Vec<Expr>)> {
        let mut at = Cursor::inside(group);
        let bindings = self.axes_until_where(&mut at, Place::Reduction)?;
        let mut conditions = Vec::new();
        if at.word("where").is_some() {
            if at.is_end() {
                return Err(at.expected("a condition"));
            }
            while !at.is_end() {
                conditions.push(self.expression(&mut at)?);
                if at.symbol(",").is_none() {
                    at.finished()?;
                }
            }
        }
        Ok((bindings, conditions))
    }

    fn axes_until_where(&mut self, at: &mut Cursor, place: Place) -> syn::Result<Vec<Axis>> {
        if at.is_end() || at.is_word("where") {
            let what = match place {
                Place::Left => "an index: a scalar is written without brackets",
                Place::Reduction => "the indices to reduce over",
                Place::Len => "the indices to count",
            };
            return Err(at.error(format!("expected {what}")));
        }
        let mut axes = Vec::new();
        while !at.is_end() && !at.is_word("where") {
            axes.push(self.axis(at, place)?);
            if at.symbol(",").is_none() && !at.is_end() && !at.is_word("where") {
                return Err(misplaced(at, place));
            }
        }
        Ok(axes)
    }

    fn axis(&mut self, at: &mut Cursor, place: Place) -> syn::Result<Axis> {
        if let Some(passed) = at.passed_entry() {
            at.skip();
            let mut inside = Cursor::inside(passed);
            let axis = self.axis(&mut inside, place)?;
            return if inside.is_end() { Ok(axis) } else { Err(misplaced(&inside, place)) };
        }
        let span = at.span();
        if at.symbol("..").is_some() {
            let name = match at.peek() {
                Some(Token::Word(word)) if word != "where" => Some(at.name("a name for these indices")?),
                _ => None,
            };
            let rank = self.extent(at, place)?;
            return Ok(Axis::Rest { name, rank, span });
        }
        if let Some(group) = at.group(Delimiter::Parenthesis) {
            let mut parts = self.axes(Cursor::inside(group), place)?;
            return Ok(match (&parts[..], parts.len()) {
                // One index in parentheses is that index.
                ([Axis::Index { .. } | Axis::Fused { .. }], 1) => parts.remove(0),
                _ => Axis::Fused { parts },
            });
        }
        if let Some(Token::Literal(literal)) = at.peek() {
            return Err(at.error(match place {
                Place::Left => {
                    format!("expected an index, found `{literal}`: a statement defines its tensor at all positions")
                }
                Place::Reduction | Place::Len => {
                    format!("expected an index, found `{literal}`: an index has a name, as in `sum(i: {literal}) …`")
                }
            }));
        }
        let name = at.name("an index")?;
        let extent = self.extent(at, place)?;
        Ok(Axis::Index { name, extent })
    }

    /// `: extent`
    fn extent(&mut self, at: &mut Cursor, place: Place) -> syn::Result<Option<Expr>> {
        if !at.is_symbol(":") {
            return Ok(None);
        }
        if place == Place::Len {
            return Err(at.error("`len` takes indices that have their extents elsewhere: drop the `: …`"));
        }
        at.skip();
        if at.is_word("batch") && at.peek_second().is_none_or(|next| next.is_symbol(",")) {
            return Err(at.error(refuse::batch_as_extent()));
        }
        self.expression(at).map(Some)
    }

    /// The positions of a read, up to the end.
    pub(super) fn positions(&mut self, mut at: Cursor, tensor: &Ident) -> syn::Result<Vec<Position>> {
        if at.is_end() {
            return Err(at.error(format!("expected a position: a scalar is read without brackets, `{tensor}`")));
        }
        self.positions_until_end(&mut at)
    }

    fn positions_until_end(&mut self, at: &mut Cursor) -> syn::Result<Vec<Position>> {
        let mut positions = Vec::new();
        while !at.is_end() {
            positions.push(self.position(at)?);
            if at.symbol(",").is_none() && !at.is_end() {
                return Err(refuse::after_expression(at, "an operator or `,`"));
            }
        }
        Ok(positions)
    }

    fn position(&mut self, at: &mut Cursor) -> syn::Result<Position> {
        if let Some(passed) = at.passed_entry() {
            at.skip();
            let mut inside = Cursor::inside(passed);
            let position = self.position(&mut inside)?;
            return inside.finished().map(|()| position);
        }
        let span = at.span();
        if at.symbol("..").is_some() {
            let name = match at.peek() {
                Some(Token::Word(_)) => Some(at.name("a name for these indices")?),
                _ => None,
            };
            return Ok(Position::Rest { name, span });
        }
        // `(i + 1) * s` is a number, `(g, c)` is fused: a comma or `..` in it, and nothing after it.
        if let Some(Token::Group(group)) = at.peek()
            && group.delimiter == Delimiter::Parenthesis
            && at.peek_second().is_none_or(|next| next.is_symbol(","))
            && group.tokens.iter().any(|token| token.is_symbol(",") || token.is_symbol(".."))
        {
            at.skip();
            let parts = self.positions_until_end(&mut Cursor::inside(group))?;
            return Ok(Position::Fused { parts, span });
        }
        self.expression(at).map(Position::At)
    }
}

/// What stands after an axis and is neither `,` nor `where`.
fn misplaced(at: &Cursor, place: Place) -> syn::Error {
    let found = at.found();
    let hint = match (at.peek(), place) {
        (Some(Token::Symbol("+" | "-" | "*" | "/" | "%", _)), Place::Left) => {
            "on the left stand indices alone; formulas of them stand on the right, in what is read"
        }
        (Some(Token::Symbol("+" | "-" | "*" | "/" | "%" | "." | "..", _) | Token::Group(_)), Place::Reduction) => {
            "in a reduction's parentheses stand indices, `sum(i) x[i]`; what is reduced follows them"
        }
        (Some(Token::Symbol("=", _)), Place::Left | Place::Reduction) => {
            "an index and its extent are written `i: extent`"
        }
        (Some(Token::Symbol("<" | "<=" | ">" | ">=" | "==" | "!=" | ";" | "|" | "&&", _)), Place::Reduction) => {
            "conditions stand after `where`, as in `sum(i where i <= t) …`"
        }
        (Some(Token::Word(word)), Place::Reduction) if word == "if" => {
            "conditions stand after `where`, as in `sum(i where i <= t) …`"
        }
        (Some(Token::Word(word)), Place::Left | Place::Reduction) if word == "in" => {
            "an index and its extent are written `i: extent`; it runs from 0"
        }
        (_, Place::Left) => return refuse::after_expression(at, "`:` and an extent, or `,`"),
        (_, Place::Reduction) => {
            return refuse::after_expression(at, "`:` and an extent, `,` or `where`");
        }
        (_, Place::Len) => {
            return at.error(format!("expected `,`, found {found}: `len` takes indices, as in `len(i)`"));
        }
    };
    at.error(format!("expected `,`, found {found}: {hint}"))
}
