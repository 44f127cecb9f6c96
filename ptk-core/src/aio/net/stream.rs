//! [`Stream`]: TCP and Unix streams.

use core::fmt;
use core::future::Future;
use core::ops::Deref;
use core::task::{Context, Poll};

use super::ops;
use crate::aio::handle::IoDriverHandle;
use crate::aio::readiness::{IoEventInterest, ReadyEvent};
use crate::aio::{AsyncRegistration, BridgedFd};
use crate::error::Result;
use crate::net::{self, Half, IoSlice, IoSliceMut, Received, Sent};
use crate::os::{AsFd, BorrowedFd, OwnedFd};

/// What a stream of this module is made of: the sockets of [`ptk_core::net`](crate::net).
pub trait StreamSocket:
    AsFd + fmt::Debug + Into<OwnedFd> + TryFrom<OwnedFd, Error = crate::Error> + 'static
{
    /// One `recv`.
    ///
    /// # Errors
    ///
    /// The system's.
    fn receive(&self, buffer: &mut [u8]) -> Result<Received>;
    /// One `recvmsg`.
    ///
    /// # Errors
    ///
    /// The system's.
    fn receive_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> Result<Received>;
    /// One `recv` that leaves the bytes where they are.
    ///
    /// # Errors
    ///
    /// The system's.
    fn peek(&self, buffer: &mut [u8]) -> Result<Received>;
    /// One `send`.
    ///
    /// # Errors
    ///
    /// The system's.
    fn send(&self, bytes: &[u8]) -> Result<Sent>;
    /// [`receive`](Self::receive), as the system answers it.
    #[doc(hidden)]
    #[inline]
    fn receive_answer(&self, buffer: &mut [u8]) -> Answer<Received> {
        Answer::Told(self.receive(buffer))
    }
    /// [`send`](Self::send), as the system answers it, and the bytes again.
    #[doc(hidden)]
    #[inline]
    fn send_answer<'b>(&self, bytes: &'b [u8]) -> (Answer<Sent>, &'b [u8]) {
        (Answer::Told(self.send(bytes)), bytes)
    }
    /// One `sendmsg`.
    ///
    /// # Errors
    ///
    /// The system's.
    fn send_vectored(&self, slices: &[IoSlice<'_>]) -> Result<Sent>;
    /// One `shutdown`.
    ///
    /// # Errors
    ///
    /// The system's.
    fn shutdown(&self, half: Half) -> Result<()>;
}

/// What one call of a [`StreamSocket`] answered.
#[doc(hidden)]
#[derive(Debug)]
pub enum Answer<T> {
    /// How many bytes, or the `errno` below zero.
    Plain(isize),
    /// What that means, or what else somebody tells.
    Told(Result<T>),
}

macro_rules! stream_socket {
    ($socket:ty) => {
        impl StreamSocket for $socket {
            #[inline]
            fn receive(&self, buffer: &mut [u8]) -> Result<Received> {
                self.receive(buffer)
            }

            fn receive_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> Result<Received> {
                self.receive_vectored(buffers)
            }

            fn peek(&self, buffer: &mut [u8]) -> Result<Received> {
                self.peek(buffer)
            }

            #[inline]
            fn send(&self, bytes: &[u8]) -> Result<Sent> {
                self.send(bytes)
            }

            #[inline(always)]
            fn receive_answer(&self, buffer: &mut [u8]) -> Answer<Received> {
                Answer::Plain(net::receive_whole(self, buffer))
            }

            #[inline(always)]
            fn send_answer<'b>(&self, bytes: &'b [u8]) -> (Answer<Sent>, &'b [u8]) {
                let (answer, bytes) = net::send_whole(self, bytes);
                (Answer::Plain(answer), bytes)
            }

            fn send_vectored(&self, slices: &[IoSlice<'_>]) -> Result<Sent> {
                self.send_vectored(slices)
            }

            fn shutdown(&self, half: Half) -> Result<()> {
                self.shutdown(half)
            }
        }
    };
}

stream_socket!(net::TcpStream);
stream_socket!(net::UnixStream);

/// A connected stream: [`TcpStream`](super::TcpStream) or [`UnixStream`](super::UnixStream).
///
/// It dereferences to the socket underneath, for its options and addresses. Reading and writing take `&self`, so that one task may read while
/// another writes; [`split`](Stream::split) and [`into_split`](Stream::into_split) give the two directions away.
///
/// A read that fills less than its buffer has emptied the socket, and a write that is cut short has filled it: the next one waits for the kernel
/// without asking it first. (A peer that sends TCP urgent data makes reads stop short at the mark; what it sends behind the mark is then read when
/// the next bytes come.)
///
/// **Cancellation.** Dropping a future of `read`, `write`, `peek`, `readable` or `writable` loses nothing: the call was made and reported, or not
/// made. Dropping `read_exact` or `write_all` in the middle loses count of what was done.
pub struct Stream<S: StreamSocket> {
    pub(super) io: BridgedFd<S>,
}

impl<S: StreamSocket> Stream<S> {
    /// Registers a connected socket with a driver.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn from_socket(handle: IoDriverHandle, socket: S) -> Result<Self> {
        // A fresh stream can be written and may have something to read: trying costs less than waiting for the kernel to say so.
        Ok(Self {
            io: BridgedFd::new_stream(handle, socket)?,
        })
    }

    /// Takes the registration back and gives the socket out.
    pub fn into_socket(self) -> S {
        self.io.into_inner()
    }

    /// The two directions, borrowed.
    pub fn split(&mut self) -> (ReadHalf<'_, S>, WriteHalf<'_, S>) {
        (ReadHalf { stream: self }, WriteHalf { stream: self })
    }

    /// Sends nothing more: the peer sees the end of the stream after what was sent before.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub async fn shutdown(&self) -> Result<()> {
        self.io.get().shutdown(Half::Send)
    }

    /// Shuts one direction down, or both (`shutdown(2)`), without waiting.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub fn shutdown_half(&self, half: Half) -> Result<()> {
        self.io.get().shutdown(half)
    }

    /// Waits until something of `interest` is ready.
    ///
    /// # Errors
    ///
    /// As [`BridgedFd::ready`].
    pub async fn ready(&self, interest: IoEventInterest) -> Result<ReadyEvent> {
        ops::ready(self.registration(), self.socket(), interest).await
    }

    /// One read now, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) when there is nothing; the system's.
    pub fn try_read(&self, buffer: &mut [u8]) -> Result<usize> {
        ops::try_read(self.registration(), self.io.get(), buffer)
    }

    /// One write now, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) when there is no room; the system's.
    pub fn try_write(&self, bytes: &[u8]) -> Result<usize> {
        ops::try_write(self.registration(), self.io.get(), bytes)
    }

    /// Reads without taking, see [`read`](Stream::read).
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn peek<'a>(&'a self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
        ops::peek(self.source(), buffer)
    }

    #[inline]
    pub(crate) fn registration(&self) -> &AsyncRegistration {
        self.io.registration()
    }

    #[inline]
    pub(crate) fn socket(&self) -> &S {
        self.io.get()
    }

    #[inline(always)]
    const fn source(&self) -> &BridgedFd<S> {
        &self.io
    }
}

impl<S: StreamSocket> Deref for Stream<S> {
    type Target = S;

    #[inline]
    fn deref(&self) -> &S {
        self.io.get()
    }
}

impl<S: StreamSocket> AsFd for Stream<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl<S: StreamSocket> fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}

/// The reading direction of a borrowed stream.
#[derive(Debug)]
pub struct ReadHalf<'s, S: StreamSocket> {
    stream: &'s Stream<S>,
}

/// The writing direction of a borrowed stream.
#[derive(Debug)]
pub struct WriteHalf<'s, S: StreamSocket> {
    stream: &'s Stream<S>,
}

impl<S: StreamSocket> ReadHalf<'_, S> {
    #[inline]
    pub(crate) fn registration(&self) -> &AsyncRegistration {
        self.stream.registration()
    }

    #[inline]
    pub(crate) fn socket(&self) -> &S {
        self.stream.socket()
    }

    #[inline(always)]
    const fn source(&self) -> &BridgedFd<S> {
        self.stream.source()
    }
}

impl<S: StreamSocket> WriteHalf<'_, S> {
    /// See [`Stream::shutdown`].
    ///
    /// # Errors
    ///
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub async fn shutdown(&self) -> Result<()> {
        self.stream.shutdown().await
    }

    #[inline]
    pub(crate) fn registration(&self) -> &AsyncRegistration {
        self.stream.registration()
    }

    #[inline]
    pub(crate) fn socket(&self) -> &S {
        self.stream.socket()
    }

    #[inline(always)]
    const fn source(&self) -> &BridgedFd<S> {
        self.stream.source()
    }
}

/// The methods of everything that reads.
macro_rules! reading {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket> $type<$($life,)? S> {
            /// Reads what there is, at least one byte; 0 is the end of the stream.
            ///
            /// # Errors
            ///
            /// [`Reset`](crate::ErrorKind::Reset), [`Timeout`](crate::ErrorKind::Timeout) of keep-alive or retransmission;
            /// [`Aborted`](crate::ErrorKind::Aborted) when the driver was shut down.
            #[inline]
            pub fn read<'a>(&'a self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
                ops::read(self.source(), buffer)
            }

            /// Reads until `buffer` is full.
            ///
            /// # Errors
            ///
            /// [`EndOfStream`](crate::ErrorKind::EndOfStream) when the stream ends before; as [`read`](Self::read).
            pub fn read_exact<'a>(&'a self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
                ops::read_exact(self.source(), buffer)
            }

            /// Reads into several buffers (`recvmsg`), the first first; into 1,024 of them at most.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            pub fn read_vectored<'a, 'b: 'a>(&'a self, buffers: &'a mut [IoSliceMut<'b>]) -> impl Future<Output = Result<usize>> + 'a {
                ops::read_vectored(self.source(), buffers)
            }

            /// Waits until a read would not block.
            ///
            /// # Errors
            ///
            /// [`Aborted`](crate::ErrorKind::Aborted) when the driver was shut down.
            pub async fn readable(&self) -> Result<()> {
                ops::ready(self.registration(), self.socket(), IoEventInterest::READABLE).await.map(|_| ())
            }

            /// Reads from a `poll_*` function; the slot keeps the waker of the last task that did.
            pub fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize>> {
                ops::poll_read(self.registration(), self.socket(), cx, buffer)
            }

            /// [`read_vectored`](Self::read_vectored) from a `poll_*` function; the slot keeps the waker of the last task that read in one.
            pub fn poll_read_vectored(&self, cx: &mut Context<'_>, buffers: &mut [IoSliceMut<'_>]) -> Poll<Result<usize>> {
                ops::poll_read_vectored(self.registration(), self.socket(), cx, buffers)
            }
        }
    };
}
pub(super) use reading;

/// The methods of everything that writes.
macro_rules! writing {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket> $type<$($life,)? S> {
            /// Writes what fits, at least one byte unless `bytes` is empty.
            ///
            /// # Errors
            ///
            /// [`BrokenPipe`](crate::ErrorKind::BrokenPipe), [`Reset`](crate::ErrorKind::Reset), [`Timeout`](crate::ErrorKind::Timeout);
            /// [`Aborted`](crate::ErrorKind::Aborted) when the driver was shut down.
            #[inline]
            pub fn write<'a>(&'a self, bytes: &'a [u8]) -> impl Future<Output = Result<usize>> + 'a {
                ops::write(self.source(), bytes)
            }

            /// Writes all of `bytes`.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write); how much was written by then is not told.
            #[inline]
            pub fn write_all<'a>(&'a self, bytes: &'a [u8]) -> impl Future<Output = Result<()>> + 'a {
                ops::write_all(self.source(), bytes)
            }

            /// Writes from several buffers (`sendmsg`), the first first; from 1,024 of them at most.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            pub fn write_vectored<'a, 'b: 'a>(&'a self, slices: &'a [IoSlice<'b>]) -> impl Future<Output = Result<usize>> + 'a {
                ops::write_vectored(self.source(), slices)
            }

            /// Waits until a write would not block.
            ///
            /// # Errors
            ///
            /// [`Aborted`](crate::ErrorKind::Aborted) when the driver was shut down.
            pub async fn writable(&self) -> Result<()> {
                ops::ready(self.registration(), self.socket(), IoEventInterest::WRITABLE).await.map(|_| ())
            }

            /// Writes from a `poll_*` function; the slot keeps the waker of the last task that did.
            pub fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
                ops::poll_write(self.registration(), self.socket(), cx, bytes)
            }

            /// [`write_vectored`](Self::write_vectored) from a `poll_*` function; the slot keeps the waker of the last task that wrote in one.
            pub fn poll_write_vectored(&self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<Result<usize>> {
                ops::poll_write_vectored(self.registration(), self.socket(), cx, slices)
            }

            /// Nothing is kept back, so there is nothing to flush.
            ///
            /// # Errors
            ///
            /// None.
            pub async fn flush(&self) -> Result<()> {
                Ok(())
            }
        }
    };
}
pub(super) use writing;

reading!(Stream);
writing!(Stream);
reading!(ReadHalf<'_>);
writing!(WriteHalf<'_>);
