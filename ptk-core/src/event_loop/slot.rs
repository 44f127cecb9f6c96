//! The loop's table of sources: storage only, no policy.

use super::source::{SourceId, UNWATCHED, Watch};
use crate::error::Error;

/// Ends a chain of slots.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// What a slot holds.
pub(crate) enum Holder<T> {
    /// Nothing: the slot is free.
    Free,
    /// A socket, which the loop owns.
    Socket(T),
    /// A signal's number.
    Signal(i32),
    /// A user event's cell in the loop's [`Remote`](super::Remote).
    User(u32),
}

/// Bits of a slot's state.
pub(crate) mod state {
    /// The read filter is registered with the kernel.
    pub(crate) const READ_ADDED: u16 = 1 << 0;
    /// The kernel is asked to tell of reads.
    pub(crate) const READ_ON: u16 = 1 << 1;
    /// The kernel should be asked to tell of reads.
    pub(crate) const READ_WANTED: u16 = 1 << 2;
    /// The write filter is registered with the kernel.
    pub(crate) const WRITE_ADDED: u16 = 1 << 3;
    /// The kernel is asked to tell of room to write.
    pub(crate) const WRITE_ON: u16 = 1 << 4;
    /// The kernel should be asked to tell of room to write.
    pub(crate) const WRITE_WANTED: u16 = 1 << 5;
    /// The slot is in the chain of slots whose wishes differ from what the kernel knows.
    pub(crate) const DIRTY: u16 = 1 << 6;
    /// The connection attempt has not been decided yet.
    pub(crate) const CONNECTING: u16 = 1 << 7;
    /// Something was taken from the source since its last readable event.
    pub(crate) const CONSUMED: u16 = 1 << 8;
    /// Nothing was taken after a readable event: reads are off until something is.
    pub(crate) const UNCONSUMED: u16 = 1 << 9;
    /// The end or a failure has been told.
    pub(crate) const ENDED: u16 = 1 << 10;
    /// A listener that rests because descriptors ran out.
    pub(crate) const RESTING: u16 = 1 << 11;
    /// The application paused reading.
    pub(crate) const PAUSED: u16 = 1 << 12;
    /// The source stops the loop (a signal).
    pub(crate) const STOPS: u16 = 1 << 13;
    /// A listener: drains by resting.
    pub(crate) const LISTENER: u16 = 1 << 14;

    /// All that says what the kernel knows.
    pub(crate) const REGISTERED: u16 = READ_ADDED | WRITE_ADDED;
}

/// One place for a source.
pub(crate) struct Slot<T> {
    pub(crate) generation: u32,
    /// The next free slot, or the next dirty one.
    pub(crate) next: u32,
    pub(crate) state: u16,
    pub(crate) watch: Watch,
    pub(crate) holder: Holder<T>,
}

impl<T> Slot<T> {
    pub(crate) const FREE: Self = Self {
        generation: 0,
        next: NO_SLOT,
        state: 0,
        watch: Watch::new(),
        holder: Holder::Free,
    };

    #[inline]
    pub(crate) fn is(&self, bits: u16) -> bool {
        self.state & bits != 0
    }

    #[inline]
    pub(crate) fn set(&mut self, bits: u16) {
        self.state |= bits;
    }

    #[inline]
    pub(crate) fn clear(&mut self, bits: u16) {
        self.state &= !bits;
    }

    /// The code under which readability is told, if it is.
    #[inline]
    pub(crate) fn watches_reads(&self) -> bool {
        self.watch.readable != UNWATCHED
    }
}

/// Finds the slot that an id names, if the id is not old.
#[inline(always)]
pub(crate) fn find<T>(slots: &mut [Slot<T>], id: SourceId) -> Result<&mut Slot<T>, Error> {
    match slots.get_mut(id.slot as usize) {
        // A free slot is already in the generation of its next source, which no id names yet.
        Some(slot) if slot.generation == id.generation => Ok(slot),
        _ => Err(Error::STALE),
    }
}
