//! Datagrams between processes of one host.

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockType, bind, sendto};

use super::UnixAddress;
use crate::net::answer::{Datagram, Sent};
use crate::net::tcp::from_std;
use crate::net::{creation, sys, transfer};
use crate::os::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd, std_unix};
use crate::{Error, Result};

/// What [`UnixDatagram::receive_from`] had to give.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum UnixDatagramFrom {
    /// One datagram of `length` bytes.
    Data {
        /// Bytes in the buffer. As many as the buffer has can mean that the datagram was longer;
        /// [`receive`](UnixDatagram::receive) tells.
        length: usize,
        /// Who sent it; unnamed when the sender has not bound a path.
        from: UnixAddress,
    },
    /// Nothing now; ask again when the descriptor is readable.
    WouldBlock,
}

/// A Unix datagram socket. Datagrams keep their boundaries and their order, and none is dropped: a full receiver makes the sender wait.
///
/// ```
/// use ptk_core::net::{Datagram, Sent, UnixDatagram};
/// # fn main() -> ptk_core::Result<()> {
/// let (one, other) = UnixDatagram::pair()?;
/// assert_eq!(one.send(b"hello")?, Sent::All(5));
/// let mut buffer = [0; 16];
/// assert_eq!(other.receive(&mut buffer)?, Datagram::Data { length: 5, truncated: false });
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UnixDatagram {
    inner: std_unix::UnixDatagram,
}

impl UnixDatagram {
    /// Two connected sockets without names (`socketpair`).
    ///
    /// # Errors
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted).
    pub fn pair() -> Result<(UnixDatagram, UnixDatagram)> {
        let (one, other) = sys::pair(SockType::Datagram)?;
        let (one, other) = (one.into(), other.into());
        Ok((UnixDatagram { inner: one }, UnixDatagram { inner: other }))
    }

    /// A socket without a name: it can send, and nobody can answer (`socket`).
    ///
    /// # Errors
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted).
    pub fn unbound() -> Result<UnixDatagram> {
        let fd = sys::socket(AddressFamily::Unix, SockType::Datagram)?;
        Ok(UnixDatagram { inner: fd.into() })
    }

    /// Creates the path and receives there (`socket`, `bind`).
    ///
    /// # Errors
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse) when the path exists, [`NotFound`](crate::ErrorKind::NotFound) without its directory,
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied), [`InvalidInput`](crate::ErrorKind::InvalidInput) for an unnamed address.
    pub fn bind(local: &UnixAddress) -> Result<UnixDatagram> {
        let native = local.native()?;
        let socket = UnixDatagram::unbound()?;
        bind(socket.inner.as_raw_fd(), &native)?;
        Ok(socket)
    }

    /// Sends to this peer (`connect`).
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), [`Refused`](crate::ErrorKind::Refused), [`PermissionDenied`](crate::ErrorKind::PermissionDenied).
    pub fn connect(&self, peer: &UnixAddress) -> Result<()> {
        Ok(nix::sys::socket::connect(
            self.inner.as_raw_fd(),
            &peer.native()?,
        )?)
    }

    /// Sends one datagram to the connected peer (`send`). [`Sent::WouldBlock`] when the receiver is full (the BSDs and macOS say
    /// `ENOBUFS` for that, which is translated here).
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected), [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge), [`Refused`](crate::ErrorKind::Refused) or
    /// [`Reset`](crate::ErrorKind::Reset) when the peer is gone; [`OutOfMemory`](crate::ErrorKind::OutOfMemory).
    pub fn send(&self, bytes: &[u8]) -> Result<Sent> {
        full_is_would_block(transfer::send_datagram(&self.inner, bytes))
    }

    /// Sends one datagram to `peer` (`sendto`).
    ///
    /// # Errors
    /// Those of [`send`](UnixDatagram::send) and [`NotFound`](crate::ErrorKind::NotFound).
    pub fn send_to(&self, bytes: &[u8], peer: &UnixAddress) -> Result<Sent> {
        let result = sendto(
            self.inner.as_raw_fd(),
            bytes,
            &peer.native()?,
            sys::SEND_FLAGS,
        );
        full_is_would_block(transfer::sent(result, bytes.len()))
    }

    /// Receives one datagram (`recvmsg`).
    ///
    /// # Errors
    /// [`Reset`](crate::ErrorKind::Reset) on some systems when the connected peer is gone.
    pub fn receive(&self, buffer: &mut [u8]) -> Result<Datagram> {
        transfer::receive_datagram(&self.inner, buffer, MsgFlags::empty())
    }

    /// Receives one datagram and its sender's name (`recvfrom`).
    ///
    /// # Errors
    /// See [`receive`](UnixDatagram::receive).
    pub fn receive_from(&self, buffer: &mut [u8]) -> Result<UnixDatagramFrom> {
        // std's form, because nix asserts on the length that a peer chose for its name.
        match self.inner.recv_from(buffer) {
            Ok((length, from)) => Ok(UnixDatagramFrom::Data {
                length,
                from: UnixAddress::from_system(from),
            }),
            Err(error) if error.raw_os_error() == Some(Errno::EAGAIN as i32) => {
                Ok(UnixDatagramFrom::WouldBlock)
            }
            Err(error) => Err(from_std(error)),
        }
    }

    /// This side's name (`getsockname`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn local_addr(&self) -> Result<UnixAddress> {
        let name = self.inner.local_addr().map_err(from_std)?;
        Ok(UnixAddress::from_system(name))
    }

    /// The error that the kernel keeps for this socket, cleared by telling (`SO_ERROR`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn take_error(&self) -> Result<Option<Error>> {
        creation::take_error(&self.inner)
    }
}

/// The BSDs and macOS say `ENOBUFS` where the peer's buffer is full; Linux says `EAGAIN`, and means memory by the other. `ENOMEM` is memory everywhere, and
/// nobody would tell when there is some.
fn full_is_would_block(result: Result<Sent>) -> Result<Sent> {
    match result {
        Err(error) if cfg!(not(target_os = "linux")) && error.errno() == Errno::ENOBUFS as i32 => {
            Ok(Sent::WouldBlock)
        }
        result => result,
    }
}

impl AsFd for UnixDatagram {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl AsRawFd for UnixDatagram {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl From<UnixDatagram> for OwnedFd {
    fn from(socket: UnixDatagram) -> OwnedFd {
        socket.inner.into()
    }
}

impl From<UnixDatagram> for std_unix::UnixDatagram {
    /// It stays non-blocking.
    fn from(socket: UnixDatagram) -> std_unix::UnixDatagram {
        socket.inner
    }
}

impl TryFrom<OwnedFd> for UnixDatagram {
    type Error = Error;

    /// Makes it non-blocking and close-on-exec. The descriptor is closed when it is not a Unix datagram socket
    /// ([`InvalidInput`](crate::ErrorKind::InvalidInput)).
    fn try_from(fd: OwnedFd) -> Result<UnixDatagram> {
        creation::adopt_unix(&fd, SockType::Datagram)?;
        Ok(UnixDatagram { inner: fd.into() })
    }
}

impl TryFrom<std_unix::UnixDatagram> for UnixDatagram {
    type Error = Error;

    fn try_from(socket: std_unix::UnixDatagram) -> Result<UnixDatagram> {
        OwnedFd::from(socket).try_into()
    }
}
