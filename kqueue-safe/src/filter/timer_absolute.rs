//! Timers that expire at a time of the calendar: every system but DragonFly. The system's file that includes this one
//! provides `ABSOLUTE`.

use core::time::Duration;

use super::ABSOLUTE;
use crate::filter::timer::in_units;
use crate::filter::{Timer, TimerSchedule};

/// Every system but DragonFly.
impl Timer {
    /// Once, when the system's clock (`CLOCK_REALTIME`) shows this time, counted from 1970-01-01 00:00 UTC. A time that has passed
    /// expires at once. Setting the clock moves the moment.
    ///
    /// Such a timer is deleted when it is delivered: left alone, the kernels would report it again and again.
    #[inline]
    pub const fn at(self, since_epoch: Duration) -> TimerSchedule {
        let (unit, count) = in_units(since_epoch);
        TimerSchedule {
            draft: self.draft.with_notes(unit | ABSOLUTE).with_data(count),
        }
        .once()
    }
}
