//! Sentences put together while compiling.

/// A sentence for a panic in a constant; what does not fit is cut.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; 400],
    len: usize,
}

impl Text {
    pub(super) const EMPTY: Self = Self {
        bytes: [0; 400],
        len: 0,
    };

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) const fn and(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        let mut index = 0;
        // Cut between bytes: names in a program are rarely anything but ASCII, and `as_str` checks.
        while index < part.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = part[index];
            self.len += 1;
            index += 1;
        }
        self
    }

    pub(super) const fn number(self, number: usize) -> Self {
        let mut digits = [0; 20];
        let mut rest = number;
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let (_, digits) = digits.split_at(first);
        match core::str::from_utf8(digits) {
            Ok(digits) => self.and(digits),
            Err(_) => self,
        }
    }

    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "this transition table is wrong (and its names cannot be shown)",
        }
    }
}
