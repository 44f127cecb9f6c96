//! From an answer of the system to an event of a source.

use kqueue_safe::Token;

use super::Handler;
use super::context::Context;
use super::core::{ACCEPT_BUDGET, readable};
use super::event::{Event, Kind};
use super::expiry::Expiry;
use super::in_hand::Hand;
use super::remote::AnyRemote;
use super::slot::{Holder, find, state};
use super::source::{SourceId, UNWATCHED};
use crate::error::Error;
use crate::system::{Answer, Direction, System, What};
use crate::time::Instant;

impl<S: System> Context<'_, S> {
    /// Tells one answer of a turn; returns whether no handler heard of it.
    ///
    /// A plain "readable" is told in here, everything else out of the way: a handler that is small or marked `#[inline]` becomes part of this
    /// and knows what the loop knows.
    #[inline(always)]
    pub(super) fn tell(&mut self, answer: impl Answer, handler: &mut impl Handler<S>) -> bool {
        let token = answer.token();
        if answer.is_plain_read()
            && let Some(slot) = self.slots.get(token.slot() as usize)
            && slot.tells_plainly(token)
        {
            let source = SourceId::from_token(token);
            self.told = source;
            self.handle = slot.handle;
            self.hand = Hand::Plain;
            let event = readable(slot, source);
            handler.on_event(self, event);
            if self.hand != Hand::PlainTaken {
                self.rest_unconsumed();
            }
            false
        } else {
            self.tell_rarer(handler, token, &answer)
        }
    }

    /// Tells all answers of a turn; returns how many events a handler heard of.
    #[inline(never)]
    pub(super) fn tell_all<A: Answer>(
        &mut self,
        answers: impl ExactSizeIterator<Item = A>,
        handler: &mut impl Handler<S>,
    ) -> usize {
        let count = answers.len();
        self.core.counters.events += count as u64;
        if count as u32 > self.core.counters.most_events {
            self.core.counters.most_events = count as u32;
        }
        let mut unheard = 0;
        for answer in answers {
            if self.tell(answer, handler) {
                unheard += 1;
            }
        }
        count - unheard
    }

    /// Tells an event to a handler that is not to become part of where it is told.
    #[cold]
    #[inline(never)]
    fn hand_over(&mut self, handler: &mut impl Handler<S>, event: Event) {
        handler.on_event(self, event);
    }

    /// Tells what is no plain "readable"; returns whether no handler heard of it.
    #[cold]
    #[inline(never)]
    fn tell_rarer(
        &mut self,
        handler: &mut impl Handler<S>,
        token: Token,
        answer: &impl Answer,
    ) -> bool {
        let Some(event) = self.rarer_event(token, answer.what()) else {
            return true;
        };
        self.hand_over(handler, event);
        if self.hand != Hand::KeptTaken {
            self.rest_unconsumed();
        }
        false
    }

    /// Tells user events, then timers.
    #[cold]
    #[inline(never)]
    pub(super) fn tell_late(&mut self, handler: &mut impl Handler<S>) -> usize {
        self.keep_event();
        self.hand = Hand::KeptTaken;
        let mut heard = 0;
        if let Some(remote) = self.core.remote {
            if remote.take_raised() {
                for cell in 0..remote.len() {
                    if let Some(event) = self.user_event(remote, cell) {
                        self.hand_over(handler, event);
                        heard += 1;
                    }
                }
            }
            if remote.stop_asked() {
                remote.clear_stop();
                self.core.stop = true;
            }
        }
        if self.timers.is_empty() && self.core.rest_until.is_none() {
            return heard;
        }
        let now = self.core.now();
        if self.core.rest_until.is_some_and(|until| until.is_due(now)) {
            self.core.wake_resting(self.slots);
        }
        // Each timer that runs now at most once, so that short periods starve nobody.
        for _ in 0..self.timers.len() {
            let Some(event) = self.timer_event(now) else {
                break;
            };
            self.hand_over(handler, event);
            heard += 1;
        }
        heard
    }

    /// The event that an answer means, if anybody is to hear of it.
    #[inline(never)]
    fn rarer_event(&mut self, token: Token, what: What) -> Option<Event> {
        let source = SourceId::from_token(token);
        if find(self.slots, source).is_err() {
            if !matches!(what, What::Woken | What::Foreign) {
                self.core.counters.stale += 1;
            }
            return None;
        }
        self.keep_event();
        self.hand = Hand::KeptTaken;
        let event = match what {
            What::Direction {
                direction: Direction::Read,
                end: false,
                errno: 0,
            } => self.readable(source),
            What::Direction {
                direction: Direction::Read,
                errno,
                ..
            } => self.ended(source, errno),
            What::Direction {
                direction: Direction::Write,
                errno,
                ..
            } => self.writable(source, errno),
            What::Refused { direction, errno } => {
                let slot = &mut self.slots[source.slot()];
                match direction {
                    Direction::Read => {
                        slot.clear(state::READ_ADDED | state::READ_ON);
                        slot.want_reads(false);
                    }
                    Direction::Write => {
                        slot.clear(state::WRITE_ADDED | state::WRITE_ON | state::WRITE_WANTED);
                    }
                }
                self.failed(source, Error::from_errno(errno))
            }
            What::Signal { count } => self.signal(source, count),
            What::Woken | What::Foreign => None,
        };
        self.watched(event?)
    }

    /// Keeps an event as the one that is being handled; drops it where nobody watches.
    fn watched(&mut self, event: Event) -> Option<Event> {
        if event.code == UNWATCHED {
            self.core.counters.unwatched += 1;
            self.hand = Hand::KeptTaken;
            return None;
        }
        self.core.event = event;
        Some(event)
    }

    fn readable(&mut self, source: SourceId) -> Option<Event> {
        let slot = &self.slots[source.slot()];
        if !slot.is(state::READ_WANTED) {
            // Turned off by a handler earlier in this batch.
            return None;
        }
        self.hand = Hand::Kept;
        self.core.accept_budget = ACCEPT_BUDGET;
        Some(readable(slot, source))
    }

    /// The handler took nothing: asking again at once would spin.
    #[cold]
    #[inline(never)]
    fn rest_unconsumed(&mut self) {
        if matches!(self.hand, Hand::Plain | Hand::Kept)
            && let Some(source) = self.source()
            && let Ok(slot) = find(self.slots, source)
            && slot.is(state::READ_WANTED)
        {
            self.core.counters.unconsumed += 1;
            self.core
                .hold_reads(self.slots, source.index(), state::UNCONSUMED);
        }
    }

    /// The system saw the end of the stream or a failure behind the bytes that may still be there.
    fn ended(&mut self, source: SourceId, errno: i32) -> Option<Event> {
        let slot = &self.slots[source.slot()];
        if !slot.is(state::READ_WANTED) {
            return None;
        }
        let (owner, codes) = (slot.owner, self.codes[source.slot()]);
        if codes.closed == UNWATCHED && codes.failed == UNWATCHED {
            // The handler hears it from its next receive.
            return self.readable(source);
        }
        let Holder::Socket(socket) = &slot.holder else {
            return None;
        };
        match self.core.system.at_end(socket) {
            Ok(false) => self.readable(source),
            Ok(true) if errno == 0 => {
                self.core
                    .hold_reads(self.slots, source.index(), state::ENDED);
                Some(Event {
                    owner,
                    code: first_watched(&[codes.closed, codes.readable]),
                    kind: Kind::Closed(source),
                })
            }
            Ok(true) => self.failed(source, Error::from_errno(errno)),
            Err(error) => self.failed(source, error),
        }
    }

    fn writable(&mut self, source: SourceId, errno: i32) -> Option<Event> {
        let slot = &mut self.slots[source.slot()];
        let wanted = slot.is(state::WRITE_WANTED);
        // The system turned the direction off when it told (EV_DISPATCH).
        slot.clear(state::WRITE_ON | state::WRITE_WANTED);
        let (owner, codes) = (slot.owner, self.codes[source.slot()]);
        let connecting = slot.is(state::CONNECTING);
        let room = wanted.then_some(Event {
            owner,
            code: codes.writable,
            kind: Kind::Writable(source),
        });
        if errno == 0 && !connecting {
            return room;
        }
        let Holder::Socket(socket) = &slot.holder else {
            return None;
        };
        let error = self
            .core
            .system
            .take_error(socket)
            .or((errno != 0).then(|| Error::from_errno(errno)));
        match error {
            Some(error) => self.failed(source, error),
            None if connecting => {
                self.slots[source.slot()].clear(state::CONNECTING);
                self.core.resume_reads(self.slots, source.index());
                Some(Event {
                    owner,
                    code: first_watched(&[codes.connected, codes.writable]),
                    kind: Kind::Connected(source),
                })
            }
            None => room,
        }
    }

    fn failed(&mut self, source: SourceId, error: Error) -> Option<Event> {
        if self.slots[source.slot()].is(state::ENDED) {
            return None;
        }
        self.core
            .hold_reads(self.slots, source.index(), state::ENDED);
        let slot = &self.slots[source.slot()];
        let codes = self.codes[source.slot()];
        Some(Event {
            owner: slot.owner,
            code: first_watched(&[codes.failed, codes.closed, codes.readable, codes.writable]),
            kind: Kind::Failed(source, error),
        })
    }

    fn signal(&mut self, source: SourceId, count: u32) -> Option<Event> {
        let slot = &self.slots[source.slot()];
        let Holder::Signal(number) = slot.holder else {
            return None;
        };
        if slot.is(state::STOPS) {
            self.stop();
            return None;
        }
        Some(Event {
            owner: slot.owner,
            code: slot.readable,
            kind: Kind::Signal {
                source,
                number,
                count,
            },
        })
    }

    fn user_event(&mut self, remote: &AnyRemote, cell: usize) -> Option<Event> {
        let slot = self.slots.get(remote.slot_of(cell) as usize)?;
        let payload = remote.collect(cell)?;
        let event = Event {
            owner: slot.owner,
            code: slot.readable,
            kind: Kind::User {
                source: slot.id(),
                payload,
            },
        };
        self.watched(event)
    }

    fn timer_event(&mut self, now: Instant) -> Option<Event> {
        let expired = self.timers.pop_expired(now)?;
        self.core.counters.timers += 1;
        self.core.counters.missed_periods += expired.missed;
        let Expiry { owner, code } = Expiry::unpack(expired.payload);
        let event = Event {
            owner,
            code,
            kind: Kind::Timer {
                timer: expired.id,
                deadline: expired.deadline,
                missed: expired.missed.min(u64::from(u32::MAX)) as u32,
            },
        };
        self.core.event = event;
        Some(event)
    }
}

/// The first code that is watched.
fn first_watched(codes: &[u16]) -> u16 {
    codes
        .iter()
        .copied()
        .find(|code| *code != UNWATCHED)
        .unwrap_or(UNWATCHED)
}
