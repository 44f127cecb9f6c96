//! [`AsyncCall`]: a system call that is repeated until it does not block.

use core::future::Future;
use core::hint::cold_path;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::readiness::{IoEventInterest, Ready, ReadyEvent};
use super::registration::{AsyncRegistration, wait_for};
use super::waiters::{GateWaiter, project};
use crate::error::{Error, ErrorKind, Result};
use crate::net::failure_plain;
use crate::os::{AsFd, BorrowedFd};

/// How an attempt ended.
pub(crate) enum Attempt<T> {
    /// It is done, and there may be more.
    Done(T),
    /// It is done, and it has taken all there was: the next one would block.
    Drained(T),
    /// It is done, and that is rare: the end of a stream.
    Ended(T),
    /// It has taken all there was, which was so much, and is not done: the next one would block.
    #[expect(
        dead_code,
        reason = "always there, it need not be kept for the others that have something"
    )]
    Again(isize),
    /// It would block.
    WouldBlock,
    /// It failed, or would block: the `errno` below zero. What it means is asked where there is time.
    Failed(isize),
}

/// Something registered, with what is registered.
pub(crate) trait Source {
    type Inner: AsFd;

    fn registration(&self) -> &AsyncRegistration;

    fn inner(&self) -> &Self::Inner;
}

/// What a call waits for. A type for each direction, so that the mask of bits is a constant where it is looked at.
pub(crate) trait Interested: Copy {
    /// Whether the kernel has to be asked about writability before the wait: a stream's, see `AsyncRegistration::new_stream`.
    const ASKS: bool = false;
    /// Whether nearly every call has waited when it is done.
    const WAITS: bool = false;

    fn interest(self) -> IoEventInterest;
}

/// Reading.
#[derive(Clone, Copy)]
pub(crate) struct Reads;

/// Writing to a stream.
#[derive(Clone, Copy)]
pub(crate) struct Writes;

impl Interested for Reads {
    const WAITS: bool = true;

    #[inline(always)]
    fn interest(self) -> IoEventInterest {
        IoEventInterest::READABLE
    }
}

impl Interested for Writes {
    const ASKS: bool = true;

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
#[repr(C)]
pub(crate) struct AsyncCall<'r, B, I, O> {
    // At the beginning: the addresses of both are one.
    waiter: GateWaiter<'static>,
    source: &'r B,
    operation: O,
    interest: I,
}

impl<'r, B: Source, I: Interested, T, O> AsyncCall<'r, B, I, O>
where
    O: FnMut(&'r B::Inner) -> Result<Attempt<T>>,
{
    #[inline(always)]
    pub(crate) fn new(source: &'r B, interest: I, operation: O) -> Self {
        Self {
            source,
            interest,
            operation,
            waiter: GateWaiter::new(),
        }
    }
}

impl<'r, B: Source, I: Interested, T, O> Future for AsyncCall<'r, B, I, O>
where
    O: FnMut(&'r B::Inner) -> Result<Attempt<T>>,
{
    type Output = Result<T>;

    /// What nearly always happens, in a straight line: it is ready and the attempt is done, or it is not and there is a place to wait.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self;
        let (source, interest, operation, waiter) =
            project!(this.as_mut(), source, interest; mut operation; waiter);
        let registration = source.registration();
        let wanted = interest.interest();
        let seen = registration.glance(wanted);
        let polled = if seen.ready().is_empty() {
            if !I::ASKS
                && waiter.enqueue_task_at_front(registration.gate(), wanted, cx.waker(), seen)
            {
                return Poll::Pending;
            }
            poll_on(this.as_mut(), cx, None)
        } else {
            match operation(source.inner()) {
                Ok(Attempt::Done(value)) => {
                    if I::WAITS {
                        waiter.finish(wanted, seen);
                    } else {
                        waiter.give_up();
                    }
                    return Poll::Ready(Ok(value));
                }
                Ok(Attempt::Drained(value)) => {
                    waiter.finish_drained(registration.gate(), wanted, seen);
                    return Poll::Ready(Ok(value));
                }
                other => poll_on(this.as_mut(), cx, Some((seen, other))),
            }
        };
        let Poll::Ready(result) = polled else {
            return Poll::Pending;
        };
        // Said here, the compiler knows it where the call is dropped.
        project!(this, source, interest, waiter).2.has_left();
        // Taken apart, it is nothing that those above would have to be compared with.
        match result {
            Ok(value) => Poll::Ready(Ok(value)),
            Err(error) => {
                cold_path();
                Poll::Ready(Err(error))
            }
        }
    }
}

/// The rest of a poll: an attempt was made when something was ready, or none was.
#[cold]
#[inline(never)]
fn poll_on<'r, B: Source, I: Interested, T, O>(
    call: Pin<&mut AsyncCall<'r, B, I, O>>,
    cx: &mut Context<'_>,
    mut attempt: Option<(ReadyEvent, Result<Attempt<T>>)>,
) -> Poll<Result<T>>
where
    O: FnMut(&'r B::Inner) -> Result<Attempt<T>>,
{
    let (source, interest, operation, mut waiter) =
        project!(call, source, interest; mut operation; waiter);
    let registration = source.registration();
    loop {
        let (seen, attempt) = match attempt.take() {
            Some(made) => made,
            None => {
                let Poll::Ready(seen) = wait_for(registration, waiter.as_mut(), interest, cx)
                else {
                    if !I::ASKS {
                        return Poll::Pending;
                    }
                    // It stands before the gate by now, so the event that answers this finds it.
                    return match registration.ask_writable(source.inner().as_fd()) {
                        Ok(()) => Poll::Pending,
                        Err(error) => {
                            waiter.give_up();
                            Poll::Ready(Err(error))
                        }
                    };
                };
                (seen, operation(source.inner()))
            }
        };
        if let Some(result) = settle(registration, interest.interest(), seen, attempt) {
            waiter.finish(interest.interest(), seen);
            return Poll::Ready(result);
        }
    }
}

/// What an attempt means for the readiness, and its result if it has one.
#[inline(always)]
pub(crate) fn settle<T>(
    registration: &AsyncRegistration,
    interest: IoEventInterest,
    seen: ReadyEvent,
    attempt: Result<Attempt<T>>,
) -> Option<Result<T>> {
    let attempt = match attempt {
        Ok(Attempt::Failed(answer)) => failure_plain(answer).map_or(Ok(Attempt::WouldBlock), Err),
        other => other,
    };
    match attempt {
        Ok(Attempt::Done(value) | Attempt::Ended(value)) => Some(Ok(value)),
        Ok(Attempt::Drained(value)) => {
            registration.drained(seen, interest.direction());
            Some(Ok(value))
        }
        Ok(Attempt::Again(_)) => {
            registration.drained(seen, interest.direction());
            None
        }
        Ok(Attempt::WouldBlock | Attempt::Failed(_)) => would_block(registration, seen),
        Err(error) if error.kind() == ErrorKind::Interrupted => None,
        Err(error) => Some(Err(error)),
    }
}

#[cold]
fn would_block<T>(registration: &AsyncRegistration, seen: ReadyEvent) -> Option<Result<T>> {
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
