//! What a handler may do with user events, signals and timers.

use core::time::Duration;

use super::Context;
use super::remote::Raiser;
use super::slot::Holder;
use super::source::{SourceId, Watch};
use crate::error::{Error, Table};
use crate::system::System;
use crate::time::Instant;
use crate::timer::TimerId;

impl<S: System> Context<'_, S> {
    // User events and signals.

    /// Attaches a user event, told as [`Kind::User`](super::Kind::User) under `code` to `owner`, and returns the handle that raises it from any thread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull); [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the loop was made without a [`Remote`](super::Remote).
    pub fn attach_user(
        &mut self,
        owner: u32,
        code: impl Into<u16>,
    ) -> Result<(SourceId, Raiser), Error> {
        let remote = self.core.remote.ok_or(Error::UNSUPPORTED)?;
        let cell = remote
            .free_cell()
            .ok_or(Error::table_full(Table::UserEvents))?;
        let watch = Watch::new().owner(owner).readable(code);
        let id = self
            .core
            .give_slot(self.slots, self.codes, Holder::User(cell as u32), watch)
            .map_err(|_| Error::table_full(Table::Sources))?;
        remote.assign(cell, id.index());
        Ok((id, remote.raiser(cell)))
    }

    /// Attaches a signal, told as [`Kind::Signal`](super::Kind::Signal) under `code` to `owner`. The calling thread's ordinary delivery of the signal is
    /// blocked and stays so; threads started afterwards inherit that, threads started before do not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull); [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a number that is no signal.
    pub fn attach_signal(
        &mut self,
        number: i32,
        owner: u32,
        code: impl Into<u16>,
    ) -> Result<SourceId, Error> {
        let watch = Watch::new().owner(owner).readable(code);
        let id = self
            .core
            .give_slot(self.slots, self.codes, Holder::Signal(number), watch)
            .map_err(|_| Error::table_full(Table::Sources))?;
        if let Err(error) = self.core.system.watch_signal(number, id.token()) {
            self.core.take_slot(self.slots, id.index());
            return Err(error);
        }
        Ok(id)
    }

    // Timers.

    /// Starts a one-shot timer that expires `after` from now, told as [`Kind::Timer`](super::Kind::Timer) under `code` to `owner`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull).
    pub fn start_timer(
        &mut self,
        after: Duration,
        owner: u32,
        code: impl Into<u16>,
    ) -> Result<TimerId, Error> {
        let deadline = self.now().saturating_add(after);
        self.start_timer_at(deadline, None, owner, code)
    }

    /// Starts a periodic timer: first after one period, then at every further one, without drift.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull); [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a period of zero.
    pub fn start_periodic(
        &mut self,
        period: Duration,
        owner: u32,
        code: impl Into<u16>,
    ) -> Result<TimerId, Error> {
        let deadline = self.now().saturating_add(period);
        self.start_timer_at(deadline, Some(period), owner, code)
    }

    /// Starts a timer that expires at `deadline` and, with a `period`, at every period after it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull); [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a period of zero.
    pub fn start_timer_at(
        &mut self,
        deadline: Instant,
        period: Option<Duration>,
        owner: u32,
        code: impl Into<u16>,
    ) -> Result<TimerId, Error> {
        self.core
            .start_timer(&mut self.timers, deadline, period, owner, code.into())
    }

    /// Cancels a timer. Returns whether it was still running; an old id cancels nothing.
    pub fn cancel_timer(&mut self, timer: TimerId) -> bool {
        self.timers.cancel(timer)
    }

    /// Moves a running timer, or one whose expiry is being handled, to a new deadline.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn rearm_timer(&mut self, timer: TimerId, deadline: Instant) -> Result<(), Error> {
        self.core.stir();
        if self.timers.rearm(timer, deadline) {
            Ok(())
        } else {
            Err(Error::STALE)
        }
    }
}
