//! From an answer of the system to an event of a source.

use super::Handler;
use super::context::{Context, Expiry, told};
use super::core::ACCEPT_BUDGET;
use super::event::Kind;
use super::slot::{Holder, find, state};
use super::source::{SourceId, UNWATCHED};
use crate::error::Error;
use crate::system::{Answer, Direction, System, What};

impl<S: System> Context<'_, S> {
    /// Tells one answer; returns whether a handler heard of it.
    #[inline(always)]
    pub(super) fn dispatch(&mut self, handler: &mut impl Handler<S>, answer: &impl Answer) -> bool {
        let token = answer.token();
        let source = SourceId {
            slot: token.slot(),
            generation: token.generation(),
        };
        if find(self.slots, source).is_err() {
            return self.dispatch_sourceless(answer.what());
        }
        if answer.is_plain_read() {
            self.tell_readable(handler, source)
        } else {
            self.dispatch_rarer(handler, source, answer.what())
        }
    }

    #[cold]
    fn dispatch_sourceless(&mut self, what: What) -> bool {
        if !matches!(what, What::Woken | What::Foreign) {
            self.core.counters.stale += 1;
        }
        false
    }

    #[inline(always)]
    fn tell_readable(&mut self, handler: &mut impl Handler<S>, source: SourceId) -> bool {
        let Ok(slot) = find(self.slots, source) else {
            return false;
        };
        if !slot.is(state::READ_WANTED) {
            // Turned off by a handler earlier in this batch.
            return false;
        }
        slot.clear(state::CONSUMED);
        self.core.accept_budget = ACCEPT_BUDGET;
        let event = told(
            slot.watch.owner,
            slot.watch.readable,
            Kind::Readable(source),
        );
        self.core.event = event;
        handler.on_event(self, event);
        if let Ok(slot) = find(self.slots, source)
            && slot.state & (state::CONSUMED | state::READ_WANTED) == state::READ_WANTED
        {
            self.rest_unconsumed(source);
        }
        true
    }

    /// The handler took nothing: asking again at once would spin.
    #[cold]
    fn rest_unconsumed(&mut self, source: SourceId) {
        self.core.counters.unconsumed += 1;
        self.core
            .hold_reads(self.slots, source.slot, state::UNCONSUMED);
    }

    #[inline(never)]
    fn dispatch_rarer(
        &mut self,
        handler: &mut impl Handler<S>,
        source: SourceId,
        what: What,
    ) -> bool {
        match what {
            What::Direction {
                direction: Direction::Read,
                errno,
                ..
            } => self.tell_end(handler, source, errno),
            What::Direction {
                direction: Direction::Write,
                errno,
                ..
            } => self.tell_writable(handler, source, errno),
            What::Refused { direction, errno } => {
                let slot = &mut self.slots[source.slot as usize];
                match direction {
                    Direction::Read => {
                        slot.clear(state::READ_ADDED | state::READ_ON | state::READ_WANTED);
                    }
                    Direction::Write => {
                        slot.clear(state::WRITE_ADDED | state::WRITE_ON | state::WRITE_WANTED);
                    }
                }
                self.tell_failed(handler, source, Error::from_errno(errno))
            }
            What::Signal { count } => self.tell_signal(handler, source, count),
            What::Woken | What::Foreign => false,
        }
    }

    #[inline(never)]
    fn tell_readable_again(&mut self, handler: &mut impl Handler<S>, source: SourceId) -> bool {
        self.tell_readable(handler, source)
    }

    /// The system saw the end of the stream or a failure behind the bytes that may still be there.
    fn tell_end(&mut self, handler: &mut impl Handler<S>, source: SourceId, errno: i32) -> bool {
        let slot = &self.slots[source.slot as usize];
        if !slot.is(state::READ_WANTED) {
            return false;
        }
        let watch = slot.watch;
        if watch.closed == UNWATCHED && watch.failed == UNWATCHED {
            // The handler hears it from its next receive.
            return self.tell_readable_again(handler, source);
        }
        let Holder::Socket(socket) = &slot.holder else {
            return false;
        };
        match self.core.system.at_end(socket) {
            Ok(false) => self.tell_readable_again(handler, source),
            Ok(true) if errno == 0 => {
                self.core.hold_reads(self.slots, source.slot, state::ENDED);
                let code = first_watched(&[watch.closed, watch.readable]);
                self.tell(handler, watch.owner, code, Kind::Closed(source))
            }
            Ok(true) => self.tell_failed(handler, source, Error::from_errno(errno)),
            Err(error) => self.tell_failed(handler, source, error),
        }
    }

    fn tell_writable(
        &mut self,
        handler: &mut impl Handler<S>,
        source: SourceId,
        errno: i32,
    ) -> bool {
        let slot = &mut self.slots[source.slot as usize];
        let wanted = slot.is(state::WRITE_WANTED);
        // The system turned the direction off when it told (EV_DISPATCH).
        slot.clear(state::WRITE_ON | state::WRITE_WANTED);
        let watch = slot.watch;
        let connecting = slot.is(state::CONNECTING);
        if errno == 0 && !connecting {
            return wanted
                && self.tell(handler, watch.owner, watch.writable, Kind::Writable(source));
        }
        let Holder::Socket(socket) = &slot.holder else {
            return false;
        };
        let error = self
            .core
            .system
            .take_error(socket)
            .or((errno != 0).then(|| Error::from_errno(errno)));
        match error {
            Some(error) => self.tell_failed(handler, source, error),
            None if connecting => {
                self.slots[source.slot as usize].clear(state::CONNECTING);
                self.core.resume_reads(self.slots, source.slot);
                let code = first_watched(&[watch.connected, watch.writable]);
                self.tell(handler, watch.owner, code, Kind::Connected(source))
            }
            None => {
                wanted && self.tell(handler, watch.owner, watch.writable, Kind::Writable(source))
            }
        }
    }

    fn tell_failed(
        &mut self,
        handler: &mut impl Handler<S>,
        source: SourceId,
        error: Error,
    ) -> bool {
        if self.slots[source.slot as usize].is(state::ENDED) {
            return false;
        }
        self.core.hold_reads(self.slots, source.slot, state::ENDED);
        let watch = self.slots[source.slot as usize].watch;
        let code = first_watched(&[watch.failed, watch.closed, watch.readable, watch.writable]);
        self.tell(handler, watch.owner, code, Kind::Failed(source, error))
    }

    fn tell_signal(&mut self, handler: &mut impl Handler<S>, source: SourceId, count: u32) -> bool {
        let slot = &self.slots[source.slot as usize];
        let Holder::Signal(number) = slot.holder else {
            return false;
        };
        if slot.is(state::STOPS) {
            self.core.stop = true;
            return true;
        }
        let watch = slot.watch;
        let kind = Kind::Signal {
            source,
            number,
            count,
        };
        self.tell(handler, watch.owner, watch.readable, kind)
    }

    pub(super) fn tell_user_events(&mut self, handler: &mut impl Handler<S>) -> usize {
        let Some(remote) = self.core.remote else {
            return 0;
        };
        let mut heard = 0;
        for cell in 0..remote.len() {
            let index = remote.slot_of(cell);
            let Some(slot) = self.slots.get(index as usize) else {
                continue;
            };
            let Some(payload) = remote.collect(cell) else {
                continue;
            };
            let source = SourceId {
                slot: index,
                generation: slot.generation,
            };
            let watch = slot.watch;
            let kind = Kind::User { source, payload };
            heard += usize::from(self.tell(handler, watch.owner, watch.readable, kind));
        }
        heard
    }

    /// Tells the timers that are due: each one that ran when the turn began at most once, so that short periods starve nobody.
    pub(super) fn tell_timers(&mut self, handler: &mut impl Handler<S>) -> usize {
        let now = self.core.now();
        if self.core.rest_until.is_some_and(|until| until.is_due(now)) {
            self.core.wake_resting(self.slots);
        }
        let mut heard = 0;
        for _ in 0..self.timers.len() {
            let Some(expired) = self.timers.pop_expired(now) else {
                break;
            };
            self.core.counters.timers += 1;
            self.core.counters.missed_periods += expired.missed;
            let kind = Kind::Timer {
                timer: expired.id,
                deadline: expired.deadline,
                missed: expired.missed.min(u64::from(u32::MAX)) as u32,
            };
            let Expiry { owner, code } = Expiry::unpack(expired.payload);
            let event = told(owner, code, kind);
            self.core.event = event;
            handler.on_event(self, event);
            heard += 1;
        }
        heard
    }

    #[inline]
    fn tell(&mut self, handler: &mut impl Handler<S>, owner: u32, code: u16, kind: Kind) -> bool {
        if code == UNWATCHED {
            self.core.counters.unwatched += 1;
            return false;
        }
        let event = told(owner, code, kind);
        self.core.event = event;
        handler.on_event(self, event);
        true
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
