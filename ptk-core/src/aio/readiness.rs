//! [`Ready`], [`IoEventInterest`], and [`ReadyEvent`], which answers the one with the other. The word that they are kept in is the gate's, see
//! `waiters/gate.rs`.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

use super::waiters::{Queue, Queues, TICK};

/// What a source is ready for, as far as the driver has heard.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Ready(u8);

impl Ready {
    /// Nothing.
    pub const EMPTY: Self = Self(0);
    /// There is something to read or to accept.
    pub const READABLE: Self = Self(1);
    /// There is room to write, or a connect has been decided.
    pub const WRITABLE: Self = Self(1 << 1);
    /// The peer sends no more (`EV_EOF` of the read filter).
    pub const READ_CLOSED: Self = Self(1 << 2);
    /// The peer reads no more (`EV_EOF` of the write filter).
    pub const WRITE_CLOSED: Self = Self(1 << 3);
    /// The source has an error to report: the next call, or `take_error`, tells which.
    pub const ERROR: Self = Self(1 << 4);
    /// Something other than bytes: a signal, an event of another filter.
    pub const PRIORITY: Self = Self(1 << 5);
    /// The driver has been shut down: nothing will ever become ready again.
    pub const SHUTDOWN: Self = Self(1 << 6);

    /// Whether none of the bits is set.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all bits of `other` are set.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits that are in both.
    #[inline]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The bits that are in either.
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits that are not in `other`.
    #[inline]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether a read will not block: bytes, the end, or an error.
    #[inline]
    pub const fn is_readable(self) -> bool {
        self.0 & IoEventInterest::READABLE.ready().0 != 0
    }

    /// Whether a write will not block.
    #[inline]
    pub const fn is_writable(self) -> bool {
        self.0 & IoEventInterest::WRITABLE.ready().0 != 0
    }

    #[inline(always)]
    pub(crate) const fn bits(self) -> u32 {
        self.0 as u32
    }

    /// Who has to hear of these bits.
    #[inline]
    pub(crate) const fn queues(self) -> Queues {
        let mut queues = Queues::NONE;
        if self.is_readable() {
            queues = queues.union(Queues::READ);
        }
        if self.is_writable() {
            queues = queues.union(Queues::WRITE);
        }
        queues
    }
}

impl BitOr for Ready {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl BitOrAssign for Ready {
    #[inline]
    fn bitor_assign(&mut self, other: Self) {
        *self = self.union(other);
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::READABLE, "READABLE"),
            (Self::WRITABLE, "WRITABLE"),
            (Self::READ_CLOSED, "READ_CLOSED"),
            (Self::WRITE_CLOSED, "WRITE_CLOSED"),
            (Self::ERROR, "ERROR"),
            (Self::PRIORITY, "PRIORITY"),
            (Self::SHUTDOWN, "SHUTDOWN"),
        ];
        let mut first = true;
        f.write_str("Ready(")?;
        for (bit, name) in names {
            if self.contains(bit) {
                if !first {
                    f.write_str(" | ")?;
                }
                f.write_str(name)?;
                first = false;
            }
        }
        f.write_str(")")
    }
}

/// What a task wants to hear about, or a source is registered for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IoEventInterest(u8);

impl IoEventInterest {
    /// Reading, accepting, and the end of the stream.
    pub const READABLE: Self = Self(1);
    /// Writing, and the end of a connect.
    pub const WRITABLE: Self = Self(2);
    /// Other events than bytes.
    pub const PRIORITY: Self = Self(4);
    /// Reading and writing.
    pub const BOTH: Self = Self(3);

    /// Whether `other` is asked for.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits that answer this interest.
    #[inline]
    pub const fn ready(self) -> Ready {
        let mut bits = Ready::ERROR.0 | Ready::SHUTDOWN.0;
        if self.0 & 1 != 0 {
            bits |= Ready::READABLE.0 | Ready::READ_CLOSED.0;
        }
        if self.0 & 2 != 0 {
            bits |= Ready::WRITABLE.0 | Ready::WRITE_CLOSED.0;
        }
        if self.0 & 4 != 0 {
            bits |= Ready::PRIORITY.0;
        }
        Ready(bits)
    }

    /// The bits that a call in this direction uses up.
    #[inline]
    pub(crate) const fn direction(self) -> Ready {
        self.ready()
            .intersection(Ready::READABLE.union(Ready::WRITABLE))
    }

    #[inline]
    pub(crate) const fn queue(self) -> Queue {
        match self.0 {
            1 => Queue::Read,
            2 => Queue::Write,
            _ => Queue::Any,
        }
    }
}

impl BitOr for IoEventInterest {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What was ready at one look, and the tick of that look: what [`clear_readiness`](super::AsyncRegistration::clear_readiness) needs to clear
/// no event that came after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadyEvent {
    /// The gate's word at that look.
    word: u32,
    /// What was asked for.
    asked: Ready,
}

impl ReadyEvent {
    /// Nothing was ready, at no look.
    pub(crate) const NOTHING: Self = Self::new(0, Ready::EMPTY);

    #[inline(always)]
    pub(crate) const fn new(word: u32, asked: Ready) -> Self {
        Self { word, asked }
    }

    #[inline(always)]
    pub(crate) const fn word(self) -> u32 {
        self.word
    }

    /// What was ready, of what was asked for.
    #[inline(always)]
    pub const fn ready(self) -> Ready {
        Ready(self.word as u8 & self.asked.0)
    }

    /// How many events the source had seen, modulo the width of the counter.
    #[inline]
    pub const fn tick(self) -> usize {
        (self.word >> TICK) as usize
    }
}
