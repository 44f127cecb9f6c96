//! [`AsyncRegistration`]: a source's connection to its driver.

use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::Ordering;
use core::task::{Context, Poll};

use super::call::Interested;
use super::handle::{IoDriverHandle, SourceId};
use super::readiness::{IoEventInterest, Ready, ReadyEvent};
use super::registration_info::{Parked, RegistrationInfo};
use super::waiters::{Gate, GateWaiter};
use crate::error::Result;
use crate::os::{AsFd, BorrowedFd, OwnedFd};

/// A registered descriptor, as seen by the code that waits for it.
///
/// It does not own the descriptor: [`BridgedFd`](super::BridgedFd) does, and takes the registration back before it closes.
#[derive(Debug)]
pub struct AsyncRegistration {
    handle: IoDriverHandle,
    info: &'static RegistrationInfo,
    source: SourceId,
}

impl AsyncRegistration {
    /// Registers for reading and writing; nothing is known to be ready yet.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn new(handle: IoDriverHandle, fd: BorrowedFd<'_>) -> Result<Self> {
        Self::new_with_interest(handle, fd, IoEventInterest::BOTH)
    }

    /// Registers for what `interest` says; nothing is known to be ready yet.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn new_with_interest(
        handle: IoDriverHandle,
        fd: BorrowedFd<'_>,
        interest: IoEventInterest,
    ) -> Result<Self> {
        Self::new_assuming(handle, fd, interest, Ready::EMPTY)
    }

    /// The same, believing `ready` until the kernel says otherwise: who believes a fresh socket to be ready tries it at once and saves a turn.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn new_assuming(
        handle: IoDriverHandle,
        fd: BorrowedFd<'_>,
        interest: IoEventInterest,
        ready: Ready,
    ) -> Result<Self> {
        let (source, info) = handle.add_io_source(fd, interest, ready)?;
        Ok(Self {
            handle,
            info,
            source,
        })
    }

    /// A stream: believed to be readable and writable, and the kernel not asked about writing until a write has found no room.
    ///
    /// Edge-triggered systems tell of both directions whenever either moves, so a stream whose writes always succeed would hear of them with
    /// every byte that it receives.
    pub(super) fn new_stream(handle: IoDriverHandle, fd: BorrowedFd<'_>) -> Result<Self> {
        let (source, info) = handle.add_stream(fd, Ready::READABLE | Ready::WRITABLE)?;
        Ok(Self {
            handle,
            info,
            source,
        })
    }

    /// Makes sure that the kernel tells of writability; `fd` is the registered descriptor. Once for a stream, and only if a write found no room.
    #[inline]
    pub(super) fn ask_writable(&self, fd: BorrowedFd<'_>) -> Result<()> {
        if self.info.unasked.load(Ordering::Relaxed)
            && self.info.unasked.swap(false, Ordering::AcqRel)
        {
            let asked = self.handle.driver().ask_writable(fd, self.source.token);
            if asked.is_err() {
                self.info.unasked.store(true, Ordering::Release);
            }
            return asked;
        }
        Ok(())
    }

    /// A registration of something that has no descriptor: the caller registers its filter with this slot's token.
    pub(super) fn without_descriptor(handle: IoDriverHandle) -> Result<Self> {
        let (info, token) = handle.driver().take_slot()?;
        Ok(Self {
            handle,
            info,
            source: SourceId {
                token,
                interest: IoEventInterest::PRIORITY,
            },
        })
    }

    /// The driver.
    #[inline]
    pub const fn handle(&self) -> IoDriverHandle {
        self.handle
    }

    /// The slot.
    #[inline]
    pub const fn id(&self) -> SourceId {
        self.source
    }

    /// Waits until something of `interest` is ready; see [`ReadyEvent`]. Any number of tasks may wait at once.
    ///
    /// Readiness is a belief: the call that follows may still find nothing, and then says so by
    /// [`clear_readiness`](AsyncRegistration::clear_readiness).
    #[inline]
    pub fn request_readiness(&self, interest: IoEventInterest) -> RequestReadiness<'_> {
        RequestReadiness {
            registration: self,
            interest,
            waiter: GateWaiter::new(),
        }
    }

    /// The same for `poll_*` functions, which have no place of their own to wait in: the slot keeps the last waker for reading and the last
    /// for everything else.
    #[inline]
    pub fn poll_readiness(
        &self,
        cx: &mut Context<'_>,
        interest: IoEventInterest,
    ) -> Poll<ReadyEvent> {
        self.info.gate.poll(interest, cx.waker())
    }

    /// What the kernel is told to bring back.
    #[inline]
    pub(super) const fn token(&self) -> kqueue_safe::Token {
        self.source.token
    }

    #[inline(always)]
    pub(super) const fn gate(&self) -> &'static Gate {
        &self.info.gate
    }

    /// What is ready now, without waiting.
    #[inline(always)]
    pub fn look(&self, interest: IoEventInterest) -> ReadyEvent {
        self.info.gate.look(interest)
    }

    /// The same for a system call that follows: what was written before the event comes by the kernel, so the look orders nothing itself, and the compiler
    /// may keep what it knows across it.
    #[inline(always)]
    pub(super) fn glance(&self, interest: IoEventInterest) -> ReadyEvent {
        self.info.gate.glance(interest)
    }

    /// A call has found nothing: takes back what `seen` said, unless an event has come since. Answers whether it did.
    ///
    /// Everything that `seen` said goes, the closed and error bits too: a call that would block has just refuted them. If they hold, the call
    /// never says so.
    #[inline]
    pub fn clear_readiness(&self, seen: ReadyEvent) -> bool {
        self.info.gate.clear(seen, seen.ready())
    }

    /// A call has taken all there was and was not refused: takes back only that there is more, unless an event has come since.
    #[inline(always)]
    pub(super) fn drained(&self, seen: ReadyEvent, direction: Ready) {
        self.info.gate.clear(seen, direction);
    }

    /// A second owner of the same slot.
    pub(super) fn share(&self) -> Self {
        self.info.owners.fetch_add(1, Ordering::Relaxed);
        self.hand_over()
    }

    /// The registration, for an owner that comes instead of the one of `self`.
    pub(super) const fn hand_over(&self) -> Self {
        Self {
            handle: self.handle,
            info: self.info,
            source: self.source,
        }
    }

    /// Leaves the registered descriptor in the slot, for the last owner.
    pub(super) fn park(&self, fd: OwnedFd) {
        self.info
            .parked
            .with(|place| *place = Parked::Descriptor(fd));
    }

    /// One owner less. The last takes the registration back, through the descriptor that was [parked](Self::park).
    pub(super) fn leave_shared(&self) {
        if self.info.owners.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(fd) = self.info.parked.with(Parked::take)
        {
            self.deregister(fd.as_fd());
        }
    }

    /// Takes the registration back.
    pub(super) fn deregister(&self, fd: BorrowedFd<'_>) {
        self.handle.remove_io_source(fd, self.source);
    }

    /// Gives back a slot without a descriptor.
    pub(super) fn give_back(&self) {
        self.handle.driver().give_slot_back(self.source.token);
    }
}

/// The future of [`AsyncRegistration::request_readiness`]. Dropping it ends the wait.
#[must_use = "futures do nothing unless awaited"]
pub struct RequestReadiness<'r> {
    registration: &'r AsyncRegistration,
    interest: IoEventInterest,
    waiter: GateWaiter<'static>,
}

impl Future for RequestReadiness<'_> {
    type Output = ReadyEvent;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ReadyEvent> {
        let (registration, interest, waiter) =
            super::waiters::project!(self, registration, interest, waiter);
        wait_for(registration, waiter, interest, cx)
    }
}

/// What is ready, or a place before the gate.
#[inline(always)]
pub(super) fn wait_for<I: Interested>(
    registration: &AsyncRegistration,
    waiter: Pin<&mut GateWaiter<'static>>,
    interest: I,
    cx: &mut Context<'_>,
) -> Poll<ReadyEvent> {
    let interest = interest.interest();
    let gate = &registration.info.gate;
    let seen = gate.look(interest);
    if !seen.ready().is_empty() {
        return Poll::Ready(seen);
    }
    waiter.enqueue(gate, interest, cx.waker(), seen)
}
