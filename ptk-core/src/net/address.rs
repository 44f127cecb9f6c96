//! Addresses: `core::net` outside, the kernel's structures inside.

use core::net::SocketAddr;

use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, getpeername, getsockname,
};

use crate::os::RawFd;
use crate::{Error, Result};

/// The two families of the Internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    pub(super) const fn of(address: &SocketAddr) -> Family {
        match address {
            SocketAddr::V4(_) => Family::V4,
            SocketAddr::V6(_) => Family::V6,
        }
    }
}

/// Calls `with` with the kernel's form of `address`.
#[inline]
pub(super) fn with_native<T>(address: &SocketAddr, with: impl FnOnce(&dyn SockaddrLike) -> T) -> T {
    match address {
        SocketAddr::V4(address) => with(&SockaddrIn::from(*address)),
        SocketAddr::V6(address) => with(&SockaddrIn6::from(*address)),
    }
}

fn from_native(address: &SockaddrStorage) -> Result<SocketAddr> {
    if let Some(address) = address.as_sockaddr_in() {
        Ok(SocketAddr::V4((*address).into()))
    } else if let Some(address) = address.as_sockaddr_in6() {
        Ok(SocketAddr::V6((*address).into()))
    } else {
        Err(Error::UNSUPPORTED)
    }
}

/// `getsockname`.
pub(super) fn local(fd: RawFd) -> Result<SocketAddr> {
    from_native(&getsockname::<SockaddrStorage>(fd)?)
}

/// `getpeername`.
pub(super) fn peer(fd: RawFd) -> Result<SocketAddr> {
    from_native(&getpeername::<SockaddrStorage>(fd)?)
}

/// The number of the network interface with this name (`lo`, `eth0`, `em0`), for the IPv6 multicast calls (`if_nametoindex`).
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a name that no interface can have, else what the system says when there is no
/// such interface (`ENODEV`, `ENXIO`).
pub fn interface_index(name: &str) -> Result<u32> {
    // Longer than any system's IFNAMSIZ; also keeps nix on its stack buffer.
    if name.is_empty() || name.len() > 63 {
        return Err(Error::INVALID_INPUT);
    }
    Ok(if_nametoindex(name)?)
}
