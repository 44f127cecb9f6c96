//! [`UdpSocket`].

use core::fmt;
use core::future::Future;
use core::net::SocketAddr;
use core::ops::Deref;

use super::address::ToSocketAddr;
use crate::aio::BridgedFd;
use crate::aio::call::Attempt;
use crate::aio::handle::IoDriverHandle;
use crate::aio::readiness::{IoEventInterest, Ready};
use crate::error::Result;
use crate::net::{self, Datagram, DatagramFrom, Sent};
use crate::os::{AsFd, BorrowedFd};

/// A UDP socket. Broadcast, multicast of both families, hop limits, buffers and the local address are on the socket that it dereferences to.
///
/// An error that a peer's host answered (a refusal by ICMP) is reported by one call and leaves the socket as good as it was.
///
/// ```
/// use ptk_core::aio::net::UdpSocket;
/// use ptk_core::aio::{self, IoDriver, IoSlots};
///
/// static SLOTS: IoSlots<8> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// aio::block_on(driver, async {
///     let one = UdpSocket::bind("127.0.0.1:0").await?;
///     let other = UdpSocket::bind("127.0.0.1:0").await?;
///     one.send_to(b"hello", other.local_addr()?).await?;
///     let mut buffer = [0; 64];
///     assert_eq!(other.recv_from(&mut buffer).await?, (5, one.local_addr()?));
///     Ok::<(), ptk_core::Error>(())
/// })??;
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct UdpSocket {
    io: BridgedFd<net::UdpSocket>,
}

impl UdpSocket {
    /// A socket with this local address, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse), [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable); as
    /// [`IoDriverHandle::add_io_source`] and [`IoDriverHandle::current`].
    pub async fn bind(local: impl ToSocketAddr) -> Result<Self> {
        Self::bind_in(IoDriverHandle::current()?, local)
    }

    /// A socket with this local address, through this driver.
    ///
    /// # Errors
    ///
    /// As [`bind`](UdpSocket::bind).
    pub fn bind_in(handle: IoDriverHandle, local: impl ToSocketAddr) -> Result<Self> {
        Self::from_socket(handle, net::UdpSocket::bind(local.to_socket_addr()?)?)
    }

    /// Registers a socket with a driver.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn from_socket(handle: IoDriverHandle, socket: net::UdpSocket) -> Result<Self> {
        let hope = Ready::READABLE | Ready::WRITABLE;
        Ok(Self {
            io: BridgedFd::new_assuming(handle, socket, IoEventInterest::BOTH, hope)?,
        })
    }

    /// Takes the registration back and gives the socket out.
    pub fn into_socket(self) -> net::UdpSocket {
        self.io.into_inner()
    }

    /// Makes `peer` the only one that is received from and the one that [`send`](UdpSocket::send) sends to.
    ///
    /// # Errors
    ///
    /// [`Unreachable`](crate::ErrorKind::Unreachable), [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub async fn connect(&self, peer: impl ToSocketAddr) -> Result<()> {
        self.io.get().connect(peer.to_socket_addr()?)
    }

    /// Receives a datagram; the length of what fits into `buffer`.
    ///
    /// # Errors
    ///
    /// [`Refused`](crate::ErrorKind::Refused) when a datagram sent before found nobody (connected sockets); the next call works.
    pub fn recv<'a>(&'a self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
        self.io.call(IoEventInterest::READABLE, |socket| {
            Ok(datagram(socket.receive(buffer)?))
        })
    }

    /// Receives a datagram and its sender's address.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn recv_from<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = Result<(usize, SocketAddr)>> + 'a {
        self.io.call(IoEventInterest::READABLE, |socket| {
            Ok(datagram_from(socket.receive_from(buffer)?))
        })
    }

    /// Receives a datagram and its sender's address; the length is the datagram's, of which `buffer` may have the beginning only.
    #[cfg(feature = "embedded-nal-async")]
    pub(crate) fn recv_measured<'a>(
        &'a self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = Result<(usize, SocketAddr)>> + 'a {
        self.io.call(IoEventInterest::READABLE, |socket| {
            Ok(datagram_from(socket.receive_measured(buffer)?))
        })
    }

    /// Looks at a datagram and leaves it where it is.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn peek<'a>(&'a self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
        self.io.call(IoEventInterest::READABLE, |socket| {
            Ok(datagram(socket.peek(buffer)?))
        })
    }

    /// Sends a datagram to the connected peer.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv); [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge),
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub fn send<'a>(&'a self, bytes: &'a [u8]) -> impl Future<Output = Result<usize>> + 'a {
        self.io.call(IoEventInterest::WRITABLE, |socket| {
            Ok(sent(socket.send(bytes)?))
        })
    }

    /// Sends a datagram to `peer`.
    ///
    /// # Errors
    ///
    /// [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge), [`Unreachable`](crate::ErrorKind::Unreachable),
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for a broadcast that was not allowed before.
    pub async fn send_to(&self, bytes: &[u8], peer: impl ToSocketAddr) -> Result<usize> {
        let peer = peer.to_socket_addr()?;
        self.io
            .call(IoEventInterest::WRITABLE, |socket| {
                Ok(sent(socket.send_to(bytes, peer)?))
            })
            .await
    }

    /// Waits until a receive would not block.
    ///
    /// # Errors
    ///
    /// As [`BridgedFd::ready`].
    pub async fn readable(&self) -> Result<()> {
        self.io.ready(IoEventInterest::READABLE).await.map(|_| ())
    }

    /// Waits until a send would not block.
    ///
    /// # Errors
    ///
    /// As [`BridgedFd::ready`].
    pub async fn writable(&self) -> Result<()> {
        self.io.ready(IoEventInterest::WRITABLE).await.map(|_| ())
    }

    /// The registered socket, for calls of one's own ([`BridgedFd::async_call`]): `receive_at` for the local address of a datagram, for example.
    pub const fn bridged(&self) -> &BridgedFd<net::UdpSocket> {
        &self.io
    }
}

fn datagram(datagram: Datagram) -> Attempt<usize> {
    match datagram {
        Datagram::Data { length, .. } => Attempt::Done(length),
        Datagram::WouldBlock => Attempt::WouldBlock,
    }
}

fn datagram_from(datagram: DatagramFrom) -> Attempt<(usize, SocketAddr)> {
    match datagram {
        DatagramFrom::Data { length, from, .. } => Attempt::Done((length, from)),
        DatagramFrom::WouldBlock => Attempt::WouldBlock,
    }
}

fn sent(sent: Sent) -> Attempt<usize> {
    match sent {
        Sent::All(length) | Sent::Partial(length) => Attempt::Done(length),
        Sent::WouldBlock => Attempt::WouldBlock,
    }
}

impl Deref for UdpSocket {
    type Target = net::UdpSocket;

    fn deref(&self) -> &net::UdpSocket {
        &self.io
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
