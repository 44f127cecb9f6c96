//! [`BridgedFd`]: a descriptor and its registration.

use core::fmt;
use core::future::Future;
use core::ops::Deref;
use core::task::{Context, Poll};

use super::call::{AsyncCall, Attempt, Source, poll_call, try_call};
use super::handle::IoDriverHandle;
use super::readiness::{IoEventInterest, Ready, ReadyEvent};
use super::registration::AsyncRegistration;
use super::waiters::Registered;
use crate::error::{Error, ErrorKind, Result};
use crate::os::{AsFd, BorrowedFd};

/// Something with a descriptor, registered with a driver for as long as this lives.
///
/// `T` must be non-blocking, and its descriptor the same at every call of `as_fd`. Dropping takes the registration back, then drops `T`.
///
/// ```
/// use ptk_core::aio::{self, BridgedFd, IoDriver, IoEventInterest, IoSlots};
/// use ptk_core::{Error, net};
///
/// static SLOTS: IoSlots<4> = IoSlots::new();
/// let driver = IoDriver::new(&SLOTS)?;
///
/// let (near, far) = net::UnixStream::pair()?;
/// let near = BridgedFd::new(driver.handle(), near)?;
/// let _ = far.send(b"ping")?;
/// let length = aio::block_on(driver, async {
///     let mut buffer = [0; 8];
///     near.async_call(IoEventInterest::READABLE, |socket| match socket.receive(&mut buffer)? {
///         net::Received::Data(length) => Ok(length),
///         net::Received::EndOfStream => Ok(0),
///         net::Received::WouldBlock => Err(Error::WOULD_BLOCK),
///     })
///     .await
/// })??;
/// assert_eq!(length, 4);
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct BridgedFd<T: AsFd> {
    both: Registered<T>,
}

impl<T: AsFd> BridgedFd<T> {
    /// Registers for reading and writing.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`]; `inner` is dropped then.
    pub fn new(handle: IoDriverHandle, inner: T) -> Result<Self> {
        Self::new_with_interest(handle, inner, IoEventInterest::BOTH)
    }

    /// Registers for what `interest` says.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`]; `inner` is dropped then.
    pub fn new_with_interest(
        handle: IoDriverHandle,
        inner: T,
        interest: IoEventInterest,
    ) -> Result<Self> {
        Self::new_assuming(handle, inner, interest, Ready::EMPTY)
    }

    pub(super) fn new_assuming(
        handle: IoDriverHandle,
        inner: T,
        interest: IoEventInterest,
        ready: Ready,
    ) -> Result<Self> {
        let registration = AsyncRegistration::new_assuming(handle, inner.as_fd(), interest, ready)?;
        Ok(Self {
            both: Registered::new(registration, inner),
        })
    }

    /// A stream, see [`AsyncRegistration::new_stream`].
    pub(super) fn new_stream(handle: IoDriverHandle, inner: T) -> Result<Self> {
        let registration = AsyncRegistration::new_stream(handle, inner.as_fd())?;
        Ok(Self {
            both: Registered::new(registration, inner),
        })
    }

    /// The registration.
    #[inline]
    pub const fn registration(&self) -> &AsyncRegistration {
        self.both.registration()
    }

    /// Takes the registration back and gives the descriptor's owner out.
    pub fn into_inner(self) -> T {
        let (registration, inner) = self.into_parts();
        registration.deregister(inner.as_fd());
        inner
    }

    /// Both, still registered.
    pub(super) fn into_parts(self) -> (AsyncRegistration, T) {
        self.both.into_parts()
    }

    #[inline(always)]
    pub(super) fn get(&self) -> &T {
        self.both.inner()
    }

    /// Waits until something of `interest` is ready.
    ///
    /// # Errors
    ///
    /// [`Aborted`](ErrorKind::Aborted) when the driver has been [shut down](super::IoDriver::shutdown).
    pub async fn ready(&self, interest: IoEventInterest) -> Result<ReadyEvent> {
        let seen = self.registration().request_readiness(interest).await;
        if seen.ready() == Ready::SHUTDOWN {
            return Err(Error::new(ErrorKind::Aborted));
        }
        Ok(seen)
    }

    /// Repeats `f` until it answers something other than [`WouldBlock`](ErrorKind::WouldBlock), waiting for `interest` in between.
    #[inline]
    pub fn async_call<'b, R, F>(
        &'b self,
        interest: IoEventInterest,
        mut f: F,
    ) -> impl Future<Output = Result<R>> + 'b
    where
        F: FnMut(&T) -> Result<R> + 'b,
        R: 'b,
    {
        AsyncCall::new(self, interest, move |inner| attempt(f(inner)))
    }

    /// [`async_call`](BridgedFd::async_call) for reading, from a `poll_*` function. One task at a time: the last waker is kept.
    pub fn poll_read<R>(
        &self,
        cx: &mut Context<'_>,
        mut f: impl FnMut(&T) -> Result<R>,
    ) -> Poll<Result<R>> {
        poll_call(
            self.registration(),
            IoEventInterest::READABLE,
            None,
            cx,
            || attempt(f(self.get())),
        )
    }

    /// [`async_call`](BridgedFd::async_call) for writing, from a `poll_*` function. One task at a time: the last waker is kept.
    pub fn poll_write<R>(
        &self,
        cx: &mut Context<'_>,
        mut f: impl FnMut(&T) -> Result<R>,
    ) -> Poll<Result<R>> {
        poll_call(
            self.registration(),
            IoEventInterest::WRITABLE,
            None,
            cx,
            || attempt(f(self.get())),
        )
    }

    /// One call now, if the source is believed to be ready.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](ErrorKind::WouldBlock) when it is not, or when `f` says so; what `f` says.
    pub fn try_io<R>(
        &self,
        interest: IoEventInterest,
        mut f: impl FnMut(&T) -> Result<R>,
    ) -> Result<R> {
        try_call(self.registration(), interest, || attempt(f(self.get())))
    }

    #[inline]
    pub(super) fn call<'b, R, F>(
        &'b self,
        interest: IoEventInterest,
        f: F,
    ) -> AsyncCall<'b, Self, IoEventInterest, F>
    where
        F: FnMut(&'b T) -> Result<Attempt<R>>,
    {
        AsyncCall::new(self, interest, f)
    }
}

impl<T: AsFd> Source for BridgedFd<T> {
    type Inner = T;

    #[inline(always)]
    fn registration(&self) -> &AsyncRegistration {
        self.both.registration()
    }

    #[inline(always)]
    fn inner(&self) -> &T {
        self.get()
    }
}

#[inline]
fn attempt<R>(result: Result<R>) -> Result<Attempt<R>> {
    match result {
        Ok(value) => Ok(Attempt::Done(value)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Attempt::WouldBlock),
        Err(error) => Err(error),
    }
}

impl<T: AsFd> Deref for BridgedFd<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.get()
    }
}

impl<T: AsFd> AsFd for BridgedFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get().as_fd()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for BridgedFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgedFd")
            .field("inner", self.get())
            .field("source", &self.registration().id())
            .finish()
    }
}
