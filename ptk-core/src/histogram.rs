//! Latencies, counts and levels in memory of fixed size.
//!
//! [`Histogram`] sorts nanoseconds into buckets that are 3 % wide; [`Counter`] counts; [`Gauge`] follows a
//! level and keeps the highest. None of them allocates, locks or reads a clock. Each has a
//! `snapshot`, a small copy to print or to keep.
//!
//! ```
//! use core::time::Duration;
//! use ptk_core::histogram::Histogram;
//!
//! static EMPTY: Histogram = Histogram::new(); // 4 KiB, all zero
//!
//! let mut latency = EMPTY.clone();
//! for micros in 1..=1000 {
//!     latency.record(Duration::from_micros(micros));
//! }
//! let p99 = latency.percentile(99.0).unwrap();
//! assert!(p99 >= Duration::from_micros(990) && p99 < Duration::from_micros(1021));
//! assert_eq!(latency.max(), Some(Duration::from_micros(1000)));
//! println!("{}", latency.snapshot());
//! ```

mod buckets;
mod counters;

pub use counters::{Counter, Gauge, GaugeSnapshot};

use core::fmt;
use core::time::Duration;

use crate::time::saturating_nanos;
use buckets::{bucket, upper};

/// The buckets of a [`Histogram`] when nothing else is said: 1 ns to 68 s.
pub const DEFAULT_BUCKETS: usize = 1024;

/// A latency histogram: log-linear, 32 buckets for each power of two, so that each answer is exact up to
/// 63 ns and at most 1/32 (3.1 %) too high above.
///
/// ```text
///  0 1 2 .. 63 | 64 66 68 .. 126 | 128 132 .. 252 | 256 ..        ns, the buckets' lower ends
///  exact         2 ns wide         4 ns wide        8 ns wide
/// ```
///
/// `BUCKETS` sets the range: 1,024 reach to 2^36 ns (68 s) in 4 KiB, 512 to 1 ms in 2 KiB, 1,920 to the end of
/// `u64`. What lies beyond counts in the last bucket; minimum, maximum, and mean stay exact. A
/// bucket's count stops at `u32::MAX`.
#[derive(Clone)]
pub struct Histogram<const BUCKETS: usize = DEFAULT_BUCKETS> {
    count: u64,
    /// Nanoseconds, saturating.
    sum: u64,
    /// The complement of the smallest value, so that an empty histogram is all zeros.
    not_min: u64,
    max: u64,
    buckets: [u32; BUCKETS],
}

impl<const BUCKETS: usize> Histogram<BUCKETS> {
    /// An empty histogram; all its bytes are zero.
    pub const fn new() -> Self {
        const { assert!(BUCKETS >= 64, "a histogram needs at least 64 buckets") };
        Self {
            count: 0,
            sum: 0,
            not_min: 0,
            max: 0,
            buckets: [0; BUCKETS],
        }
    }

    /// Counts a duration.
    #[inline]
    pub fn record(&mut self, duration: Duration) {
        self.record_nanos(saturating_nanos(duration));
    }

    /// Counts a number of nanoseconds (or of anything else: a queue's depth, events per wait).
    #[inline]
    pub fn record_nanos(&mut self, nanos: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(nanos);
        self.not_min = self.not_min.max(!nanos);
        self.max = self.max.max(nanos);
        let count = &mut self.buckets[bucket(nanos).min(BUCKETS - 1)];
        *count = count.saturating_add(1);
    }

    /// How many values were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing was counted.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The smallest value, exactly.
    pub const fn min(&self) -> Option<Duration> {
        match self.count {
            0 => None,
            _ => Some(Duration::from_nanos(!self.not_min)),
        }
    }

    /// The largest value, exactly.
    pub const fn max(&self) -> Option<Duration> {
        match self.count {
            0 => None,
            _ => Some(Duration::from_nanos(self.max)),
        }
    }

    /// The mean, exactly as long as the sum is below 584 years.
    pub const fn mean(&self) -> Option<Duration> {
        match self.sum.checked_div(self.count) {
            None => None,
            Some(nanos) => Some(Duration::from_nanos(nanos)),
        }
    }

    /// The value that `percent` of all values do not exceed: the upper end of its bucket, at most the
    /// maximum. `percent` is clamped to 0 ..= 100; 0 answers the minimum's bucket.
    pub fn percentile(&self, percent: f64) -> Option<Duration> {
        self.percentile_nanos(percent).map(Duration::from_nanos)
    }

    /// The same as a number, for histograms of other things than time.
    pub fn percentile_nanos(&self, percent: f64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let exact = percent.clamp(0.0, 100.0) / 100.0 * self.count as f64;
        // Rounded up, and a value at least: the first of four is the 25th percentile, not the 26th.
        let mut rank = exact as u64;
        if (rank as f64) < exact {
            rank += 1;
        }
        let rank = rank.clamp(1, self.count);
        let mut below = 0;
        for (index, &count) in self.buckets.iter().enumerate() {
            below += u64::from(count);
            if below >= rank && index < BUCKETS - 1 {
                return Some(upper(index).clamp(!self.not_min, self.max));
            }
        }
        Some(self.max)
    }

    /// Adds what another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        self.not_min = self.not_min.max(other.not_min);
        self.max = self.max.max(other.max);
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// Empty again.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// The figures that reports show; all zero for an empty histogram.
    pub fn snapshot(&self) -> Summary {
        let nanos = |percent| self.percentile(percent).unwrap_or_default();
        Summary {
            count: self.count,
            min: self.min().unwrap_or_default(),
            mean: self.mean().unwrap_or_default(),
            p50: nanos(50.0),
            p90: nanos(90.0),
            p99: nanos(99.0),
            p999: nanos(99.9),
            max: self.max().unwrap_or_default(),
        }
    }
}

impl<const BUCKETS: usize> Default for Histogram<BUCKETS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const BUCKETS: usize> fmt::Debug for Histogram<BUCKETS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Histogram").field(&self.snapshot()).finish()
    }
}

/// What a [`Histogram`] knew at one moment. `Display` is one line, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// How many values.
    pub count: u64,
    /// The smallest.
    pub min: Duration,
    /// The mean.
    pub mean: Duration,
    /// Half of the values do not exceed it.
    pub p50: Duration,
    /// 90 % of the values do not exceed it.
    pub p90: Duration,
    /// 99 % of the values do not exceed it.
    pub p99: Duration,
    /// 99.9 % of the values do not exceed it.
    pub p999: Duration,
    /// The largest.
    pub max: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n={}", self.count)?;
        let figures = [
            ("min", self.min),
            ("mean", self.mean),
            ("p50", self.p50),
            ("p90", self.p90),
            ("p99", self.p99),
            ("p999", self.p999),
            ("max", self.max),
        ];
        for (name, duration) in figures {
            let nanos = saturating_nanos(duration);
            write!(f, " {name}={}.{}us", nanos / 1_000, nanos % 1_000 / 100)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
