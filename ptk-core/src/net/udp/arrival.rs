//! Where a datagram arrived: the address that it was sent to and the interface that it came through.

use core::mem::offset_of;
use core::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    MsgFlags, SetSockOpt, SockaddrIn, SockaddrIn6, SockaddrLike, cmsg_space, cmsghdr, recvmsg,
    sockopt,
};

use super::UdpSocket;
use crate::net::address::Family;
use crate::net::sys;
use crate::os::{AsRawFd, IoSliceMut};
use crate::{Error, Result};

/// What [`UdpSocket::receive_at`] had to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum DatagramAt {
    /// One datagram.
    Data {
        /// Bytes in the buffer.
        length: usize,
        /// Who sent it.
        from: SocketAddr,
        /// The address that it was sent to: one of this host's, a group's, or a broadcast address. `None` when the kernel did not say.
        to: Option<IpAddr>,
        /// The index of the interface that it came through. `None` when the kernel did not say.
        interface: Option<u32>,
        /// The datagram was longer than the buffer; the rest of it is gone.
        truncated: bool,
    },
    /// Nothing now; ask again when the descriptor is readable.
    WouldBlock,
}

/// Room for the control messages that [`UdpSocket::set_tell_arrival`] asks for: at most an address (4 bytes) and a link-level address
/// (54 bytes on FreeBSD), each behind a header of 12 or 16 bytes. Aligned as a header must be.
#[repr(align(16))]
struct Control([u8; 160]);

impl UdpSocket {
    /// Asks the kernel to tell, for each datagram, the address it was sent to and the interface it came through, for
    /// [`receive_at`](UdpSocket::receive_at). `IP_PKTINFO` (Linux, macOS), `IP_RECVDSTADDR` and `IP_RECVIF` (the BSDs),
    /// `IPV6_RECVPKTINFO`.
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn set_tell_arrival(&self, on: bool) -> Result<()> {
        match self.family {
            Family::V4 => sys::want_destination_v4(&self.fd, on),
            Family::V6 => Ok(sockopt::Ipv6RecvPacketInfo.set(&self.fd, &on)?),
        }
    }

    /// Receives one datagram, who sent it and where it arrived (`recvmsg`).
    ///
    /// ```
    /// use ptk_core::net::{DatagramAt, Sent, UdpSocket};
    /// # fn main() -> ptk_core::Result<()> {
    /// let any = UdpSocket::bind("0.0.0.0:0".parse().unwrap())?;
    /// any.set_tell_arrival(true)?;
    /// let mut here = any.local_addr()?;
    /// here.set_ip("127.0.0.1".parse().unwrap());
    /// assert_eq!(any.send_to(b"who am I", here)?, Sent::All(8));
    ///
    /// let mut buffer = [0; 64];
    /// let to = loop {
    ///     if let DatagramAt::Data { to, .. } = any.receive_at(&mut buffer)? {
    ///         break to;
    ///     }
    /// };
    /// assert_eq!(to, Some(here.ip()));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`receive`](UdpSocket::receive).
    pub fn receive_at(&self, buffer: &mut [u8]) -> Result<DatagramAt> {
        match self.family {
            Family::V4 => self.receive_at_as::<SockaddrIn>(buffer, |from| {
                SocketAddr::V4(SocketAddrV4::from(from))
            }),
            Family::V6 => self.receive_at_as::<SockaddrIn6>(buffer, |from| {
                SocketAddr::V6(SocketAddrV6::from(from))
            }),
        }
    }

    fn receive_at_as<S: SockaddrLike>(
        &self,
        buffer: &mut [u8],
        address: impl FnOnce(S) -> SocketAddr,
    ) -> Result<DatagramAt> {
        // nix's own iterator over control messages copies those that it does not know (IPv6's on NetBSD and OpenBSD) to the heap,
        // so the bytes are read here. They are zero first, which marks their end.
        let mut control = Control([0; 160]);
        let mut slices = [IoSliceMut::new(buffer)];
        let (length, from, flags) = match recvmsg::<S>(
            self.fd.as_raw_fd(),
            &mut slices,
            Some(&mut control.0),
            MsgFlags::empty(),
        ) {
            Ok(message) => (message.bytes, message.address, message.flags),
            Err(Errno::EAGAIN) => return Ok(DatagramAt::WouldBlock),
            Err(errno) => return Err(errno.into()),
        };
        let (to, interface) = arrival(&control.0);
        Ok(DatagramAt::Data {
            length,
            from: address(from.ok_or(Error::INVALID_INPUT)?),
            to,
            interface,
            truncated: flags.contains(MsgFlags::MSG_TRUNC),
        })
    }

    pub(super) fn is_v6(&self) -> bool {
        self.family == Family::V6
    }
}

/// What the control messages say.
fn arrival(control: &[u8]) -> (Option<IpAddr>, Option<u32>) {
    let (mut to, mut interface) = (None, None);
    for message in Messages(control) {
        if (message.level, message.kind) == (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) {
            // struct in6_pktinfo { in6_addr address; unsigned interface; }
            if let (Some(octets), Some(index)) =
                (message.data.first_chunk::<16>(), message.data.get(16..20))
            {
                to = Some(IpAddr::V6(Ipv6Addr::from(*octets)).to_canonical());
                interface = index
                    .first_chunk::<4>()
                    .map(|index| u32::from_ne_bytes(*index));
            }
        } else {
            let found = sys::destination_v4(message.level, message.kind, message.data);
            to = found.address.map(IpAddr::V4).or(to);
            interface = found.interface.or(interface);
        }
    }
    (to, interface)
}

/// One control message.
struct Message<'a> {
    level: i32,
    kind: i32,
    data: &'a [u8],
}

/// The control messages in a buffer that was zero before the kernel wrote to it: `CMSG_NXTHDR` without pointers.
///
/// Where data begins and how far the next header is rounded up differ between the systems; both follow from the size that `CMSG_SPACE`
/// gives for nothing and for one byte.
struct Messages<'a>(&'a [u8]);

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        const HEADER: usize = cmsg_space::<()>();
        const ALIGNMENT: usize = cmsg_space::<u8>() - HEADER;
        const LEVEL: usize = offset_of!(cmsghdr, cmsg_level);
        const KIND: usize = offset_of!(cmsghdr, cmsg_type);

        let length = self.length()?;
        if length < HEADER || length > self.0.len() {
            return None;
        }
        let message = Message {
            level: self.integer(LEVEL)?,
            kind: self.integer(KIND)?,
            data: &self.0[HEADER..length],
        };
        self.0 = self
            .0
            .get(length.next_multiple_of(ALIGNMENT)..)
            .unwrap_or(&[]);
        Some(message)
    }
}

impl Messages<'_> {
    /// `cmsg_len`: a `size_t` on Linux, a `socklen_t` elsewhere.
    fn length(&self) -> Option<usize> {
        const AT: usize = offset_of!(cmsghdr, cmsg_len);
        const WIDE: bool = offset_of!(cmsghdr, cmsg_level) - AT == 8;

        let bytes = self.0.get(AT..)?;
        if WIDE {
            bytes.first_chunk().map(|bytes| u64::from_ne_bytes(*bytes))
        } else {
            bytes
                .first_chunk()
                .map(|bytes| u64::from(u32::from_ne_bytes(*bytes)))
        }
        .and_then(|length| usize::try_from(length).ok())
    }

    fn integer(&self, at: usize) -> Option<i32> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(i32::from_ne_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests;
