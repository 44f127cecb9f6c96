//! Points in time: nanoseconds on a monotonic clock that never wraps in practice.
//!
//! Nothing here reads a clock. The event loop reads it once a turn and hands the result to whoever
//! needs it; a test makes its own times with [`Instant::from_nanos`]. A `u64` of nanoseconds lasts
//! 584 years after the clock's start, so no code has to handle a wrap.
//!
//! ```
//! use core::time::Duration;
//! use ptk_core::time::Instant;
//!
//! let now = Instant::from_millis(20);
//! let deadline = now + Duration::from_micros(900);
//! assert!(deadline > now);
//! assert_eq!(deadline.saturating_duration_since(now), Duration::from_micros(900));
//! assert_eq!(now.saturating_duration_since(deadline), Duration::ZERO);
//! ```

use core::fmt;
use core::ops::{Add, AddAssign, Sub, SubAssign};
use core::time::Duration;

/// Nanoseconds in one second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A point in time: nanoseconds since an arbitrary start that is the same for the whole process.
///
/// Arithmetic with operators saturates: a deadline that cannot be represented is
/// [`Instant::FAR_FUTURE`], which never comes. Use the `checked_` methods where an overflow is an
/// error.
///
/// ```
/// use core::time::Duration;
/// use ptk_core::time::Instant;
///
/// assert_eq!(Instant::ZERO + Duration::from_secs(1), Instant::from_nanos(1_000_000_000));
/// assert_eq!(Instant::ZERO + Duration::MAX, Instant::FAR_FUTURE);
/// assert_eq!(Instant::ZERO.checked_add(Duration::MAX), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Instant(u64);

impl Instant {
    /// The clock's start.
    pub const ZERO: Self = Self(0);

    /// The last representable point, 584 years after the clock's start. As a deadline it means "never".
    pub const FAR_FUTURE: Self = Self(u64::MAX);

    /// The point that many nanoseconds after the clock's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The point that many microseconds after the clock's start; saturates.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// The point that many milliseconds after the clock's start; saturates.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// The point that many seconds after the clock's start; saturates.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SECOND))
    }

    /// From the two fields of a `timespec` as `clock_gettime` fills it. Negative seconds count as 0,
    /// nanoseconds are clamped to 0 ..= 999,999,999.
    ///
    /// ```
    /// # use ptk_core::time::Instant;
    /// assert_eq!(Instant::from_timespec(2, 5), Instant::from_nanos(2_000_000_005));
    /// assert_eq!(Instant::from_timespec(-1, 5), Instant::from_nanos(5));
    /// ```
    pub const fn from_timespec(secs: i64, nanos: i64) -> Self {
        let secs = if secs < 0 { 0 } else { secs as u64 };
        let nanos = match nanos {
            ..=0 => 0,
            1..=999_999_999 => nanos as u64,
            _ => 999_999_999,
        };
        Self(secs.saturating_mul(NANOS_PER_SECOND).saturating_add(nanos))
    }

    /// Nanoseconds since the clock's start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole microseconds since the clock's start, rounded down.
    pub const fn as_micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Whole milliseconds since the clock's start, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The fields of a `timespec`: whole seconds, and nanoseconds in 0 ..= 999,999,999.
    pub const fn to_timespec(self) -> (u64, u32) {
        (
            self.0 / NANOS_PER_SECOND,
            (self.0 % NANOS_PER_SECOND) as u32,
        )
    }

    /// This point and that much later; `None` when it is past [`Instant::FAR_FUTURE`].
    pub const fn checked_add(self, duration: Duration) -> Option<Self> {
        match checked_nanos(duration) {
            Some(nanos) => match self.0.checked_add(nanos) {
                Some(sum) => Some(Self(sum)),
                None => None,
            },
            None => None,
        }
    }

    /// This point and that much earlier; `None` when it is before [`Instant::ZERO`].
    pub const fn checked_sub(self, duration: Duration) -> Option<Self> {
        match checked_nanos(duration) {
            Some(nanos) => match self.0.checked_sub(nanos) {
                Some(difference) => Some(Self(difference)),
                None => None,
            },
            None => None,
        }
    }

    /// This point and that much later, at most [`Instant::FAR_FUTURE`].
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(saturating_nanos(duration)))
    }

    /// This point and that much earlier, at least [`Instant::ZERO`].
    pub const fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(saturating_nanos(duration)))
    }

    /// How much later this point is than `earlier`; `None` when it is before it.
    pub const fn checked_duration_since(self, earlier: Self) -> Option<Duration> {
        match self.0.checked_sub(earlier.0) {
            Some(nanos) => Some(Duration::from_nanos(nanos)),
            None => None,
        }
    }

    /// How much later this point is than `earlier`; zero when it is not later.
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// How long to wait at `now` until this point: zero when it has come.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use ptk_core::time::Instant;
    /// let deadline = Instant::from_millis(5);
    /// assert_eq!(deadline.wait_from(Instant::from_millis(2)), Duration::from_millis(3));
    /// assert_eq!(deadline.wait_from(Instant::from_millis(6)), Duration::ZERO);
    /// ```
    pub const fn wait_from(self, now: Self) -> Duration {
        self.saturating_duration_since(now)
    }

    /// Whether this point has come at `now`.
    pub const fn is_due(self, now: Self) -> bool {
        self.0 <= now.0
    }

    /// The first multiple of `step` (counted from the clock's start) that is not before this point;
    /// saturates. A zero step changes nothing.
    ///
    /// Deadlines of many timers rounded to the same step share one wake-up.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use ptk_core::time::Instant;
    /// let step = Duration::from_millis(10);
    /// assert_eq!(Instant::from_millis(21).round_up(step), Instant::from_millis(30));
    /// assert_eq!(Instant::from_millis(30).round_up(step), Instant::from_millis(30));
    /// ```
    pub const fn round_up(self, step: Duration) -> Self {
        let step = saturating_nanos(step);
        if step == 0 {
            return self;
        }
        match self.0 % step {
            0 => self,
            rest => Self(self.0.saturating_add(step - rest)),
        }
    }

    /// The last multiple of `step` (counted from the clock's start) that is not after this point. A
    /// zero step changes nothing.
    pub const fn round_down(self, step: Duration) -> Self {
        let step = saturating_nanos(step);
        if step == 0 {
            return self;
        }
        Self(self.0 - self.0 % step)
    }
}

/// A duration's nanoseconds, or `None` beyond 584 years.
pub const fn checked_nanos(duration: Duration) -> Option<u64> {
    let nanos = duration.as_nanos();
    if nanos > u64::MAX as u128 {
        None
    } else {
        Some(nanos as u64)
    }
}

/// A duration's nanoseconds, at most `u64::MAX` (584 years).
pub const fn saturating_nanos(duration: Duration) -> u64 {
    match checked_nanos(duration) {
        Some(nanos) => nanos,
        None => u64::MAX,
    }
}

/// A duration in whole milliseconds, rounded **up**, at most `u32::MAX`.
///
/// For system calls that wait in milliseconds: rounding down would make a busy loop of the last
/// fraction.
///
/// ```
/// # use core::time::Duration;
/// # use ptk_core::time::millis_rounded_up;
/// assert_eq!(millis_rounded_up(Duration::from_micros(900)), 1);
/// assert_eq!(millis_rounded_up(Duration::from_millis(3)), 3);
/// assert_eq!(millis_rounded_up(Duration::ZERO), 0);
/// ```
pub const fn millis_rounded_up(duration: Duration) -> u32 {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    if millis > u32::MAX as u128 {
        u32::MAX
    } else {
        millis as u32
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        self.saturating_add(duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = self.saturating_add(duration);
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        self.saturating_sub(duration)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = self.saturating_sub(duration);
    }
}

/// The time from the right point to the left; zero when the left is earlier.
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, nanos) = self.to_timespec();
        write!(f, "{secs}.{nanos:09}s")
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
