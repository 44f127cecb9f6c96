//! A fixed run of bytes with a readable middle: what a machine received and has not used, or has to send.

use crate::codec::mbap::MAX_FRAME;

/// ```text
///  0        head            tail            N
///  ├────────┼───────────────┼───────────────┤
///  │ used   │ readable      │ spare         │
///  └────────┴───────────────┴───────────────┘
///             consume(n) ─►   filled(n) ─►
/// ```
pub(crate) struct Buffer<const N: usize> {
    bytes: [u8; N],
    head: usize,
    tail: usize,
}

impl<const N: usize> Buffer<N> {
    /// An empty buffer. One that is too short for a frame does not compile.
    pub(crate) const fn new() -> Self {
        const {
            assert!(
                N >= MAX_FRAME,
                "a buffer holds at least one frame of 260 bytes"
            )
        };
        Self {
            bytes: [0; N],
            head: 0,
            tail: 0,
        }
    }

    #[inline]
    pub(crate) fn readable(&self) -> &[u8] {
        &self.bytes[self.head..self.tail]
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.tail - self.head
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.head == self.tail
    }

    /// Room behind the readable bytes: all there is if that is less than a frame, else at least a frame.
    #[inline]
    pub(crate) fn spare(&mut self) -> &mut [u8] {
        if N - self.tail < MAX_FRAME && self.head > 0 {
            self.bytes.copy_within(self.head..self.tail, 0);
            self.tail -= self.head;
            self.head = 0;
        }
        &mut self.bytes[self.tail..]
    }

    /// Whether it is empty and all its room is in one piece. An empty buffer is, but for moments within a method.
    #[cfg(feature = "event-loop")]
    #[inline]
    pub(crate) const fn is_unused(&self) -> bool {
        self.tail == 0
    }

    /// All bytes, of a buffer that is empty.
    #[cfg(feature = "event-loop")]
    #[inline]
    pub(crate) const fn whole(&mut self) -> &mut [u8; N] {
        debug_assert!(self.is_empty(), "its bytes would be lost");
        &mut self.bytes
    }

    /// Whether a whole frame of any length could be added.
    #[inline]
    pub(crate) const fn has_room(&self) -> bool {
        N - self.len() >= MAX_FRAME
    }

    /// The first `count` bytes of the spare room are filled now.
    #[inline]
    pub(crate) fn filled(&mut self, count: usize) {
        self.tail = (self.tail + count).min(N);
    }

    /// The first `count` readable bytes are done with.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        self.head = (self.head + count).min(self.tail);
        if self.head == self.tail {
            self.clear();
        }
    }

    pub(crate) const fn clear(&mut self) {
        self.head = 0;
        self.tail = 0;
    }
}

/// The earlier of two deadlines, where `None` is never.
pub(crate) fn earlier(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

/// The deadline of something that began at `since`, if it has begun and has a limit.
pub(crate) fn deadline(since: Option<u64>, limit: Option<u64>) -> Option<u64> {
    Some(since?.saturating_add(limit?))
}

/// Whether a deadline has passed.
pub(crate) fn passed(deadline: Option<u64>, now: u64) -> bool {
    deadline.is_some_and(|at| at <= now)
}
