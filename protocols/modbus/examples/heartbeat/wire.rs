//! The bytes of the protocol.
//!
//! ```text
//!   0          2      3                       2 + length
//!   ├──────────┼──────┼────────────────────────┤
//!   │ length   │ kind │ body                   │     length = 1 ..= 64, big endian, counts kind and body
//!   └──────────┴──────┴────────────────────────┘
//! ```

use core::fmt;

/// Bytes before the kind.
pub const PREFIX: usize = 2;
/// The largest value of the length field.
pub const MAX_LENGTH: usize = 64;
/// Bytes of the longest frame.
pub const MAX_FRAME: usize = PREFIX + MAX_LENGTH;
/// Bytes of the longest text of a call or answer: kind and id take two.
pub const MAX_TEXT: usize = MAX_LENGTH - 2;

/// A message with nothing wrong in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Kind 1: a request.
    Call {
        /// Chosen by the caller, comes back with the answer.
        id: u8,
        /// What is asked, at most 62 bytes.
        text: &'a [u8],
    },
    /// Kind 2: the answer to a request.
    Answer {
        /// That of the request.
        id: u8,
        /// What is answered, at most 62 bytes.
        text: &'a [u8],
    },
    /// Kind 3: are you there?
    Ping,
    /// Kind 4: I am.
    Pong,
}

/// Why bytes are no message, or a message is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The length field is 0 or above 64.
    Length(u16),
    /// A kind that does not exist.
    Kind(u8),
    /// A call or answer without an id, or a ping or pong with a body.
    Body,
    /// The text is too long, or there is no room for the frame.
    TooLong,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(f, "length {length} is not within 1 to 64"),
            Self::Kind(kind) => write!(f, "there is no kind {kind}"),
            Self::Body => f.write_str("the body does not fit the kind"),
            Self::TooLong => f.write_str("too long"),
        }
    }
}

impl<'a> Message<'a> {
    /// Takes a message off the front of `bytes`: the message and the length of its frame, or `None` if it is not all there.
    ///
    /// A wrong length is found with the second byte and a wrong kind with the third: no need to wait for the rest.
    pub fn decode(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, Error> {
        let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let length = u16::from_be_bytes(*prefix);
        if length == 0 || usize::from(length) > MAX_LENGTH {
            return Err(Error::Length(length));
        }
        if let Some(&kind) = rest.first()
            && !(1..=4).contains(&kind)
        {
            return Err(Error::Kind(kind));
        }
        let Some(frame) = rest.get(..usize::from(length)) else {
            return Ok(None);
        };
        let message = match *frame {
            [1, id, ref text @ ..] => Self::Call { id, text },
            [2, id, ref text @ ..] => Self::Answer { id, text },
            [3] => Self::Ping,
            [4] => Self::Pong,
            _ => return Err(Error::Body),
        };
        Ok(Some((message, PREFIX + usize::from(length))))
    }

    /// Writes the frame to the front of `out` and returns its length.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, Error> {
        let (kind, id, text): (u8, Option<u8>, &[u8]) = match *self {
            Self::Call { id, text } => (1, Some(id), text),
            Self::Answer { id, text } => (2, Some(id), text),
            Self::Ping => (3, None, &[]),
            Self::Pong => (4, None, &[]),
        };
        let head = 1 + usize::from(id.is_some());
        let length = head + text.len();
        if length > MAX_LENGTH || out.len() < PREFIX + length {
            return Err(Error::TooLong);
        }
        out[..PREFIX].copy_from_slice(&(length as u16).to_be_bytes());
        out[PREFIX] = kind;
        if let Some(id) = id {
            out[PREFIX + 1] = id;
        }
        out[PREFIX + head..PREFIX + length].copy_from_slice(text);
        Ok(PREFIX + length)
    }
}
