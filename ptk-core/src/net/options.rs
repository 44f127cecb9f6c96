//! The socket options that `nix` does not have on every one of the six systems, declared with `nix`'s own macro.
//!
//! Each line states level, name and the type that the option's manual page gives it (`ip(4)`/`ip(7)`, `ip6(4)`/`ipv6(7)`, `tcp(4)`);
//! the macro passes the type's address and size to `setsockopt` and checks the size that `getsockopt` gives back.

use nix::libc;
use nix::{getsockopt_impl, setsockopt_impl, sockopt_impl};

use super::sys;
// The macro names `std` by its path.
use crate::os::std;

sockopt_impl!(
    /// `IP_TTL`: hop limit of unicast packets.
    IpTtl, Both, libc::IPPROTO_IP, libc::IP_TTL, libc::c_int
);
sockopt_impl!(
    /// `IPV6_UNICAST_HOPS`.
    Ipv6UnicastHops, Both, libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS, libc::c_int
);
sockopt_impl!(
    /// `IP_MULTICAST_LOOP`. One byte: OpenBSD accepts no other size, the others accept this one too.
    IpMulticastLoop, Both, libc::IPPROTO_IP, libc::IP_MULTICAST_LOOP, u8
);
sockopt_impl!(
    /// `IP_MULTICAST_IF`: the interface that has this address.
    IpMulticastInterface, Both, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, libc::in_addr
);
sockopt_impl!(
    /// `IPV6_MULTICAST_LOOP`.
    Ipv6MulticastLoop, Both, libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_LOOP, libc::c_uint
);
sockopt_impl!(
    /// `IPV6_MULTICAST_IF`: the interface with this index.
    Ipv6MulticastInterface, Both, libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_IF, libc::c_uint
);
sockopt_impl!(
    /// `IPV6_JOIN_GROUP`; nix's own request cannot name an interface.
    Ipv6Join, SetOnly, libc::IPPROTO_IPV6, sys::IPV6_JOIN, libc::ipv6_mreq
);
sockopt_impl!(
    /// `IPV6_LEAVE_GROUP`.
    Ipv6Leave, SetOnly, libc::IPPROTO_IPV6, sys::IPV6_LEAVE, libc::ipv6_mreq
);

#[cfg(target_os = "macos")]
sockopt_impl!(
    /// `SO_NOSIGPIPE`.
    NoSigPipe, SetOnly, libc::SOL_SOCKET, libc::SO_NOSIGPIPE, bool
);
#[cfg(target_os = "netbsd")]
sockopt_impl!(
    /// `TCP_KEEPIDLE`, in seconds.
    TcpKeepIdle, Both, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, u32
);
