//! Making sockets, and taking over descriptors from elsewhere.

use core::net::SocketAddr;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::socket::{
    AddressFamily, GetSockOpt, SetSockOpt, SockType, SockaddrLike, SockaddrStorage,
    bind as nix_bind, getsockname, sockopt,
};

use super::address::{Family, with_native};
use super::answer::Connection;
use super::sys;
use crate::os::{AsFd, AsRawFd, OwnedFd, RawFd};
use crate::{Error, Result};

/// A new Internet socket of the family of `address`.
pub(super) fn internet(address: &SocketAddr, kind: SockType) -> Result<OwnedFd> {
    let family = match Family::of(address) {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    };
    sys::socket(family, kind)
}

pub(super) fn bind(fd: &OwnedFd, address: &SocketAddr) -> Result<()> {
    with_native(address, |native| nix_bind(fd.as_raw_fd(), native))?;
    Ok(())
}

/// `IPV6_V6ONLY`, for sockets of that family.
pub(super) fn set_only_v6(fd: &OwnedFd, address: &SocketAddr, only: Option<bool>) -> Result<()> {
    match (Family::of(address), only) {
        (Family::V6, Some(only)) => Ok(sockopt::Ipv6V6Only.set(fd, &only)?),
        _ => Ok(()),
    }
}

/// Starts to connect. An interrupted call goes on in the background as if it had said `EINPROGRESS` (`connect(2)` of POSIX).
pub(super) fn start_to_connect(fd: &OwnedFd, peer: &dyn SockaddrLike) -> Result<()> {
    match nix::sys::socket::connect(fd.as_raw_fd(), peer) {
        Ok(()) | Err(Errno::EINPROGRESS | Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// `SO_ERROR`, which the kernel clears by telling.
pub(super) fn take_error(fd: &impl AsFd) -> Result<Option<Error>> {
    Ok(match sockopt::SocketError.get(fd)? {
        0 => None,
        errno => Some(Error::from_errno(errno)),
    })
}

/// How an attempt to connect ended: `SO_ERROR`, and `getpeername` to tell an early question from a good answer.
pub(super) fn connect_result(fd: &impl AsFd) -> Result<Connection> {
    if let Some(error) = take_error(fd)? {
        return Err(error);
    }
    match nix::sys::socket::getpeername::<SockaddrStorage>(fd.as_fd().as_raw_fd()) {
        Ok(_) => Ok(Connection::Established),
        Err(Errno::ENOTCONN) => Ok(Connection::InProgress),
        // macOS says so of a socket whose peer came and went before anybody asked.
        Err(Errno::EINVAL) => Err(Error::RESET),
        Err(errno) => Err(errno.into()),
    }
}

/// What this module promises of every descriptor, for one that somebody else made.
pub(super) fn set_nonblocking_and_close_on_exec(fd: &OwnedFd) -> Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    if !flags.contains(OFlag::O_NONBLOCK) {
        fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    }
    let flags = FdFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFD)?);
    if !flags.contains(FdFlag::FD_CLOEXEC) {
        fcntl(fd, FcntlArg::F_SETFD(flags | FdFlag::FD_CLOEXEC))?;
    }
    Ok(())
}

/// Takes over a descriptor that must be an Internet socket of this kind (`SO_TYPE`, `getsockname`).
pub(super) fn adopt_internet(fd: &OwnedFd, kind: SockType) -> Result<Family> {
    let family = match family(fd.as_raw_fd())? {
        Some(AddressFamily::Inet) => Family::V4,
        Some(AddressFamily::Inet6) => Family::V6,
        _ => return Err(Error::INVALID_INPUT),
    };
    adopt(fd, kind)?;
    Ok(family)
}

/// Takes over a descriptor that must be a Unix socket of this kind.
pub(super) fn adopt_unix(fd: &OwnedFd, kind: SockType) -> Result<()> {
    // Some systems give an unnamed socket's name without a family in it.
    match family(fd.as_raw_fd()) {
        Ok(Some(AddressFamily::Inet | AddressFamily::Inet6)) => Err(Error::INVALID_INPUT),
        _ => adopt(fd, kind),
    }
}

fn adopt(fd: &OwnedFd, kind: SockType) -> Result<()> {
    if sockopt::SockType.get(fd)? != kind {
        return Err(Error::INVALID_INPUT);
    }
    set_nonblocking_and_close_on_exec(fd)?;
    sys::quieten(fd)
}

fn family(fd: RawFd) -> Result<Option<AddressFamily>> {
    Ok(getsockname::<SockaddrStorage>(fd)?.family())
}
