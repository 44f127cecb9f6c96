//! The clock of the async face: `CLOCK_MONOTONIC`.

use nix::time::{ClockId, clock_gettime};

use crate::time::Instant;

/// The time. The system's monotonic clock cannot fail on a system that has one.
// Where `time_t` has 32 bits the casts widen.
#[allow(clippy::unnecessary_cast)]
#[inline]
pub fn now() -> Instant {
    match clock_gettime(ClockId::CLOCK_MONOTONIC) {
        Ok(time) => Instant::from_timespec(time.tv_sec() as i64, time.tv_nsec() as i64),
        Err(_) => Instant::ZERO,
    }
}
