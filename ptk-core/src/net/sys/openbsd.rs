//! OpenBSD.

#[path = "destination.rs"]
mod destination;
#[path = "with_flags.rs"]
mod with_flags;

pub use destination::{destination_v4, want_destination_v4};
pub use nix::libc::{IPV6_JOIN_GROUP as IPV6_JOIN, IPV6_LEAVE_GROUP as IPV6_LEAVE};
pub use nix::sys::socket::sockopt::Linger;
pub use with_flags::{SEND_FLAGS, pair, quieten, socket};

use nix::sys::socket::SetSockOpt;
use nix::sys::socket::sockopt::ReusePort;

use crate::net::KeepAlive;
use crate::os::AsFd;
use crate::{Error, Result};

/// `SO_REUSEPORT` allows it; the kernel does not promise to spread.
pub fn share_port(fd: &impl AsFd) -> Result<()> {
    Ok(ReusePort.set(fd, &true)?)
}

/// The times belong to the whole system here (`sysctl net.inet.tcp.keepidle`); a socket can only ask for probes.
pub fn set_keep_alive_times(_: &impl AsFd, _: &KeepAlive) -> Result<()> {
    Err(Error::UNSUPPORTED)
}
