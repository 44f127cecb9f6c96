//! The connected side.

use nix::sys::socket::{AddressFamily, MsgFlags, SetSockOpt, SockType, sockopt};

use super::UnixAddress;
use crate::net::answer::{Connection, Half, Received, Sent};
use crate::net::tcp::from_std;
use crate::net::{creation, sys, transfer};
use crate::os::{AsFd, AsRawFd, BorrowedFd, IoSlice, IoSliceMut, OwnedFd, RawFd, std_unix};
use crate::{Error, Result};

/// A Unix stream connection.
///
/// ```
/// use ptk_core::net::{Half, Received, Sent, UnixStream};
/// # fn main() -> ptk_core::Result<()> {
/// let (one, other) = UnixStream::pair()?;
/// assert_eq!(one.send(b"hello")?, Sent::All(5));
/// one.shutdown(Half::Send)?;
///
/// let mut buffer = [0; 16];
/// assert_eq!(other.receive(&mut buffer)?, Received::Data(5));
/// assert_eq!(other.receive(&mut buffer)?, Received::EndOfStream);
/// assert_eq!(one.receive(&mut buffer)?, Received::WouldBlock);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UnixStream {
    inner: std_unix::UnixStream,
}

impl UnixStream {
    pub(super) fn from_accepted(inner: std_unix::UnixStream) -> UnixStream {
        UnixStream { inner }
    }

    /// Two connected sockets without names (`socketpair`).
    ///
    /// # Errors
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted).
    pub fn pair() -> Result<(UnixStream, UnixStream)> {
        let (one, other) = sys::pair(SockType::Stream)?;
        let (one, other) = (one.into(), other.into());
        Ok((UnixStream { inner: one }, UnixStream { inner: other }))
    }

    /// Connects (`socket`, `connect`). On Unix sockets this is decided at once.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), [`Refused`](crate::ErrorKind::Refused) when nobody listens there any more,
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied), [`WouldBlock`](crate::ErrorKind::WouldBlock) on Linux when the
    /// listener's backlog is full (the BSDs say `Refused`): try again later.
    pub fn connect(peer: &UnixAddress) -> Result<UnixStream> {
        let native = peer.native()?;
        let fd = sys::socket(AddressFamily::Unix, SockType::Stream)?;
        creation::start_to_connect(&fd, &native)?;
        Ok(UnixStream { inner: fd.into() })
    }

    /// How the attempt to connect ended; see [`TcpStream::connect_result`](crate::net::TcpStream::connect_result).
    ///
    /// # Errors
    /// Why it failed.
    pub fn connect_result(&self) -> Result<Connection> {
        creation::connect_result(&self.inner)
    }

    /// The error that the kernel keeps for this socket, cleared by telling (`SO_ERROR`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn take_error(&self) -> Result<Option<Error>> {
        creation::take_error(&self.inner)
    }

    /// Receives into `buffer` (`recv`).
    ///
    /// # Errors
    /// [`Reset`](crate::ErrorKind::Reset), [`NotConnected`](crate::ErrorKind::NotConnected).
    #[inline]
    pub fn receive(&self, buffer: &mut [u8]) -> Result<Received> {
        transfer::receive(&self.inner, buffer, MsgFlags::empty())
    }

    /// Receives into several buffers, filling one after the other (`recvmsg`).
    ///
    /// # Errors
    /// See [`receive`](UnixStream::receive).
    pub fn receive_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> Result<Received> {
        transfer::receive_vectored(&self.inner, buffers)
    }

    /// Like [`receive`](UnixStream::receive), and the bytes stay to be received again (`MSG_PEEK`).
    ///
    /// # Errors
    /// See [`receive`](UnixStream::receive).
    pub fn peek(&self, buffer: &mut [u8]) -> Result<Received> {
        transfer::receive(&self.inner, buffer, MsgFlags::MSG_PEEK)
    }

    /// Sends as much of `bytes` as the kernel takes now (`send`).
    ///
    /// # Errors
    /// [`BrokenPipe`](crate::ErrorKind::BrokenPipe), [`Reset`](crate::ErrorKind::Reset). Never a signal.
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> Result<Sent> {
        transfer::send(&self.inner, bytes)
    }

    /// Sends several slices as one run of bytes (`sendmsg`).
    ///
    /// # Errors
    /// See [`send`](UnixStream::send).
    pub fn send_vectored(&self, slices: &[IoSlice<'_>]) -> Result<Sent> {
        transfer::send_vectored(&self.inner, slices)
    }

    /// Shuts one half down, or both (`shutdown`).
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub fn shutdown(&self, half: Half) -> Result<()> {
        transfer::shutdown(&self.inner, half)
    }

    /// This side's name (`getsockname`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn local_addr(&self) -> Result<UnixAddress> {
        let name = self.inner.local_addr().map_err(from_std)?;
        Ok(UnixAddress::from_system(name))
    }

    /// The peer's name (`getpeername`).
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub fn peer_addr(&self) -> Result<UnixAddress> {
        let name = self.inner.peer_addr().map_err(from_std)?;
        Ok(UnixAddress::from_system(name))
    }

    /// Asks for a size of the kernel's send buffer, in bytes (`SO_SNDBUF`).
    ///
    /// # Errors
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) above the system's limit on the BSDs.
    pub fn set_send_buffer_size(&self, bytes: usize) -> Result<()> {
        Ok(sockopt::SndBuf.set(&self.inner, &bytes)?)
    }
}

impl AsFd for UnixStream {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl AsRawFd for UnixStream {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl From<UnixStream> for OwnedFd {
    fn from(stream: UnixStream) -> OwnedFd {
        stream.inner.into()
    }
}

impl From<UnixStream> for std_unix::UnixStream {
    /// It stays non-blocking.
    fn from(stream: UnixStream) -> std_unix::UnixStream {
        stream.inner
    }
}

impl TryFrom<OwnedFd> for UnixStream {
    type Error = Error;

    /// Makes it non-blocking and close-on-exec. The descriptor is closed when it is not a Unix stream socket
    /// ([`InvalidInput`](crate::ErrorKind::InvalidInput)).
    fn try_from(fd: OwnedFd) -> Result<UnixStream> {
        creation::adopt_unix(&fd, SockType::Stream)?;
        Ok(UnixStream { inner: fd.into() })
    }
}

impl TryFrom<std_unix::UnixStream> for UnixStream {
    type Error = Error;

    fn try_from(stream: std_unix::UnixStream) -> Result<UnixStream> {
        OwnedFd::from(stream).try_into()
    }
}
