//! The operations: [`Timers`].

use core::fmt;
use core::time::Duration;

use super::slots::{Periodic, State, TimerId};
use super::table::Table;
use crate::time::{Instant, saturating_nanos};

/// A timer table without its capacity in the type: a borrowed [`TimerSlots`](super::TimerSlots).
pub struct Timers<'a>(pub(super) Table<'a, Periodic>);

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
    #[inline(always)]
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
        let Some(slot) = self.0.take_slot() else {
            return Err(InsertError::Full(payload));
        };
        self.0.slots[slot as usize].payload = Periodic { payload, period };
        Ok(self.0.begin(slot, deadline))
    }

    /// Disarms a timer and frees its slot. `false` when there is no such timer (any more); nothing
    /// has changed then. A one-shot that has just fired is no longer armed: `false`, but its slot is free.
    #[inline(always)]
    pub fn cancel(&mut self, id: TimerId) -> bool {
        if !self.0.is_current(id) {
            return false;
        }
        match self.0.marks[id.slot as usize].state() {
            State::Wheel => {
                self.0.head.len -= 1;
                self.0.release(id.slot, State::Cancelled);
            }
            State::Front => {
                self.0.disarm(id.slot);
                self.0.release(id.slot, State::Free);
                if self.0.head.front.is_empty() {
                    self.0.advance();
                }
            }
            State::Resting | State::Free | State::Cancelled => {
                self.0.head.resting = 0;
                self.0.release(id.slot, State::Free);
                return false;
            }
        }
        true
    }

    /// Moves a timer's deadline, earlier or later; a periodic one goes on from there. A one-shot that
    /// has just fired is armed again. `false` when there is no such timer (any more).
    #[inline(always)]
    pub fn rearm(&mut self, id: TimerId, deadline: Instant) -> bool {
        if !self.0.is_current(id) {
            return false;
        }
        self.0.disarm(id.slot);
        self.0.arm(id.slot, deadline.as_nanos());
        true
    }

    /// The earliest deadline, in constant time; `None` when no timer is armed.
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.0.head.front.earliest().map(Instant::from_nanos)
    }

    /// The timer that has been due for longest, if one is due at `now`.
    ///
    /// Between two calls the caller may insert, cancel and re-arm any timer, the expired one too.
    #[inline(always)]
    pub fn pop_expired(&mut self, now: Instant) -> Option<Expired> {
        if self.0.head.resting != 0 {
            let slot = self.0.head.resting - 1;
            self.0.head.resting = 0;
            self.0.release(slot, State::Free);
        }
        let deadline = self.0.head.front.earliest()?;
        if deadline > now.as_nanos() {
            return None;
        }
        let slot = self.0.head.front.first_slot();
        let mark = &mut self.0.marks[slot as usize];
        let generation = mark.generation;
        self.0.head.front.remove_first();
        self.0.head.len -= 1;
        let Periodic { payload, period } = self.0.slots[slot as usize].payload;
        let mut missed = 0;
        if period == 0 {
            mark.set(State::Resting, 0);
            self.0.head.resting = slot + 1;
            if self.0.head.front.is_empty() {
                self.0.advance();
            }
        } else {
            let late = now.as_nanos() - deadline;
            if late >= period {
                missed = late / period;
            }
            let next = deadline.saturating_add(period.saturating_mul(missed + 1));
            self.0.arm(slot, next);
        }
        Some(Expired {
            id: TimerId { slot, generation },
            payload,
            deadline: Instant::from_nanos(deadline),
            missed,
        })
    }

    /// The deadline of an armed timer.
    #[inline]
    pub fn deadline(&self, id: TimerId) -> Option<Instant> {
        let armed = self.0.is_current(id) && !self.0.marks[id.slot as usize].is(State::Resting);
        armed.then(|| Instant::from_nanos(self.0.slots[id.slot as usize].deadline))
    }

    /// How many timers are armed.
    pub const fn len(&self) -> usize {
        self.0.head.len as usize
    }

    /// Whether no timer is armed.
    pub const fn is_empty(&self) -> bool {
        self.0.head.len == 0
    }

    /// How many timers can be armed.
    pub const fn capacity(&self) -> usize {
        self.0.slots.len()
    }

    /// The largest number of timers that were armed at once.
    pub const fn high_water(&self) -> usize {
        self.0.head.high_water as usize
    }
}
