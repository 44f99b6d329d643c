//! Tokens as a person writes them, for tables and messages.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The text of an expression: `Window::new(6, 5).padding(2)`.
pub(crate) fn tidy(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut joint = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let inner = tidy(group.stream());
                match group.delimiter() {
                    Delimiter::Parenthesis => text.push_str(&format!("({inner})")),
                    Delimiter::Bracket => text.push_str(&format!("[{inner}]")),
                    Delimiter::Brace => text.push_str(&format!(" {{ {inner} }}")),
                    Delimiter::None => word(&mut text, &inner),
                }
                joint = false;
            }
            TokenTree::Punct(punct) => {
                let is_binary = "+*/%=<>|&-".contains(punct.as_char()) && !joint && ends_a_word(&text);
                if is_binary && !matches!(punct.as_char(), '<' | '>') {
                    text.push(' ');
                }
                let ends_path = punct.as_char() == ':' && text.ends_with(':');
                text.push(punct.as_char());
                joint = punct.spacing() == Spacing::Joint;
                if !joint
                    && (is_binary && !matches!(punct.as_char(), '<' | '>')
                        || matches!(punct.as_char(), ',' | ';' | ':') && !ends_path)
                {
                    text.push(' ');
                }
            }
            other => {
                word(&mut text, &other.to_string());
                joint = false;
            }
        }
    }
    text.trim_end().to_owned()
}

fn word(text: &mut String, word: &str) {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    if text.ends_with(is_word) && word.starts_with(is_word) || text.ends_with('}') {
        text.push(' ');
    }
    text.push_str(word);
}

fn ends_a_word(text: &str) -> bool {
    text.ends_with(|character: char| character.is_alphanumeric() || "_)]".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_a_person_does() {
        for text in [
            "Window::new(6, 5).padding(2)",
            "my::Foo::<3>::new(&[1, 2], -1.5)",
            "Mix::new(2 * WIDTH + 1)",
            "Mix { out: 10 }",
            "if A { B } else { C }",
        ] {
            let tokens = text.parse().unwrap_or_default();
            assert_eq!(tidy(tokens), text);
        }
    }
}
