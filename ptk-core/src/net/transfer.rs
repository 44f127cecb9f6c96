//! Moving bytes: the one place that calls `recv`, `send`, `recvmsg` and `sendmsg` for streams and datagrams.
//!
//! The hot path. Each function is the system call, one comparison for the answer, and a cold branch for errors.

use nix::errno::Errno;
use nix::sys::socket::{self, MsgFlags, Shutdown, recvmsg, sendmsg};

use super::answer::{Datagram, Half, Received, Sent};
use super::sys;
use crate::os::{AsFd, AsRawFd, IoSlice, IoSliceMut, RawFd};
use crate::{Error, Result};

/// What one call is asked to move at most: Linux cuts at this length itself, macOS refuses more than `INT_MAX`.
const TRANSFER_LIMIT: usize = 0x7fff_f000;

/// What a call returned, in one register: the bytes that it moved, or the `errno` below zero.
///
/// nix hands its `Result` back through memory. Where its `recv` has a single caller the optimizer merges the two, and the price above the C
/// library's call is about ten instructions instead of nineteen (`benches`, `net_instructions`). So only [`recv`] and [`send_once`]
/// call nix's functions of these names, and they are not inlined further.
#[derive(Clone, Copy)]
struct Moved(isize);

const WOULD_BLOCK: isize = -(Errno::EAGAIN as isize);

impl Moved {
    fn from(result: nix::Result<usize>) -> Moved {
        match result {
            Ok(length) => Moved(length as isize),
            Err(_) => Moved(-(Errno::last_raw() as isize)),
        }
    }

    #[cold]
    fn error(self) -> Error {
        Error::from_errno(-self.0 as i32)
    }
}

#[inline(never)]
fn recv(fd: RawFd, buffer: &mut [u8], flags: MsgFlags) -> Moved {
    Moved::from(socket::recv(fd, buffer, flags))
}

#[inline(never)]
fn send_once(fd: RawFd, bytes: &[u8]) -> Moved {
    Moved::from(socket::send(fd, bytes, sys::SEND_FLAGS))
}

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
    received(Moved::from(message.map(|message| message.bytes)))
}

#[inline]
fn received(moved: Moved) -> Result<Received> {
    match moved.0 {
        0 => Ok(Received::EndOfStream),
        WOULD_BLOCK => Ok(Received::WouldBlock),
        length if length > 0 => Ok(Received::Data(length as usize)),
        _ => Err(moved.error()),
    }
}

#[inline]
pub(super) fn send(fd: &impl AsFd, bytes: &[u8]) -> Result<Sent> {
    if bytes.is_empty() {
        return Ok(Sent::All(0));
    }
    let length = bytes.len().min(TRANSFER_LIMIT);
    sent_of(send_once(raw(fd), &bytes[..length]), bytes.len())
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
    sent_of(Moved::from(result), total)
}

#[inline]
fn sent_of(moved: Moved, total: usize) -> Result<Sent> {
    match moved.0 {
        WOULD_BLOCK => Ok(Sent::WouldBlock),
        length if length < 0 => Err(moved.error()),
        length if length as usize == total => Ok(Sent::All(total)),
        length => Ok(Sent::Partial(length as usize)),
    }
}

/// One datagram to the connected peer. An empty one is sent, too.
///
/// The BSDs and macOS say `ENOBUFS` when the interface's queue is full and have nothing to wait for; that stays an error.
#[inline]
pub(super) fn send_datagram(fd: &impl AsFd, bytes: &[u8]) -> Result<Sent> {
    sent_of(send_once(raw(fd), bytes), bytes.len())
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
