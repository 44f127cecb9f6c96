//! The machine of the protocol: one end of a connection. Both ends are alike.

use core::fmt;

use super::wire::{Error, MAX_FRAME, Message};

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The other end ended the stream.
    Ended,
    /// What came is no message.
    Malformed(Error),
    /// Nothing was heard for too long, pings notwithstanding.
    Silent,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("ended by the other side"),
            Self::Malformed(error) => write!(f, "not a message: {error}"),
            Self::Silent => f.write_str("nothing heard for too long"),
        }
    }
}

/// How often to ask, and how long to wait. Nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Silence after which a ping is sent.
    pub ping_after: u64,
    /// Silence after which the other end is taken for dead; longer than `ping_after`.
    pub dead_after: u64,
}

/// One end of a connection.
///
/// ```text
///          received                poll_message          ┌────────────────┐
///   bytes ─────────► input ─────────────────────────────►│ your program   │
///   bytes ◄───────── output ◄────────────────────────────│                │
///       poll_transmit           send, pongs, pings       └────────────────┘
///
///   Open ──handle_end, a malformed frame, silence──► Closed: poll_close says why
/// ```
///
/// Order of calls: tell what happened (`received`, `handle_end`, `handle_timeout`); then `poll_message` until `None`; then
/// send `poll_transmit` and tell `transmitted`; look at `poll_close`; call `handle_timeout` when `poll_timeout` is due.
pub struct Peer {
    config: Config,
    closed: Option<CloseReason>,
    /// When anything was last received.
    heard: u64,
    /// A ping was sent since.
    pinged: bool,
    /// Bytes of `input` that the last message borrowed.
    lent: usize,
    input: Buffer,
    output: Buffer,
}

impl Peer {
    /// One end of a connection that came up at `now`.
    pub const fn new(config: Config, now: u64) -> Self {
        Self {
            config,
            closed: None,
            heard: now,
            pinged: false,
            lent: 0,
            input: Buffer::new(),
            output: Buffer::new(),
        }
    }

    /// Where received bytes go; empty while nothing is taken.
    pub fn receive_buffer(&mut self) -> &mut [u8] {
        self.release();
        if self.closed.is_some() {
            &mut []
        } else {
            self.input.spare()
        }
    }

    /// The first `count` bytes of `receive_buffer` were received.
    pub fn received(&mut self, count: usize, now: u64) {
        if count > 0 && self.closed.is_none() {
            self.input.tail += count;
            self.heard = now;
            self.pinged = false;
        }
    }

    /// The next call or answer. Pings are answered here and pongs have done their work by being heard.
    pub fn poll_message(&mut self) -> Option<Message<'_>> {
        self.release();
        loop {
            // No room for a pong: what is there waits, the peer is slowed down, nothing is lost.
            if self.closed.is_some() || self.output.room() < MAX_FRAME {
                return None;
            }
            match Message::decode(self.input.readable()) {
                Ok(None) => return None,
                Ok(Some((Message::Ping, length))) => {
                    self.input.consume(length);
                    let _ = self.send(&Message::Pong);
                }
                Ok(Some((Message::Pong, length))) => self.input.consume(length),
                Ok(Some((_, length))) => {
                    self.lent = length;
                    // Decoded again for the borrow's sake: it is the same message.
                    return Message::decode(self.input.readable())
                        .ok()?
                        .map(|(message, _)| message);
                }
                Err(error) => {
                    self.closed = Some(CloseReason::Malformed(error));
                    return None;
                }
            }
        }
    }

    /// Sends a message; `Error::TooLong` if it is, or if the other end takes nothing and there is no room.
    pub fn send(&mut self, message: &Message<'_>) -> Result<(), Error> {
        let length = message.encode(self.output.spare())?;
        self.output.tail += length;
        Ok(())
    }

    /// What is to be sent.
    pub fn poll_transmit(&self) -> &[u8] {
        self.output.readable()
    }

    /// The first `count` bytes of it were.
    pub fn transmitted(&mut self, count: usize) {
        self.output.consume(count);
    }

    /// The other end ended the stream, or the connection broke.
    pub fn handle_end(&mut self) {
        self.closed.get_or_insert(CloseReason::Ended);
    }

    /// When `handle_timeout` has to be called.
    pub fn poll_timeout(&self) -> Option<u64> {
        let wait = if self.pinged {
            self.config.dead_after
        } else {
            self.config.ping_after
        };
        self.closed
            .is_none()
            .then(|| self.heard.saturating_add(wait))
    }

    /// Sends a ping, or gives up, if it is time. Calling it early does no harm.
    pub fn handle_timeout(&mut self, now: u64) {
        if self.poll_timeout().is_none_or(|due| now < due) {
            return;
        }
        if now.saturating_sub(self.heard) >= self.config.dead_after {
            self.closed = Some(CloseReason::Silent);
        } else {
            self.pinged = true;
            let _ = self.send(&Message::Ping);
        }
    }

    /// Why the connection is over; `None` while it is not.
    pub fn poll_close(&self) -> Option<CloseReason> {
        self.closed
    }

    fn release(&mut self) {
        self.input.consume(self.lent);
        self.lent = 0;
    }
}

/// Bytes with a readable middle, eight frames of them.
struct Buffer {
    bytes: [u8; 8 * MAX_FRAME],
    head: usize,
    tail: usize,
}

impl Buffer {
    const fn new() -> Self {
        Self {
            bytes: [0; 8 * MAX_FRAME],
            head: 0,
            tail: 0,
        }
    }

    fn readable(&self) -> &[u8] {
        &self.bytes[self.head..self.tail]
    }

    fn room(&self) -> usize {
        self.bytes.len() - (self.tail - self.head)
    }

    fn spare(&mut self) -> &mut [u8] {
        self.bytes.copy_within(self.head..self.tail, 0);
        self.tail -= self.head;
        self.head = 0;
        &mut self.bytes[self.tail..]
    }

    fn consume(&mut self, count: usize) {
        self.head = (self.head + count).min(self.tail);
    }
}
