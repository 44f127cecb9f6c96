//! An observer that keeps histograms.

use ptk_core::histogram::Histogram;

use crate::client::Event;
use crate::poller::{Observer, Tag, Value};

/// Measures how late reads begin (the jitter of the schedule) and how long they take, and passes everything on to another observer.
///
/// ```
/// use ptk_modbus::glue::Measured;
/// use ptk_modbus::poller::{Area, Group, Limits, Poller, Tag};
/// use ptk_modbus::value::Kind;
///
/// let mut tags = [Tag::register(1, Area::HoldingRegisters, 0, Kind::U16, 1000)];
/// let mut groups = [Group::EMPTY];
/// let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 5000).unwrap();
/// let mut measured = Measured::new(());
/// let read = poller.poll_request(5040).unwrap();
/// poller.started(5040, &read, &mut measured);
/// assert_eq!(measured.lateness.percentile_nanos(99.0), Some(40));
/// ```
#[derive(Clone, Debug)]
pub struct Measured<O> {
    /// From when a read was due to when it was begun.
    pub lateness: Histogram,
    /// From when a read was begun to its reply, exceptions too.
    pub latency: Histogram,
    /// Who is told besides.
    pub inner: O,
}

impl<O> Measured<O> {
    /// Nothing is measured yet.
    pub const fn new(inner: O) -> Self {
        Self {
            lateness: Histogram::new(),
            latency: Histogram::new(),
            inner,
        }
    }
}

impl<O: Observer> Observer for Measured<O> {
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, changed: bool, now: u64) {
        self.inner.sampled(tag, value, changed, now);
    }

    fn quality_changed(&mut self, tag: &Tag, now: u64) {
        self.inner.quality_changed(tag, now);
    }

    fn began(&mut self, nanoseconds: u64) {
        self.lateness.record_nanos(nanoseconds);
        self.inner.began(nanoseconds);
    }

    fn answered(&mut self, nanoseconds: u64) {
        self.latency.record_nanos(nanoseconds);
        self.inner.answered(nanoseconds);
    }

    fn missed(&mut self, periods: u64) {
        self.inner.missed(periods);
    }

    fn event(&mut self, event: &Event<'_>, now: u64) {
        self.inner.event(event, now);
    }
}
