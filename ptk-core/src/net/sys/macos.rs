//! macOS: no flags at creation, no `MSG_NOSIGNAL`.
//!
//! Between `socket` and `fcntl` a fork in another thread can inherit the descriptor; the system has no call without that gap.

#[path = "keep_alive_seconds.rs"]
mod keep_alive;
#[path = "packet_info.rs"]
mod packet_info;

pub use keep_alive::set_keep_alive_times;
pub use nix::libc::{IPV6_JOIN_GROUP as IPV6_JOIN, IPV6_LEAVE_GROUP as IPV6_LEAVE};
/// `SO_LINGER` counts in clock ticks here.
pub use nix::sys::socket::sockopt::LingerSec as Linger;
pub use packet_info::{destination_v4, want_destination_v4};

use nix::sys::socket::sockopt::{ReusePort, TcpKeepAlive as Idle};
use nix::sys::socket::{AddressFamily, MsgFlags, SetSockOpt, SockFlag, SockType, socketpair};

use crate::Result;
use crate::net::creation;
use crate::net::options::NoSigPipe;
use crate::os::{AsFd, OwnedFd};

/// Nothing: `SO_NOSIGPIPE` is set on each socket.
pub const SEND_FLAGS: MsgFlags = MsgFlags::empty();

pub fn socket(family: AddressFamily, kind: SockType) -> Result<OwnedFd> {
    let fd = nix::sys::socket::socket(family, kind, SockFlag::empty(), None)?;
    prepare(&fd)?;
    Ok(fd)
}

pub fn pair(kind: SockType) -> Result<(OwnedFd, OwnedFd)> {
    let (one, other) = socketpair(AddressFamily::Unix, kind, None, SockFlag::empty())?;
    prepare(&one)?;
    prepare(&other)?;
    Ok((one, other))
}

fn prepare(fd: &OwnedFd) -> Result<()> {
    creation::set_nonblocking_and_close_on_exec(fd)?;
    quieten(fd)
}

/// `SO_NOSIGPIPE`.
pub fn quieten(fd: &impl AsFd) -> Result<()> {
    Ok(NoSigPipe.set(fd, &true)?)
}

/// `SO_REUSEPORT` allows it; the kernel does not promise to spread.
pub fn share_port(fd: &impl AsFd) -> Result<()> {
    Ok(ReusePort.set(fd, &true)?)
}
