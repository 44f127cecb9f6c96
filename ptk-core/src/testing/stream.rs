//! [`FaultyStream`]: a socket of the async face whose calls fail as a test says.

use alloc::collections::VecDeque;
use core::cell::RefCell;
use core::ops::Deref;

use super::faults::Call;
use crate::aio::net::StreamSocket;
use crate::error::{Error, Result};
use crate::net::{Half, IoSlice, IoSliceMut, Received, Sent};
use crate::os::{AsFd, BorrowedFd, OwnedFd};

/// A stream socket between a test and the async face: [`Stream::from_socket`](crate::aio::net::Stream::from_socket) takes it as it takes a
/// [`TcpStream`](crate::net::TcpStream), and the test says which of its calls fail without reaching the kernel.
///
/// It dereferences to the socket inside, and the [`Stream`](crate::aio::net::Stream) dereferences to it, so the script can be changed at any time.
///
/// Nothing here makes a call do less than it could: a short receive says that the socket is empty and a short send that it is full, which kernels keep to and the
/// async face relies on. For a part of the bytes, let the peer send or read a part.
///
/// ```
/// use ptk_core::aio::net::Stream;
/// use ptk_core::aio::{IoDriver, IoSlots, block_on};
/// use ptk_core::net::UnixStream;
/// use ptk_core::testing::{Call, FaultyStream};
/// use ptk_core::{Error, ErrorKind};
///
/// static SLOTS: IoSlots<4> = IoSlots::new();
/// let driver = IoDriver::new(&SLOTS)?;
/// let (near, far) = UnixStream::pair()?;
/// let stream = Stream::from_socket(driver.handle(), FaultyStream::new(near))?;
/// stream.fail_next(Call::Send, Error::new(ErrorKind::Reset));
/// block_on(driver, async {
///     let error = stream.write_all(b"lost").await.unwrap_err();
///     assert_eq!(error.kind(), ErrorKind::Reset);
/// })?;
/// # drop(far);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct FaultyStream<S> {
    inner: S,
    failures: RefCell<VecDeque<(Call, Error)>>,
}

impl<S> FaultyStream<S> {
    /// A socket without faults yet.
    pub const fn new(inner: S) -> Self {
        Self {
            inner,
            failures: RefCell::new(VecDeque::new()),
        }
    }

    /// Makes the next such call fail without being made. Several failures of one call happen in the order in which they were asked for.
    ///
    /// A stream makes [`Receive`](Call::Receive), [`Send`](Call::Send) (both with one buffer or with several), [`AtEnd`](Call::AtEnd) (a `peek`) and
    /// [`Shutdown`](Call::Shutdown).
    pub fn fail_next(&self, call: Call, error: Error) {
        self.failures.borrow_mut().push_back((call, error));
    }

    /// Failures that were asked for and have not happened.
    pub fn failures_left(&self) -> usize {
        self.failures.borrow().len()
    }

    fn fails(&self, call: Call) -> Result<()> {
        let mut failures = self.failures.borrow_mut();
        match failures.iter().position(|(which, _)| *which == call) {
            Some(at) => failures.remove(at).map_or(Ok(()), |(_, error)| Err(error)),
            None => Ok(()),
        }
    }
}

impl<S: StreamSocket> StreamSocket for FaultyStream<S> {
    fn receive(&self, buffer: &mut [u8]) -> Result<Received> {
        self.fails(Call::Receive)?;
        self.inner.receive(buffer)
    }

    fn receive_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> Result<Received> {
        self.fails(Call::Receive)?;
        self.inner.receive_vectored(buffers)
    }

    fn peek(&self, buffer: &mut [u8]) -> Result<Received> {
        self.fails(Call::AtEnd)?;
        self.inner.peek(buffer)
    }

    fn send(&self, bytes: &[u8]) -> Result<Sent> {
        self.fails(Call::Send)?;
        self.inner.send(bytes)
    }

    fn send_vectored(&self, slices: &[IoSlice<'_>]) -> Result<Sent> {
        self.fails(Call::Send)?;
        self.inner.send_vectored(slices)
    }

    fn shutdown(&self, half: Half) -> Result<()> {
        self.fails(Call::Shutdown)?;
        self.inner.shutdown(half)
    }
}

impl<S> Deref for FaultyStream<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.inner
    }
}

impl<S: AsFd> AsFd for FaultyStream<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl<S: Into<OwnedFd>> From<FaultyStream<S>> for OwnedFd {
    fn from(stream: FaultyStream<S>) -> OwnedFd {
        stream.inner.into()
    }
}

impl<S: TryFrom<OwnedFd>> TryFrom<OwnedFd> for FaultyStream<S> {
    type Error = S::Error;

    fn try_from(fd: OwnedFd) -> core::result::Result<Self, S::Error> {
        S::try_from(fd).map(Self::new)
    }
}
