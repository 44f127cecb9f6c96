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
    pub(crate) draft: Change<'static>,
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
        let limited = if period.as_secs() >= LONGEST.as_secs() {
            LONGEST
        } else {
            period
        };
        let (unit, count) = in_units(limited);
        TimerSchedule {
            draft: self.draft.with_notes(unit).with_data(count),
        }
    }
}

actions!(Timer);

/// A unit in which the kernel counts a timer's time. Milliseconds exist on every system and in every release; the others do not on DragonFly, and only
/// in newer releases of NetBSD (10) and OpenBSD: an older kernel takes every number as milliseconds (see [`Capabilities`](crate::Capabilities)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerUnit {
    pub(crate) note: raw::fflags_t,
    /// In nanoseconds.
    pub(crate) length: u64,
}

impl TimerUnit {
    /// The unit's length in nanoseconds.
    pub const fn nanoseconds(self) -> u64 {
        self.length
    }
}

impl Timer {
    /// Once, after so many units, exactly as given: nothing is rounded or limited, and a number that the kernel does not like is
    /// its to refuse.
    #[inline]
    pub const fn after_units(self, count: isize, unit: TimerUnit) -> TimerSchedule {
        TimerSchedule {
            draft: self.draft.with_notes(unit.note).with_data(count as data_t),
        }
        .once()
    }
}

/// A [`Timer`] with its time, ready to be added.
#[derive(Clone, Copy)]
pub struct TimerSchedule {
    pub(crate) draft: Change<'static>,
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
    pub(crate) const fn once(self) -> Self {
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
pub(crate) const fn in_units(time: Duration) -> (raw::fflags_t, data_t) {
    let whole = time.as_nanos();
    let nanoseconds = if whole > u64::MAX as u128 {
        u64::MAX
    } else {
        whole as u64
    };
    // The coarsest unit in which the time is a whole number; the table begins with milliseconds, which every release of a system understands.
    let mut at = 0;
    while at < system::TIMER_UNITS.len() {
        let TimerUnit { note: unit, length } = system::TIMER_UNITS[at];
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
        let TimerUnit { note: unit, length } = system::TIMER_UNITS[at];
        let count = nanoseconds.div_ceil(length);
        if count <= data_t::MAX as u64 {
            return (unit, if count == 0 { 1 } else { count as data_t });
        }
    }
    (system::TIMER_UNITS[0].note, data_t::MAX)
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
