//! Timers in a fixed number of slots: time goes in, deadlines come out.
//!
//! A [`TimerSlots<N>`] holds up to `N` one-shot and periodic timers; [`Timers`] is the same without the
//! `N`. Nothing here reads a clock or waits. The order of calls, turn after turn:
//!
//! 1. [`next_deadline`](Timers::next_deadline): how long the caller may sleep;
//! 2. [`pop_expired`](Timers::pop_expired) with the new time, until it answers `None`; between two
//!    answers any timer may be inserted, cancelled or armed again, the expired one too.
//!
//! ```
//! use core::time::Duration;
//! use ptk_core::time::Instant;
//! use ptk_core::timer::TimerSlots;
//!
//! let mut timers = TimerSlots::<32>::new();
//! let poll = timers.insert(Instant::from_millis(10), Some(Duration::from_millis(10)), 1).unwrap();
//! timers.insert(Instant::from_millis(25), None, 2).unwrap();
//!
//! let mut now = Instant::ZERO;
//! let mut fired = Vec::new();
//! while let Some(deadline) = timers.next_deadline() {
//!     now = deadline; // a loop sleeps here
//!     while let Some(expired) = timers.pop_expired(now) {
//!         fired.push((now.as_millis(), expired.payload));
//!         if now == Instant::from_millis(30) {
//!             assert!(timers.cancel(poll));
//!         }
//!     }
//! }
//! assert_eq!(fired, [(10, 1), (20, 1), (25, 2), (30, 1)]);
//! ```
mod front;
mod slots;
mod view;
mod wheel;

pub use slots::{TimerId, TimerSlots};
pub use view::{Expired, InsertError, Timers};

#[cfg(test)]
mod tests;
