//! The clock of the async face: `CLOCK_MONOTONIC`.

use nix::time::{ClockId, clock_gettime};

use crate::time::Instant;

/// The time. The system's monotonic clock cannot fail on a system that has one.
#[inline]
pub fn now() -> Instant {
    read(ClockId::CLOCK_MONOTONIC)
}

// Where `time_t` has 32 bits the casts widen.
#[allow(clippy::unnecessary_cast)]
#[inline]
fn read(clock: ClockId) -> Instant {
    match clock_gettime(clock) {
        Ok(time) => Instant::from_timespec(time.tv_sec() as i64, time.tv_nsec() as i64),
        Err(_) => Instant::ZERO,
    }
}

/// The same clock as of the system's last tick, where reading that is cheaper: it is late, and by more than two of the slowest ticks only when
/// the machine stood still.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LAST_TICK: (ClockId, core::time::Duration) = (
    ClockId::CLOCK_MONOTONIC_COARSE,
    core::time::Duration::from_millis(20),
);

/// Whether `deadline` has come. The time is read exactly when it may be near; who is told of a later one too long after a tick is told "not yet", and
/// is due at the next look.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
pub fn has_come(deadline: Instant) -> bool {
    let (clock, late) = LAST_TICK;
    deadline.is_due(read(clock).saturating_add(late)) && deadline.is_due(now())
}

/// Whether `deadline` has come.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[inline]
pub fn has_come(deadline: Instant) -> bool {
    deadline.is_due(now())
}
