//! The operations: [`Timers`].

use core::fmt;
use core::time::Duration;

use super::heap::{Heap, Mark};
use super::rank::Rank;
use super::slots::{Body, Head, TimerId};
use crate::time::{Instant, saturating_nanos};

/// A timer table without its capacity in the type: a borrowed [`TimerSlots`](super::TimerSlots).
pub struct Timers<'a> {
    pub(super) head: &'a mut Head,
    pub(super) tree: &'a mut [Rank],
    pub(super) marks: &'a mut [Mark],
    pub(super) bodies: &'a mut [Body],
}

/// A timer that has come due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expired {
    /// Its handle: still good for [`Timers::rearm`], for a one-shot until the next
    /// [`Timers::pop_expired`].
    pub id: TimerId,
    /// What the caller gave with it.
    pub payload: u64,
    /// When it was due.
    pub deadline: Instant,
    /// How many further periods have gone by unreported since `deadline`: 0 when in time, and always 0
    /// for a one-shot.
    pub missed: u64,
}

/// Why a timer was not armed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InsertError {
    /// Each slot is in use; here is the payload back.
    Full(u64),
    /// A period of 0 would expire for ever.
    ZeroPeriod,
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "each timer slot is in use",
            Self::ZeroPeriod => "a periodic timer needs a period above 0",
        })
    }
}

impl core::error::Error for InsertError {}

impl Timers<'_> {
    /// Arms a timer for `deadline`; with a period it comes again after each one.
    ///
    /// A deadline that has passed is due at the next [`pop_expired`](Self::pop_expired). A period
    /// beyond 584 years is 584 years.
    ///
    /// # Errors
    ///
    /// [`InsertError::Full`] with the payload, [`InsertError::ZeroPeriod`].
    #[inline]
    pub fn insert(
        &mut self,
        deadline: Instant,
        period: Option<Duration>,
        payload: u64,
    ) -> Result<TimerId, InsertError> {
        let period = match period {
            None => 0,
            Some(Duration::ZERO) => return Err(InsertError::ZeroPeriod),
            Some(period) => saturating_nanos(period),
        };
        let Some(slot) = self.take_slot() else {
            return Err(InsertError::Full(payload));
        };
        let generation = self.marks[slot as usize].generation.wrapping_add(1);
        self.marks[slot as usize].generation = generation;
        self.bodies[slot as usize] = Body { payload, period };
        let rank = self.rank(deadline, slot);
        self.heap().push(rank);
        self.head.high_water = self.head.high_water.max(self.head.len);
        Ok(TimerId { slot, generation })
    }

    /// Disarms a timer and frees its slot. `false` when there is no such timer (any more); nothing
    /// has changed then. A one-shot that has just fired is no longer armed: `false`, but its slot is free.
    #[inline]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        if !self.is_current(id) {
            return false;
        }
        if self.head.resting == id.slot + 1 {
            self.head.resting = 0;
            self.release(id.slot);
            return false;
        }
        let place = self.marks[id.slot as usize].place as usize;
        self.heap().remove(place);
        self.release(id.slot);
        true
    }

    /// Moves a timer's deadline, earlier or later; a periodic one goes on from there. A one-shot that
    /// has just fired is armed again. `false` when there is no such timer (any more).
    #[inline]
    pub fn rearm(&mut self, id: TimerId, deadline: Instant) -> bool {
        if !self.is_current(id) {
            return false;
        }
        let rank = self.rank(deadline, id.slot);
        if self.head.resting == id.slot + 1 {
            self.head.resting = 0;
            self.heap().push(rank);
            return true;
        }
        let place = self.marks[id.slot as usize].place as usize;
        self.heap().replace(place, rank);
        true
    }

    /// The earliest deadline, in constant time; `None` when no timer is armed.
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.head.root.is_none() {
            None
        } else {
            Some(self.head.root.deadline())
        }
    }

    /// The timer that has been due for longest, if one is due at `now`.
    ///
    /// Between two calls the caller may insert, cancel and re-arm any timer, the expired one too.
    #[inline]
    pub fn pop_expired(&mut self, now: Instant) -> Option<Expired> {
        if self.head.resting != 0 {
            let slot = self.head.resting - 1;
            self.head.resting = 0;
            self.release(slot);
        }
        let first = self.head.root;
        if first.is_none() || first.deadline() > now {
            return None;
        }
        let slot = first.slot();
        let deadline = first.deadline();
        let Body { payload, period } = self.bodies[slot as usize];
        let generation = self.marks[slot as usize].generation;
        let mut missed = 0;
        if period == 0 {
            self.heap().remove_root();
            self.head.resting = slot + 1;
        } else {
            let late = now.as_nanos() - deadline.as_nanos();
            if late >= period {
                missed = late / period;
            }
            let next = deadline
                .as_nanos()
                .saturating_add(period.saturating_mul(missed + 1));
            let rank = self.rank(Instant::from_nanos(next), slot);
            self.heap().sift_down(0, rank);
        }
        Some(Expired {
            id: TimerId { slot, generation },
            payload,
            deadline,
            missed,
        })
    }

    /// The deadline of an armed timer.
    #[inline]
    pub fn deadline(&self, id: TimerId) -> Option<Instant> {
        if !self.is_current(id) || self.head.resting == id.slot + 1 {
            return None;
        }
        let rank = match self.marks[id.slot as usize].place {
            0 => self.head.root,
            place => self.tree[place as usize - 1],
        };
        Some(rank.deadline())
    }

    /// How many timers are armed.
    pub const fn len(&self) -> usize {
        self.head.len as usize
    }

    /// Whether no timer is armed.
    pub const fn is_empty(&self) -> bool {
        self.head.len == 0
    }

    /// How many timers can be armed.
    pub const fn capacity(&self) -> usize {
        self.marks.len()
    }

    /// The largest number of timers that were armed at once.
    pub const fn high_water(&self) -> usize {
        self.head.high_water as usize
    }

    #[inline]
    fn is_current(&self, id: TimerId) -> bool {
        id.generation & 1 == 1
            && self
                .marks
                .get(id.slot as usize)
                .is_some_and(|mark| mark.generation == id.generation)
    }

    #[inline]
    fn rank(&mut self, deadline: Instant, slot: u32) -> Rank {
        let sequence = self.head.sequence;
        self.head.sequence = sequence.wrapping_add(1);
        Rank::new(deadline, sequence, slot)
    }

    #[inline]
    fn take_slot(&mut self) -> Option<u32> {
        if self.head.free != 0 {
            let slot = self.head.free - 1;
            self.head.free = self.marks[slot as usize].place;
            return Some(slot);
        }
        let slot = self.head.touched;
        if (slot as usize) < self.marks.len() {
            self.head.touched += 1;
            return Some(slot);
        }
        if self.head.resting != 0 {
            let slot = self.head.resting - 1;
            self.head.resting = 0;
            self.marks[slot as usize].generation =
                self.marks[slot as usize].generation.wrapping_add(1);
            return Some(slot);
        }
        None
    }

    #[inline]
    fn release(&mut self, slot: u32) {
        let mark = &mut self.marks[slot as usize];
        mark.generation = mark.generation.wrapping_add(1);
        mark.place = self.head.free;
        self.head.free = slot + 1;
    }

    #[inline]
    fn heap(&mut self) -> Heap<'_> {
        Heap {
            root: &mut self.head.root,
            len: &mut self.head.len,
            tree: self.tree,
            marks: self.marks,
        }
    }
}
