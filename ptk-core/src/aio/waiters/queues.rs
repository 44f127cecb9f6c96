//! [`Queue`] and [`Queues`]: what a waiter waits for, and whom a wake concerns.

/// Which of a list's queues a waiter stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Queue {
    /// Those that wait to read.
    Read = 0,
    /// Those that wait to write.
    Write = 1,
    /// Those that wait for something else, or for more than one thing: every wake wakes them.
    Any = 2,
}

/// Queues to wake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queues(u8);

impl Queues {
    /// The readers.
    pub const READ: Self = Self(1);
    /// The writers.
    pub const WRITE: Self = Self(2);
    /// Everybody.
    pub const ALL: Self = Self(3);
    /// Nobody in particular.
    pub const NONE: Self = Self(0);

    /// Both.
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits of those two that are among them.
    #[inline(always)]
    pub(super) const fn fronts(self, read: u32, write: u32) -> u32 {
        let mut bits = 0;
        if self.0 & 1 != 0 {
            bits |= read;
        }
        if self.0 & 2 != 0 {
            bits |= write;
        }
        bits
    }

    #[inline]
    pub(super) const fn has(self, queue: usize) -> bool {
        queue == Queue::Any as usize || self.0 & 1 << queue != 0
    }
}
