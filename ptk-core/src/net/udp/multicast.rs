//! Multicast: which groups are received, and how what is sent to a group leaves the host.

use core::net::{Ipv4Addr, Ipv6Addr};

use nix::libc;
use nix::sys::socket::{GetSockOpt, IpMembershipRequest, SetSockOpt, sockopt};

use super::UdpSocket;
use crate::net::options;
use crate::{Error, Result};

impl UdpSocket {
    /// Receives what is sent to `group`, on the interface that has the address `interface`; the unspecified address lets the system
    /// choose (`IP_ADD_MEMBERSHIP`).
    ///
    /// # Errors
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse) when it is received already, [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// when it is no group, [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable) or `ENODEV` without such an interface.
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<()> {
        let request = request_v4(group, interface)?;
        Ok(sockopt::IpAddMembership.set(&self.fd, &request)?)
    }

    /// No longer receives what is sent to `group` (`IP_DROP_MEMBERSHIP`).
    ///
    /// # Errors
    /// [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable) when it was not received.
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<()> {
        let request = request_v4(group, interface)?;
        Ok(sockopt::IpDropMembership.set(&self.fd, &request)?)
    }

    /// Receives what is sent to `group`, on the interface with this index ([`interface_index`](crate::net::interface_index)); 0 lets
    /// the system choose (`IPV6_JOIN_GROUP`).
    ///
    /// # Errors
    /// See [`join_multicast_v4`](UdpSocket::join_multicast_v4).
    pub fn join_multicast_v6(&self, group: Ipv6Addr, interface: u32) -> Result<()> {
        let request = request_v6(group, interface)?;
        Ok(options::Ipv6Join.set(&self.fd, &request)?)
    }

    /// No longer receives what is sent to `group` (`IPV6_LEAVE_GROUP`).
    ///
    /// # Errors
    /// [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable) when it was not received.
    pub fn leave_multicast_v6(&self, group: Ipv6Addr, interface: u32) -> Result<()> {
        let request = request_v6(group, interface)?;
        Ok(options::Ipv6Leave.set(&self.fd, &request)?)
    }

    /// Sends to IPv4 groups through the interface that has this address; the unspecified address undoes it (`IP_MULTICAST_IF`).
    ///
    /// # Errors
    /// [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable) without such an interface.
    pub fn set_multicast_interface_v4(&self, interface: Ipv4Addr) -> Result<()> {
        Ok(options::IpMulticastInterface.set(&self.fd, &native_v4(interface))?)
    }

    /// Sends to IPv6 groups through the interface with this index; 0 undoes it (`IPV6_MULTICAST_IF`).
    ///
    /// # Errors
    /// [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable), `ENODEV` or `ENXIO` without such an interface.
    pub fn set_multicast_interface_v6(&self, interface: u32) -> Result<()> {
        Ok(options::Ipv6MulticastInterface.set(&self.fd, &interface)?)
    }

    /// The hop limit of what is sent to groups: 1 (this network only) unless changed. Family of the socket
    /// (`IP_MULTICAST_TTL`, `IPV6_MULTICAST_HOPS`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn multicast_ttl(&self) -> Result<u8> {
        if self.is_v6() {
            let hops = sockopt::Ipv6MulticastHops.get(&self.fd)?;
            // Linux tells -1 for "as the system has it", which is 1.
            return Ok(u8::try_from(hops).unwrap_or(1));
        }
        Ok(sockopt::IpMulticastTtl.get(&self.fd)?)
    }

    /// Sets what [`multicast_ttl`](UdpSocket::multicast_ttl) tells; 0 stays on this host.
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn set_multicast_ttl(&self, hops: u8) -> Result<()> {
        if self.is_v6() {
            return Ok(sockopt::Ipv6MulticastHops.set(&self.fd, &i32::from(hops))?);
        }
        Ok(sockopt::IpMulticastTtl.set(&self.fd, &hops)?)
    }

    /// Whether receivers on this host get what this socket sends to groups; they do unless changed
    /// (`IP_MULTICAST_LOOP`, `IPV6_MULTICAST_LOOP`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn multicast_loop(&self) -> Result<bool> {
        if self.is_v6() {
            return Ok(options::Ipv6MulticastLoop.get(&self.fd)? != 0);
        }
        Ok(options::IpMulticastLoop.get(&self.fd)? != 0)
    }

    /// Sets what [`multicast_loop`](UdpSocket::multicast_loop) tells.
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn set_multicast_loop(&self, on: bool) -> Result<()> {
        if self.is_v6() {
            return Ok(options::Ipv6MulticastLoop.set(&self.fd, &on.into())?);
        }
        Ok(options::IpMulticastLoop.set(&self.fd, &on.into())?)
    }
}

fn request_v4(group: Ipv4Addr, interface: Ipv4Addr) -> Result<IpMembershipRequest> {
    if !group.is_multicast() {
        return Err(Error::INVALID_INPUT);
    }
    Ok(IpMembershipRequest::new(group, Some(interface)))
}

fn request_v6(group: Ipv6Addr, interface: u32) -> Result<libc::ipv6_mreq> {
    if !group.is_multicast() {
        return Err(Error::INVALID_INPUT);
    }
    Ok(libc::ipv6_mreq {
        ipv6mr_multiaddr: libc::in6_addr {
            s6_addr: group.octets(),
        },
        ipv6mr_interface: interface,
    })
}

fn native_v4(address: Ipv4Addr) -> libc::in_addr {
    libc::in_addr {
        s_addr: u32::from_ne_bytes(address.octets()),
    }
}
