//! [`IoDriverHandle`] and [`IoDriverUnparker`].

use kqueue_safe::Token;

use super::driver::IoDriver;
use super::readiness::{IoEventInterest, Ready};
use super::registration_info::RegistrationInfo;
use crate::error::{Error, ErrorKind, Result};
use crate::os::BorrowedFd;

/// A reference to a driver, for whoever registers sources or arms timers. Two words would be too many: it is one, and `Copy`.
#[derive(Clone, Copy, Debug)]
pub struct IoDriverHandle {
    driver: &'static IoDriver,
}

/// A slot of a driver, taken by [`IoDriverHandle::add_io_source`]; given back by [`IoDriverHandle::remove_io_source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceId {
    pub(super) token: Token,
    pub(super) interest: IoEventInterest,
}

impl SourceId {
    /// The slot's number.
    pub const fn slot(self) -> u32 {
        self.token.slot()
    }

    /// Which owner of the slot this is.
    pub const fn generation(self) -> u32 {
        self.token.generation()
    }
}

impl IoDriverHandle {
    pub(super) const fn new(driver: &'static IoDriver) -> Self {
        Self { driver }
    }

    /// The driver of the thread, see [`current`](super::current()).
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when the thread has entered no driver and the process has none.
    pub fn current() -> Result<Self> {
        super::current().ok_or(Error::new(ErrorKind::NotFound))
    }

    /// The driver.
    #[inline]
    pub const fn driver(self) -> &'static IoDriver {
        self.driver
    }

    /// Registers a descriptor once, edge-triggered, for everything in `interest`: one `kevent(2)`. `ready` is what is believed of it until the
    /// first event. Any thread may call this, also while another one waits.
    ///
    /// # Errors
    ///
    /// [`TableFull`](ErrorKind::TableFull) when no slot is free; what the kernel says of the descriptor (`EBADF`, `EPERM`, `EINVAL`, `ENOMEM`).
    pub fn add_io_source(
        self,
        fd: BorrowedFd<'_>,
        interest: IoEventInterest,
        ready: Ready,
    ) -> Result<(SourceId, &'static RegistrationInfo)> {
        let (info, token) = self.driver.add(fd, interest, ready, false)?;
        Ok((SourceId { token, interest }, info))
    }

    /// The same, but asks about writability only when somebody waits for it.
    pub(super) fn add_stream(
        self,
        fd: BorrowedFd<'_>,
        ready: Ready,
    ) -> Result<(SourceId, &'static RegistrationInfo)> {
        let interest = IoEventInterest::BOTH;
        let (info, token) = self.driver.add(fd, interest, ready, true)?;
        Ok((SourceId { token, interest }, info))
    }

    /// Forgets a descriptor: one `kevent(2)`, before the descriptor is closed. Any thread may call this, also while another one waits; the slot
    /// goes to a new source only after the batch of events that could still name the old one.
    ///
    /// An id of the past (its slot has been given back) does nothing.
    pub fn remove_io_source(self, fd: BorrowedFd<'_>, source: SourceId) {
        if self.driver.is_current(source.token) {
            self.driver.remove(fd, source.interest, source.token);
        }
    }
}

/// Ends a driver's wait from another thread or from a signal handler.
#[derive(Clone, Copy, Debug)]
pub struct IoDriverUnparker {
    driver: &'static IoDriver,
}

impl IoDriverUnparker {
    pub(super) const fn new(driver: &'static IoDriver) -> Self {
        Self { driver }
    }

    /// Makes the [`process_io`](IoDriver::process_io) that waits now return; if none does, the next one returns without waiting. Any number
    /// of calls merge. Makes a system call only when somebody waits.
    ///
    /// # Errors
    ///
    /// `EBADF` in the child after a `fork`.
    pub fn unpark(self) -> Result<()> {
        self.driver.unpark()
    }
}
