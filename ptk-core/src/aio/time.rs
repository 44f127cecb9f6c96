//! Time to `.await`: [`sleep()`], [`timeout()`], [`interval()`].
//!
//! A sleep reads the clock once, when it is made, and takes a timer slot of its driver when it is first polled. Dropping it gives the slot back at
//! once. A sleep that finds every slot taken waits in a line of its own (see [`IoDriver::timer_overflows`](super::IoDriver::timer_overflows)).
//! Deadlines have nanoseconds; no wait is cut to milliseconds.
//!
//! Functions without a handle use the [`current`](super::current()) driver when they are first polled, and panic when there is none: the
//! names are tokio's and so is this. The `*_in` forms cannot.

mod interval;
mod sleep;
mod timeout;

pub use crate::time::Instant;
pub use core::time::Duration;
pub use interval::{Interval, MissedTick, Tick, interval, interval_at, interval_in};
pub use sleep::{Sleep, sleep, sleep_in, sleep_until, sleep_until_in};
pub use timeout::{Elapsed, Timeout, timeout, timeout_at, timeout_in};

/// The clock of sleeps and timeouts: the system's monotonic one.
pub fn now() -> Instant {
    super::driver::now()
}
