//! [`Timer`].

use core::fmt;
use core::time::Duration;

use kqueue_sys::{self as raw, data_t};

use super::{Filter, actions, add};
use crate::Change;
use crate::system;

/// `EVFILT_TIMER`: an event after a time, once or again and again.
///
/// ```
/// use core::time::Duration;
/// use kqueue_safe::{Timer, Token};
///
/// let once = Timer::new(1).after(Duration::from_micros(1500)).add(Token::new(0, 0));
/// let again = Timer::new(2).every(Duration::from_secs(5)).add(Token::new(1, 0));
/// let no_more = Timer::new(2).delete();
/// # let _ = (once, again, no_more);
/// ```
#[derive(Clone, Copy)]
pub struct Timer {
    draft: Change<'static>,
}

impl Timer {
    /// The timer of this number; numbers are the kqueue's own, and of timers only.
    #[inline]
    pub const fn new(ident: usize) -> Self {
        Self {
            draft: Change::draft(ident, Filter::TIMER),
        }
    }

    /// Once, after this time.
    ///
    /// The time goes to the kernel in the coarsest of milliseconds, microseconds and nanoseconds that holds it exactly, as far as the system
    /// has the unit; else it is rounded up. Zero becomes the smallest time there is, and what is too long becomes the longest
    /// there is (at least 10^9 seconds; 24 days where `long` has 32 bits and milliseconds are the coarsest unit).
    #[inline]
    pub const fn after(self, time: Duration) -> TimerSchedule {
        self.every(time).once()
    }

    /// Again and again, with this period. The event says how often the timer expired since the last one was collected. Rounded as
    /// [`after`](Timer::after).
    #[inline]
    pub const fn every(self, period: Duration) -> TimerSchedule {
        let (unit, count) = in_units(period);
        TimerSchedule {
            draft: self.draft.with_notes(unit).with_data(count),
        }
    }
}

actions!(Timer);

/// A [`Timer`] with its time, ready to be added.
#[derive(Clone, Copy)]
pub struct TimerSchedule {
    draft: Change<'static>,
}

impl TimerSchedule {
    /// Expire again and again, with the given time as the period.
    #[inline]
    #[must_use]
    pub const fn periodic(self) -> Self {
        Self {
            draft: self.draft.without_flags(raw::EV_ONESHOT),
        }
    }

    #[inline]
    const fn once(self) -> Self {
        Self {
            draft: self.draft.with_flags(raw::EV_ONESHOT),
        }
    }

    /// Disable the timer when its event is delivered (`EV_DISPATCH`), until it is enabled.
    #[inline]
    #[must_use]
    pub const fn dispatch(self) -> Self {
        Self {
            draft: self.draft.with_flags(raw::EV_DISPATCH),
        }
    }

    /// Deliver nothing until enabled (`EV_DISABLE`). The time runs.
    #[inline]
    #[must_use]
    pub const fn disabled(self) -> Self {
        Self {
            draft: self.draft.with_flags(raw::EV_DISABLE),
        }
    }
}

add!(TimerSchedule);

/// The longest time that any kernel adds to its clock without an overflow (FreeBSD 12 wraps at 2^31 seconds since its start).
const LONGEST: Duration = Duration::from_secs(1_000_000_000);

/// A time as a unit's note and a count of that unit, at least 1.
const fn in_units(time: Duration) -> (raw::fflags_t, data_t) {
    let nanoseconds = if time.as_secs() >= LONGEST.as_secs() {
        LONGEST.as_nanos()
    } else {
        time.as_nanos()
    } as u64;
    // The coarsest unit in which the time is a whole number; the table begins with milliseconds, which every release of a system understands.
    let mut at = 0;
    while at < system::TIMER_UNITS.len() {
        let (unit, length) = system::TIMER_UNITS[at];
        let count = nanoseconds / length;
        if count * length == nanoseconds && count > 0 && count <= data_t::MAX as u64 {
            return (unit, count as data_t);
        }
        at += 1;
    }
    // None: the finest in which its rounded-up count can be written down.
    let mut at = system::TIMER_UNITS.len();
    while at > 0 {
        at -= 1;
        let (unit, length) = system::TIMER_UNITS[at];
        let count = nanoseconds.div_ceil(length);
        if count <= data_t::MAX as u64 {
            return (unit, if count == 0 { 1 } else { count as data_t });
        }
    }
    (system::TIMER_UNITS[0].0, data_t::MAX)
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timer").field(&self.draft).finish()
    }
}

impl fmt::Debug for TimerSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TimerSchedule").field(&self.draft).finish()
    }
}
