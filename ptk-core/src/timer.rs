//! Timers in a fixed number of slots: time goes in, deadlines come out.
//!
//! A [`TimerSlots<N>`] holds up to `N` one-shot and periodic timers; [`Timers`] is the same without the
//! `N`. Nothing here reads a clock or waits. The order of calls, turn after turn:
//!
//! 1. [`next_deadline`](Timers::next_deadline): how long the caller may sleep;
//! 2. [`pop_expired`](Timers::pop_expired) with the new time, until it answers `None`; between two
//!    answers any timer may be inserted, cancelled or armed again, the expired one too.
//!
//! # How it works
//!
//! ```text
//!                            horizon
//!        front                  │                    wheel
//!   at most 32 timers, exact    │   11 wheels of 64 buckets, coarser and coarser
//!  ┌──┬──┬──┬──┐                │   ┌──┬──┬──┬──┐   ┌──┬──┬──┬──┐
//!  │  │  │  │  │ ◄── advance ───┼── │  │  │  │  │ ◄─│  │  │  │  │ ◄ ...
//!  └──┴──┴──┴──┘                │   └──┴──┴──┴──┘   └──┴──┴──┴──┘
//!   └► first: next_deadline     │     lists through the slots, in order of arming
//! ```
//!
//! The earliest timers are in the front, with their exact order; all others in a bucket of a hierarchical
//! wheel, in no order but that of their arming. When the front is empty the wheel's next buckets move up; one that holds more than 32
//! timers is dealt out to the finer wheel first. So the next deadline is always known exactly, and no wake-up
//! is spent on a bucket's border.
//!
//! | operation | work |
//! |---|---|
//! | `next_deadline` | one read |
//! | `insert`, `rearm` | one bucket, or one place in the front; when the front is full, 16 timers move to the wheel |
//! | `cancel` | one place in the front, or eight bytes: the bucket drops the slot when its turn comes |
//! | `pop_expired` | the next place of the front, or one look over it when timers were armed out of order; each timer changes its bucket at most ten times in its life, mostly twice |
//!
//! Only dealing out is not bounded by a constant but by the number of timers in one bucket: at about 10 ns each, 100,000 timers within
//! one second delay one call by a millisecond. Memory: 40 bytes for each slot and 6.2 KiB in all. A 4-ary heap over the same
//! slots was measured as well: bounded by the logarithm in each call, and mostly slower on the machine where both ran.
//! `taskset -c 1 cargo run --release -p benches --bin timer_ops` compares with a plain binary heap, and
//! `timer_bench ops T` (in `examples`) measures alone.
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
#[cfg(not(loom))]
mod sleeps;
mod slots;
mod table;
mod view;
mod wheel;

#[cfg(not(loom))]
pub(crate) use sleeps::{SleepSlots, Sleeps};
pub use slots::{TimerId, TimerSlots};
pub use view::{Expired, InsertError, Timers};

#[cfg(test)]
mod tests;
