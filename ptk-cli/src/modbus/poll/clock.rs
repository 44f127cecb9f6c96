//! The time of day of what was read.

use std::time::{Duration, SystemTime};

/// Turns points of the loop's clock into the time of day, as it was set when the poll began: the intervals between rows are those of the
/// monotonic clock, also when somebody sets the other one.
#[derive(Clone, Copy)]
pub struct WallClock {
    loop_begin: u64,
    begin: SystemTime,
}

impl WallClock {
    /// `now` is the loop's time, in nanoseconds.
    pub fn new(now: u64) -> Self {
        Self {
            loop_begin: now,
            begin: SystemTime::now(),
        }
    }

    /// The time of day at the loop's `now`, in UTC with milliseconds (RFC 3339).
    pub fn text(&self, now: u64) -> String {
        let since = Duration::from_nanos(now.saturating_sub(self.loop_begin));
        humantime::format_rfc3339_millis(self.begin + since).to_string()
    }
}
