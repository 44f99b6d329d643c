//! What people write who come from other languages, and what to write here instead. Nothing in this file decides whether
//! a text is refused; it only finds the words for it.

use proc_macro2::{Delimiter, Ident};

use super::cursor::Cursor;
use super::tokens::Token;

const NO_LOOPS: &str = "loops until convergence are not in the language: write a fixed number of steps as a recurrence along an index, \
                        `h[t] = … h[t - 1] …`, or a sum over an index, `sum(i: n) …`";
const NO_SORTING: &str = "sorting is not in the language: its result is an order, not a formula; `max(i) …` and `argmax(i) …` find the largest";
const NO_DATA_SHAPES: &str = "shapes that depend on data are not in the language: extents are formulas of fields and indices; \
                              keep the shape and leave out by `where`, `if` or a factor of 0";
const NO_PAIRS: &str = "pairs of samples are not in the language: a text speaks of one sample, and `batch` is only reduced over as a whole, as in `mean(batch, ..) x[c, ..]`";

/// Functions of other languages that this one leaves out on purpose.
pub(in crate::layer) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "sort" | "argsort" | "topk" | "top_k" | "median" | "quantile" | "searchsorted" => NO_SORTING,
        "unique" | "nonzero" | "masked_select" | "compress" | "filter" => NO_DATA_SHAPES,
        "cdist" | "pairwise_distance" | "cov" => NO_PAIRS,
        _ => return None,
    })
}

/// What a word at a place where a statement or an expression should start says about what its author wanted.
pub(super) fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "for" | "while" | "loop" | "break" | "continue" => NO_LOOPS,
        "match" => "`match` is not in the language: write `if … { … } else if … { … } else { … }`",
        "return" => "a layer returns nothing: write `output y[…] = …;`",
        "fn" => "functions are not in the language: name intermediate values with `let`",
        "mut" => "nothing in a layer's text changes: drop `mut`",
        "const" | "static" | "var" => "an intermediate value is written `let NAME[indices] = …;`",
        "self" | "Self" => "a field is written by its name alone, without `self`",
        _ => return None,
    })
}

/// For pairs of samples: an index that is to run over the batch beside another.
pub(super) fn batch_as_extent() -> &'static str {
    NO_PAIRS
}

/// What cannot be the name of a field, index or tensor, with the error for it.
pub(super) fn keyword_as_name(name: &Ident, expected: &str) -> Option<syn::Error> {
    const KEYWORDS: [&str; 51] = [
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
        "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self",
        "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while", "abstract",
        "become", "box", "do", "final", "macro", "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
    ];
    let text = name.to_string();
    if text == "_" {
        return Some(syn::Error::new(
            name.span(),
            format!("expected {expected}, found `_`: whatever is used has a name here"),
        ));
    }
    if !KEYWORDS.contains(&text.as_str()) {
        return None;
    }
    let hint = match word(&text) {
        Some(hint) => format!(": {hint}"),
        None if matches!(
            text.as_str(),
            "super" | "crate" | "as" | "else" | "if" | "where" | "true" | "false" | "let" | "in"
        ) =>
        {
            String::new()
        }
        None => format!(": it is a keyword of Rust; as a name it is written `r#{text}`"),
    };
    Some(syn::Error::new(name.span(), format!("expected {expected}, found `{text}`{hint}")))
}

/// An error where an expression should start.
pub(super) fn before_expression(at: &Cursor, expected: &str) -> syn::Error {
    let hint = match at.peek() {
        Some(Token::Symbol("+", _)) => "a sign `+` says nothing: drop it",
        Some(Token::Symbol("..", _)) => {
            "`..` stands between brackets and in the parentheses of reductions, for any number of indices"
        }
        Some(Token::Symbol(":", _)) => "all of an axis is read by an index, `x[i]`, and any number of axes by `..`",
        Some(Token::Symbol("&", _)) => "there are no references here: drop the `&`",
        Some(Token::Symbol("|" | "||", _)) => "closures are not in the language: name intermediate values with `let`",
        Some(Token::Group(group)) if group.delimiter == Delimiter::Bracket => {
            "there are no array literals: a tensor is defined by a formula of its indices"
        }
        Some(Token::Group(group)) if group.delimiter == Delimiter::Brace => {
            "braces stand only after `if` and `else`; write parentheses"
        }
        Some(Token::Word(name)) => match word(&name.to_string()) {
            Some(hint) => hint,
            None => {
                return keyword_as_name(name, expected).unwrap_or_else(|| at.expected(expected));
            }
        },
        _ => return at.expected(expected),
    };
    at.error(format!("expected {expected}, found {}: {hint}", at.found()))
}

/// An error where an expression has ended and something stands that cannot follow one.
pub(super) fn after_expression(at: &Cursor, expected: &str) -> syn::Error {
    let hint = match at.peek() {
        Some(Token::Symbol(symbol, _)) => match *symbol {
            "=" => "to compare, write `==`",
            "^" | "**" => "a power is written `square(x)`, `powi(x, 2)` or `powf(x, y)`",
            "&" => "\"and\" is written `&&`",
            "|" => "\"or\" is written `||`; a condition of a reduction stands after `where`",
            "?" => "write `if … { … } else { … }`",
            "@" => "a matrix product is written with its indices, `sum(k) a[i, k] * b[k, j]`",
            "." => "there are no methods and no fields of fields: a function is written `sqrt(x)`",
            ".." => {
                "there are no ranges: an index runs from 0 to below its extent, `sum(i: n) …`, and `where` restricts it"
            }
            "<<" | ">>" => "there are no shifts: multiply or divide by a power of two",
            "+=" | "-=" | "*=" | "/=" | "%=" | "^=" | ":=" => {
                "nothing in a layer's text changes: every tensor is defined once, with `=`"
            }
            ":" => {
                "an extent is given where an index is introduced: on the left of a statement or in a reduction's parentheses"
            }
            "~" => "a draw is a statement of its own: `let NAME[indices] ~ Bernoulli(p);`",
            "::" => "there are no paths here: fields, tensors and functions have plain names",
            "!" => "\"not equal\" is written `!=`",
            "->" | "=>" => "wiring belongs in `network!` and in blocks",
            _ => return at.expected(expected),
        },
        Some(Token::Word(name)) => match name.to_string().as_str() {
            "and" => "\"and\" is written `&&`",
            "or" => "\"or\" is written `||`",
            "is" => "to compare, write `==`",
            "mod" => "the remainder is written `a % b`",
            "as" if matches!(at.peek_second(), Some(Token::Literal(_))) => {
                "only a `param` has a name of its own in checkpoints"
            }
            "then" => "a branch stands in braces, `if … { … } else { … }`",
            "as" => {
                "there are no casts: an integer becomes a real number where it meets one, `floor(x)` and `round(x)` give integers"
            }
            "for" => "a sum over an index is written in front, `sum(i: n) x[i]`",
            "if" => "a choice is written `if … { … } else { … }`; the condition of a `param` stands before its `=`",
            "in" => "an index runs from 0 to below its extent, `sum(i: n) …`",
            "outside" => "`outside` stands on the left, before `=`, in `input`, `let` and `output`",
            "of" => "`of` stands on the left, after the indices, in `input`, `target`, `let` and `output`",
            "where" => "`where` stands in the parentheses of a reduction, `sum(i where i <= t) …`",
            _ => return at.expected(expected),
        },
        Some(Token::Group(group)) if group.delimiter == Delimiter::Bracket => {
            "only what has a name is read at positions, and all of them stand between one pair of brackets, `x[i, j]`"
        }
        _ => return at.expected(expected),
    };
    at.error(format!("expected {expected}, found {}: {hint}", at.found()))
}
