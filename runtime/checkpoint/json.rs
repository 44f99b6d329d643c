//! The JSON that a safetensors header may hold: objects, strings, whole numbers, lists of these; nothing else, and nothing nested deeper
//! than the format needs, so no recursion. In: text. Out: one token after another, or where and what departs from the grammar.

/// Where and how the text departs from the grammar.
#[derive(Debug, PartialEq)]
pub(super) struct Departure {
    pub(super) at: usize,
    pub(super) expected: &'static str,
    pub(super) found: String,
}

/// A position in the text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Cursor { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// What stands here: up to twenty characters, or the end.
    pub(super) fn departure(&self, expected: &'static str) -> Departure {
        let shown: String = self.rest().chars().take(20).collect();
        let found = if shown.is_empty() { "the end".to_owned() } else { format!("`{}`", shown.escape_debug()) };
        Departure { at: self.at, expected, found }
    }

    /// Takes `mark`, after any blanks, if it stands here.
    pub(super) fn take(&mut self, mark: char) -> bool {
        self.space();
        let there = self.rest().starts_with(mark);
        self.at += if there { mark.len_utf8() } else { 0 };
        there
    }

    pub(super) fn expect(&mut self, mark: char, expected: &'static str) -> Result<(), Departure> {
        if self.take(mark) { Ok(()) } else { Err(self.departure(expected)) }
    }

    /// Goes on in a list or object opened before: true if an item follows. `first` is true before the first one.
    pub(super) fn another(&mut self, first: bool, close: char, expected: &'static str) -> Result<bool, Departure> {
        if self.take(close) {
            return Ok(false);
        }
        if !first {
            self.expect(',', expected)?;
        }
        Ok(true)
    }

    /// A whole number below 2^64.
    pub(super) fn whole(&mut self) -> Result<u64, Departure> {
        const EXPECTED: &str = "a whole number from 0 to 2^64 - 1";
        self.space();
        let rest = self.rest();
        let digits = &rest[..rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len()];
        let goes_on = rest[digits.len()..].starts_with(['.', 'e', 'E', '+', '-']);
        let leading_zero = digits.len() > 1 && digits.starts_with('0');
        match digits.parse() {
            Ok(number) if !goes_on && !leading_zero => {
                self.at += digits.len();
                Ok(number)
            }
            _ => Err(self.departure(EXPECTED)),
        }
    }

    /// A string, its escapes resolved.
    pub(super) fn string(&mut self, expected: &'static str) -> Result<String, Departure> {
        self.expect('"', expected)?;
        let mut value = String::new();
        loop {
            let plain = self.rest().find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(self.rest().len());
            value.push_str(&self.rest()[..plain]);
            self.at += plain;
            match self.rest().as_bytes() {
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(value);
                }
                [b'\\', escape, ..] => {
                    let short = match escape {
                        b'"' | b'\\' | b'/' => Some(char::from(*escape)),
                        b'b' => Some('\u{8}'),
                        b'f' => Some('\u{c}'),
                        b'n' => Some('\n'),
                        b'r' => Some('\r'),
                        b't' => Some('\t'),
                        _ => None,
                    };
                    if let Some(character) = short {
                        self.at += 2;
                        value.push(character);
                    } else {
                        value.push(self.unicode_escape()?);
                    }
                }
                [] => return Err(self.departure("a string's closing quote")),
                _ => return Err(self.departure("an escape such as `\\n`")),
            }
        }
    }

    /// `\u0061`, or a pair of surrogates.
    fn unicode_escape(&mut self) -> Result<char, Departure> {
        let unit = |rest: &str| -> Option<u32> {
            let digits = rest.strip_prefix("\\u")?.get(..4)?;
            digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
        };
        let rest = self.rest();
        let found = match unit(rest) {
            Some(high @ 0xd800..0xdc00) => match rest.get(6..).and_then(unit) {
                Some(low @ 0xdc00..0xe000) => {
                    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)).map(|c| (c, 12))
                }
                _ => None,
            },
            Some(code) => char::from_u32(code).map(|c| (c, 6)),
            None => None,
        };
        let (character, length) = found.ok_or_else(|| self.departure("an escape that JSON has"))?;
        self.at += length;
        Ok(character)
    }

    /// The end of the text; only blanks may stand before it, as padding.
    pub(super) fn end(&mut self) -> Result<(), Departure> {
        let end = self.rest().trim_start_matches(' ').is_empty();
        if end { Ok(()) } else { Err(self.departure("nothing but padding blanks")) }
    }
}

/// `text` as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_whole() {
        for (text, number) in [("0", 0), ("7,", 7), (" 42]", 42), ("18446744073709551615", u64::MAX)] {
            assert_eq!(Cursor::new(text).whole(), Ok(number), "{text}");
        }
        for text in ["", "-1", "1.0", "1e3", "01", "+1", "18446744073709551616", "x", "\"1\"", "null", "½"] {
            assert!(Cursor::new(text).whole().is_err(), "{text}");
        }
    }

    #[test]
    fn strings_resolve_their_escapes() {
        for (text, string) in [
            (r#""""#, ""),
            (r#""a.b""#, "a.b"),
            (r#""\u0061\n\"\\\/""#, "a\n\"\\/"),
            (r#""\ud83d\ude00é""#, "😀é"),
            (" \"x\"", "x"),
        ] {
            assert_eq!(Cursor::new(text).string("a name").as_deref(), Ok(string), "{text}");
        }
        for text in [
            "",
            "a",
            "\"",
            "\"a",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0061\"",
            "\"\\udc00\"",
            "\"\n\"",
            "\"\\u00é0\"",
        ] {
            assert!(Cursor::new(text).string("a name").is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_quoted_reads_back() {
        for text in ["", "plain", "a\"b\\c", "\u{1}\n\u{1f}", "é😀"] {
            assert_eq!(Cursor::new(&quoted(text)).string("a name").as_deref(), Ok(text));
        }
    }
}
