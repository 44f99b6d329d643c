//! Text in, text with every operation in parentheses out; and for what is refused its message.

use proc_macro2::TokenStream;

use super::parse;
use crate::error::Errors;
use crate::layer::ast::print;

/// The statements as they were understood, and the messages, each on a line of its own.
fn read(text: TokenStream) -> (String, Vec<String>) {
    let mut errors = Errors::new();
    let text = parse(text, &mut errors);
    let printed = text.map_or_else(String::new, |text| print::text(&text));
    let messages = errors.finish().map_or_else(
        |all| all.into_iter().map(|error| error.to_string()).collect(),
        |()| Vec::new(),
    );
    (printed, messages)
}

fn tokens(text: &str) -> TokenStream {
    text.parse()
        .unwrap_or_else(|error| panic!("not even tokens: {error}: {text}"))
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
