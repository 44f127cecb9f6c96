//! The socket: bind, connect, send, receive.

use core::net::{SocketAddr, SocketAddrV4, SocketAddrV6};

use nix::errno::Errno;
use nix::sys::socket::{
    GetSockOpt, MsgFlags, SetSockOpt, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, recvmsg,
    sendto, sockopt,
};

use crate::net::address::{self, Family};
use crate::net::answer::{Datagram, Sent};
use crate::net::{creation, sys, transfer};
use crate::os::{AsFd, AsRawFd, BorrowedFd, IoSliceMut, OwnedFd, RawFd, std_net};
use crate::{Error, Result};

/// How to bind a UDP socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BindOptions {
    reuse_address: bool,
    share_port: bool,
    only_v6: Option<bool>,
}

impl BindOptions {
    /// Nothing reused, nothing shared.
    #[must_use]
    pub const fn new() -> BindOptions {
        BindOptions {
            reuse_address: false,
            share_port: false,
            only_v6: None,
        }
    }

    /// `SO_REUSEADDR`: other sockets may have the port as well. On Linux that is enough for several receivers of one multicast group.
    #[must_use]
    pub const fn reuse_address(mut self, on: bool) -> BindOptions {
        self.reuse_address = on;
        self
    }

    /// `SO_REUSEPORT` (FreeBSD: and `SO_REUSEPORT_LB`): other sockets that say the same may have the port as well. What several
    /// receivers of one multicast group need on the BSDs and macOS.
    #[must_use]
    pub const fn share_port(mut self, on: bool) -> BindOptions {
        self.share_port = on;
        self
    }

    /// `IPV6_V6ONLY`. OpenBSD refuses `false`.
    #[must_use]
    pub const fn only_v6(mut self, on: bool) -> BindOptions {
        self.only_v6 = Some(on);
        self
    }
}

/// What [`UdpSocket::receive_from`] had to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum DatagramFrom {
    /// One datagram; a length of 0 is an empty datagram, not an end.
    Data {
        /// Bytes in the buffer.
        length: usize,
        /// Who sent it.
        from: SocketAddr,
        /// The datagram was longer than the buffer; the rest of it is gone.
        truncated: bool,
    },
    /// Nothing now; ask again when the descriptor is readable.
    WouldBlock,
}

/// A UDP socket.
///
/// **After an error it goes on.** When a datagram is answered by ICMP ("port unreachable"), the kernel tells by failing one later call
/// of a *connected* socket ([`Refused`](crate::ErrorKind::Refused)); that call cleared it, nothing was lost, and the next one works. The
/// same holds for [`Unreachable`](crate::ErrorKind::Unreachable) and [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge).
///
/// ```
/// use ptk_core::net::{DatagramFrom, Sent, UdpSocket};
/// # fn main() -> ptk_core::Result<()> {
/// let one = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let other = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
///
/// assert_eq!(one.send_to(b"hello", other.local_addr()?)?, Sent::All(5));
/// let mut buffer = [0; 3];
/// let answer = loop {
///     // A loop would wait for the socket to become readable.
///     match other.receive_from(&mut buffer)? {
///         DatagramFrom::WouldBlock => {}
///         data => break data,
///     }
/// };
/// let from = one.local_addr()?;
/// assert_eq!(answer, DatagramFrom::Data { length: 3, from, truncated: true });
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UdpSocket {
    pub(super) fd: OwnedFd,
    pub(super) family: Family,
}

impl UdpSocket {
    /// A socket at this local address; port 0 lets the system pick one, an unspecified address takes what comes to any
    /// (`socket`, `bind`).
    ///
    /// # Errors
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse), [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable),
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied), [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted).
    pub fn bind(local: SocketAddr) -> Result<UdpSocket> {
        UdpSocket::bind_with(local, &BindOptions::new())
    }

    /// The same with options.
    ///
    /// # Errors
    /// See [`bind`](UdpSocket::bind).
    pub fn bind_with(local: SocketAddr, options: &BindOptions) -> Result<UdpSocket> {
        let fd = creation::internet(&local, SockType::Datagram)?;
        if options.reuse_address {
            sockopt::ReuseAddr.set(&fd, &true)?;
        }
        if options.share_port {
            sys::share_port(&fd)?;
        }
        creation::set_only_v6(&fd, &local, options.only_v6)?;
        creation::bind(&fd, &local)?;
        Ok(UdpSocket {
            fd,
            family: Family::of(&local),
        })
    }

    /// Sends to, and receives from, this peer only (`connect`); ICMP errors are told from now on.
    ///
    /// # Errors
    /// [`Unreachable`](crate::ErrorKind::Unreachable) without a route.
    pub fn connect(&self, peer: SocketAddr) -> Result<()> {
        address::with_native(&peer, |native| creation::start_to_connect(&self.fd, native))
    }

    /// Sends one datagram to the connected peer (`send`). A datagram goes whole or not at all.
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected), [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge), and what ICMP said of
    /// an earlier one: [`Refused`](crate::ErrorKind::Refused), [`Unreachable`](crate::ErrorKind::Unreachable). The BSDs and macOS say
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) when the interface's queue is full.
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> Result<Sent> {
        transfer::send_datagram(&self.fd, bytes)
    }

    /// Sends one datagram to `peer` (`sendto`).
    ///
    /// # Errors
    /// Those of [`send`](UdpSocket::send); [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for a broadcast address before
    /// [`set_broadcast`](UdpSocket::set_broadcast); [`AlreadyConnected`](crate::ErrorKind::AlreadyConnected) on a connected socket of
    /// some systems.
    #[inline]
    pub fn send_to(&self, bytes: &[u8], peer: SocketAddr) -> Result<Sent> {
        let result = address::with_native(&peer, |native| {
            sendto(self.fd.as_raw_fd(), bytes, native, sys::SEND_FLAGS)
        });
        transfer::sent(result, bytes.len())
    }

    /// Receives one datagram without telling who sent it: for connected sockets (`recvmsg`).
    ///
    /// # Errors
    /// What ICMP said of an earlier datagram of a connected socket: [`Refused`](crate::ErrorKind::Refused),
    /// [`Unreachable`](crate::ErrorKind::Unreachable). The next call goes on.
    #[inline]
    pub fn receive(&self, buffer: &mut [u8]) -> Result<Datagram> {
        transfer::receive_datagram(&self.fd, buffer, MsgFlags::empty())
    }

    /// Like [`receive`](UdpSocket::receive), and the datagram stays (`MSG_PEEK`).
    ///
    /// # Errors
    /// See [`receive`](UdpSocket::receive).
    pub fn peek(&self, buffer: &mut [u8]) -> Result<Datagram> {
        transfer::receive_datagram(&self.fd, buffer, MsgFlags::MSG_PEEK)
    }

    /// Receives one datagram and its sender's address (`recvmsg`).
    ///
    /// # Errors
    /// See [`receive`](UdpSocket::receive).
    #[inline]
    pub fn receive_from(&self, buffer: &mut [u8]) -> Result<DatagramFrom> {
        match self.family {
            Family::V4 => receive_from::<SockaddrIn>(&self.fd, buffer, |from| {
                SocketAddr::V4(SocketAddrV4::from(from))
            }),
            Family::V6 => receive_from::<SockaddrIn6>(&self.fd, buffer, |from| {
                SocketAddr::V6(SocketAddrV6::from(from))
            }),
        }
    }

    /// Like [`receive_from`](UdpSocket::receive_from), and the length is the datagram's, of which the buffer may have the beginning only.
    #[cfg(feature = "embedded-nal-async")]
    pub(crate) fn receive_measured(&self, buffer: &mut [u8]) -> Result<DatagramFrom> {
        match self.family {
            Family::V4 => measured::<SockaddrIn>(&self.fd, buffer, |from| {
                SocketAddr::V4(SocketAddrV4::from(from))
            }),
            Family::V6 => measured::<SockaddrIn6>(&self.fd, buffer, |from| {
                SocketAddr::V6(SocketAddrV6::from(from))
            }),
        }
    }

    /// This side's address (`getsockname`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        address::local(self.fd.as_raw_fd())
    }

    /// The connected peer's address (`getpeername`).
    ///
    /// # Errors
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        address::peer(self.fd.as_raw_fd())
    }

    /// The error that the kernel keeps for this socket, cleared by telling (`SO_ERROR`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn take_error(&self) -> Result<Option<Error>> {
        creation::take_error(&self.fd)
    }

    /// Whether broadcast addresses may be sent to (`SO_BROADCAST`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn broadcast(&self) -> Result<bool> {
        Ok(sockopt::Broadcast.get(&self.fd)?)
    }

    /// Allows to send to broadcast addresses (`SO_BROADCAST`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn set_broadcast(&self, on: bool) -> Result<()> {
        Ok(sockopt::Broadcast.set(&self.fd, &on)?)
    }

    /// The hop limit of unicast packets (`IP_TTL`, `IPV6_UNICAST_HOPS`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn ttl(&self) -> Result<u32> {
        super::unicast_hops(&self.fd)
    }

    /// Sets what [`ttl`](UdpSocket::ttl) tells; 1 to 255.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) outside that range.
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        super::set_unicast_hops(&self.fd, hops)
    }

    /// Asks for a size of the kernel's receive buffer, in bytes (`SO_RCVBUF`): how much may arrive between two turns of a loop.
    ///
    /// # Errors
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory) above the system's limit on the BSDs.
    pub fn set_receive_buffer_size(&self, bytes: usize) -> Result<()> {
        Ok(sockopt::RcvBuf.set(&self.fd, &bytes)?)
    }
}

#[inline]
fn receive_from<S: SockaddrLike>(
    fd: &OwnedFd,
    buffer: &mut [u8],
    address: impl FnOnce(S) -> SocketAddr,
) -> Result<DatagramFrom> {
    receive_into(
        fd,
        &mut [IoSliceMut::new(buffer)],
        MsgFlags::empty(),
        address,
    )
}

/// Linux tells a datagram's length (`MSG_TRUNC`, `recv(2)`). Elsewhere what does not fit is received onto the stack, where there is room for any.
#[cfg(feature = "embedded-nal-async")]
fn measured<S: SockaddrLike>(
    fd: &OwnedFd,
    buffer: &mut [u8],
    address: impl FnOnce(S) -> SocketAddr,
) -> Result<DatagramFrom> {
    if cfg!(target_os = "linux") {
        return receive_into(
            fd,
            &mut [IoSliceMut::new(buffer)],
            MsgFlags::MSG_TRUNC,
            address,
        );
    }
    let mut rest = [0; u16::MAX as usize];
    let left = rest.len().saturating_sub(buffer.len());
    let slices = &mut [IoSliceMut::new(buffer), IoSliceMut::new(&mut rest[..left])];
    receive_into(fd, slices, MsgFlags::empty(), address)
}

#[inline]
fn receive_into<S: SockaddrLike>(
    fd: &OwnedFd,
    slices: &mut [IoSliceMut<'_>],
    flags: MsgFlags,
    address: impl FnOnce(S) -> SocketAddr,
) -> Result<DatagramFrom> {
    match recvmsg::<S>(fd.as_raw_fd(), slices, None, flags) {
        Ok(message) => {
            let truncated = message.flags.contains(MsgFlags::MSG_TRUNC);
            let length = message.bytes;
            let from = address(message.address.ok_or(Error::INVALID_INPUT)?);
            Ok(DatagramFrom::Data {
                length,
                from,
                truncated,
            })
        }
        Err(Errno::EAGAIN) => Ok(DatagramFrom::WouldBlock),
        Err(errno) => Err(errno.into()),
    }
}

impl AsFd for UdpSocket {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl From<UdpSocket> for OwnedFd {
    fn from(socket: UdpSocket) -> OwnedFd {
        socket.fd
    }
}

impl From<UdpSocket> for std_net::UdpSocket {
    /// It stays non-blocking.
    fn from(socket: UdpSocket) -> std_net::UdpSocket {
        socket.fd.into()
    }
}

impl TryFrom<OwnedFd> for UdpSocket {
    type Error = Error;

    /// Makes it non-blocking and close-on-exec. The descriptor is closed when it is not an Internet datagram socket
    /// ([`InvalidInput`](crate::ErrorKind::InvalidInput)).
    fn try_from(fd: OwnedFd) -> Result<UdpSocket> {
        let family = creation::adopt_internet(&fd, SockType::Datagram)?;
        Ok(UdpSocket { fd, family })
    }
}

impl TryFrom<std_net::UdpSocket> for UdpSocket {
    type Error = Error;

    fn try_from(socket: std_net::UdpSocket) -> Result<UdpSocket> {
        OwnedFd::from(socket).try_into()
    }
}
