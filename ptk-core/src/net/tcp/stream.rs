//! The connected side.

use core::net::SocketAddr;
use core::time::Duration;

use nix::libc::linger;
use nix::sys::socket::{GetSockOpt, MsgFlags, SetSockOpt, SockType, sockopt};

use super::KeepAlive;
use crate::net::answer::{Connection, Half, Received, Sent};
use crate::net::{address, creation, sys, transfer, udp};
use crate::os::{AsFd, AsRawFd, BorrowedFd, IoSlice, IoSliceMut, OwnedFd, RawFd, std_net};
use crate::{Error, Result};

/// A TCP connection, or an attempt at one.
///
/// ```text
///  connect ──► in progress ──writable──► connect_result ──► established ──► receive, send, shutdown ──► drop
///                                             └──► Err(Refused, Timeout, Unreachable, ...)
/// ```
///
/// ```
/// use ptk_core::net::{Connection, Sent, TcpStream};
/// # fn main() -> ptk_core::Result<()> {
/// let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// let stream = TcpStream::connect(listener.local_addr().unwrap())?;
/// // A loop would wait for the stream to become writable.
/// while stream.connect_result()? == Connection::InProgress {}
///
/// assert_eq!(stream.send(b"hello")?, Sent::All(5));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TcpStream {
    fd: OwnedFd,
}

impl TcpStream {
    pub(super) fn from_accepted(fd: OwnedFd) -> TcpStream {
        TcpStream { fd }
    }

    /// Starts to connect and returns at once (`socket`, `connect`). When the descriptor becomes writable,
    /// [`connect_result`](TcpStream::connect_result) tells how it ended; the deadline is the caller's to keep.
    ///
    /// # Errors
    /// What is known at once: [`Unreachable`](crate::ErrorKind::Unreachable) without a route,
    /// [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable) without a free port; on some systems
    /// [`Refused`](crate::ErrorKind::Refused) for a peer on the same host.
    pub fn connect(peer: SocketAddr) -> Result<TcpStream> {
        let fd = creation::internet(&peer, SockType::Stream)?;
        address::with_native(&peer, |native| creation::start_to_connect(&fd, native))?;
        Ok(TcpStream { fd })
    }

    /// The same from a local address of the caller's choice, with port 0 for any (`bind` before `connect`).
    ///
    /// # Errors
    /// Those of [`connect`](TcpStream::connect), [`AddressInUse`](crate::ErrorKind::AddressInUse),
    /// [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable).
    pub fn connect_from(local: SocketAddr, peer: SocketAddr) -> Result<TcpStream> {
        let fd = creation::internet(&peer, SockType::Stream)?;
        sockopt::ReuseAddr.set(&fd, &true)?;
        creation::bind(&fd, &local)?;
        address::with_native(&peer, |native| creation::start_to_connect(&fd, native))?;
        Ok(TcpStream { fd })
    }

    /// How the attempt to connect ended (`SO_ERROR`, `getpeername`).
    ///
    /// # Errors
    /// Why it failed: [`Refused`](crate::ErrorKind::Refused), [`Timeout`](crate::ErrorKind::Timeout),
    /// [`Unreachable`](crate::ErrorKind::Unreachable), [`Reset`](crate::ErrorKind::Reset). The kernel tells once; asked again after a
    /// failure, it says [`Connection::InProgress`].
    pub fn connect_result(&self) -> Result<Connection> {
        creation::connect_result(&self.fd)
    }

    /// The error that the kernel keeps for this socket, cleared by telling (`SO_ERROR`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn take_error(&self) -> Result<Option<Error>> {
        creation::take_error(&self.fd)
    }

    /// Receives into `buffer` (`recv`).
    ///
    /// # Errors
    /// [`Reset`](crate::ErrorKind::Reset), [`Timeout`](crate::ErrorKind::Timeout) from keep-alive or retransmission,
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    #[inline]
    pub fn receive(&self, buffer: &mut [u8]) -> Result<Received> {
        transfer::receive(&self.fd, buffer, MsgFlags::empty())
    }

    /// Receives into several buffers, filling one after the other (`recvmsg`).
    ///
    /// # Errors
    /// See [`receive`](TcpStream::receive).
    pub fn receive_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> Result<Received> {
        transfer::receive_vectored(&self.fd, buffers)
    }

    /// Like [`receive`](TcpStream::receive), and the bytes stay to be received again (`MSG_PEEK`).
    ///
    /// # Errors
    /// See [`receive`](TcpStream::receive).
    pub fn peek(&self, buffer: &mut [u8]) -> Result<Received> {
        transfer::receive(&self.fd, buffer, MsgFlags::MSG_PEEK)
    }

    /// Sends as much of `bytes` as the kernel takes now (`send`).
    ///
    /// # Errors
    /// [`BrokenPipe`](crate::ErrorKind::BrokenPipe), [`Reset`](crate::ErrorKind::Reset),
    /// [`NotConnected`](crate::ErrorKind::NotConnected). Never a signal.
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> Result<Sent> {
        transfer::send(&self.fd, bytes)
    }

    /// Sends several slices as one run of bytes (`sendmsg`); at most 1,024 slices (`IOV_MAX`).
    ///
    /// # Errors
    /// See [`send`](TcpStream::send).
    pub fn send_vectored(&self, slices: &[IoSlice<'_>]) -> Result<Sent> {
        transfer::send_vectored(&self.fd, slices)
    }

    /// Shuts one half down, or both (`shutdown`).
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub fn shutdown(&self, half: Half) -> Result<()> {
        transfer::shutdown(&self.fd, half)
    }

    /// This side's address (`getsockname`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        address::local(self.fd.as_raw_fd())
    }

    /// The peer's address (`getpeername`).
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected) before the connection stands.
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        address::peer(self.fd.as_raw_fd())
    }

    /// Whether small segments are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn nodelay(&self) -> Result<bool> {
        Ok(sockopt::TcpNoDelay.get(&self.fd)?)
    }

    /// Sends small segments at once instead of collecting them (`TCP_NODELAY`): what request and answer want.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) on macOS when the connection is reset already.
    pub fn set_nodelay(&self, on: bool) -> Result<()> {
        Ok(sockopt::TcpNoDelay.set(&self.fd, &on)?)
    }

    /// Probes a silent peer at these times, or never (`None`). `SO_KEEPALIVE` and the three times; DragonFly's milliseconds are taken
    /// care of.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) on OpenBSD, where the times belong to the whole system
    /// (`sysctl net.inet.tcp.keepidle`); use [`set_keep_alive_of_system`](TcpStream::set_keep_alive_of_system) there.
    pub fn set_keep_alive(&self, times: Option<&KeepAlive>) -> Result<()> {
        if let Some(times) = times {
            sys::set_keep_alive_times(&self.fd, times)?;
        }
        self.set_keep_alive_of_system(times.is_some())
    }

    /// Probes a silent peer at the times that the system has (two hours before the first one, mostly), or not at all
    /// (`SO_KEEPALIVE`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn set_keep_alive_of_system(&self, on: bool) -> Result<()> {
        Ok(sockopt::KeepAlive.set(&self.fd, &on)?)
    }

    /// Whether a silent peer is probed (`SO_KEEPALIVE`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn keep_alive(&self) -> Result<bool> {
        Ok(sockopt::KeepAlive.get(&self.fd)?)
    }

    /// What closing does with bytes that were not sent yet (`SO_LINGER`, macOS: `SO_LINGER_SEC`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn linger(&self) -> Result<Option<Duration>> {
        let value = sys::Linger.get(&self.fd)?;
        let seconds = u64::try_from(value.l_linger).unwrap_or(0);
        Ok((value.l_onoff != 0).then(|| Duration::from_secs(seconds)))
    }

    /// `None`: closing returns at once and the kernel goes on sending. Zero: closing resets the connection and drops what was not
    /// sent. Longer: closing waits so long on some systems, a second at least; not for a loop.
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn set_linger(&self, time: Option<Duration>) -> Result<()> {
        let seconds = time.map(|time| time.as_secs() + u64::from(time.subsec_nanos() > 0));
        let value = linger {
            l_onoff: seconds.is_some().into(),
            // Kept in 16 bits by the BSDs.
            l_linger: i32::from(i16::try_from(seconds.unwrap_or(0)).unwrap_or(i16::MAX)),
        };
        Ok(sys::Linger.set(&self.fd, &value)?)
    }

    /// The hop limit of packets (`IP_TTL`, `IPV6_UNICAST_HOPS`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn ttl(&self) -> Result<u32> {
        udp::unicast_hops(&self.fd)
    }

    /// Sets what [`ttl`](TcpStream::ttl) tells; 1 to 255.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) outside that range.
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        udp::set_unicast_hops(&self.fd, hops)
    }

    /// The sizes of the kernel's buffers in bytes, receiving and sending (`SO_RCVBUF`, `SO_SNDBUF`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn buffer_sizes(&self) -> Result<(usize, usize)> {
        Ok((
            sockopt::RcvBuf.get(&self.fd)?,
            sockopt::SndBuf.get(&self.fd)?,
        ))
    }

    /// Asks for a size of the kernel's receive buffer, in bytes. Linux doubles it for its own use.
    ///
    /// # Errors
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) above the system's limit on the BSDs.
    pub fn set_receive_buffer_size(&self, bytes: usize) -> Result<()> {
        Ok(sockopt::RcvBuf.set(&self.fd, &bytes)?)
    }

    /// Asks for a size of the kernel's send buffer, in bytes. Linux doubles it for its own use.
    ///
    /// # Errors
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) above the system's limit on the BSDs.
    pub fn set_send_buffer_size(&self, bytes: usize) -> Result<()> {
        Ok(sockopt::SndBuf.set(&self.fd, &bytes)?)
    }
}

impl AsFd for TcpStream {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl From<TcpStream> for OwnedFd {
    fn from(stream: TcpStream) -> OwnedFd {
        stream.fd
    }
}

impl From<TcpStream> for std_net::TcpStream {
    /// It stays non-blocking.
    fn from(stream: TcpStream) -> std_net::TcpStream {
        stream.fd.into()
    }
}

impl TryFrom<OwnedFd> for TcpStream {
    type Error = Error;

    /// Makes it non-blocking and close-on-exec. The descriptor is closed when it is not an Internet stream socket
    /// ([`InvalidInput`](crate::ErrorKind::InvalidInput)).
    fn try_from(fd: OwnedFd) -> Result<TcpStream> {
        creation::adopt_internet(&fd, SockType::Stream)?;
        Ok(TcpStream { fd })
    }
}

impl TryFrom<std_net::TcpStream> for TcpStream {
    type Error = Error;

    fn try_from(stream: std_net::TcpStream) -> Result<TcpStream> {
        OwnedFd::from(stream).try_into()
    }
}
