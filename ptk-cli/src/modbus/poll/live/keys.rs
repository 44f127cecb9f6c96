//! Keys from a terminal, on a thread of their own that wakes the loop.

use std::io::{ErrorKind, Read, stdin};
use std::sync::mpsc::{Receiver, Sender, channel};

use ptk_core::event_loop::Raiser;

/// A key that the table knows, or a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Backspace,
    /// Ctrl-C, which raises no signal while the terminal hands over every key.
    Interrupt,
}

/// The receiving end.
pub struct Keys(Receiver<Key>);

impl Keys {
    /// Reads keys from standard input for as long as the program runs, and tells of each by `raiser`.
    pub fn start(raiser: Raiser) -> Self {
        let (sender, keys) = channel();
        std::thread::spawn(move || read(&sender, &raiser));
        Self(keys)
    }

    /// The next key that was pressed and not taken yet.
    pub fn next(&self) -> Option<Key> {
        self.0.try_recv().ok()
    }
}

fn read(keys: &Sender<Key>, raiser: &Raiser) {
    let mut decoder = Decoder::default();
    let mut bytes = [0; 256];
    loop {
        let count = match stdin().lock().read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        decoder.feed(&bytes[..count]);
        while let Some(key) = decoder.next() {
            if keys.send(key).is_err() {
                return;
            }
        }
        if raiser.raise(1).is_err() {
            return;
        }
    }
}

/// From a terminal's bytes to keys. Sequences may come in pieces.
#[derive(Default)]
struct Decoder {
    bytes: Vec<u8>,
    /// The last key was an escape with nothing behind it: the key of that name, or the first byte of a sequence that was cut there.
    escaped: bool,
}

/// No sequence of a key is longer.
const LONGEST: usize = 16;

/// What lies at the front of the bytes.
enum Front {
    Key(Key),
    /// Nothing that the table knows.
    Unknown,
    /// The rest is still to come.
    Cut,
}

impl Decoder {
    fn feed(&mut self, bytes: &[u8]) {
        if std::mem::take(&mut self.escaped) && matches!(bytes, [b'[' | b'O', _, ..]) {
            self.bytes.push(0x1b);
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn next(&mut self) -> Option<Key> {
        while !self.bytes.is_empty() {
            let (front, length) = self.front();
            match front {
                Front::Cut if self.bytes.len() < LONGEST => return None,
                Front::Cut => self.bytes.clear(),
                Front::Unknown => drop(self.bytes.drain(..length)),
                Front::Key(key) => {
                    self.bytes.drain(..length);
                    self.escaped = key == Key::Escape && self.bytes.is_empty();
                    return Some(key);
                }
            }
        }
        None
    }

    fn front(&self) -> (Front, usize) {
        let one = |key| (Front::Key(key), 1);
        match self.bytes[..] {
            [0x1b, b'[' | b'O', ref rest @ ..] => sequence(rest),
            [0x1b, ..] => one(Key::Escape),
            [0x03, ..] => one(Key::Interrupt),
            [b'\r' | b'\n', ..] => one(Key::Enter),
            [0x08 | 0x7f, ..] => one(Key::Backspace),
            [0..0x20, ..] => (Front::Unknown, 1),
            _ => self.character(),
        }
    }

    fn character(&self) -> (Front, usize) {
        let bytes = &self.bytes[..self.bytes.len().min(4)];
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if error.valid_up_to() > 0 => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(error) if error.error_len().is_none() => return (Front::Cut, 0),
            Err(_) => "",
        };
        match text.chars().next() {
            Some(character) => (Front::Key(Key::Char(character)), character.len_utf8()),
            None => (Front::Unknown, 1),
        }
    }
}

/// The key of what follows the two bytes that introduce a sequence (ECMA-48 §5.4), and the length of all of it.
fn sequence(rest: &[u8]) -> (Front, usize) {
    let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return (Front::Cut, 0);
    };
    let number = rest[..end].split(|byte| *byte == b';').next();
    let key = match (rest[end], number.unwrap_or_default()) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'H', _) | (b'~', b"1" | b"7") => Key::Home,
        (b'F', _) | (b'~', b"4" | b"8") => Key::End,
        (b'~', b"5") => Key::PageUp,
        (b'~', b"6") => Key::PageDown,
        _ => return (Front::Unknown, end + 3),
    };
    (Front::Key(key), end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pieces: &[&[u8]]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let mut keys = Vec::new();
        for piece in pieces {
            decoder.feed(piece);
            keys.extend(std::iter::from_fn(|| decoder.next()));
        }
        keys
    }

    #[test]
    fn every_key_there_is() {
        let bytes = b"qp\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[1~\x1b[4~\x1b[1;2A\r\x7f\x03";
        let wanted = [
            Key::Char('q'),
            Key::Char('p'),
            Key::Up,
            Key::Down,
            Key::PageUp,
            Key::PageDown,
            Key::Home,
            Key::End,
            Key::Home,
            Key::End,
            Key::Up,
            Key::Enter,
            Key::Backspace,
            Key::Interrupt,
        ];
        assert_eq!(keys(&[bytes]), wanted);
        // Cut anywhere, but for the first byte of a sequence, which alone is a key.
        for cut in 1..bytes.len() {
            if bytes[cut - 1] != 0x1b {
                assert_eq!(keys(&[&bytes[..cut], &bytes[cut..]]), wanted, "{cut}");
            }
        }
    }

    #[test]
    fn an_escape_alone_is_a_key_and_one_that_was_cut_off_does_no_more() {
        assert_eq!(keys(&[b"\x1b"]), [Key::Escape]);
        assert_eq!(
            keys(&[b"\x1b", b"[A", b"j"]),
            [Key::Escape, Key::Up, Key::Char('j')]
        );
        assert_eq!(keys(&[b"\x1b", b"j"]), [Key::Escape, Key::Char('j')]);
        assert_eq!(keys(&[b"\x1bj"]), [Key::Escape, Key::Char('j')]);
    }

    #[test]
    fn characters_of_every_length_and_bytes_that_are_none() {
        let text = "a°→\u{1F600}z";
        let wanted: Vec<Key> = text.chars().map(Key::Char).collect();
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(keys(&single), wanted);
        assert_eq!(keys(&[text.as_bytes()]), wanted);
        assert_eq!(
            keys(&[b"\xff\xfea\x00\x1b[99zb"]),
            [Key::Char('a'), Key::Char('b')]
        );
        // A sequence that never ends is given up.
        let endless = [&b"\x1b["[..], &[b'1'; 40], b"q"].concat();
        assert!(keys(&[&endless]).len() <= 40);
        assert_eq!(keys(&[&endless, b"k"]).last(), Some(&Key::Char('k')));
    }
}
