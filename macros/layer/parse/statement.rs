//! Statements: a keyword, a name with its axes and clauses, and what defines it.

use proc_macro2::{Delimiter, Ident};

use super::super::ast::{Declaration, Expr, Initialiser, Outside, Statement};
use super::Parser;
use super::axes::Place;
use super::cursor::Cursor;
use super::refuse;
use super::tokens::Token;

pub(super) const KEYWORDS: [&str; 8] = ["input", "target", "param", "state", "let", "output", "update", "require"];

/// Which clauses may follow a name and its axes.
#[derive(Clone, Copy)]
struct Clauses {
    of: bool,
    outside: bool,
}

impl Parser<'_> {
    /// One statement, without its `;`. What follows it is left to the caller.
    pub(super) fn statement(&mut self, at: &mut Cursor) -> syn::Result<Statement> {
        let keyword = match at.peek() {
            Some(Token::Word(word)) => word.to_string(),
            _ => String::new(),
        };
        if !KEYWORDS.contains(&keyword.as_str()) {
            return Err(no_statement(at));
        }
        at.skip();
        match keyword.as_str() {
            "input" => {
                let declaration = self.declaration(at, "input", Clauses { of: true, outside: true })?;
                if at.is_symbol("=") {
                    return Err(at.error(
                        "an input arrives from outside and has no value here: for an intermediate value write `let`",
                    ));
                }
                Ok(Statement::Input(declaration))
            }
            "target" => {
                let declaration = self.declaration(at, "target", Clauses { of: true, outside: false })?;
                if at.is_symbol("=") {
                    return Err(at.error(
                        "a target arrives from outside and has no value here: for an intermediate value write `let`",
                    ));
                }
                Ok(Statement::Target(declaration))
            }
            "param" => self.param(at),
            "state" => {
                let declaration = self.declaration(at, "state", Clauses { of: false, outside: false })?;
                let value = self.value(at, "the value it starts with")?;
                Ok(Statement::State { declaration, value })
            }
            "let" => self.intermediate(at),
            "output" => {
                let declaration = self.declaration(at, "output", Clauses { of: true, outside: true })?;
                let value = self.value(at, "its formula")?;
                Ok(Statement::Output { declaration, value })
            }
            "update" => {
                let declaration = self.declaration(at, "update", Clauses { of: false, outside: false })?;
                let value = self.value(at, "the state's next value")?;
                Ok(Statement::Update { declaration, value })
            }
            _ => self.require(at),
        }
    }

    fn declaration(&mut self, at: &mut Cursor, keyword: &str, may: Clauses) -> syn::Result<Declaration> {
        let name = at.name(&format!("a name after `{keyword}`"))?;
        self.declared = Some(name.clone());
        let axes = match at.group(Delimiter::Bracket) {
            Some(group) => self.axes(Cursor::inside(group), Place::Left)?,
            None => Vec::new(),
        };
        if at.is_symbol(":") {
            return Err(
                at.error("there are no types here: extents stand between the brackets, as in `weight[o: out, i]`")
            );
        }
        if matches!(at.peek(), Some(Token::Group(_))) {
            return Err(at.error(format!(
                "expected what follows a name, found {}: indices stand between one pair of brackets, `{name}[i, j]`",
                at.found()
            )));
        }
        let mut of = None;
        let mut outside = None;
        loop {
            let span = at.span();
            if at.word("of").is_some() {
                if !may.of {
                    return Err(syn::Error::new(
                        span,
                        format!("`of` belongs to integers that arrive or are computed: `{keyword}` holds real numbers"),
                    ));
                }
                if of.is_some() {
                    return Err(syn::Error::new(span, "`of` stands here twice"));
                }
                of = Some(self.expression(at)?);
            } else if at.word("outside").is_some() {
                if !may.outside {
                    return Err(syn::Error::new(
                        span,
                        format!("`outside` belongs to `input`, `let` and `output`, not to `{keyword}`"),
                    ));
                }
                if outside.is_some() {
                    return Err(syn::Error::new(span, "`outside` stands here twice"));
                }
                outside = Some(self.outside(at)?);
            } else {
                return Ok(Declaration { name, axes, of, outside });
            }
        }
    }

    fn outside(&mut self, at: &mut Cursor) -> syn::Result<Outside> {
        if at.word("nearest").is_some() {
            Ok(Outside::Nearest)
        } else if at.word("reflect").is_some() {
            Ok(Outside::Reflect)
        } else if at.word("wrap").is_some() {
            Ok(Outside::Wrap)
        } else if at.is_end() || at.is_symbol("=") {
            Err(at.expected("what lies outside: a value, `nearest`, `reflect` or `wrap`"))
        } else {
            self.expression(at).map(Outside::Value)
        }
    }

    /// `= EXPRESSION`
    fn value(&mut self, at: &mut Cursor, what: &str) -> syn::Result<Expr> {
        if at.symbol("=").is_none() {
            return Err(refuse::after_expression(at, &format!("`=` and {what}")));
        }
        self.expression(at)
    }

    fn param(&mut self, at: &mut Cursor) -> syn::Result<Statement> {
        let declaration = self.declaration(at, "param", Clauses { of: false, outside: false })?;
        let mut condition = None;
        let mut otherwise = None;
        if at.word("if").is_some() {
            condition = Some(self.expression(at)?);
            if at.word("else").is_some() {
                otherwise = Some(self.expression(at)?);
            }
        }
        if at.symbol("=").is_none() {
            let expected = match (&condition, &otherwise) {
                (None, _) => "`if` or `=` and an initialiser, such as `= KaimingUniform`",
                (Some(_), None) => "`else` or `=` and an initialiser, such as `= Zeros`",
                (Some(_), Some(_)) => "`=` and an initialiser, such as `= Zeros`",
            };
            return Err(refuse::after_expression(at, expected));
        }
        if let Some(Token::Literal(literal)) = at.peek()
            && !literal.to_string().contains('"')
        {
            return Err(at.error(format!("expected an initialiser, found `{literal}`: write `Constant({literal})`")));
        }
        let name = at.name("an initialiser, such as `Zeros` or `KaimingUniform`")?;
        let arguments = match at.group(Delimiter::Parenthesis) {
            Some(group) => self.arguments(group)?,
            None => Vec::new(),
        };
        if at.is_word("if") {
            return Err(at.error(format!(
                "a parameter's condition stands before its initialiser: `param {}… if FIELD = {name}`",
                declaration.name
            )));
        }
        let checkpoint = match at.word("as") {
            Some(_) => Some(string(at, "the parameter's name in checkpoints, as in `as \"weight_ih_l0\"`")?),
            None => None,
        };
        Ok(Statement::Param {
            declaration,
            condition,
            otherwise,
            initialiser: Initialiser { name, arguments },
            checkpoint,
        })
    }

    /// `let … = EXPRESSION` or `let … ~ DISTRIBUTION`
    fn intermediate(&mut self, at: &mut Cursor) -> syn::Result<Statement> {
        let declaration = self.declaration(at, "let", Clauses { of: true, outside: true })?;
        if at.symbol("~").is_none() {
            if at.symbol("=").is_none() {
                return Err(refuse::after_expression(at, "`=` and its formula, or `~` and a distribution"));
            }
            let value = self.expression(at)?;
            return Ok(Statement::Let { declaration, value });
        }
        if declaration.of.is_some() || declaration.outside.is_some() {
            return Err(syn::Error::new(
                declaration.name.span(),
                "a draw takes neither `of` nor `outside`: give them to a `let` that reads it",
            ));
        }
        let distribution =
            at.name("a distribution: `Bernoulli(p)`, `Normal(mean, std)`, `Uniform(low, high)` or `Gumbel`")?;
        let arguments = match at.group(Delimiter::Parenthesis) {
            Some(group) => self.arguments(group)?,
            None => Vec::new(),
        };
        if !at.is_end() && !at.starts_statement() {
            return Err(at.error(format!(
                "expected `;`, found {}: a draw stands alone; compute with it in a statement that reads `{}`",
                at.found(),
                declaration.name
            )));
        }
        Ok(Statement::Draw { declaration, distribution, arguments })
    }

    fn require(&mut self, at: &mut Cursor) -> syn::Result<Statement> {
        let condition = self.expression(at)?;
        if at.symbol(",").is_none() {
            return Err(refuse::after_expression(at, "`,` and a message in quotes"));
        }
        let message = string(at, "a message in quotes, for whoever breaks this")?;
        Ok(Statement::Require { condition, message })
    }
}

fn string(at: &mut Cursor, expected: &str) -> syn::Result<syn::LitStr> {
    if let Some(Token::Literal(literal)) = at.peek()
        && let syn::Lit::Str(string) = syn::Lit::new(literal.clone())
    {
        if string.value().is_empty() {
            return Err(at.error(format!("expected {expected}, found nothing between the quotes")));
        }
        at.skip();
        return Ok(string);
    }
    Err(at.expected(expected))
}

/// Words for a statement that starts like none.
fn no_statement(at: &Cursor) -> syn::Error {
    const STATEMENTS: &str = "a statement: `input`, `target`, `param`, `state`, `let`, `output`, `update` or `require`";
    let Some(Token::Word(word)) = at.peek() else {
        return at.expected(STATEMENTS);
    };
    if let Some(hint) = refuse::word(&word.to_string()) {
        return at.error(hint);
    }
    if let Some(keyword) = alike(word) {
        return at.error(format!("expected {STATEMENTS}, found `{word}`: did you mean `{keyword}`?"));
    }
    match at.peek_second() {
        Some(Token::Symbol("=" | "~", _)) | Some(Token::Group(_)) => {
            at.error(format!("expected {STATEMENTS}, found `{word}`: an intermediate value is written `let {word}…`"))
        }
        _ => at.expected(STATEMENTS),
    }
}

/// The keyword that was meant, if one is near enough.
fn alike(word: &Ident) -> Option<&'static str> {
    let word = word.to_string().to_lowercase();
    match word.as_str() {
        "parameter" | "parameters" | "params" | "weight" => return Some("param"),
        "inputs" | "in" => return Some("input"),
        "out" | "outputs" => return Some("output"),
        "assert" | "ensure" => return Some("require"),
        "label" => return Some("target"),
        _ => {}
    }
    KEYWORDS.into_iter().find(|keyword| keyword.len() > 3 && one_slip(word.as_bytes(), keyword.as_bytes()))
}

/// Whether one letter too many, too few, wrong, or two swapped make the one word of the other.
fn one_slip(word: &[u8], keyword: &[u8]) -> bool {
    let front = word.iter().zip(keyword).take_while(|(a, b)| a == b).count();
    let (word, keyword) = (&word[front..], &keyword[front..]);
    match (word, keyword) {
        ([], []) => true,
        ([a, b, word @ ..], [c, d, keyword @ ..]) if a == d && b == c && word == keyword => true,
        ([_, word @ ..], [_, keyword @ ..]) if word == keyword => true,
        ([_, rest @ ..], keyword) if rest == keyword => true,
        (word, [_, rest @ ..]) => word == rest,
        _ => false,
    }
}
