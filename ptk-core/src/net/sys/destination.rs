//! Where a datagram was sent to, on the four BSDs: `IP_RECVDSTADDR` for the address (`struct in_addr`) and `IP_RECVIF` for the interface
//! (`struct sockaddr_dl { u8 len; u8 family; u16 index; ... }`).

use core::net::Ipv4Addr;

use nix::libc;
use nix::sys::socket::{SetSockOpt, sockopt};

use super::super::Destination;
use crate::Result;
use crate::os::AsFd;

pub fn want_destination_v4(fd: &impl AsFd, on: bool) -> Result<()> {
    sockopt::Ipv4RecvDstAddr.set(fd, &on)?;
    Ok(sockopt::Ipv4RecvIf.set(fd, &on)?)
}

pub fn destination_v4(level: i32, kind: i32, bytes: &[u8]) -> Destination {
    let mut found = Destination::default();
    match (level, kind) {
        (libc::IPPROTO_IP, libc::IP_RECVDSTADDR) => {
            found.address = bytes
                .first_chunk::<4>()
                .map(|octets| Ipv4Addr::from(*octets));
        }
        (libc::IPPROTO_IP, libc::IP_RECVIF) => {
            found.interface = bytes
                .get(2..4)
                .and_then(|index| index.first_chunk::<2>())
                .map(|index| u32::from(u16::from_ne_bytes(*index)));
        }
        _ => {}
    }
    found
}
