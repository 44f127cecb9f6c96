//! The storage: [`TimerSlots`], and the handles into it.

use core::time::Duration;

use super::heap::Mark;
use super::rank::{MAX_SLOTS, Rank};
use super::view::{Expired, InsertError, Timers};
use crate::time::Instant;

/// A timer's handle: its slot and which use of the slot this is.
///
/// A handle stays harmless for ever: once its timer is cancelled, or its one-shot has fired and
/// was not armed again, every operation with it answers "no such timer", also after another timer has
/// taken the slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TimerId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl TimerId {
    /// The slot, from 0 to the capacity - 1.
    pub const fn slot(self) -> u32 {
        self.slot
    }

    /// Which use of the slot this is; never 0.
    pub const fn generation(self) -> u32 {
        self.generation
    }

    /// The handle as one integer, slot in the low half; for code that can carry integers only.
    pub const fn into_raw(self) -> u64 {
        (self.generation as u64) << 32 | self.slot as u64
    }

    /// The handle back from its integer. An integer that is no handle is a handle of no timer.
    pub const fn from_raw(raw: u64) -> Self {
        Self {
            slot: raw as u32,
            generation: (raw >> 32) as u32,
        }
    }
}

/// What the caller gave with a timer.
#[derive(Clone, Copy)]
pub(super) struct Body {
    pub(super) payload: u64,
    /// Nanoseconds; 0 for a one-shot.
    pub(super) period: u64,
}

/// The counters beside the arrays.
pub(super) struct Head {
    pub(super) root: Rank,
    /// Armed timers.
    pub(super) len: u32,
    /// Slots that were ever used; those above are free without being in the list.
    pub(super) touched: u32,
    /// The first slot of the free list + 1.
    pub(super) free: u32,
    /// The slot of a one-shot whose expiry was handed out last + 1: not armed, not free.
    pub(super) resting: u32,
    pub(super) high_water: u32,
    pub(super) sequence: u64,
}

/// Ranks in groups of four, each in one cache line.
#[repr(align(64))]
struct Lines<const N: usize>([Rank; N]);

/// Room for `N` timers, from 1 to 16,777,216.
pub struct TimerSlots<const N: usize> {
    head: Head,
    tree: Lines<N>,
    marks: [Mark; N],
    bodies: [Body; N],
}

impl<const N: usize> TimerSlots<N> {
    const CAPACITY: () = {
        assert!(N > 0, "a timer table needs room for at least one timer");
        assert!(N <= MAX_SLOTS, "a timer table has at most 16,777,216 slots");
    };

    /// An empty table. All its bytes are zero: as a `static` it takes no room in the program's file.
    pub const fn new() -> Self {
        const { Self::CAPACITY };
        Self {
            head: Head {
                root: Rank::NONE,
                len: 0,
                touched: 0,
                free: 0,
                resting: 0,
                high_water: 0,
                sequence: 0,
            },
            tree: Lines([Rank::NONE; N]),
            marks: [Mark {
                place: 0,
                generation: 0,
            }; N],
            bodies: [Body {
                payload: 0,
                period: 0,
            }; N],
        }
    }

    /// The table without its `N`: what functions should take.
    #[inline]
    pub fn view(&mut self) -> Timers<'_> {
        Timers {
            head: &mut self.head,
            tree: &mut self.tree.0,
            marks: &mut self.marks,
            bodies: &mut self.bodies,
        }
    }

    /// See [`Timers::insert`].
    #[inline]
    pub fn insert(
        &mut self,
        deadline: Instant,
        period: Option<Duration>,
        payload: u64,
    ) -> Result<TimerId, InsertError> {
        self.view().insert(deadline, period, payload)
    }

    /// See [`Timers::cancel`].
    #[inline]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        self.view().cancel(id)
    }

    /// See [`Timers::rearm`].
    #[inline]
    pub fn rearm(&mut self, id: TimerId, deadline: Instant) -> bool {
        self.view().rearm(id, deadline)
    }

    /// See [`Timers::pop_expired`].
    #[inline]
    pub fn pop_expired(&mut self, now: Instant) -> Option<Expired> {
        self.view().pop_expired(now)
    }

    /// See [`Timers::next_deadline`].
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.head.root.is_none() {
            None
        } else {
            Some(self.head.root.deadline())
        }
    }

    /// How many timers are armed.
    #[inline]
    pub const fn len(&self) -> usize {
        self.head.len as usize
    }

    /// Whether no timer is armed.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.head.len == 0
    }

    /// How many timers can be armed: `N`.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// The largest number of timers that were armed at once.
    pub const fn high_water(&self) -> usize {
        self.head.high_water as usize
    }
}

impl<const N: usize> Default for TimerSlots<N> {
    fn default() -> Self {
        Self::new()
    }
}
