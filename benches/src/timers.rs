//! What the measurements of timers ask of a structure.

use ptk_core::time::Instant;
use ptk_core::timer::{TimerId, TimerSlots};

/// What is measured. Times are nanoseconds.
pub trait Timers {
    /// A timer's handle.
    type Id: Copy;
    /// Arms a timer.
    fn insert(&mut self, deadline: u64, payload: u64) -> Self::Id;
    /// Disarms it; whether it was armed.
    fn cancel(&mut self, id: Self::Id) -> bool;
    /// When the next one is due.
    fn next_deadline(&mut self) -> Option<u64>;
    /// The payload of the next one that is due.
    fn pop_expired(&mut self, now: u64) -> Option<u64>;
}

impl<const N: usize> Timers for TimerSlots<N> {
    type Id = TimerId;

    fn insert(&mut self, deadline: u64, payload: u64) -> TimerId {
        TimerSlots::insert(self, Instant::from_nanos(deadline), None, payload).expect("room")
    }

    fn cancel(&mut self, id: TimerId) -> bool {
        TimerSlots::cancel(self, id)
    }

    fn next_deadline(&mut self) -> Option<u64> {
        TimerSlots::next_deadline(self).map(Instant::as_nanos)
    }

    fn pop_expired(&mut self, now: u64) -> Option<u64> {
        TimerSlots::pop_expired(self, Instant::from_nanos(now)).map(|expired| expired.payload)
    }
}
