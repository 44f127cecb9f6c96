//! [`AsyncCall`]: a system call that is repeated until it does not block.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::readiness::{IoEventInterest, Ready};
use super::registration::{AsyncRegistration, wait_for};
use super::waiters::{Waiter, project};
use crate::error::{Error, ErrorKind, Result};
use crate::os::BorrowedFd;

/// How an attempt ended.
pub(crate) enum Attempt<T> {
    /// It is done, and there may be more.
    Done(T),
    /// It is done, and it has taken all there was: the next one would block.
    Drained(T),
    /// It has taken all there was, and is not done: the next one would block.
    Again,
    /// It would block.
    WouldBlock,
}

/// An attempt, made when the source is believed to be ready.
pub(crate) trait Operation {
    type Output;

    fn attempt(&mut self) -> Result<Attempt<Self::Output>>;
}

impl<T, F: FnMut() -> Result<Attempt<T>>> Operation for F {
    type Output = T;

    #[inline]
    fn attempt(&mut self) -> Result<Attempt<T>> {
        self()
    }
}

/// What a call waits for. A type for each direction, so that the mask of bits is a constant where it is looked at.
pub(crate) trait Interested: Copy {
    fn interest(self) -> IoEventInterest;
}

/// Reading.
#[derive(Clone, Copy)]
pub(crate) struct Reads;

/// Writing.
#[derive(Clone, Copy)]
pub(crate) struct Writes;

impl Interested for Reads {
    #[inline(always)]
    fn interest(self) -> IoEventInterest {
        IoEventInterest::READABLE
    }
}

impl Interested for Writes {
    #[inline(always)]
    fn interest(self) -> IoEventInterest {
        IoEventInterest::WRITABLE
    }
}

/// What the caller says.
impl Interested for IoEventInterest {
    #[inline(always)]
    fn interest(self) -> IoEventInterest {
        self
    }
}

/// Waits and attempts in turn. Dropping it ends the wait; an attempt that was made is made: it is either reported or was none.
#[must_use = "futures do nothing unless awaited"]
pub(crate) struct AsyncCall<'r, I, O> {
    registration: &'r AsyncRegistration,
    interest: I,
    /// The registered descriptor of a stream that writes: asked about when there is no room.
    fd: Option<BorrowedFd<'r>>,
    operation: O,
    waiter: Waiter<'static>,
}

impl<'r, I, O> AsyncCall<'r, I, O> {
    #[inline(always)]
    pub(crate) fn new(registration: &'r AsyncRegistration, interest: I, operation: O) -> Self {
        Self {
            registration,
            interest,
            fd: None,
            operation,
            waiter: Waiter::new(&registration.info().waiters),
        }
    }
}

impl<'r, O> AsyncCall<'r, Writes, O> {
    /// A write of a stream.
    #[inline(always)]
    pub(crate) fn write(
        registration: &'r AsyncRegistration,
        fd: BorrowedFd<'r>,
        operation: O,
    ) -> Self {
        Self {
            fd: Some(fd),
            ..Self::new(registration, Writes, operation)
        }
    }
}

impl<I: Interested, O: Operation> Future for AsyncCall<'_, I, O> {
    type Output = Result<O::Output>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (registration, interest, fd, operation, mut waiter) =
            project!(self, registration, interest, fd; mut operation; waiter);
        loop {
            let Poll::Ready(seen) = wait_for(registration, waiter.as_mut(), interest, cx) else {
                let Some(fd) = fd else {
                    return Poll::Pending;
                };
                // It stands in the queue by now, so the event that answers this finds it.
                return match registration.ask_writable(fd) {
                    Ok(()) => Poll::Pending,
                    Err(error) => Poll::Ready(Err(error)),
                };
            };
            let Some(result) = settle(registration, interest.interest(), seen, operation.attempt())
            else {
                continue;
            };
            if waiter.as_mut().is_waiting() {
                waiter.cancel();
            }
            return Poll::Ready(result);
        }
    }
}

/// What an attempt means for the readiness, and its result if it has one.
#[inline(always)]
pub(crate) fn settle<T>(
    registration: &AsyncRegistration,
    interest: IoEventInterest,
    seen: super::ReadyEvent,
    attempt: Result<Attempt<T>>,
) -> Option<Result<T>> {
    match attempt {
        Ok(Attempt::Done(value)) => Some(Ok(value)),
        Ok(Attempt::Drained(value)) => {
            registration.drained(seen, direction(interest));
            Some(Ok(value))
        }
        Ok(Attempt::Again) => {
            registration.drained(seen, direction(interest));
            None
        }
        Ok(Attempt::WouldBlock) => would_block(registration, seen),
        Err(error) if error.kind() == ErrorKind::Interrupted => None,
        Err(error) => Some(Err(error)),
    }
}

#[cold]
fn would_block<T>(registration: &AsyncRegistration, seen: super::ReadyEvent) -> Option<Result<T>> {
    if seen.ready().contains(Ready::SHUTDOWN) {
        return Some(Err(shut_down()));
    }
    registration.clear_readiness(seen);
    None
}

/// Nobody will ever say that the source is ready.
#[cold]
fn shut_down() -> Error {
    Error::new(ErrorKind::Aborted)
}

#[inline]
const fn direction(interest: IoEventInterest) -> Ready {
    interest
        .ready()
        .intersection(Ready::READABLE.union(Ready::WRITABLE))
}

/// One attempt for a `poll_*` function: waits through the slot's own places.
#[inline]
pub(crate) fn poll_call<T>(
    registration: &AsyncRegistration,
    interest: IoEventInterest,
    fd: Option<BorrowedFd<'_>>,
    cx: &mut Context<'_>,
    mut operation: impl FnMut() -> Result<Attempt<T>>,
) -> Poll<Result<T>> {
    loop {
        let Poll::Ready(seen) = registration.poll_readiness(cx, interest) else {
            return match fd.map_or(Ok(()), |fd| registration.ask_writable(fd)) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            };
        };
        if let Some(result) = settle(registration, interest, seen, operation()) {
            return Poll::Ready(result);
        }
    }
}

/// One attempt now, without waiting: `WouldBlock` is the error.
pub(crate) fn try_call<T>(
    registration: &AsyncRegistration,
    interest: IoEventInterest,
    mut operation: impl FnMut() -> Result<Attempt<T>>,
) -> Result<T> {
    let seen = registration.look(interest);
    if seen.ready().is_empty() {
        return Err(Error::WOULD_BLOCK);
    }
    settle(registration, interest, seen, operation()).unwrap_or(Err(Error::WOULD_BLOCK))
}
