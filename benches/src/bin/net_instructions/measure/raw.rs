//! The raw side: the C library's calls and a comparison of what they return.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use super::{Operation, SIZE};

/// Does an operation again and again; the sum keeps the compiler from leaving it out.
pub fn run(operation: Operation, rounds: u64) -> Result<u64, Box<dyn Error>> {
    match operation {
        Operation::Stream => stream(rounds),
        Operation::WouldBlock => would_block(rounds),
        Operation::Datagram => datagram(rounds),
    }
}

fn stream(rounds: u64) -> Result<u64, Box<dyn Error>> {
    let (one, other) = UnixStream::pair()?;
    other.set_nonblocking(true)?;
    let message = [7_u8; SIZE];
    let mut buffer = [0_u8; 2 * SIZE];
    let mut sum = 0;
    for _ in 0..rounds {
        // SAFETY: the buffer is as long as announced.
        let sent = unsafe {
            libc::send(
                one.as_raw_fd(),
                message.as_ptr().cast(),
                SIZE,
                libc::MSG_NOSIGNAL,
            )
        };
        if sent != SIZE as isize {
            return Err(io::Error::last_os_error().into());
        }
        // SAFETY: as above.
        let received = unsafe {
            libc::recv(
                other.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                0,
            )
        };
        if received < 0 {
            return Err(io::Error::last_os_error().into());
        }
        sum += received as u64;
    }
    Ok(sum)
}

fn would_block(rounds: u64) -> Result<u64, Box<dyn Error>> {
    let (one, _other) = UnixStream::pair()?;
    one.set_nonblocking(true)?;
    let mut buffer = [0_u8; 2 * SIZE];
    let mut sum = 0;
    for _ in 0..rounds {
        // SAFETY: the buffer is as long as announced.
        let received =
            unsafe { libc::recv(one.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), 0) };
        // SAFETY: the C library's own place for the thread's errno.
        if received < 0 && unsafe { *libc::__errno_location() } == libc::EAGAIN {
            sum += 1;
        } else {
            return Err("something was there".into());
        }
    }
    Ok(sum)
}

fn datagram(rounds: u64) -> Result<u64, Box<dyn Error>> {
    let one = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let other = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    other.set_nonblocking(true)?;
    let to = libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: other.local_addr()?.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from(Ipv4Addr::LOCALHOST).to_be(),
        },
        sin_zero: [0; 8],
    };
    let length = size_of::<libc::sockaddr_in>() as u32;
    let message = [7_u8; SIZE];
    let mut buffer = [0_u8; 2 * SIZE];
    let mut sum = 0;
    for _ in 0..rounds {
        // SAFETY: the buffer and the address are as long as announced.
        let sent = unsafe {
            let address = (&raw const to).cast();
            libc::sendto(
                one.as_raw_fd(),
                message.as_ptr().cast(),
                SIZE,
                libc::MSG_NOSIGNAL,
                address,
                length,
            )
        };
        if sent != SIZE as isize {
            return Err(io::Error::last_os_error().into());
        }
        let mut from = libc::sockaddr_in {
            sin_family: 0,
            sin_port: 0,
            sin_addr: libc::in_addr { s_addr: 0 },
            sin_zero: [0; 8],
        };
        let mut slice = libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        // SAFETY: all zero is a valid msghdr.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_name = (&raw mut from).cast();
        header.msg_namelen = length;
        header.msg_iov = &raw mut slice;
        header.msg_iovlen = 1;
        // SAFETY: the header's parts live through the call and are as long as announced.
        let received = unsafe { libc::recvmsg(other.as_raw_fd(), &raw mut header, 0) };
        if received < 0 {
            return Err(io::Error::last_os_error().into());
        }
        sum += received as u64
            + u64::from(from.sin_port.min(1))
            + u64::from(header.msg_flags & libc::MSG_TRUNC != 0);
    }
    Ok(sum)
}
