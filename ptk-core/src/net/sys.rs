//! Where the systems differ, one file for each, chosen here and nowhere else.
//!
//! What each file gives:
//!
//! | item | meaning |
//! |---|---|
//! | `SEND_FLAGS` | flags of every send, so that no `SIGPIPE` is raised |
//! | `socket(family, kind)`, `pair(kind)` | a new socket: non-blocking, close-on-exec, quiet |
//! | `quieten(fd)` | no `SIGPIPE` from a descriptor that came from elsewhere (accepted ones have it from their listener) |
//! | `share_port(fd)` | several sockets on one port, with the load spread where the system can |
//! | `Linger` | the option that lingers in seconds |
//! | `set_keep_alive_times(fd, times)` | idle time, interval and count of keep-alive probes |
//! | `IPV6_JOIN`, `IPV6_LEAVE` | the names of these two options |
//! | `want_destination_v4(fd, on)` | ask for the address that a datagram was sent to |
//! | `destination_v4(level, kind, bytes)` | what such a control message says: the address, the interface, or both |

#[cfg_attr(target_os = "linux", path = "sys/linux.rs")]
#[cfg_attr(target_os = "macos", path = "sys/macos.rs")]
#[cfg_attr(target_os = "freebsd", path = "sys/freebsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "sys/netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "sys/openbsd.rs")]
#[cfg_attr(target_os = "dragonfly", path = "sys/dragonfly.rs")]
mod system;

use core::net::Ipv4Addr;

pub(super) use system::*;

/// What one control message says of where a datagram arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Destination {
    pub address: Option<Ipv4Addr>,
    pub interface: Option<u32>,
}
