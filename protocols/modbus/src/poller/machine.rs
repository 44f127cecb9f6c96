//! The poller: schedules in, reads out; replies in, values out.

use super::plan::plan;
use super::split;
use super::{Cause, Group, Limits, Observer, PlanError, Quality, Tag, Value};
use crate::client::{Client, Event, Failure, RequestError};
use crate::codec::{ExceptionCode, Registers, Request, Response};

/// Marks the tokens of a poller's requests, in their upper half. The lower half is the group.
const TOKEN: u64 = 0x706F_6C6C_0000_0000;
const TOKEN_MASK: u64 = 0xFFFF_FFFF_0000_0000;

/// Reads the tags of one device, each with its period.
///
/// # Order of calls
///
/// [`drive`](Self::drive) does it all, with a [`Client`]: call it after anything was told to the client and when
/// [`poll_timeout`](Self::poll_timeout) is due. By hand, for another transport:
///
/// 1. [`poll_request`](Self::poll_request): what is due longest; make that request;
/// 2. [`started`](Self::started) once it was taken (else it stays due), or [`skip`](Self::skip) if there is no
///    connection to make it on;
/// 3. [`handle_event`](Self::handle_event) with what comes back.
///
/// # Schedule
///
/// ```text
///   due        due + period      due + 2 periods     due + 3 periods
///    │             │                  │                  │
///    ├──began      ├────── late ──────┼── began          ├──began
///                                     └ 1 missed         (the phase is the first one's for ever)
/// ```
///
/// A group whose read is still under way when it is due again is not read twice: it is late, and when whole periods
/// have passed they are counted as missed.
///
/// # Refused groups
///
/// A device may refuse a whole group for one point that it does not have (exception 02) or for being too long for it (03). The group is
/// then split in halves, and these are read at once, until the tags that are to blame are alone: one bad tag does not spoil its
/// neighbours, and the good ones never lose their quality. Splitting takes room in the groups that were lent; as many groups as
/// tags are always enough. What was split is joined again with the next connection ([`rejoin`](Self::rejoin)).
#[derive(Debug)]
pub struct Poller<'a> {
    tags: &'a mut [Tag],
    groups: &'a mut [Group],
    /// How many of `groups` are in use.
    count: usize,
    statistics: Statistics,
}

/// A read that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Which group.
    pub group: usize,
    /// The unit to ask.
    pub unit: u8,
    /// What to ask.
    pub request: Request<'static>,
    /// The token by which [`Poller::handle_event`] knows the reply.
    pub token: u64,
}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Reads that were begun.
    pub reads: u64,
    /// Reads that brought values.
    pub good: u64,
    /// Reads that brought an exception or nothing.
    pub bad: u64,
    /// Periods that passed without a read.
    pub missed: u64,
    /// Groups that a device refused and that were split.
    pub splits: u64,
}

/// When the poller number `index` of `count` should begin, so that pollers with the same period spread over it.
///
/// ```
/// assert_eq!(ptk_modbus::poller::stagger(3, 4, 1000), 750);
/// ```
pub const fn stagger(index: u64, count: u64, period: u64) -> u64 {
    match (period as u128 * index as u128).checked_div(count as u128) {
        Some(offset) => offset as u64,
        None => 0,
    }
}

impl<'a> Poller<'a> {
    /// A poller whose groups are all due at `start`. `tags` are reordered.
    ///
    /// # Errors
    /// There are more groups than `groups` has room for (as many groups as tags always do), or a tag is impossible.
    pub fn new(
        tags: &'a mut [Tag],
        groups: &'a mut [Group],
        limits: Limits,
        start: u64,
    ) -> Result<Self, PlanError> {
        let count = plan(tags, groups, &limits, start)?;
        Ok(Self {
            tags,
            groups,
            count,
            statistics: Statistics::default(),
        })
    }

    /// The tags, in the order of their groups.
    pub fn tags(&self) -> &[Tag] {
        self.tags
    }

    /// The groups. Those that were split off lie behind the others.
    pub fn groups(&self) -> &[Group] {
        &self.groups[..self.count]
    }

    fn group_mut(&mut self, index: usize) -> Option<&mut Group> {
        self.groups[..self.count].get_mut(index)
    }

    /// Totals since the start.
    pub const fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Has every group due at `start`, as if it were new: for a clock that was not known before, or after a long rest.
    pub fn begin(&mut self, start: u64) {
        for group in &mut self.groups[..self.count] {
            group.due = start;
        }
    }

    /// When the next group is due, 0 for at once; `None` if every group is being read.
    pub fn poll_timeout(&self) -> Option<u64> {
        let groups = self.groups().iter();
        groups
            .filter(|group| !group.in_flight)
            .map(Group::next)
            .min()
    }

    /// The read that is due longest, if one is due at `now`. Asking changes nothing.
    pub fn poll_request(&self, now: u64) -> Option<Read> {
        let due = self.groups().iter().enumerate();
        let due = due.filter(|(_, group)| group.is_due(now));
        let (index, group) = due.min_by_key(|(_, group)| group.next())?;
        Some(Read {
            group: index,
            unit: group.unit,
            request: group.area.read(group.address, group.quantity),
            token: TOKEN | index as u64,
        })
    }

    /// The read was begun.
    pub fn started(&mut self, now: u64, read: &Read, observer: &mut impl Observer) {
        let Some(group) = self.group_mut(read.group) else {
            return;
        };
        group.in_flight = true;
        group.again = false;
        let mut missed = 0;
        if group.due <= now {
            observer.began(now - group.due);
            missed = group.advance(now);
        }
        self.statistics.reads += 1;
        self.count_missed(missed, observer);
    }

    /// The read cannot be begun; its tags are bad and it is due again a period later.
    pub fn skip(&mut self, now: u64, read: &Read, cause: Cause, observer: &mut impl Observer) {
        let Some(group) = self.group_mut(read.group) else {
            return;
        };
        group.again = false;
        let mut missed = 0;
        if group.due <= now {
            missed = group.advance(now) + 1;
            group.missed += 1;
        }
        self.count_missed(missed, observer);
        self.spoil(read.group, cause, now, observer);
    }

    fn count_missed(&mut self, missed: u64, observer: &mut impl Observer) {
        if missed > 0 {
            self.statistics.missed += missed;
            observer.missed(missed);
        }
    }

    /// Takes the reply to a read, or its failure. Returns whether the event was about one of this poller's reads.
    pub fn handle_event(
        &mut self,
        now: u64,
        event: &Event<'_>,
        observer: &mut impl Observer,
    ) -> bool {
        let token = match event {
            Event::Reply { token, .. } | Event::Failed { token, .. } => *token,
            Event::Connected => {
                self.rejoin();
                return false;
            }
            Event::Disconnected(_) => return false,
        };
        let index = (token & !TOKEN_MASK) as usize;
        if token & TOKEN_MASK != TOKEN {
            return false;
        }
        let Some(group) = self.group_mut(index) else {
            return false;
        };
        group.in_flight = false;
        match event {
            Event::Reply {
                response: Response::Exception { code, .. },
                requested,
                ..
            } => {
                observer.answered(now.saturating_sub(*requested));
                let blames_a_point = matches!(
                    code,
                    ExceptionCode::IllegalDataAddress | ExceptionCode::IllegalDataValue
                );
                if !(blames_a_point && self.split(index)) {
                    self.spoil(index, Cause::Exception(*code), now, observer);
                }
            }
            Event::Reply {
                response,
                requested,
                ..
            } => {
                observer.answered(now.saturating_sub(*requested));
                self.take(index, response, now, observer);
            }
            Event::Failed { failure, .. } => {
                self.spoil(index, Cause::Failure(*failure), now, observer);
            }
            _ => {}
        }
        true
    }

    /// Splits a group in halves that are read at once; false if it has one tag, or there is no room.
    fn split(&mut self, index: usize) -> bool {
        let (used, free) = self.groups.split_at_mut(self.count);
        let (Some(group), Some(free)) = (used.get_mut(index), free.first_mut()) else {
            return false;
        };
        let Some(second) = split::halve(group, self.tags) else {
            return false;
        };
        *free = second;
        self.count += 1;
        self.statistics.splits += 1;
        true
    }

    /// Joins groups that were split, so that a device that has the missing points by now is read with few requests again. Done by
    /// itself with each new connection; does nothing while a read is under way.
    pub fn rejoin(&mut self) {
        let groups = &mut self.groups[..self.count];
        if groups.iter().all(|group| !group.in_flight) {
            self.count = split::join(groups);
        }
    }

    /// Distributes what a reply carries over the group's tags.
    fn take(
        &mut self,
        index: usize,
        response: &Response<'_>,
        now: u64,
        observer: &mut impl Observer,
    ) {
        let group = self.groups[index];
        let mut complete = true;
        for tag in &mut self.tags[group.first_tag..group.first_tag + group.tags] {
            let offset = usize::from(tag.address - group.address);
            let Some((value, registers)) = extract(tag, offset, response) else {
                complete = false;
                continue;
            };
            let changed = tag.store(value, registers, now);
            let regained = tag.quality != Quality::Good;
            tag.quality = Quality::Good;
            observer.sampled(tag, value, changed, now);
            if regained {
                observer.quality_changed(tag, now);
            }
        }
        if complete {
            self.statistics.good += 1;
        } else {
            // A client that checks replies lets none of these through.
            self.spoil(index, Cause::Failure(Failure::Mismatch), now, observer);
        }
    }

    /// Tells that a group's tags could not be read.
    fn spoil(&mut self, index: usize, cause: Cause, now: u64, observer: &mut impl Observer) {
        self.statistics.bad += 1;
        let group = self.groups[index];
        let quality = Quality::Bad(cause);
        for tag in &mut self.tags[group.first_tag..group.first_tag + group.tags] {
            if tag.quality != quality {
                tag.quality = quality;
                observer.quality_changed(tag, now);
            }
        }
    }

    /// Takes all of `client`'s events and makes the reads that are due, as far as it takes them. Returns when to call
    /// again at the latest, as far as the poller knows; the client has its own time.
    pub fn drive<const IN_FLIGHT: usize, const INPUT: usize, const OUTPUT: usize>(
        &mut self,
        now: u64,
        client: &mut Client<IN_FLIGHT, INPUT, OUTPUT>,
        observer: &mut impl Observer,
    ) -> Option<u64> {
        while let Some(event) = client.poll_event(now) {
            if !self.handle_event(now, &event, observer) {
                observer.event(&event, now);
            }
        }
        self.request_due(now, client, observer)
    }

    /// The second half of [`drive`](Self::drive): makes the reads that are due, for callers that tell events by
    /// [`handle_event`](Self::handle_event).
    pub fn request_due<const IN_FLIGHT: usize, const INPUT: usize, const OUTPUT: usize>(
        &mut self,
        now: u64,
        client: &mut Client<IN_FLIGHT, INPUT, OUTPUT>,
        observer: &mut impl Observer,
    ) -> Option<u64> {
        while let Some(read) = self.poll_request(now) {
            match client.request(now, read.unit, &read.request, read.token) {
                Ok(()) => self.started(now, &read, observer),
                Err(RequestError::TooSoon { until }) => return Some(until),
                // An event or room to send comes first, and then another call.
                Err(RequestError::TooManyInFlight | RequestError::NoRoom) => return None,
                Err(RequestError::NotConnected | RequestError::Invalid(_)) => {
                    self.skip(now, &read, Cause::NotConnected, observer);
                }
            }
        }
        self.poll_timeout()
    }
}

/// The value of `tag` in a reply that begins `offset` points before it.
fn extract<'r>(
    tag: &Tag,
    offset: usize,
    response: &Response<'r>,
) -> Option<(Value<'r>, Registers<'r>)> {
    match response {
        Response::ReadCoils(bits) | Response::ReadDiscreteInputs(bits) => {
            Some((Value::Bit(bits.get(offset)?), Registers::EMPTY))
        }
        Response::ReadHoldingRegisters(values) | Response::ReadInputRegisters(values) => {
            let registers = values.slice(offset, tag.points().into())?;
            let value = match tag.kind.read(tag.order, registers) {
                Some(scalar) => Value::Number(scalar),
                None => Value::Text(tag.order, registers),
            };
            Some((value, registers))
        }
        _ => None,
    }
}
