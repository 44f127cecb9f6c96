//! Linux.

#[path = "keep_alive_seconds.rs"]
mod keep_alive;
#[path = "packet_info.rs"]
mod packet_info;
#[path = "with_flags.rs"]
mod with_flags;

pub use keep_alive::set_keep_alive_times;
pub use nix::libc::{IPV6_ADD_MEMBERSHIP as IPV6_JOIN, IPV6_DROP_MEMBERSHIP as IPV6_LEAVE};
pub use nix::sys::socket::sockopt::Linger;
pub use packet_info::{destination_v4, want_destination_v4};
pub use with_flags::{SEND_FLAGS, pair, quieten, socket};

use nix::sys::socket::SetSockOpt;
use nix::sys::socket::sockopt::{ReusePort, TcpKeepIdle as Idle};

use crate::Result;
use crate::os::AsFd;

/// `SO_REUSEPORT` spreads connections and datagrams by a hash of the addresses.
pub fn share_port(fd: &impl AsFd) -> Result<()> {
    Ok(ReusePort.set(fd, &true)?)
}
