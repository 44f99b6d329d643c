//! Text in, text with every operation in parentheses out; and for what is refused its message.

use proc_macro2::TokenStream;

use super::{parse, too_deep};
use crate::error::Errors;
use crate::layer::ast::print;

/// The statements as they were understood, and the messages, each on a line of its own.
fn read(text: TokenStream) -> (String, Vec<String>) {
    let mut errors = Errors::new();
    let text = parse(text, &mut errors);
    let printed = text.map_or_else(String::new, |text| print::text(&text));
    let messages =
        errors.finish().map_or_else(|all| all.into_iter().map(|error| error.to_string()).collect(), |()| Vec::new());
    (printed, messages)
}

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("not even tokens: {error}: {text}"))
}

/// The worked cases of the language's page.
const WORKED: &str = include_str!("worked.txt");

/// Their names and texts.
fn worked() -> Vec<(&'static str, String)> {
    let mut cases: Vec<(&str, String)> = Vec::new();
    for line in WORKED.lines() {
        match line.split_once(char::is_whitespace) {
            Some((name, text)) if !name.is_empty() => cases.push((name, text.to_owned())),
            _ => cases.last_mut().unwrap().1 += &format!("\n{line}"),
        }
    }
    cases
}

#[test]
fn worked_cases_are_read() {
    let cases = worked();
    assert_eq!(cases.len(), 20);
    for (name, text) in cases {
        let (printed, messages) = read(tokens(&text));
        assert_eq!(messages, [""; 0], "{name}");
        // What is printed is the language again and means the same.
        assert_eq!(read(tokens(&printed)), (printed.clone(), vec![]), "{name}");
        println!("{name}\n{printed}");
    }
}

/// `let a = TEXT;` as it is understood.
fn value(text: &str) -> String {
    let (printed, messages) = read(tokens(&format!("let a = {text};")));
    assert_eq!(messages, [""; 0], "{text}");
    printed.trim_start_matches("let a = ").trim_end_matches(";\n").to_owned()
}

#[test]
fn precedence() {
    let cases = [
        ("a || b && c", "(a || (b && c))"),
        ("a < b + 1 && !c == d", "((a < (b + 1)) && ((!c) == d))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c % d", "(((a / b) * c) % d)"),
        ("a + b * c", "(a + (b * c))"),
        ("-a * b", "((-a) * b)"),
        ("--a - -b", "((-(-a)) - (-b))"),
        ("!a && !!b", "((!a) && (!(!b)))"),
        ("(a + b) * c", "((a + b) * c)"),
        ("a==-1 || a<-1 || a>=-1", "(((a == (-1)) || (a < (-1))) || (a >= (-1)))"),
        ("if a { b } else { c } * 2", "(if a { b } else { c } * 2)"),
        ("2 * if a < b { b } else if c { d } else { e }", "(2 * if (a < b) { b } else { if c { d } else { e } })"),
        ("if a { b }", "if a { b }"),
        ("if max(a, b) < c { 1 } else { 0 }", "if (max(a, b) < c) { 1 } else { 0 }"),
        ("x[i*s + p, (i + 1) % n, (g, c), (..), ..a, ..]", "x[((i * s) + p), ((i + 1) % n), (g, c), (..), ..a, ..]"),
        ("x[(i + 1)]", "x[(i + 1)]"),
        ("x[((a, b), c), y[i]]", "x[((a, b), c), y[i]]"),
        ("len(batch, ..) - len((g, c))", "(len(batch, ..) - len((g, c)))"),
        ("gumbel()", "gumbel()"),
        ("clamp(x, 0, 1,)", "clamp(x, 0, 1)"),
    ];
    for (text, understood) in cases {
        assert_eq!(value(text), understood, "{text}");
    }
}

#[test]
fn how_far_a_reduction_reaches() {
    let cases = [
        ("b + sum(i) w[i] * x[i] + c", "((b + (sum(i) (w[i] * x[i]))) + c)"),
        ("sum(i) x[i] / n * 2", "(sum(i) ((x[i] / n) * 2))"),
        ("a * sum(i) x[i] * b", "(a * (sum(i) (x[i] * b)))"),
        ("a / sum(i) x[i] * b", "((a / (sum(i) x[i])) * b)"),
        ("a % sum(i) sum(j) x[i, j] * b", "((a % (sum(i) (sum(j) x[i, j]))) * b)"),
        ("a / -sum(i) x[i] * b", "((a / (-(sum(i) x[i]))) * b)"),
        ("-sum(i) x[i] * b", "(-(sum(i) (x[i] * b)))"),
        ("sum(i) -x[i] * b", "(sum(i) ((-x[i]) * b))"),
        ("(sum(i) x[i]) * b", "((sum(i) x[i]) * b)"),
        ("sum(i) max(p: 3) x[i + p]", "(sum(i) (max(p: 3) x[(i + p)]))"),
        ("sum(i) x[i] < 3 && b", "(((sum(i) x[i]) < 3) && b)"),
        (
            "sum(i, j: n + 1, (g, c: 4), .. where i <= j, x[i] > 0 || a) 1",
            "(sum(i, j: (n + 1), (g, c: 4), .. where (i <= j), ((x[i] > 0) || a)) 1)",
        ),
        ("sum(..a: axis, i) x[..a, i]", "(sum(..a: axis, i) x[..a, i])"),
        ("sum(i) if a { b } else { c }", "(sum(i) if a { b } else { c })"),
        ("max(a, b) - c", "(max(a, b) - c)"),
        ("max(p, q) x[p, q]", "(max(p, q) x[p, q])"),
        ("max(p) - x[p]", "(max(p) (-x[p]))"),
        ("max(p: 2, q) - x[p, q]", "(max(p: 2, q) (-x[p, q]))"),
        ("min((g, c)) x[(g, c)]", "(min((g, c)) x[(g, c)])"),
        ("max(max(a, b), min(c, d))", "max(max(a, b), min(c, d))"),
        ("max(len(batch, ..) - 1, 1.0)", "max((len(batch, ..) - 1), 1.0)"),
        ("argmax(p, q) x[p, q] + 1", "((argmax(p, q) x[p, q]) + 1)"),
        ("range(i) x[i]", "(range(i) x[i])"),
        ("exp(i) - 1", "(exp(i) - 1)"),
        ("sum(i) outside[i] * of", "(sum(i) (outside[i] * of))"),
    ];
    for (text, understood) in cases {
        assert_eq!(value(text), understood, "{text}");
    }
}

#[test]
fn numbers() {
    let cases = [
        ("3", "3"),
        ("1_000", "1000"),
        ("0xff", "255"),
        ("9223372036854775807", "9223372036854775807"),
        ("0.02", "0.02"),
        ("1e-5", "1e-5"),
        ("1_0.5e3", "10500.0"),
        ("2.", "2.0"),
        ("-3", "(-3)"),
        ("inf", "inf"),
        ("true", "true"),
    ];
    for (text, understood) in cases {
        assert_eq!(value(text), understood, "{text}");
    }
}

#[test]
fn statements() {
    // Unchanged where there is nothing to put in parentheses.
    let same = [
        "input x;",
        "input token[s] of v;",
        "input x[c] of max(n, m) outside 0;",
        "input x[h] outside reflect;",
        "input x[h] outside wrap;",
        "input input[of, outside] outside nearest;",
        "target label[..] of i;",
        "param bias[o] if biased else 1 = Zeros as \"b\";",
        "param scale if (!plain) = Constant(0.5);",
        "param scale if ((kind == 1) && wide) else (-1) = Normal(0.02);",
        "state mean[c] = 0;",
        "let k[i] of 3 outside (-inf) = 0;",
        "let keep[..] ~ Bernoulli((1 - rate));",
        "let noise ~ Gumbel;",
        "output loss = x;",
        "update mean[c] = m[c];",
        "require (size > 0), \"no window\";",
        "input größe[ß]; let 数 = größe[0];",
        "input r#type[r#in]; let r#if = r#type[0];",
    ];
    for text in same {
        let (printed, messages) = read(tokens(text));
        assert_eq!(messages, [""; 0], "{text}");
        assert_eq!(printed.trim_end().replace('\n', " "), text);
    }
    // Either order, and a comma at the end.
    assert_eq!(read(tokens("input x[i,] outside 0 of n;")).0, "input x[i] of n outside 0;\n");
    // One index in parentheses is that index; any number of them stays fused.
    assert_eq!(read(tokens("input x[((i)), (..)];")).0, "input x[i, (..)];\n");
}

#[test]
fn comments_are_the_readers() {
    let (printed, messages) = read(tokens(
        "//! The text.\n/// An image.\ninput x[\n/// rows\nh]; // so\n/** and */ output y[h] = x[h]\n/// of the same size\n;",
    ));
    assert_eq!(messages, [""; 0]);
    assert_eq!(printed, "input x[h];\noutput y[h] = x[h];\n");
}

#[test]
fn what_a_macro_passes_keeps_its_precedence() {
    use proc_macro2::{Delimiter, Group, TokenTree};
    let passed = |text: &str| TokenTree::Group(Group::new(Delimiter::None, tokens(text)));
    // `$` stands for what is passed.
    let cases = [
        ("let a = 2 * $;", "b + c", "let a = (2 * (b + c));\n"),
        ("let a = -$ * 3;", "-1", "let a = ((-(-1)) * 3);\n"),
        ("let a = $[i];", "x", "let a = x[i];\n"),
        ("let a = x[$, j];", "i + 1", "let a = x[(i + 1), j];\n"),
        ("let a = x[$, j];", "(g, c)", "let a = x[(g, c), j];\n"),
        ("let a = x[$];", "..", "let a = x[..];\n"),
        ("let a[$] = 1;", "(g: 3, c)", "let a[(g: 3, c)] = 1;\n"),
        ("let a[$: $] = 1;", "i", "let a[i: i] = 1;\n"),
        ("let a = sum($ where $) $;", "i", "let a = (sum(i where i) i);\n"),
        ("let a = sum(i) $ * 2;", "x[i] + 1", "let a = (sum(i) ((x[i] + 1) * 2));\n"),
        ("let a = if $ { $ } else { $ };", "b < c", "let a = if (b < c) { (b < c) } else { (b < c) };\n"),
        ("param w = Zeros as $;", "\"name\"", "param w = Zeros as \"name\";\n"),
        ("input x; $; output y = x;", "let a = 1", "input x;\nlet a = 1;\noutput y = x;\n"),
        ("$ input x;", "", "input x;\n"),
    ];
    for (text, part, understood) in cases {
        let (printed, messages) = read(replace(tokens(text), &passed(part)));
        assert_eq!(messages, [""; 0], "{text} with {part}");
        assert_eq!(printed, understood, "{text} with {part}");
    }
}

/// `with` for each `$`.
fn replace(text: TokenStream, with: &proc_macro2::TokenTree) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let each = |token| match token {
        TokenTree::Punct(mark) if mark.as_char() == '$' => with.clone(),
        TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), replace(group.stream(), with))),
        other => other,
    };
    text.into_iter().map(each).collect()
}

#[test]
fn negative_literals_made_by_macros() {
    let minus_one = proc_macro2::TokenTree::Literal(proc_macro2::Literal::i32_unsuffixed(-1));
    assert_eq!(read(replace(tokens("let a = 2 - $;"), &minus_one)).0, "let a = (2 - (-1));\n");
    let minus_half = proc_macro2::TokenTree::Literal(proc_macro2::Literal::f64_unsuffixed(-0.5));
    assert_eq!(read(replace(tokens("let a = $ * x;"), &minus_half)).0, "let a = ((-0.5) * x);\n");
}

/// A text, and each message about it.
const REFUSED: &str = include_str!("refused.txt");

#[test]
fn refused_with_these_words() {
    let mut told = String::new();
    for case in REFUSED.split("\n\n") {
        let text: Vec<&str> = case.lines().filter(|line| !line.starts_with("    ")).collect();
        let text = text.join("\n");
        let (_, messages) = read(tokens(&text));
        assert!(!messages.is_empty(), "accepted: {text}");
        let lines: Vec<String> = messages.iter().map(|message| format!("    {message}\n")).collect();
        told += &format!("{text}\n{}\n", lines.concat());
    }
    expect_test::expect_file!["./refused.txt"].assert_eq(told.trim_end_matches('\n'));
}

/// As `line:column` of the text, where each error points.
fn places(text: &str) -> Vec<String> {
    let mut errors = Errors::new();
    parse(tokens(text), &mut errors);
    let Err(all) = errors.finish() else {
        return Vec::new();
    };
    let place = |error: syn::Error| error.span().start();
    all.into_iter().map(place).map(|start| format!("{}:{}", start.line, start.column)).collect()
}

#[test]
fn errors_point_at_the_token() {
    let cases = [
        ("input x[i] output y = 1;", vec!["1:11"]),
        ("input x", vec!["1:6"]),
        ("let a = ;", vec!["1:8"]),
        ("let a = x[i +];", vec!["1:13"]),
        ("let a = (b + );", vec!["1:13"]),
        ("let a = sum(i) ;", vec!["1:15"]),
        ("let a = x ^ 2; let b = 1; let c = 3f32;", vec!["1:10", "1:34"]),
        ("inptu x; let = 3; output y = a b;", vec!["1:0", "1:13", "1:31"]),
    ];
    for (text, expected) in cases {
        assert_eq!(places(text), expected, "{text}");
    }
}

#[test]
fn several_mistakes_are_all_reported_and_the_rest_is_read() {
    let (printed, messages) = read(tokens("input x[i]; let a = 1 let b = ; output y = a; let c[k] = 2x;"));
    assert_eq!(printed, "input x[i];\nlet a = 1;\noutput y = a;\n");
    assert_eq!(messages.len(), 3, "{messages:?}");
    let mut errors = Errors::new();
    let text = parse(tokens("let b = ; output c[+] = 1; output y = 2;"), &mut errors).unwrap();
    assert_eq!(text.broken.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b", "c"]);
    assert!(errors.finish().is_err());
    assert!(parse(TokenStream::new(), &mut Errors::new()).is_none());
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = 10_000;
    let around = |open: &str, close: &str| format!("let a = {}1{};", open.repeat(deep), close.repeat(deep));
    let texts = [
        around("(", ")"),
        around("x[", "]"),
        around("f(", ")"),
        around("-", ""),
        around("!", ""),
        around("sum(i) ", ""),
        around("1 / sum(i) ", ""),
        around("if a { ", " } else { 1 }"),
        around("if a { 1 } else ", "").replace("else 1;", "else { 1 };"),
        around("1 + ", ""),
        around("(1 + ", ")"),
        format!("input x[{}i{}];", "(".repeat(deep), ")".repeat(deep)),
    ];
    for text in texts {
        let (_, messages) = read(tokens(&text));
        assert!(
            messages
                .iter()
                .any(|message| message.contains("nested too deeply") || message.contains("at most 1000 operators")),
            "{messages:?}"
        );
    }
    assert!(too_deep(tokens(&around("(", ")"))).is_some());
    let reachable = 100;
    let text = format!("let a = {}1{};", "(2 - ".repeat(reachable), ")".repeat(reachable));
    assert_eq!(read(tokens(&text)).1, [""; 0]);
    assert!(too_deep(tokens(&text)).is_none());
}

/// Every prefix of the tokens at any depth, and every text with one token left out, doubled, or swapped with the next.
#[test]
fn half_typed_texts_are_errors_or_layers() {
    let mut tried = 0;
    for (name, text) in worked() {
        for damaged in damaged(tokens(&text)) {
            let mut errors = Errors::new();
            let statements = parse(damaged.clone(), &mut errors).map_or(0, |text| text.statements.len());
            let errors = errors.finish();
            assert!(errors.is_err() || statements > 0 || damaged.is_empty(), "{name}: {damaged}");
            assert!(errors.map_or_else(|all| all.into_iter().count(), |()| 0) <= 4, "{name}: {damaged}");
            tried += 1;
        }
    }
    assert!(tried > 5_000, "{tried}");
}

fn damaged(text: TokenStream) -> Vec<TokenStream> {
    use proc_macro2::{Group, TokenTree};
    let all: Vec<TokenTree> = text.into_iter().collect();
    let mut damaged = Vec::new();
    for at in 0..all.len() {
        let (before, after) = all.split_at(at);
        let mut keep = |middle: &[TokenTree], after: &[TokenTree]| {
            damaged.push(before.iter().chain(middle).chain(after).cloned().collect());
        };
        keep(&[], &[]);
        keep(&[], &after[1..]);
        keep(&after[..1], after);
        if let [first, second, rest @ ..] = after {
            keep(&[second.clone(), first.clone()], rest);
        }
        if let TokenTree::Group(group) = &after[0] {
            for inner in self::damaged(group.stream()) {
                keep(&[TokenTree::Group(Group::new(group.delimiter(), inner))], &after[1..]);
            }
            keep(&group.stream().into_iter().collect::<Vec<_>>(), &after[1..]);
        }
    }
    damaged
}
