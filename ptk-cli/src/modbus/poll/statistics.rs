//! What polls took and what went wrong, for each device and for all.

use std::cell::RefCell;
use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use ptk_modbus::client::{DisconnectReason, Failure};
use ptk_modbus::codec::ExceptionCode;

/// Totals of a device, or of all of them. Times are kept in microseconds with three digits.
pub struct Statistics {
    /// Reads that were begun.
    pub reads: u64,
    /// Reads that brought values.
    pub good: u64,
    /// Reads that were answered with an exception, or not as they should be, or not at all.
    pub bad: u64,
    /// Periods that passed without a read being begun, for whatever reason.
    pub missed: u64,
    /// Those among them that passed while there was no connection.
    pub missed_without_connection: u64,
    /// Connections that came up.
    pub connections: u64,
    /// What went wrong, and how often.
    pub errors: BTreeMap<String, u64>,
    /// From a read's request to its reply.
    pub latency: Histogram<u32>,
    /// From when a read was due to when it was begun.
    pub lateness: Histogram<u32>,
}

impl Statistics {
    pub fn new() -> Self {
        Self {
            reads: 0,
            good: 0,
            bad: 0,
            missed: 0,
            missed_without_connection: 0,
            connections: 0,
            errors: BTreeMap::new(),
            latency: histogram(),
            lateness: histogram(),
        }
    }

    pub fn error(&mut self, kind: impl Into<String>) {
        *self.errors.entry(kind.into()).or_default() += 1;
    }

    pub fn exception(&mut self, code: ExceptionCode) {
        self.bad += 1;
        self.error(code.to_string());
    }

    pub fn failure(&mut self, failure: &Failure) {
        self.bad += 1;
        self.error(failure_kind(failure));
    }

    pub fn disconnected(&mut self, reason: &DisconnectReason) {
        self.error(reason.to_string());
    }

    /// Counts all of `other` in.
    pub fn add(&mut self, other: &Self) {
        self.reads += other.reads;
        self.good += other.good;
        self.bad += other.bad;
        self.missed += other.missed;
        self.missed_without_connection += other.missed_without_connection;
        self.connections += other.connections;
        for (kind, count) in &other.errors {
            *self.errors.entry(kind.clone()).or_default() += count;
        }
        // Both resize by themselves, and count what can be counted.
        let _ = self.latency.add(&other.latency);
        let _ = self.lateness.add(&other.lateness);
    }
}

/// The times of all devices together, kept beside each device's own, so that the table need not add them up.
pub struct Overall {
    pub latency: RefCell<Histogram<u32>>,
    pub lateness: RefCell<Histogram<u32>>,
}

impl Overall {
    pub fn new() -> Self {
        Self {
            latency: RefCell::new(histogram()),
            lateness: RefCell::new(histogram()),
        }
    }
}

/// Of microseconds, with three digits: within the 0 to 5 that the crate allows. It grows with what it counts.
fn histogram() -> Histogram<u32> {
    Histogram::new(3).expect("three significant digits")
}

/// Counts `nanoseconds` in a histogram of microseconds.
pub fn record(histogram: &mut Histogram<u32>, nanoseconds: u64) {
    // `record` makes the histogram larger where it must (`saturating_record` does not); the largest that there is takes every u64.
    let _ = histogram.record(nanoseconds / 1000);
}

/// A failure without what differs from one to the next.
pub fn failure_kind(failure: &Failure) -> String {
    match failure {
        Failure::Disconnected(_) => "reads lost with the connection".to_owned(),
        Failure::WrongUnit { .. } => "another unit answered".to_owned(),
        Failure::WrongFunction { .. } => "reply to another function".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_length_are_counted_as_they_are() {
        let mut statistics = Statistics::new();
        for nanoseconds in [500, 2_500_000, 3_000_000_000, 3_600_000_000_000, u64::MAX] {
            record(&mut statistics.latency, nanoseconds);
        }
        let mut total = Statistics::new();
        total.add(&statistics);
        for histogram in [&statistics.latency, &total.latency] {
            assert_eq!(histogram.len(), 5);
            let near = |quantile: f64, wanted: f64| {
                let value = histogram.value_at_quantile(quantile) as f64;
                assert!((value / wanted - 1.0).abs() < 0.001, "{value} {wanted}");
            };
            near(0.4, 2.5e3);
            near(0.6, 3e6);
            near(0.8, 3.6e9);
        }
    }
}
