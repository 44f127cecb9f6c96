//! The storage: [`TimerSlots`], and the handles into it.

use core::time::Duration;

use super::front::Front;
use super::table::Table;
use super::view::{Expired, InsertError, Timers};
use super::wheel::Wheel;
use crate::time::Instant;

/// The most slots of a table.
pub(super) const MAX_SLOTS: usize = 1 << 24;

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

/// What a timer carries.
pub trait Payload {
    /// What an unused slot carries.
    const NONE: Self;

    /// False if a timer that carries this is armed, without doubt. Spares a look at its [`Mark`].
    fn may_be_gone(&self) -> bool;
}

/// What a [`Timers`]' timer carries.
#[derive(Clone, Copy)]
pub struct Periodic {
    pub(super) payload: u64,
    /// Nanoseconds; 0 for a one-shot.
    pub(super) period: u64,
}

impl Payload for Periodic {
    const NONE: Self = Self {
        payload: 0,
        period: 0,
    };

    #[inline(always)]
    fn may_be_gone(&self) -> bool {
        true
    }
}

/// A slot's timer.
#[derive(Clone, Copy)]
pub struct Slot<P> {
    /// Nanoseconds.
    pub(super) deadline: u64,
    pub(super) payload: P,
}

/// A slot's place in its bucket of the wheel. Apart from the slot: who follows a list through these eight bytes does not wait for each slot before it
/// knows the next.
#[derive(Clone, Copy)]
pub struct Link {
    /// The slot before it + 1; 0 for none.
    pub(super) previous: u32,
    /// The slot behind it + 1; 0 for none.
    pub(super) next: u32,
}

impl Link {
    pub(super) const UNUSED: Self = Self {
        previous: 0,
        next: 0,
    };
}

/// What the handles need of a slot, apart from the slot: a cancelled timer touches these eight bytes and nothing else.
#[derive(Clone, Copy)]
pub struct Mark {
    /// Odd while in use, even while free.
    pub(super) generation: u32,
    /// State in the low three bits, link above.
    state_and_link: u32,
}

impl Mark {
    #[inline(always)]
    pub(super) fn state(self) -> State {
        match self.state_and_link & 7 {
            0 => State::Free,
            1 => State::Cancelled,
            2 => State::Front,
            3 => State::Wheel,
            _ => State::Resting,
        }
    }

    #[inline(always)]
    pub(super) const fn is(self, state: State) -> bool {
        self.state_and_link & 7 == state as u32
    }

    /// From cancelled to free, or back: the link stays.
    #[inline(always)]
    pub(super) fn set_state(&mut self, state: State) {
        self.state_and_link = self.state_and_link & !7 | state as u32;
    }

    /// In the front: the place. While free: the next free slot + 1.
    #[inline(always)]
    pub(super) fn link(self) -> u32 {
        self.state_and_link >> 3
    }

    #[inline(always)]
    pub(super) fn set(&mut self, state: State, link: u32) {
        self.state_and_link = link << 3 | state as u32;
    }
}

/// Where a slot's timer is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No timer.
    Free = 0,
    /// No timer, but still in a bucket of the wheel: cancelled, and neither the slot has been used again
    /// nor its bucket's turn has come.
    Cancelled = 1,
    /// Among those that come next.
    Front = 2,
    /// Among those that come later.
    Wheel = 3,
    /// A one-shot whose expiry was handed out last: not armed, not free.
    Resting = 4,
}

/// What does not grow with the number of timers.
pub struct Head {
    pub(super) front: Front,
    pub(super) wheel: Wheel,
    /// Timers before it are in the front, the others in the wheel; the complement, so that an empty table is
    /// all zeros.
    pub(super) not_horizon: u64,
    /// Armed timers.
    pub(super) len: u32,
    /// Slots that were ever used; those above are free without being in the list.
    pub(super) touched: u32,
    /// The first slot of the free list + 1.
    pub(super) free: u32,
    /// The resting slot + 1.
    pub(super) resting: u32,
    pub(super) high_water: u32,
}

impl Head {
    pub(super) const EMPTY: Self = Self {
        front: Front::new(),
        wheel: Wheel::new(),
        not_horizon: 0,
        len: 0,
        touched: 0,
        free: 0,
        resting: 0,
        high_water: 0,
    };
}

impl Mark {
    pub(super) const UNUSED: Self = Self {
        generation: 0,
        state_and_link: 0,
    };
}

impl<P: Payload> Slot<P> {
    pub(super) const UNUSED: Self = Self {
        deadline: 0,
        payload: P::NONE,
    };
}

/// Room for `N` timers, from 1 to 16,777,216.
pub struct TimerSlots<const N: usize> {
    head: Head,
    slots: [Slot<Periodic>; N],
    links: [Link; N],
    marks: [Mark; N],
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
            head: Head::EMPTY,
            slots: [Slot::UNUSED; N],
            links: [Link::UNUSED; N],
            marks: [Mark::UNUSED; N],
        }
    }

    /// The table without its `N`: what functions should take.
    #[inline(always)]
    pub fn view(&mut self) -> Timers<'_> {
        Timers(Table {
            head: &mut self.head,
            slots: &mut self.slots,
            links: &mut self.links,
            marks: &mut self.marks,
        })
    }

    /// See [`Timers::insert`].
    #[inline(always)]
    pub fn insert(
        &mut self,
        deadline: Instant,
        period: Option<Duration>,
        payload: u64,
    ) -> Result<TimerId, InsertError> {
        self.view().insert(deadline, period, payload)
    }

    /// See [`Timers::cancel`].
    #[inline(always)]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        self.view().cancel(id)
    }

    /// See [`Timers::rearm`].
    #[inline(always)]
    pub fn rearm(&mut self, id: TimerId, deadline: Instant) -> bool {
        self.view().rearm(id, deadline)
    }

    /// See [`Timers::pop_expired`].
    #[inline(always)]
    pub fn pop_expired(&mut self, now: Instant) -> Option<Expired> {
        self.view().pop_expired(now)
    }

    /// See [`Timers::next_deadline`].
    #[inline(always)]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.head.front.earliest().map(Instant::from_nanos)
    }

    /// How many timers are armed.
    #[inline(always)]
    pub const fn len(&self) -> usize {
        self.head.len as usize
    }

    /// Whether no timer is armed.
    #[inline(always)]
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
