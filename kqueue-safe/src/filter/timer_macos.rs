//! What only macOS's timers know.

use core::time::Duration;

use kqueue_sys as raw;

use crate::Change;
use crate::filter::{TimerSchedule, TimerUnit};

/// macOS.
impl TimerSchedule {
    /// As exactly as the system can (`NOTE_CRITICAL`).
    #[inline]
    #[must_use]
    pub const fn critical(self) -> Self {
        Self {
            draft: self.draft.with_notes(raw::NOTE_CRITICAL),
        }
    }

    /// Together with others, to save power (`NOTE_BACKGROUND`).
    #[inline]
    #[must_use]
    pub const fn background(self) -> Self {
        Self {
            draft: self.draft.with_notes(raw::NOTE_BACKGROUND),
        }
    }

    /// Time that passes while the machine sleeps counts (`NOTE_MACH_CONTINUOUS_TIME`).
    #[inline]
    #[must_use]
    pub const fn continuous(self) -> Self {
        Self {
            draft: self.draft.with_notes(raw::NOTE_MACH_CONTINUOUS_TIME),
        }
    }

    /// How late the timer may be (`NOTE_LEEWAY`), in the unit that the timer's own time has; rounded up.
    #[inline]
    #[must_use]
    pub const fn leeway(self, leeway: Duration) -> Self {
        let unit = unit_of(self.draft.notes()).length as u128;
        let count = leeway.as_nanos().div_ceil(unit);
        let count = if count > u64::MAX as u128 {
            u64::MAX
        } else {
            count as u64
        };
        Self {
            draft: self.draft.with_notes(raw::NOTE_LEEWAY).with_leeway(count),
        }
    }
}

/// Which unit a timer's notes name.
const fn unit_of(notes: raw::fflags_t) -> TimerUnit {
    if notes & raw::NOTE_NSECONDS != 0 {
        TimerUnit::NANOSECONDS
    } else if notes & raw::NOTE_USECONDS != 0 {
        TimerUnit::MICROSECONDS
    } else if notes & raw::NOTE_SECONDS != 0 {
        TimerUnit::SECONDS
    } else {
        TimerUnit::MILLISECONDS
    }
}

impl Change<'_> {
    /// Stores a leeway where `kevent64` looks for it.
    #[inline]
    const fn with_leeway(self, leeway: u64) -> Self {
        let mut raw = self.to_raw();
        raw.ext[1] = leeway;
        Self::from_integers(raw)
    }
}
