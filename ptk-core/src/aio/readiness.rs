//! [`Ready`], [`IoEventInterest`] and the word that holds the one for the other.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

use kqueue_safe::Token;

use super::waiters::sync::{AtomicUsize, Ordering};
use super::waiters::{Queue, Queues};

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

    const ALL: u8 = 0x7f;

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
    /// The word at that look, with those of its bits that were asked for.
    word: usize,
}

impl ReadyEvent {
    /// Nothing was ready, at no look.
    pub(crate) const NOTHING: Self = Self { word: 0 };

    /// What was ready, of what was asked for.
    #[inline]
    pub const fn ready(self) -> Ready {
        bits(self.word)
    }

    /// How many events the source had seen, modulo the width of the counter.
    #[inline]
    pub const fn tick(self) -> usize {
        self.word >> TICK & TICK_MASK
    }
}

/// The word: state bits low, a tick that counts events, the generation of the slot high.
///
/// | pointers | bits | tick | generation |
/// |---|---|---|---|
/// | 64 bits | 0..8 | 8..32 | 32..64 |
/// | 32 bits | 0..7 | 7..16 | 16..32 |
///
/// The three change together, in one compare-and-exchange: an event of an old generation cannot mark a new owner, and a clear that
/// has missed an event does nothing.
pub struct ReadinessWord(AtomicUsize);

const TICK: u32 = if usize::BITS >= 64 { 8 } else { 7 };
const GENERATION: u32 = Token::SLOT_BITS;
const TICK_MASK: usize = (1 << (GENERATION - TICK)) - 1;
const TICK_ONE: usize = 1 << TICK;
/// All but the state bits.
const BITS_ABOVE: usize = !(TICK_ONE - 1);
const BELOW_GENERATION: usize = (1 << GENERATION) - 1;

const fn bits(word: usize) -> Ready {
    Ready(word as u8 & Ready::ALL)
}

impl ReadinessWord {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    #[cfg(loom)]
    #[doc(hidden)]
    pub fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// What is ready now, of `interest`.
    #[inline]
    pub fn look(&self, interest: IoEventInterest) -> ReadyEvent {
        let word = self.0.load(Ordering::Acquire);
        ReadyEvent {
            word: word & (BITS_ABOVE | interest.ready().0 as usize),
        }
    }

    /// The generation.
    #[inline]
    pub fn generation(&self) -> u32 {
        (self.0.load(Ordering::Acquire) >> GENERATION) as u32
    }

    /// An event: sets the bits and counts. False, and nothing changed, if the word is of another generation.
    #[inline]
    pub fn mark(&self, generation: u32, ready: Ready) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if (word >> GENERATION) as u32 != generation {
                return false;
            }
            let tick = word.wrapping_add(TICK_ONE) & BELOW_GENERATION & !(TICK_ONE - 1);
            let new = word & !BELOW_GENERATION | tick | (bits(word).0 | ready.0) as usize;
            match self
                .0
                .compare_exchange_weak(word, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
    }

    /// Takes bits away, unless an event came after `seen`. The shutdown bit stays. Answers whether they were taken.
    #[inline]
    pub fn clear(&self, seen: ReadyEvent, ready: Ready) -> bool {
        let gone = ready.0 & !Ready::SHUTDOWN.0;
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            // Tick and generation: all but the bits.
            if (word ^ seen.word) >> TICK != 0 {
                return false;
            }
            let new = word & !(gone as usize);
            match self
                .0
                .compare_exchange_weak(word, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
    }

    /// A new owner begins: these bits, tick 0, the same generation.
    pub fn open(&self, ready: Ready) -> u32 {
        self.replace(|generation| generation, ready)
    }

    /// The owner ends: the next generation, no bits.
    pub fn close(&self) {
        self.replace(|generation| generation.wrapping_add(1), Ready::EMPTY);
    }

    /// One exchange, so that an event which comes at the same time is either before it (and gone) or after it (and of the wrong generation).
    fn replace(&self, next: impl Fn(u32) -> u32, ready: Ready) -> u32 {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let generation = next((word >> GENERATION) as u32) & Token::MAX_GENERATION;
            let new = (generation as usize) << GENERATION | ready.0 as usize;
            match self
                .0
                .compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return generation,
                Err(now) => word = now,
            }
        }
    }
}
