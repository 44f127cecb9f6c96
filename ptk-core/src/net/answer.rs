//! What the calls of this module answer.

use crate::Error;

/// What a stream had to give.
///
/// The three answers are never mixed up: an empty buffer is answered with `Data(0)` without asking the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Received {
    /// So many bytes are in the buffer; 0 only when the buffer was empty.
    Data(usize),
    /// The peer will send no more. What is to be sent may still be sent.
    EndOfStream,
    /// Nothing now; ask again when the descriptor is readable.
    WouldBlock,
}

/// [`Received`] with the bytes in place of their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ReceivedBytes<'b> {
    /// What came.
    Data(&'b [u8]),
    /// The peer will send no more. What is to be sent may still be sent.
    EndOfStream,
    /// Nothing now; ask again when the descriptor is readable.
    WouldBlock,
}

impl<'b> ReceivedBytes<'b> {
    /// The first bytes of `buffer`, as many as were received.
    pub(crate) fn of(received: Received, buffer: &'b [u8]) -> Self {
        match received {
            Received::Data(count) => Self::Data(&buffer[..count]),
            Received::EndOfStream => Self::EndOfStream,
            Received::WouldBlock => Self::WouldBlock,
        }
    }
}

/// How much of the bytes the kernel took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Sent {
    /// All of them (the number).
    All(usize),
    /// Only so many, at least one; the rest is still the caller's.
    Partial(usize),
    /// None; ask again when the descriptor is writable.
    WouldBlock,
}

impl Sent {
    /// How many bytes the kernel took, 0 for [`Sent::WouldBlock`].
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Sent::All(bytes) | Sent::Partial(bytes) => bytes,
            Sent::WouldBlock => 0,
        }
    }
}

/// What a datagram socket had to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Datagram {
    /// One datagram; a length of 0 is an empty datagram, not an end.
    Data {
        /// Bytes in the buffer.
        length: usize,
        /// The datagram was longer than the buffer; the rest of it is gone.
        truncated: bool,
    },
    /// Nothing now; ask again when the descriptor is readable.
    WouldBlock,
}

/// What a listener had to give.
#[derive(Debug)]
#[must_use]
pub enum Accepted<S, A> {
    /// A connection and the peer's address.
    Connection(S, A),
    /// Nobody waits; ask again when the listener is readable.
    WouldBlock,
    /// A peer gave up, or the network failed it, before it was accepted. The next call may find another one.
    Aborted(Error),
    /// No descriptor or no memory is left (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`). The connection still waits in the backlog, and
    /// the listener stays readable: who asks again at once spins. See [`SpareDescriptor`](crate::net::SpareDescriptor).
    Exhausted(Error),
}

impl<S, A> Accepted<S, A> {
    /// The connection without the address, if there is one.
    pub fn connection(self) -> Option<S> {
        match self {
            Accepted::Connection(stream, _) => Some(stream),
            _ => None,
        }
    }

    /// The same answer with another kind of connection.
    pub(super) fn map<T, B>(self, convert: impl FnOnce(S, A) -> (T, B)) -> Accepted<T, B> {
        match self {
            Accepted::Connection(stream, address) => {
                let (stream, address) = convert(stream, address);
                Accepted::Connection(stream, address)
            }
            Accepted::WouldBlock => Accepted::WouldBlock,
            Accepted::Aborted(error) => Accepted::Aborted(error),
            Accepted::Exhausted(error) => Accepted::Exhausted(error),
        }
    }
}

/// How far an attempt to connect has come, when it has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Connection {
    /// Not decided yet; ask again when the descriptor is writable.
    InProgress,
    /// The connection stands.
    Established,
}

/// Which half of a connection to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Nothing more is received.
    Receive,
    /// Nothing more is sent; the peer sees an end of stream after what was sent before.
    Send,
    /// Both.
    Both,
}
