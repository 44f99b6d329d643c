//! Expressions, by precedence: from loosest `||`, `&&`, comparisons, `+ -`, `* / %`, the signs `- !`, and what stands for itself.
//!
//! A reduction reaches as far as a product does: its body is a whole term, `b + sum(i) w[i] * x[i] + c` is `b + (sum …) + c`.
//! After `/` and `%` it takes one factor: `a / sum(i) x[i] * b` is `(a / sum …) * b`.

use proc_macro2::{Delimiter, Ident, Literal, Span};
use syn::ext::IdentExt;

use super::super::ast::{Expr, ExprKind, Operator};
use super::Parser;
use super::axes::Place;
use super::cursor::Cursor;
use super::refuse;
use super::tokens::{DEEPEST, Group, Token};

/// Operators in one statement: trees of them are walked recursively later on.
const MOST_OPERATORS: usize = 1000;

/// Levels of precedence, the loosest is the lowest.
const LOOSEST: u8 = 0;
const COMPARISON: u8 = 2;
const PRODUCT: u8 = 4;

fn operator(symbol: &str) -> Option<(Operator, u8)> {
    Some(match symbol {
        "||" => (Operator::Or, LOOSEST),
        "&&" => (Operator::And, 1),
        "<" => (Operator::Less, COMPARISON),
        "<=" => (Operator::LessEqual, COMPARISON),
        ">" => (Operator::Greater, COMPARISON),
        ">=" => (Operator::GreaterEqual, COMPARISON),
        "==" => (Operator::Equal, COMPARISON),
        "!=" => (Operator::NotEqual, COMPARISON),
        "+" => (Operator::Add, 3),
        "-" => (Operator::Subtract, 3),
        "*" => (Operator::Multiply, PRODUCT),
        "/" => (Operator::Divide, PRODUCT),
        "%" => (Operator::Remainder, PRODUCT),
        _ => return None,
    })
}

/// How far the body of a reduction goes.
#[derive(Clone, Copy)]
enum Reach {
    /// A product.
    Term,
    /// One factor of it.
    Factor,
}

impl Parser<'_> {
    pub(super) fn expression(&mut self, at: &mut Cursor) -> syn::Result<Expr> {
        self.operation(at, LOOSEST)
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper<T>(
        &mut self,
        at: &mut Cursor,
        read: impl FnOnce(&mut Self, &mut Cursor) -> syn::Result<T>,
    ) -> syn::Result<T> {
        if self.depth == DEEPEST {
            return Err(at.error("this is nested too deeply: define parts of it with `let`"));
        }
        self.depth += 1;
        let result = read(self, at);
        self.depth -= 1;
        result
    }

    /// Operators that bind at least as tightly as `loosest`.
    fn operation(&mut self, at: &mut Cursor, loosest: u8) -> syn::Result<Expr> {
        let mut left = self.factor(at, Reach::Term)?;
        let mut compared: Option<&str> = None;
        while let Some(Token::Symbol(symbol, span)) = at.peek() {
            let Some((operator, level)) = operator(symbol) else {
                break;
            };
            if level < loosest {
                break;
            }
            if level == COMPARISON {
                if let Some(first) = compared {
                    return Err(at.error(format!("comparisons do not chain: write `a {first} b && b {symbol} c`")));
                }
                compared = Some(symbol);
            } else if level < COMPARISON {
                compared = None;
            }
            self.operators += 1;
            if self.operators > MOST_OPERATORS {
                return Err(at.error(format!(
                    "a statement has at most {MOST_OPERATORS} operators: define parts of it with `let`"
                )));
            }
            at.skip();
            let right = match operator {
                Operator::Divide | Operator::Remainder => self.factor(at, Reach::Factor)?,
                _ => self.operation(at, level + 1)?,
            };
            left =
                Expr { kind: ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) }, span: *span };
        }
        Ok(left)
    }

    /// Signs, and what they stand before.
    fn factor(&mut self, at: &mut Cursor, reach: Reach) -> syn::Result<Expr> {
        let span = at.span();
        if at.symbol("-").is_some() {
            let inner = self.deeper(at, |parser, at| parser.factor(at, reach))?;
            Ok(Expr { kind: ExprKind::Negate(Box::new(inner)), span })
        } else if at.symbol("!").is_some() {
            let inner = self.deeper(at, |parser, at| parser.factor(at, reach))?;
            Ok(Expr { kind: ExprKind::Not(Box::new(inner)), span })
        } else {
            self.primary(at, reach)
        }
    }

    fn primary(&mut self, at: &mut Cursor, reach: Reach) -> syn::Result<Expr> {
        let span = at.span();
        match at.peek() {
            Some(Token::Literal(literal)) => {
                at.skip();
                number(literal)
            }
            Some(Token::Group(group)) if matches!(group.delimiter, Delimiter::Parenthesis | Delimiter::None) => {
                at.skip();
                self.parentheses(group)
            }
            Some(Token::Word(word)) if word == "true" || word == "false" => {
                at.skip();
                Ok(Expr { kind: ExprKind::Bool(word == "true"), span })
            }
            Some(Token::Word(word)) if word == "if" => self.choice(at),
            Some(Token::Word(name)) => {
                if at.starts_statement() || refuse::keyword_as_name(name, "an expression").is_some() {
                    return Err(refuse::before_expression(at, "an expression"));
                }
                if name == "not" && matches!(at.peek_second(), Some(Token::Word(_))) {
                    return Err(at.error("\"not\" is written `!`"));
                }
                at.skip();
                if let Some(group) = at.group(Delimiter::Bracket) {
                    let positions = self.positions(Cursor::inside(group), name)?;
                    return Ok(Expr { kind: ExprKind::Read { name: name.clone(), positions }, span });
                }
                match at.group(Delimiter::Parenthesis) {
                    Some(group) => self.application(name, group, at, reach),
                    None => Ok(Expr { kind: ExprKind::Name(name.clone()), span }),
                }
            }
            _ => Err(refuse::before_expression(at, "an expression")),
        }
    }

    fn parentheses(&mut self, group: &Group) -> syn::Result<Expr> {
        let mut inside = Cursor::inside(group);
        let expr = self.deeper(&mut inside, Self::expression)?;
        if inside.is_symbol(",") {
            return Err(
                inside.error("parentheses hold one expression here: fused indices stand between brackets, `x[(g, c)]`")
            );
        }
        inside.finished()?;
        Ok(expr)
    }

    /// `if c { … } else if … { … } else { … }`
    fn choice(&mut self, at: &mut Cursor) -> syn::Result<Expr> {
        let span = at.span();
        at.skip();
        let condition = self.expression(at)?;
        if !matches!(at.peek(), Some(Token::Group(group)) if group.delimiter == Delimiter::Brace) {
            return Err(refuse::after_expression(at, "`{` after the condition"));
        }
        let then = self.branch(at)?;
        let otherwise = if at.word("else").is_none() {
            None
        } else if at.is_word("if") {
            Some(self.deeper(at, Self::choice)?)
        } else {
            Some(self.branch(at)?)
        };
        let kind =
            ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise: otherwise.map(Box::new) };
        Ok(Expr { kind, span })
    }

    fn branch(&mut self, at: &mut Cursor) -> syn::Result<Expr> {
        let Some(group) = at.group(Delimiter::Brace) else {
            return Err(at.expected("`{` and the value of this branch"));
        };
        let mut inside = Cursor::inside(group);
        if inside.is_word("let") {
            return Err(inside.error(
                "a branch is one expression: intermediate values are statements of their own, before this one",
            ));
        }
        let value = self.deeper(&mut inside, Self::expression)?;
        if inside.is_symbol(";") {
            return Err(inside.error("a branch is one expression: drop the `;`"));
        }
        inside.finished()?;
        Ok(value)
    }

    /// `name(…)`: a call, `len(…)`, or a reduction and its body.
    fn application(&mut self, name: &Ident, group: &Group, at: &mut Cursor, reach: Reach) -> syn::Result<Expr> {
        let span = name.span();
        if name == "len" {
            let indices = self.axes(Cursor::inside(group), Place::Len)?;
            return Ok(Expr { kind: ExprKind::Len { indices }, span });
        }
        if is_reduction(name, group, at) {
            let (bindings, conditions) = self.bindings(group)?;
            if !starts_expression(at, true) {
                return Err(at.error(format!(
                    "expected what `{name}` reduces, found {}: it stands after the parentheses, as in `{name}(i) x[i]`",
                    at.found()
                )));
            }
            let body = match reach {
                Reach::Term => self.deeper(at, |parser, at| parser.operation(at, PRODUCT))?,
                Reach::Factor => self.deeper(at, |parser, at| parser.factor(at, Reach::Factor))?,
            };
            return Ok(Expr {
                kind: ExprKind::Reduce { name: name.clone(), bindings, conditions, body: Box::new(body) },
                span,
            });
        }
        let arguments = self.arguments(group)?;
        Ok(Expr { kind: ExprKind::Call { name: name.clone(), arguments }, span })
    }

    /// Expressions between commas; the last comma may be followed by nothing.
    pub(super) fn arguments(&mut self, group: &Group) -> syn::Result<Vec<Expr>> {
        let mut inside = Cursor::inside(group);
        let mut arguments = Vec::new();
        while !inside.is_end() {
            arguments.push(self.expression(&mut inside)?);
            if inside.symbol(",").is_none() {
                inside.finished()?;
            }
        }
        Ok(arguments)
    }
}

/// Whether what stands here can start an expression. A sign can only where an operator cannot stand.
fn starts_expression(at: &Cursor, signs: bool) -> bool {
    match at.peek() {
        Some(Token::Word(word)) => {
            const AFTER: [&str; 5] = ["where", "else", "as", "of", "outside"];
            // `of` and `outside` go on with a value; a tensor of that name with brackets or an operator.
            let names_tensor = (word == "of" || word == "outside")
                && matches!(
                    at.peek_second(),
                    None | Some(Token::Symbol(..)) | Some(Token::Group(Group { delimiter: Delimiter::Bracket, .. }))
                )
                && !matches!(at.peek_second(), Some(Token::Symbol("-", _)));
            (names_tensor || !AFTER.iter().any(|after| word == after)) && !at.starts_statement()
        }
        Some(Token::Literal(literal)) => {
            literal.to_string().starts_with(|first: char| first == '-' || first.is_ascii_digit())
        }
        Some(Token::Group(group)) => {
            matches!(group.delimiter, Delimiter::Parenthesis | Delimiter::None)
        }
        Some(Token::Symbol(symbol, _)) => signs && matches!(*symbol, "-" | "!"),
        None => false,
    }
}

/// Whether `name(group)` is a reduction of what follows. It is one by its name (`sum`), by parentheses that only indices can
/// stand in (`p: size`, `..`, `where`, a fused index), or when plain indices are followed by the start of an expression.
fn is_reduction(name: &Ident, group: &Group, after: &Cursor) -> bool {
    let name = name.unraw().to_string();
    if matches!(name.as_str(), "sum" | "mean" | "prod" | "argmax" | "argmin" | "norm") {
        return true;
    }
    let entries: Vec<&[Token]> = group.tokens.split(|token| token.is_symbol(",")).collect();
    let rest_or_fused = |entry: &[Token]| match entry.first() {
        Some(Token::Symbol("..", _)) => true,
        Some(Token::Group(fused)) if entry.len() == 1 && fused.delimiter == Delimiter::Parenthesis => {
            fused.tokens.iter().any(|token| token.is_symbol(",") || token.is_symbol(".."))
        }
        _ => false,
    };
    let only_indices = group.tokens.iter().any(|token| token.is_symbol(":") || token.is_word("where"))
        || entries.iter().any(|entry| rest_or_fused(entry));
    let body = starts_expression(after, false);
    let plain = |entry: &&[Token]| rest_or_fused(entry) || matches!(entry, [Token::Word(_)] | [Token::Group(_)]);
    if name == "max" || name == "min" {
        // Of one argument it is no function, so that a sign after it is the body's.
        return only_indices || (entries.iter().all(plain) && (body || entries.len() == 1));
    }
    body && (only_indices || entries.iter().all(plain))
}

fn number(literal: &Literal) -> syn::Result<Expr> {
    let span = literal.span();
    let text = literal.to_string();
    // A macro can make a token of a negative number.
    if let Some(positive) = text.strip_prefix('-') {
        let inner = number_of(positive, span)?;
        return Ok(Expr { kind: ExprKind::Negate(Box::new(Expr { kind: inner, span })), span });
    }
    Ok(Expr { kind: number_of(&text, span)?, span })
}

fn number_of(text: &str, span: Span) -> syn::Result<ExprKind> {
    let error = |message: String| Err(syn::Error::new(span, message));
    let suffixed = |digits: &str, suffix: &str| {
        let real = matches!(suffix, "f32" | "f64") && !digits.contains('.');
        let is_type = matches!(suffix.as_bytes(), [b'f' | b'i' | b'u', b'0'..=b'9', ..] | b"usize" | b"isize");
        match (is_type, real) {
            (true, true) => error(format!("numbers take no suffix: write `{digits}.0`")),
            (true, false) => error(format!("numbers take no suffix: write `{digits}`")),
            (false, _) => error(format!(
                "expected a number, found `{text}`: write `{digits} * {}`",
                suffix.trim_start_matches('_')
            )),
        }
    };
    match text.parse::<Literal>().map(syn::Lit::new) {
        Ok(syn::Lit::Int(integer)) => {
            if !integer.suffix().is_empty() {
                return suffixed(text.strip_suffix(integer.suffix()).unwrap_or(text), integer.suffix());
            }
            match integer.base10_parse::<i64>() {
                Ok(value) => Ok(ExprKind::Integer(value)),
                Err(_) => error(format!("integers go up to {}: write a real number, `{text}.0`", i64::MAX)),
            }
        }
        Ok(syn::Lit::Float(real)) => {
            if !real.suffix().is_empty() {
                return suffixed(text.strip_suffix(real.suffix()).unwrap_or(text), real.suffix());
            }
            match real.base10_parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(ExprKind::Real(value)),
                _ => error("real numbers go up to 1.8e308: write `inf` for infinity".to_owned()),
            }
        }
        _ => error(format!("expected a number, found `{text}`")),
    }
}
