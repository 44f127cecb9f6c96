//! NetBSD.

#[path = "destination.rs"]
mod destination;
#[path = "keep_alive_seconds.rs"]
mod keep_alive;
#[path = "with_flags.rs"]
mod with_flags;

pub use destination::{destination_v4, want_destination_v4};
pub use keep_alive::set_keep_alive_times;
pub use nix::libc::{IPV6_JOIN_GROUP as IPV6_JOIN, IPV6_LEAVE_GROUP as IPV6_LEAVE};
pub use nix::sys::socket::sockopt::Linger;
pub use with_flags::{SEND_FLAGS, pair, quieten, socket};

use nix::sys::socket::SetSockOpt;
use nix::sys::socket::sockopt::ReusePort;

use crate::Result;
use crate::net::options::TcpKeepIdle as Idle;
use crate::os::AsFd;

/// `SO_REUSEPORT` allows it; the kernel does not promise to spread.
pub fn share_port(fd: &impl AsFd) -> Result<()> {
    Ok(ReusePort.set(fd, &true)?)
}
