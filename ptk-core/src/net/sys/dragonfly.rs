//! DragonFly BSD.

#[path = "destination.rs"]
mod destination;
#[path = "with_flags.rs"]
mod with_flags;

pub use destination::{destination_v4, want_destination_v4};
pub use nix::libc::{IPV6_JOIN_GROUP as IPV6_JOIN, IPV6_LEAVE_GROUP as IPV6_LEAVE};
pub use nix::sys::socket::sockopt::Linger;
pub use with_flags::{SEND_FLAGS, pair, quieten, socket};

use nix::sys::socket::SetSockOpt;
use nix::sys::socket::sockopt::{ReusePort, TcpKeepCount, TcpKeepIdle, TcpKeepInterval};

use crate::Result;
use crate::net::KeepAlive;
use crate::os::AsFd;

/// `SO_REUSEPORT` spreads over the sockets.
pub fn share_port(fd: &impl AsFd) -> Result<()> {
    Ok(ReusePort.set(fd, &true)?)
}

/// This kernel takes the two times in milliseconds, unlike every other.
pub fn set_keep_alive_times(fd: &impl AsFd, times: &KeepAlive) -> Result<()> {
    TcpKeepIdle.set(fd, &times.idle_seconds().saturating_mul(1000))?;
    TcpKeepInterval.set(fd, &times.interval_seconds().saturating_mul(1000))?;
    Ok(TcpKeepCount.set(fd, &times.count())?)
}
