//! How long a loop runs: one turn, a while, until told to stop, until all is done.

use ::core::time::Duration;

use super::core::{MOST_CHANGES, PendingChange};
use super::slot::{Holder, NO_SLOT, state};
use super::{Context, EventLoop, Handler};
use crate::error::Error;
use crate::system::{Change, Direction, Request, System, Waited};
use crate::time::Instant;

/// Why [`EventLoop::run`] returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It was told to stop: by a handler, another thread, or a signal.
    Stopped,
    /// No source is attached and no timer runs: nothing could ever happen.
    NothingLeft,
    /// The time was up.
    TimeUp,
}

impl<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>
    EventLoop<SOURCES, TIMERS, EVENTS, S>
{
    /// Runs until it is stopped, or until nothing is attached.
    ///
    /// # Errors
    ///
    /// What the system says of a wait. Faults of single sources are events, not errors.
    #[inline(never)]
    pub fn run(&mut self, handler: &mut impl Handler<S>) -> Result<Ended, Error> {
        let (mut context, batch) = self.split();
        let ended = context.run(batch, handler);
        context.keep_event();
        ended
    }

    /// What handlers see, and the room for answers, which they do not.
    fn split(&mut self) -> (Context<'_, S>, &mut S::Batch<EVENTS>) {
        let context = Context::new(
            &mut self.core,
            &mut self.slots,
            &mut self.codes,
            self.timers.view(),
        );
        (context, &mut self.batch)
    }

    /// Runs for `duration`, unless it ends before.
    ///
    /// # Errors
    ///
    /// As for [`run`](EventLoop::run).
    pub fn run_for(
        &mut self,
        handler: &mut impl Handler<S>,
        duration: Duration,
    ) -> Result<Ended, Error> {
        let end = self.core.refresh().saturating_add(duration);
        loop {
            if self.context().take_stop() {
                return Ok(Ended::Stopped);
            }
            let now = self.core.refresh();
            if end.is_due(now) {
                return Ok(Ended::TimeUp);
            }
            if self.is_empty() {
                return Ok(Ended::NothingLeft);
            }
            self.turn(handler, Some(end.saturating_duration_since(now)))?;
        }
    }

    /// Handles all that is ready now and what follows from it, without waiting.
    ///
    /// # Errors
    ///
    /// As for [`run`](EventLoop::run).
    pub fn run_until_idle(&mut self, handler: &mut impl Handler<S>) -> Result<Ended, Error> {
        loop {
            if self.context().take_stop() {
                return Ok(Ended::Stopped);
            }
            let told = self.turn(handler, Some(Duration::ZERO))?;
            if told == 0 && self.core.dirty == NO_SLOT && !self.core.stop {
                return Ok(Ended::NothingLeft);
            }
        }
    }

    /// Ends in order: listeners rest, [`Handler::on_drain`] is told, and the loop runs on until no connection is left or `deadline` has
    /// passed. Returns whether all connections had ended.
    ///
    /// # Errors
    ///
    /// As for [`run`](EventLoop::run).
    pub fn drain(&mut self, handler: &mut impl Handler<S>, limit: Duration) -> Result<bool, Error> {
        self.core.draining = true;
        let end = self.core.refresh().saturating_add(limit);
        for index in 0..SOURCES {
            if self.slots[index].is(state::LISTENER) {
                self.core
                    .hold_reads(&mut self.slots, index as u32, state::PAUSED);
            }
        }
        handler.on_drain(&mut self.context());
        let finished = loop {
            if self.connections() == 0 {
                break true;
            }
            let now = self.core.refresh();
            if end.is_due(now) {
                break false;
            }
            self.turn(handler, Some(end.saturating_duration_since(now)))?;
        };
        self.core.draining = false;
        Ok(finished)
    }

    /// One turn: at most one wait, of at most `longest` (`None`: as long as it takes), and the events that it brings. Returns how many
    /// events were told. To embed the loop in another one, poll its [kqueue](crate::system::Kernel) there and call
    /// this with a duration of zero when it is readable or when [`next_deadline`](EventLoop::next_deadline) has come.
    ///
    /// # Errors
    ///
    /// As for [`run`](EventLoop::run).
    #[inline]
    pub fn turn(
        &mut self,
        handler: &mut impl Handler<S>,
        longest: Option<Duration>,
    ) -> Result<usize, Error> {
        let (mut context, batch) = self.split();
        let mut told = context.tell_waited(batch, longest, handler)?;
        told += context.tell_late(handler);
        context.keep_event();
        Ok(told)
    }

    /// When the loop must have its next turn at the latest, if nothing happens before: at once if handlers left changes behind.
    #[must_use]
    pub fn next_deadline(&mut self) -> Option<Instant> {
        if self.core.dirty != NO_SLOT {
            return Some(self.core.refresh());
        }
        self.context().next_deadline()
    }

    /// Whether nothing is attached that could ever make an event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.core.counters.sources == self.core.background && self.timers.is_empty()
    }

    fn connections(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| matches!(slot.holder, Holder::Socket(_)) && !slot.is(state::LISTENER))
            .count()
    }
}

impl<S: System> Context<'_, S> {
    #[inline]
    fn take_stop(&mut self) -> bool {
        if let Some(remote) = self.core.remote
            && remote.stop_asked()
        {
            remote.clear_stop();
            self.core.stop = true;
        }
        ::core::mem::take(&mut self.core.stop)
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.core.counters.sources == self.core.background && self.timers.is_empty()
    }

    #[inline(always)]
    fn run<const EVENTS: usize>(
        &mut self,
        batch: &mut S::Batch<EVENTS>,
        handler: &mut impl Handler<S>,
    ) -> Result<Ended, Error> {
        if let Some(ended) = self.why_ended() {
            return Ok(ended);
        }
        self.tell_waited(batch, None, handler)?;
        loop {
            if self.core.calm {
                self.core.counters.turns += 1;
                match self.core.system.wait_only(batch, None)? {
                    Waited::One(answer) => {
                        self.core.counters.events += 1;
                        self.tell(answer, handler);
                    }
                    Waited::Several(answers) => {
                        self.tell_all(answers.into_iter(), handler);
                    }
                    Waited::Nothing => {}
                }
            } else {
                self.tell_late(handler);
                if let Some(ended) = self.why_ended() {
                    return Ok(ended);
                }
                self.tell_waited(batch, None, handler)?;
            }
        }
    }

    /// Why `run` is to return now, if it is. Afterwards the loop is calm, if nothing but waiting for ever is to be done.
    #[inline(never)]
    fn why_ended(&mut self) -> Option<Ended> {
        if self.take_stop() {
            return Some(Ended::Stopped);
        }
        if self.is_empty() {
            return Some(Ended::NothingLeft);
        }
        self.core.calm = self.core.dirty == NO_SLOT
            && self.core.remote.is_none()
            && self.core.rest_until.is_none()
            && self.timers.is_empty();
        None
    }

    fn next_deadline(&self) -> Option<Instant> {
        match (self.timers.next_deadline(), self.core.rest_until) {
            (Some(timer), Some(rest)) => Some(timer.min(rest)),
            (timer, rest) => timer.or(rest),
        }
    }

    #[inline]
    fn timeout(&mut self, longest: Option<Duration>) -> Option<Duration> {
        match self.next_deadline() {
            None => longest,
            Some(deadline) => {
                let now = self.core.refresh();
                let until = deadline.wait_from(now);
                Some(longest.map_or(until, |longest| longest.min(until)))
            }
        }
    }

    /// Hands over what has changed, waits, no longer than until the next deadline, and tells what that has brought; returns how many events were told.
    #[inline(never)]
    fn tell_waited<const EVENTS: usize>(
        &mut self,
        batch: &mut S::Batch<EVENTS>,
        longest: Option<Duration>,
        handler: &mut impl Handler<S>,
    ) -> Result<usize, Error> {
        let timeout = self.timeout(longest);
        // Whoever reads the clock stirs, so that a calm turn has no time to forget.
        self.core.now = None;
        self.core.counters.turns += 1;
        let waited = if self.core.dirty == NO_SLOT {
            self.core.system.wait_only(batch, timeout)?
        } else {
            Waited::Several(self.wait_with_changes(batch, timeout)?)
        };
        Ok(match waited {
            Waited::One(answer) => self.tell_all(::core::iter::once(answer), handler),
            Waited::Several(answers) => self.tell_all(answers.into_iter(), handler),
            Waited::Nothing => 0,
        })
    }

    #[cold]
    #[inline(never)]
    fn wait_with_changes<'e, const EVENTS: usize>(
        &mut self,
        batch: &'e mut S::Batch<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<S::Answers<'e, EVENTS>, Error> {
        const NONE: PendingChange = PendingChange {
            slot: NO_SLOT,
            direction: Direction::Read,
            request: Request::Disable,
        };
        let mut pending = [NONE; MOST_CHANGES];
        let limit = MOST_CHANGES.min(EVENTS);
        let count = self.core.collect_changes(self.slots, &mut pending, limit);
        self.core.counters.changes += count as u64;
        let more = self.core.dirty != NO_SLOT;
        let timeout = if more { Some(Duration::ZERO) } else { timeout };
        let slots = &*self.slots;
        let changes = pending[..count].iter().filter_map(|change| {
            let slot = &slots[change.slot as usize];
            let Holder::Socket(socket) = &slot.holder else {
                return None;
            };
            Some(Change {
                socket,
                token: slot.id().token(),
                direction: change.direction,
                request: change.request,
            })
        });
        let answers = self.core.system.wait(changes, batch, timeout);
        if answers.is_err() {
            // Whether it took them is not known; to ask again for what is so already changes nothing.
            self.core.take_back(self.slots, &pending[..count]);
        }
        answers
    }
}
