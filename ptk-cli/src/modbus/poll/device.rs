//! One device that is polled: what its link asks and hears.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use ptk_modbus::client::{Client, Event, RequestError};
use ptk_modbus::codec::Response;
use ptk_modbus::glue::Caller;
use ptk_modbus::poller::{Cause, Group, Observer, PlanError, Poller, Quality, Tag, Value};
use ptk_modbus::value::text_bytes;

use super::plan::{DevicePlan, TagName};
use super::rows::{Row, Rows};
use super::statistics::{Overall, Statistics, record};
use crate::modbus::typed::{self, Shown};

/// The most requests in flight to one device; `in-flight` of the file is within it.
pub const IN_FLIGHT: usize = 16;

/// A device, as what its link does.
pub struct Device {
    pub poller: Poller<'static>,
    pub log: Log,
    /// When to begin, counted from the first connection or the first failure to connect; `None` once begun.
    offset: Option<u64>,
    begun: bool,
    /// The tags of each read that is under way, by its token, as places in the poller's order.
    under_way: HashMap<u64, Range<usize>>,
}

/// What is known of a device's tags besides the poller's state: the poller's observer.
pub struct Log {
    pub name: String,
    pub names: Vec<TagName>,
    pub statistics: Statistics,
    /// The values as they were last read, by tag id.
    pub shown: Vec<Option<Shown>>,
    pub connected: bool,
    /// How often each tag was read or could not be, by tag id.
    readings: Vec<u64>,
    /// How many readings of each tag are wanted.
    wanted: Option<u64>,
    /// Tags that have not as many yet.
    unfinished: usize,
    only_changes: bool,
    rows: Option<Rc<RefCell<Rows>>>,
    overall: Rc<Overall>,
    /// The quality of the last row, by tag id.
    told: Vec<Option<Quality>>,
}

impl Device {
    /// `offset`: how long after the first connection the first reads are due, in nanoseconds.
    pub fn new(
        plan: DevicePlan,
        offset: u64,
        wanted: Option<u64>,
        only_changes: bool,
        rows: Option<Rc<RefCell<Rows>>>,
        overall: Rc<Overall>,
    ) -> Result<Self, PlanError> {
        // The machine borrows its tables for as long as the process runs.
        let tags = Vec::leak(plan.tags);
        let groups = Vec::leak(vec![Group::EMPTY; tags.len()]);
        let count = tags.len();
        Ok(Self {
            poller: Poller::new(tags, groups, plan.limits, 0)?,
            log: Log {
                name: plan.name,
                names: plan.names,
                statistics: Statistics::new(),
                shown: vec![None; count],
                connected: false,
                readings: vec![0; count],
                wanted,
                unfinished: count,
                only_changes,
                rows,
                overall,
                told: vec![None; count],
            },
            offset: Some(offset),
            begun: false,
            under_way: HashMap::new(),
        })
    }

    /// Whether each tag has as many readings as are wanted.
    pub fn is_done(&self) -> bool {
        self.log.wanted.is_some() && self.log.unfinished == 0
    }

    fn begin(&mut self, now: u64) {
        if let Some(offset) = self.offset.take() {
            self.poller.begin(now.saturating_add(offset));
            self.begun = true;
        }
    }

    /// Rows for those tags that are bad now.
    fn tell_bad(&mut self, tags: Range<usize>, now: u64) {
        for tag in &self.poller.tags()[tags] {
            if matches!(tag.quality, Quality::Bad(_)) {
                self.log.reading(tag, None, false, now);
            }
        }
    }

    /// A read ended with a reply or without one.
    fn ended(&mut self, token: u64, event: &Event<'_>, now: u64) {
        let tags = self.under_way.remove(&token);
        let values = match event {
            Event::Reply {
                response: Response::Exception { code, .. },
                ..
            } => {
                self.log.statistics.exception(*code);
                false
            }
            Event::Failed { failure, .. } => {
                self.log.statistics.failure(failure);
                false
            }
            _ => {
                self.log.statistics.good += 1;
                true
            }
        };
        if let (Some(tags), false) = (tags, values) {
            self.tell_bad(tags, now);
        }
    }
}

impl Caller<IN_FLIGHT> for Device {
    fn told(&mut self, now: u64, event: Event<'_>) {
        if self.is_done() {
            return;
        }
        match &event {
            Event::Connected => {
                self.log.connected = true;
                self.log.statistics.connections += 1;
                self.begin(now);
            }
            Event::Disconnected(reason) => {
                self.log.connected = false;
                self.log.statistics.disconnected(reason);
                self.begin(now);
            }
            Event::Reply { .. } | Event::Failed { .. } => {}
        }
        let splits = self.poller.statistics().splits;
        let ours = self.poller.handle_event(now, &event, &mut self.log);
        let (true, Event::Reply { token, .. } | Event::Failed { token, .. }) = (ours, &event)
        else {
            return;
        };
        if self.poller.statistics().splits > splits {
            // Its halves are read at once: nothing is lost, and nothing is known of its tags.
            self.under_way.remove(token);
            self.log.statistics.error("groups refused and split");
        } else {
            self.ended(*token, &event, now);
        }
    }

    fn ask(&mut self, now: u64, client: &mut Client<IN_FLIGHT>) -> Option<u64> {
        if !self.begun || self.is_done() {
            return None;
        }
        while let Some(read) = self.poller.poll_request(now) {
            let group = self.poller.groups()[read.group];
            let tags = group.first_tag..group.first_tag + group.tags;
            match client.request(now, read.unit, &read.request, read.token) {
                Ok(()) => {
                    self.poller.started(now, &read, &mut self.log);
                    self.log.statistics.reads += 1;
                    self.under_way.insert(read.token, tags);
                }
                Err(RequestError::TooSoon { until }) => return Some(until),
                // A reply or room to send comes first, and then another call.
                Err(RequestError::TooManyInFlight | RequestError::NoRoom) => return None,
                Err(RequestError::NotConnected | RequestError::Invalid(_)) => {
                    self.poller
                        .skip(now, &read, Cause::NotConnected, &mut self.log);
                    self.tell_bad(tags, now);
                }
            }
        }
        self.poller.poll_timeout()
    }
}

impl Log {
    /// One reading of a tag, good or not: counted, and told as a row.
    fn reading(&mut self, tag: &Tag, value: Option<&Shown>, changed: bool, now: u64) {
        let id = tag.id as usize;
        self.readings[id] += 1;
        if let Some(wanted) = self.wanted {
            if self.readings[id] > wanted {
                return;
            }
            if self.readings[id] == wanted {
                self.unfinished -= 1;
            }
        }
        let same_quality = self.told[id] == Some(tag.quality);
        if self.only_changes && same_quality && !changed {
            return;
        }
        self.told[id] = Some(tag.quality);
        if let Some(rows) = &self.rows {
            let name = &self.names[id];
            rows.borrow_mut().push(&Row {
                now,
                device: &self.name,
                tag: &name.name,
                measure: &name.measure,
                value,
                quality: &tag.quality.to_string(),
            });
        }
    }

    fn show(&self, tag: &Tag, value: Value<'_>) -> Shown {
        let name = &self.names[tag.id as usize];
        let number = |text: String| Shown { text, number: true };
        match (value, name.scaling) {
            (Value::Bit(bit), _) => number(u8::from(bit).to_string()),
            (Value::Number(scalar), Some((scale, offset))) => {
                number(typed::scaled(scalar.as_f64(), scale, offset).to_string())
            }
            (Value::Number(scalar), None) if name.hex => Shown {
                text: format!("0x{:04X}", scalar.as_f64() as u16),
                number: false,
            },
            (Value::Number(scalar), None) => number(typed::text(tag.kind, scalar)),
            (Value::Text(order, registers), _) => Shown {
                text: typed::printable(text_bytes(order, registers)),
                number: false,
            },
        }
    }
}

impl Observer for Log {
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, changed: bool, now: u64) {
        let shown = self.show(tag, value);
        // The poller sets the quality before it tells of a sample.
        self.reading(tag, Some(&shown), changed, now);
        self.shown[tag.id as usize] = Some(shown);
    }

    fn began(&mut self, nanoseconds: u64) {
        record(&mut self.statistics.lateness, nanoseconds);
        record(&mut self.overall.lateness.borrow_mut(), nanoseconds);
    }

    fn answered(&mut self, nanoseconds: u64) {
        record(&mut self.statistics.latency, nanoseconds);
        record(&mut self.overall.latency.borrow_mut(), nanoseconds);
    }

    fn missed(&mut self, periods: u64) {
        self.statistics.missed += periods;
        if !self.connected {
            self.statistics.missed_without_connection += periods;
        }
    }
}
