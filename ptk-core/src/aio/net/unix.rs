//! [`UnixListener`], [`UnixStream`], [`UnixDatagram`].

use core::fmt;
use core::future::Future;
use core::ops::Deref;

use super::listener::accept;
use super::stream::Stream;
use crate::aio::BridgedFd;
use crate::aio::call::Attempt;
use crate::aio::handle::IoDriverHandle;
use crate::aio::readiness::{IoEventInterest, Ready};
use crate::error::{Error, Result};
use crate::net::{self, Connection, Datagram, Sent, UnixAddress, UnixDatagramFrom};
use crate::os::{AsFd, BorrowedFd};

/// A Unix stream; see [`Stream`] for what it does.
pub type UnixStream = Stream<net::UnixStream>;

impl UnixStream {
    /// Connects, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound), [`Refused`](crate::ErrorKind::Refused);
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) when the listener's backlog is full (Linux); as [`IoDriverHandle::current`].
    pub async fn connect(peer: &UnixAddress) -> Result<Self> {
        Self::connect_in(IoDriverHandle::current()?, peer).await
    }

    /// Connects, through this driver.
    ///
    /// # Errors
    ///
    /// As [`connect`](UnixStream::connect).
    pub async fn connect_in(handle: IoDriverHandle, peer: &UnixAddress) -> Result<Self> {
        let socket = net::UnixStream::connect(peer)?;
        let io = BridgedFd::new_assuming(handle, socket, IoEventInterest::BOTH, Ready::EMPTY)?;
        let stream = Self { io };
        let decided = stream.io.call(IoEventInterest::WRITABLE, |socket| {
            Ok(match socket.connect_result()? {
                Connection::Established => Attempt::Done(()),
                Connection::InProgress => Attempt::WouldBlock,
            })
        });
        decided.await?;
        Ok(stream)
    }

    /// Two connected streams, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted); as [`IoDriverHandle::add_io_source`] and [`IoDriverHandle::current`].
    pub fn pair() -> Result<(Self, Self)> {
        let handle = IoDriverHandle::current()?;
        let (one, other) = net::UnixStream::pair()?;
        Ok((
            Self::from_socket(handle, one)?,
            Self::from_socket(handle, other)?,
        ))
    }
}

/// Accepts Unix stream connections.
pub struct UnixListener {
    io: BridgedFd<net::UnixListener>,
}

impl UnixListener {
    /// Listens, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse) when the path exists; as [`IoDriverHandle::add_io_source`] and
    /// [`IoDriverHandle::current`].
    pub fn bind(local: &UnixAddress) -> Result<Self> {
        Self::from_socket(IoDriverHandle::current()?, net::UnixListener::bind(local)?)
    }

    /// Registers a listening socket with a driver.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn from_socket(handle: IoDriverHandle, socket: net::UnixListener) -> Result<Self> {
        Ok(Self {
            io: BridgedFd::new_with_interest(handle, socket, IoEventInterest::READABLE)?,
        })
    }

    /// Waits for a connection; as [`TcpListener::accept`](super::TcpListener::accept).
    ///
    /// # Errors
    ///
    /// As [`TcpListener::accept`](super::TcpListener::accept).
    pub fn accept(&self) -> impl Future<Output = Result<(UnixStream, UnixAddress)>> + '_ {
        accept(&self.io, net::UnixListener::accept)
    }
}

/// A Unix datagram socket.
pub struct UnixDatagram {
    io: BridgedFd<net::UnixDatagram>,
}

impl UnixDatagram {
    /// A socket with a path, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse) when the path exists; as [`IoDriverHandle::add_io_source`] and
    /// [`IoDriverHandle::current`].
    pub fn bind(local: &UnixAddress) -> Result<Self> {
        Self::from_socket(IoDriverHandle::current()?, net::UnixDatagram::bind(local)?)
    }

    /// Two connected sockets, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// As [`UnixStream::pair`].
    pub fn pair() -> Result<(Self, Self)> {
        let handle = IoDriverHandle::current()?;
        let (one, other) = net::UnixDatagram::pair()?;
        Ok((
            Self::from_socket(handle, one)?,
            Self::from_socket(handle, other)?,
        ))
    }

    /// Registers a socket with a driver.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn from_socket(handle: IoDriverHandle, socket: net::UnixDatagram) -> Result<Self> {
        Ok(Self {
            io: BridgedFd::new(handle, socket)?,
        })
    }

    /// Receives a datagram; the length of what fits into `buffer`.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn recv<'a>(&'a self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
        self.io.call(IoEventInterest::READABLE, |socket| {
            Ok(match socket.receive(buffer)? {
                Datagram::Data { length, .. } => Attempt::Done(length),
                Datagram::WouldBlock => Attempt::WouldBlock,
            })
        })
    }

    /// Receives a datagram and its sender's address.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn recv_from<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = Result<(usize, UnixAddress)>> + 'a {
        self.io.call(IoEventInterest::READABLE, |socket| {
            Ok(match socket.receive_from(buffer)? {
                UnixDatagramFrom::Data { length, from } => Attempt::Done((length, from)),
                UnixDatagramFrom::WouldBlock => Attempt::WouldBlock,
            })
        })
    }

    /// Sends a datagram to the connected peer. On Linux it waits for room in the peer's queue.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) elsewhere, when the peer's queue is full: the system tells nobody when it has room. The system's.
    pub fn send<'a>(&'a self, bytes: &'a [u8]) -> impl Future<Output = Result<usize>> + 'a {
        self.io.call(IoEventInterest::WRITABLE, |socket| {
            match socket.send(bytes)? {
                Sent::WouldBlock if TELLS_OF_ROOM => Ok(Attempt::WouldBlock),
                sent => took(sent),
            }
        })
    }

    /// Sends a datagram to `peer`.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) when the peer's queue is full: no system tells when that of a peer one is not connected to
    /// has room. The system's.
    pub fn send_to<'a>(
        &'a self,
        bytes: &'a [u8],
        peer: &'a UnixAddress,
    ) -> impl Future<Output = Result<usize>> + 'a {
        self.io.call(IoEventInterest::WRITABLE, |socket| {
            took(socket.send_to(bytes, peer)?)
        })
    }
}

/// Whether the kernel says that a socket can be written when its peer's queue has room again: Linux does (`unix(7)`). For the others a datagram socket can
/// always be written, and `ENOBUFS` is what they say of a full queue.
const TELLS_OF_ROOM: bool = cfg!(target_os = "linux");

/// What was sent; a full queue is an error, since a wait for it would have no end.
fn took(sent: Sent) -> Result<Attempt<usize>> {
    match sent {
        Sent::All(length) | Sent::Partial(length) => Ok(Attempt::Done(length)),
        Sent::WouldBlock => Err(Error::WOULD_BLOCK),
    }
}

macro_rules! bridged {
    ($($type:ident),*) => {
        $(
            impl Deref for $type {
                type Target = net::$type;

                fn deref(&self) -> &net::$type {
                    &self.io
                }
            }

            impl AsFd for $type {
                fn as_fd(&self) -> BorrowedFd<'_> {
                    self.io.as_fd()
                }
            }

            impl fmt::Debug for $type {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.io.fmt(f)
                }
            }
        )*
    };
}

bridged!(UnixListener, UnixDatagram);
