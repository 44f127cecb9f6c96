//! What polls took and what went wrong, for each device and for all.

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
        // Three digits are within what the crate allows, 0 to 5.
        let histogram = || Histogram::new(3).expect("three significant digits");
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

/// Counts `nanoseconds` in a histogram of microseconds.
pub fn record(histogram: &mut Histogram<u32>, nanoseconds: u64) {
    // It resizes by itself; a value beyond its last bucket (hours) is kept there.
    histogram.saturating_record(nanoseconds / 1000);
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
