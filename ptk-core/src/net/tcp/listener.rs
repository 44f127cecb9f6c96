//! The listening side.

use core::net::SocketAddr;

use nix::errno::Errno;
use nix::sys::socket::{Backlog, SetSockOpt, SockType, listen, sockopt};

use super::TcpStream;
use crate::net::answer::Accepted;
use crate::net::{address, creation, sys, transfer};
use crate::os::{AsFd, BorrowedFd, OwnedFd, io, std_net};
use crate::{Error, ErrorKind, Result};

/// How to listen.
///
/// ```
/// use ptk_core::net::{ListenOptions, TcpListener};
///
/// let options = ListenOptions::new().backlog(16).only_v6(true);
/// let listener = TcpListener::bind_with("[::1]:0".parse().unwrap(), &options);
/// # let _ = listener;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenOptions {
    backlog: Option<u16>,
    reuse_address: bool,
    share_port: bool,
    only_v6: Option<bool>,
}

impl Default for ListenOptions {
    fn default() -> ListenOptions {
        ListenOptions::new()
    }
}

impl ListenOptions {
    /// The system's largest backlog, `SO_REUSEADDR` set, the port not shared, IPv4 over IPv6 as the system has it.
    #[must_use]
    pub const fn new() -> ListenOptions {
        ListenOptions {
            backlog: None,
            reuse_address: true,
            share_port: false,
            only_v6: None,
        }
    }

    /// How many connections may wait to be accepted; more than the system's limit counts as the limit (`listen(2)`).
    #[must_use]
    pub const fn backlog(mut self, connections: u16) -> ListenOptions {
        self.backlog = Some(connections);
        self
    }

    /// `SO_REUSEADDR`: listen although connections of a predecessor linger in `TIME_WAIT`. On unless turned off here.
    #[must_use]
    pub const fn reuse_address(mut self, on: bool) -> ListenOptions {
        self.reuse_address = on;
        self
    }

    /// `SO_REUSEPORT` (FreeBSD: `SO_REUSEPORT_LB`): one listener on the same port for each loop. Linux, FreeBSD and DragonFly spread
    /// the connections; the others only allow it.
    #[must_use]
    pub const fn share_port(mut self, on: bool) -> ListenOptions {
        self.share_port = on;
        self
    }

    /// `IPV6_V6ONLY`: whether a listener on `[::]` leaves IPv4 alone. OpenBSD never serves both and refuses `false`.
    #[must_use]
    pub const fn only_v6(mut self, on: bool) -> ListenOptions {
        self.only_v6 = Some(on);
        self
    }
}

/// A listening TCP socket.
///
/// ```
/// use std::io::Write;
/// use ptk_core::net::{Accepted, Received, TcpListener};
/// # fn main() -> ptk_core::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// assert!(matches!(listener.accept()?, Accepted::WouldBlock));
///
/// let mut client = std::net::TcpStream::connect(listener.local_addr()?).unwrap();
/// let server = loop {
///     // A loop would wait for the listener to become readable.
///     if let Accepted::Connection(stream, peer) = listener.accept()? {
///         assert_eq!(peer, client.local_addr().unwrap());
///         break stream;
///     }
/// };
/// client.write_all(b"hello").unwrap();
/// let mut buffer = [0; 16];
/// let length = loop {
///     if let Received::Data(length) = server.receive(&mut buffer)? {
///         break length;
///     }
/// };
/// assert_eq!(&buffer[..length], b"hello");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TcpListener {
    inner: std_net::TcpListener,
}

impl TcpListener {
    /// Listens with [`ListenOptions::new`]; port 0 lets the system pick one ([`local_addr`](TcpListener::local_addr) tells it).
    ///
    /// `socket`, `setsockopt`, `bind`, `listen`.
    ///
    /// # Errors
    /// [`AddressInUse`](ErrorKind::AddressInUse), [`AddressNotAvailable`](ErrorKind::AddressNotAvailable),
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) for low ports, [`Unsupported`](ErrorKind::Unsupported) without IPv6,
    /// [`DescriptorsExhausted`](ErrorKind::DescriptorsExhausted).
    pub fn bind(local: SocketAddr) -> Result<TcpListener> {
        TcpListener::bind_with(local, &ListenOptions::new())
    }

    /// Listens.
    ///
    /// # Errors
    /// See [`bind`](TcpListener::bind).
    pub fn bind_with(local: SocketAddr, options: &ListenOptions) -> Result<TcpListener> {
        let fd = creation::internet(&local, SockType::Stream)?;
        if options.reuse_address {
            sockopt::ReuseAddr.set(&fd, &true)?;
        }
        if options.share_port {
            sys::share_port(&fd)?;
        }
        creation::set_only_v6(&fd, &local, options.only_v6)?;
        creation::bind(&fd, &local)?;
        listen(&fd, backlog(options.backlog)?)?;
        Ok(TcpListener { inner: fd.into() })
    }

    /// Takes one connection from the backlog: `accept4` with close-on-exec (macOS: `accept`, `ioctl(FIOCLEX)`), then
    /// `ioctl(FIONBIO)`.
    ///
    /// # Errors
    /// Only what is wrong with the listener itself. What a peer or a shortage can bring about is an [`Accepted`].
    pub fn accept(&self) -> Result<Accepted<TcpStream, SocketAddr>> {
        let accepted = accepted(self.inner.accept(), |stream| stream.set_nonblocking(true))?;
        Ok(accepted.map(|stream, peer| (TcpStream::from_accepted(stream.into()), peer)))
    }

    /// The address and port that are listened on (`getsockname`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        address::local(transfer::raw(&self.inner))
    }

    /// The hop limit that accepted connections start with (`IP_TTL`, `IPV6_UNICAST_HOPS`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn ttl(&self) -> Result<u32> {
        crate::net::udp::unicast_hops(&self.inner)
    }

    /// Sets what [`ttl`](TcpListener::ttl) tells; 1 to 255.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) outside that range.
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        crate::net::udp::set_unicast_hops(&self.inner, hops)
    }

    /// `SO_ERROR`, cleared by telling.
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn take_error(&self) -> Result<Option<Error>> {
        creation::take_error(&self.inner)
    }
}

fn backlog(wanted: Option<u16>) -> Result<Backlog> {
    let limit = i32::from(Backlog::MAXCONN);
    let wanted = wanted.map_or(limit, i32::from);
    Ok(Backlog::new(wanted.min(limit))?)
}

/// Sorts what `accept` said. `prepare` runs on the new connection; when it fails, the connection is as good as aborted.
pub(in crate::net) fn accepted<S, A>(
    result: io::Result<(S, A)>,
    prepare: impl FnOnce(&S) -> io::Result<()>,
) -> Result<Accepted<S, A>> {
    match result {
        // macOS: SO_NOSIGPIPE is the listener's and handed down. Setting it here would answer EINVAL for a peer that has sent and closed
        // already, whose bytes still wait.
        Ok((stream, peer)) => match prepare(&stream) {
            Ok(()) => Ok(Accepted::Connection(stream, peer)),
            Err(error) => Ok(Accepted::Aborted(from_std(error))),
        },
        Err(error) => not_accepted(from_std(error)),
    }
}

/// Linux hands pending network errors of the new connection to `accept` (`accept(2)`, "Error handling"), and a firewall's refusal as
/// `EPERM`; they say nothing about the listener.
fn not_accepted<S, A>(error: Error) -> Result<Accepted<S, A>> {
    match error.kind() {
        ErrorKind::WouldBlock => Ok(Accepted::WouldBlock),
        ErrorKind::DescriptorsExhausted | ErrorKind::OutOfMemory => Ok(Accepted::Exhausted(error)),
        ErrorKind::Aborted
        | ErrorKind::Reset
        | ErrorKind::Timeout
        | ErrorKind::Unreachable
        | ErrorKind::PermissionDenied => Ok(Accepted::Aborted(error)),
        _ if error.errno() == Errno::EPROTO as i32 => Ok(Accepted::Aborted(error)),
        _ if error.errno() == Errno::ENOPROTOOPT as i32 => Ok(Accepted::Aborted(error)),
        _ => Err(error),
    }
}

/// `std`'s error by its number; one without a number is none of the system's.
#[cold]
pub(in crate::net) fn from_std(error: io::Error) -> Error {
    match error.raw_os_error() {
        Some(errno) => Error::from_errno(errno),
        None => Error::INVALID_INPUT,
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl From<TcpListener> for OwnedFd {
    fn from(listener: TcpListener) -> OwnedFd {
        listener.inner.into()
    }
}

impl From<TcpListener> for std_net::TcpListener {
    /// It stays non-blocking.
    fn from(listener: TcpListener) -> std_net::TcpListener {
        listener.inner
    }
}

impl TryFrom<OwnedFd> for TcpListener {
    type Error = Error;

    /// Makes it non-blocking and close-on-exec. The descriptor is closed when it is not an Internet stream socket
    /// ([`InvalidInput`](ErrorKind::InvalidInput)).
    fn try_from(fd: OwnedFd) -> Result<TcpListener> {
        creation::adopt_internet(&fd, SockType::Stream)?;
        Ok(TcpListener { inner: fd.into() })
    }
}

impl TryFrom<std_net::TcpListener> for TcpListener {
    type Error = Error;

    fn try_from(listener: std_net::TcpListener) -> Result<TcpListener> {
        OwnedFd::from(listener).try_into()
    }
}
