//! Text put together while compiling, for the errors that rustc prints.

use crate::shape::Shape;

const CAPACITY: usize = 6144;

/// A text that const functions write. What does not fit is cut off, with an ellipsis at the end.
#[derive(Clone, Copy)]
pub struct Message {
    bytes: [u8; CAPACITY],
    length: usize,
    cut: bool,
}

impl Message {
    /// No text.
    pub const EMPTY: Message = Message { bytes: [0; CAPACITY], length: 0, cut: false };

    /// Whether nothing was written.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Appends a text.
    pub const fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && !self.cut {
            if self.length == CAPACITY {
                self.cut_off();
            }
            if !self.cut {
                self.bytes[self.length] = bytes[at];
                self.length += 1;
            }
            at += 1;
        }
    }

    // Leaves whole characters only, and an ASCII ellipsis behind them.
    const fn cut_off(&mut self) {
        let mut end = CAPACITY - 3;
        while self.bytes[end] & 0xC0 == 0x80 {
            end -= 1;
        }
        self.bytes[end] = b'.';
        self.bytes[end + 1] = b'.';
        self.bytes[end + 2] = b'.';
        self.length = end + 3;
        self.cut = true;
    }

    /// Appends an integer in decimal.
    pub const fn number(&mut self, number: i64) {
        let mut digits = [0; 20];
        let mut rest = number.unsigned_abs();
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            self.text("-");
        }
        let (_, digits) = digits.split_at(at);
        if let Ok(text) = core::str::from_utf8(digits) {
            self.text(text);
        }
    }

    /// Appends a shape, as `[6, 28, 28]`.
    pub const fn shape(&mut self, shape: &Shape) {
        if !shape.is_known() {
            return self.text("[?]");
        }
        self.text("[");
        let mut axis = 0;
        while axis < shape.rank() {
            if axis > 0 {
                self.text(", ");
            }
            self.number(shape.dim(axis) as i64);
            axis += 1;
        }
        self.text("]");
    }

    /// Appends another message.
    pub const fn message(&mut self, other: &Message) {
        self.text(other.as_str());
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_and_shapes() {
        let mut message = Message::EMPTY;
        message.text("n = ");
        message.number(i64::MIN);
        message.text(", ");
        message.shape(&Shape::new(&[6, 28, 0]));
        assert_eq!(message.as_str(), "n = -9223372036854775808, [6, 28, 0]");
    }

    #[test]
    fn cuts_between_characters() {
        let mut message = Message::EMPTY;
        for _ in 0..CAPACITY {
            message.text("é");
        }
        assert!(message.as_str().ends_with("é..."));
    }
}
