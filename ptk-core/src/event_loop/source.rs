//! Which source an event came from, and under which codes it tells.

use kqueue_safe::Token;

/// Names one attached source: a slot of the loop and the slot's generation.
///
/// A `SourceId` is a number, not a reference. After the source is closed or detached the slot's generation moves on, so an
/// old id never reaches the slot's next owner: every call with it answers [`ErrorKind::Stale`](crate::ErrorKind::Stale).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SourceId(Token);

impl SourceId {
    /// The source that the kernel names with this token.
    #[inline(always)]
    pub(crate) const fn from_token(token: Token) -> Self {
        Self(token)
    }

    /// What the kernel knows the source by.
    #[inline(always)]
    pub(crate) const fn token(self) -> Token {
        self.0
    }

    /// The slot's number as the chains of slots have it.
    #[inline(always)]
    pub(crate) const fn index(self) -> u32 {
        self.0.slot()
    }

    /// The slot's number, below the loop's capacity. Two sources that are attached at the same time never share it, so it
    /// serves as an index into a table of the same capacity.
    #[inline]
    #[must_use]
    pub const fn slot(self) -> usize {
        self.0.slot() as usize
    }

    /// How often the slot had been given away before, modulo the token's width.
    #[inline]
    #[must_use]
    pub const fn generation(self) -> u32 {
        self.0.generation()
    }
}

/// The code that means "not told": no event carries it.
pub(crate) const UNWATCHED: u16 = u16::MAX;

/// What a source tells, under which codes, and to whom.
///
/// A code is a number below 65,535 of the application's own, usually a variant of the event enum of a
/// [state machine](crate::machine). What has no code is not asked for: without [`readable`](Watch::readable) the loop never
/// asks the kernel for readability.
///
/// Where a code is missing the event falls back to the nearest one that is there: `failed` to `closed`, `closed` to `readable`,
/// `connected` to `writable`. A watch with nothing but `readable` therefore hears of the end of the stream, too: the next
/// [`receive`](crate::event_loop::Context::receive) tells it.
///
/// ```
/// use ptk_core::event_loop::Watch;
///
/// const DATA: u16 = 1;
/// const GONE: u16 = 2;
/// let watch = Watch::new().owner(7).readable(DATA).closed(GONE);
/// # let _ = watch;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watch {
    pub(crate) owner: u32,
    pub(crate) codes: Codes,
}

/// The code of each kind of event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Codes {
    pub(crate) readable: u16,
    pub(crate) writable: u16,
    pub(crate) connected: u16,
    pub(crate) closed: u16,
    pub(crate) failed: u16,
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

impl Watch {
    /// Watches nothing, on behalf of owner 0.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            owner: 0,
            codes: Codes {
                readable: UNWATCHED,
                writable: UNWATCHED,
                connected: UNWATCHED,
                closed: UNWATCHED,
                failed: UNWATCHED,
            },
        }
    }

    /// Watches everything under codes 0 to 4: readable, writable, connected, closed, failed. For handlers that look at
    /// [`Kind`](super::Kind) and need no codes.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            owner: 0,
            codes: Codes {
                readable: 0,
                writable: 1,
                connected: 2,
                closed: 3,
                failed: 4,
            },
        }
    }

    /// Whom the events are for: any number of the application's own, carried in [`Event::owner`](super::Event::owner). With many
    /// machines on one loop it is the machine's index.
    #[must_use]
    pub const fn owner(mut self, owner: u32) -> Self {
        self.owner = owner;
        self
    }

    /// Tells, under `code`, that something can be received or accepted.
    #[must_use]
    pub fn readable(mut self, code: impl Into<u16>) -> Self {
        self.codes.readable = code.into();
        self
    }

    /// Tells, under `code`, that something can be sent again, after [`Context::send`](super::Context::send) left bytes behind or
    /// [`Context::want_write`](super::Context::want_write) asked.
    #[must_use]
    pub fn writable(mut self, code: impl Into<u16>) -> Self {
        self.codes.writable = code.into();
        self
    }

    /// Tells, under `code`, that a connection attempt succeeded.
    #[must_use]
    pub fn connected(mut self, code: impl Into<u16>) -> Self {
        self.codes.connected = code.into();
        self
    }

    /// Tells, under `code`, that the peer has ended the stream and everything it sent has been received.
    #[must_use]
    pub fn closed(mut self, code: impl Into<u16>) -> Self {
        self.codes.closed = code.into();
        self
    }

    /// Tells, under `code`, that the source failed, with the error in [`Kind::Failed`](super::Kind::Failed).
    #[must_use]
    pub fn failed(mut self, code: impl Into<u16>) -> Self {
        self.codes.failed = code.into();
        self
    }
}
