//! Moving bytes: the one place that calls `recv`, `send`, `recvmsg` and `sendmsg` for streams and datagrams.
//!
//! The hot path. Each function is the system call, one comparison for the answer, and a cold branch for errors.

use nix::errno::Errno;
use nix::sys::socket::{self, MsgFlags, Shutdown, recv, recvmsg, sendmsg};

use super::answer::{Datagram, Half, Received, Sent};
use super::sys;
use crate::os::{AsFd, AsRawFd, IoSlice, IoSliceMut, RawFd};
use crate::{Error, Result};

/// What one call is asked to move at most: Linux cuts at this length itself, macOS refuses more than `INT_MAX`.
const TRANSFER_LIMIT: usize = 0x7fff_f000;

#[cold]
fn failed(errno: Errno) -> Error {
    errno.into()
}

#[inline]
pub(super) fn receive(fd: &impl AsFd, buffer: &mut [u8], flags: MsgFlags) -> Result<Received> {
    if buffer.is_empty() {
        return Ok(Received::Data(0));
    }
    let length = buffer.len().min(TRANSFER_LIMIT);
    received(recv(raw(fd), &mut buffer[..length], flags))
}

pub(super) fn receive_vectored(fd: &impl AsFd, buffers: &mut [IoSliceMut<'_>]) -> Result<Received> {
    if buffers.iter().all(|buffer| buffer.is_empty()) {
        return Ok(Received::Data(0));
    }
    let message = recvmsg::<()>(raw(fd), buffers, None, MsgFlags::empty());
    received(message.map(|message| message.bytes))
}

#[inline]
fn received(result: nix::Result<usize>) -> Result<Received> {
    match result {
        Ok(0) => Ok(Received::EndOfStream),
        Ok(length) => Ok(Received::Data(length)),
        Err(Errno::EAGAIN) => Ok(Received::WouldBlock),
        Err(errno) => Err(failed(errno)),
    }
}

#[inline]
pub(super) fn send(fd: &impl AsFd, bytes: &[u8]) -> Result<Sent> {
    if bytes.is_empty() {
        return Ok(Sent::All(0));
    }
    let length = bytes.len().min(TRANSFER_LIMIT);
    sent(
        socket::send(raw(fd), &bytes[..length], sys::SEND_FLAGS),
        bytes.len(),
    )
}

pub(super) fn send_vectored(fd: &impl AsFd, slices: &[IoSlice<'_>]) -> Result<Sent> {
    let total = slices.iter().map(|slice| slice.len()).sum();
    if total == 0 {
        return Ok(Sent::All(0));
    }
    // Without control messages nix's buffer for them has capacity 0, which is not allocated.
    sent(
        sendmsg::<()>(raw(fd), slices, &[], sys::SEND_FLAGS, None),
        total,
    )
}

#[inline]
pub(super) fn sent(result: nix::Result<usize>, total: usize) -> Result<Sent> {
    match result {
        Ok(length) if length == total => Ok(Sent::All(length)),
        Ok(length) => Ok(Sent::Partial(length)),
        Err(Errno::EAGAIN) => Ok(Sent::WouldBlock),
        Err(errno) => Err(failed(errno)),
    }
}

/// One datagram to the connected peer. An empty one is sent, too.
///
/// The BSDs and macOS say `ENOBUFS` when the interface's queue is full and have nothing to wait for; that stays an error.
#[inline]
pub(super) fn send_datagram(fd: &impl AsFd, bytes: &[u8]) -> Result<Sent> {
    sent(socket::send(raw(fd), bytes, sys::SEND_FLAGS), bytes.len())
}

/// One datagram from the connected peer, or from anybody without telling whom.
#[inline]
pub(super) fn receive_datagram(
    fd: &impl AsFd,
    buffer: &mut [u8],
    flags: MsgFlags,
) -> Result<Datagram> {
    match recvmsg::<()>(raw(fd), &mut [IoSliceMut::new(buffer)], None, flags) {
        Ok(message) => Ok(Datagram::Data {
            length: message.bytes,
            truncated: message.flags.contains(MsgFlags::MSG_TRUNC),
        }),
        Err(Errno::EAGAIN) => Ok(Datagram::WouldBlock),
        Err(errno) => Err(failed(errno)),
    }
}

/// `shutdown(2)`.
pub(super) fn shutdown(fd: &impl AsFd, half: Half) -> Result<()> {
    let how = match half {
        Half::Receive => Shutdown::Read,
        Half::Send => Shutdown::Write,
        Half::Both => Shutdown::Both,
    };
    Ok(socket::shutdown(raw(fd), how)?)
}

#[inline]
pub(super) fn raw(fd: &impl AsFd) -> RawFd {
    fd.as_fd().as_raw_fd()
}
