//! Sockets: their options and what TCP knows.

use core::ptr;

use libc::c_int;

use super::Errno;

/// `getsockopt(2)` of a plain value; the number of bytes that the kernel wrote.
fn socket_option<T>(fd: c_int, level: c_int, name: c_int, value: &mut T) -> Result<usize, Errno> {
    let mut length = size_of::<T>() as libc::socklen_t;
    call!(
        GetSockOpt,
        libc::SYS_getsockopt,
        fd,
        level,
        name,
        ptr::from_mut(value),
        &raw mut length
    )?;
    Ok(length as usize)
}

/// `SO_TYPE`, `SO_DOMAIN` and the like.
pub(crate) fn socket_number(fd: c_int, name: c_int) -> Result<c_int, Errno> {
    let mut value: c_int = 0;
    socket_option(fd, libc::SOL_SOCKET, name, &mut value).map(|_| value)
}

/// `SO_MEMINFO`: memory of a socket, indexed by `SK_MEMINFO_*`.
pub(crate) fn socket_memory(fd: c_int) -> Result<[u32; 9], Errno> {
    const SO_MEMINFO: c_int = 55;
    let mut value = [0; 9];
    socket_option(fd, libc::SOL_SOCKET, SO_MEMINFO, &mut value).map(|_| value)
}

/// The fields of `TCP_INFO` that the filters use.
pub(crate) fn tcp_info(fd: c_int) -> Result<TcpInfo, Errno> {
    let mut info = TcpInfo {
        bytes: [0; 8],
        words: [0; 24],
        longs: [0; 16],
    };
    socket_option(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut info).map(|_| info)
}

/// The kernel's `struct tcp_info`, in the parts that have been the same since it was first extended.
#[repr(C)]
pub(crate) struct TcpInfo {
    bytes: [u8; 8],
    words: [u32; 24],
    longs: [u64; 16],
}

impl TcpInfo {
    /// `tcpi_state`.
    pub(crate) const fn state(&self) -> u8 {
        self.bytes[0]
    }
    /// `tcpi_unacked`: of a listener, the connections that wait to be accepted.
    pub(crate) const fn unacked(&self) -> u32 {
        self.words[4]
    }
    /// `tcpi_rtt`, in microseconds: 0 before a connection was made.
    pub(crate) const fn round_trip(&self) -> u32 {
        self.words[15]
    }
    /// `tcpi_total_retrans`.
    pub(crate) const fn retransmissions(&self) -> u32 {
        self.words[23]
    }
    /// `tcpi_retransmits` and `tcpi_probes`: what is unanswered now.
    pub(crate) const fn unanswered(&self) -> u8 {
        self.bytes[2] | self.bytes[3]
    }
    /// `tcpi_bytes_acked` (the SYN counts).
    pub(crate) const fn bytes_acked(&self) -> u64 {
        self.longs[2]
    }
    /// `tcpi_segs_out` and `tcpi_segs_in`.
    pub(crate) const fn segments(&self) -> (u32, u32) {
        let both = self.longs[4];
        if cfg!(target_endian = "little") {
            (both as u32, (both >> 32) as u32)
        } else {
            ((both >> 32) as u32, both as u32)
        }
    }
}
