//! Where a datagram was sent to, on Linux and macOS: `IP_PKTINFO`, `struct in_pktinfo { int ifindex; in_addr spec_dst; in_addr addr }`.

use core::net::Ipv4Addr;

use nix::libc;
use nix::sys::socket::{SetSockOpt, sockopt};

use super::super::Destination;
use crate::Result;
use crate::os::AsFd;

pub fn want_destination_v4(fd: &impl AsFd, on: bool) -> Result<()> {
    Ok(sockopt::Ipv4PacketInfo.set(fd, &on)?)
}

pub fn destination_v4(level: i32, kind: i32, bytes: &[u8]) -> Destination {
    if (level, kind) != (libc::IPPROTO_IP, libc::IP_PKTINFO) {
        return Destination::default();
    }
    let (Some(interface), Some(address)) = (bytes.first_chunk::<4>(), bytes.get(8..12)) else {
        return Destination::default();
    };
    Destination {
        address: address
            .first_chunk::<4>()
            .map(|octets| Ipv4Addr::from(*octets)),
        interface: Some(u32::from_ne_bytes(*interface)),
    }
}
