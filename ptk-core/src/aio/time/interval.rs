//! [`Interval`].

use core::time::Duration;

use super::sleep::sleep_until_in;
use crate::aio::driver::now;
use crate::aio::handle::IoDriverHandle;
use crate::time::Instant;

/// What an interval does about periods that went by while nobody waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MissedTick {
    /// Keeps its phase: the ticks that were missed are counted and not made up for.
    #[default]
    Skip,
    /// Makes up for every missed tick, at once.
    Burst,
    /// Begins a new phase with the late tick.
    Delay,
}

/// A tick of an [`Interval`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When it was due.
    pub deadline: Instant,
    /// How many periods went by unreported since the tick before (with [`MissedTick::Skip`]).
    pub missed: u64,
}

/// A tick every `period`, the first at once, through the [`current`](crate::aio::current()) driver.
///
/// # Panics
///
/// If `period` is zero.
pub fn interval(period: Duration) -> Interval {
    interval_at(now(), period)
}

/// The same with the first tick at `start`.
///
/// # Panics
///
/// If `period` is zero.
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval::new(None, start, period)
}

/// The same through this driver.
///
/// # Panics
///
/// If `period` is zero.
pub fn interval_in(handle: IoDriverHandle, start: Instant, period: Duration) -> Interval {
    Interval::new(Some(handle), start, period)
}

/// Ticks without drift: the n-th is due at `start + n * period`, however late the others were taken.
#[derive(Debug)]
pub struct Interval {
    handle: Option<IoDriverHandle>,
    next: Instant,
    period: Duration,
    missed: MissedTick,
}

impl Interval {
    fn new(handle: Option<IoDriverHandle>, start: Instant, period: Duration) -> Self {
        assert!(!period.is_zero(), "an interval needs a period");
        Self {
            handle,
            next: start,
            period,
            missed: MissedTick::default(),
        }
    }

    /// What to do about missed ticks.
    pub const fn set_missed_tick(&mut self, missed: MissedTick) {
        self.missed = missed;
    }

    /// The period.
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// Waits for the next tick. Dropping the future loses none.
    pub async fn tick(&mut self) -> Tick {
        match self.handle {
            Some(handle) => sleep_until_in(handle, self.next).await,
            None => super::sleep_until(self.next).await,
        }
        let now = now();
        let due = self.next;
        let following = due.saturating_add(self.period);
        let mut tick = Tick {
            deadline: due,
            missed: 0,
        };
        self.next = match self.missed {
            MissedTick::Burst => following,
            MissedTick::Delay if following.is_due(now) => now.saturating_add(self.period),
            MissedTick::Skip if following.is_due(now) => {
                let late = now.saturating_duration_since(due).as_nanos();
                let periods = late / self.period.as_nanos();
                tick.missed = u64::try_from(periods).unwrap_or(u64::MAX);
                let past = crate::time::saturating_nanos(self.period).saturating_mul(tick.missed);
                tick.deadline = due.saturating_add(Duration::from_nanos(past));
                tick.deadline.saturating_add(self.period)
            }
            _ => following,
        };
        tick
    }
}
