//! Moving bytes: the one place that calls `recv`, `send`, `recvmsg` and `sendmsg` for streams and datagrams.
//!
//! The hot path. Each function is the system call, one comparison for the answer, and a cold branch for errors.

use kqueue_safe::descriptor;
use nix::errno::Errno;
use nix::sys::socket::{self, MsgFlags, Shutdown, recvmsg, sendmsg};

use super::answer::{Datagram, Half, Received, Sent};
use super::sys;
use crate::os::{AsFd, AsRawFd, BorrowedFd, IoSlice, IoSliceMut, RawFd};
use crate::{Error, Result};

/// What one call is asked to move, of a buffer of this length: macOS refuses more than `INT_MAX`. Linux cuts there itself and needs no check.
#[inline(always)]
fn at_most(length: usize) -> usize {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        length
    } else {
        length.min(0x7fff_f000)
    }
}

/// What a call returned, in one register: the bytes that it moved, or the `errno` below zero.
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
    #[inline(never)]
    fn error(self) -> Error {
        Error::from_errno(-self.0 as i32)
    }
}

#[cold]
fn failed(errno: Errno) -> Error {
    errno.into()
}

/// `recv(2)` on a stream; the count, or the `errno` below zero. The buffer is not empty.
#[inline(always)]
pub(crate) fn receive_plain(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> isize {
    descriptor::read(fd, buffer)
}

/// `send(2)`; the count, or the `errno` below zero.
#[inline(always)]
pub(crate) fn send_plain(fd: BorrowedFd<'_>, bytes: &[u8]) -> isize {
    descriptor::send(fd, bytes, sys::SEND_FLAGS.bits())
}

/// The same, when all are to be taken; else what it answers, and the bytes again.
#[inline(always)]
pub(crate) fn send_all_plain<'b>(
    fd: BorrowedFd<'_>,
    bytes: &'b [u8],
) -> core::result::Result<(), (isize, &'b [u8])> {
    descriptor::send_all(fd, bytes, sys::SEND_FLAGS.bits())
}

/// What an answer of [`receive_plain`] says.
pub(crate) fn received_plain(answer: isize) -> Result<Received> {
    received(Moved(answer))
}

/// What an answer of [`send_plain`] says, when `total` bytes were to be sent.
pub(crate) fn sent_plain(answer: isize, total: usize) -> Result<Sent> {
    sent_of(Moved(answer), total)
}

#[inline]
pub(super) fn receive(fd: &impl AsFd, buffer: &mut [u8], flags: MsgFlags) -> Result<Received> {
    if buffer.is_empty() {
        return Ok(Received::Data(0));
    }
    let length = at_most(buffer.len());
    let buffer = &mut buffer[..length];
    received(if flags.is_empty() {
        Moved(receive_plain(fd.as_fd(), buffer))
    } else {
        Moved::from(socket::recv(raw(fd), buffer, flags))
    })
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
    let length = at_most(bytes.len());
    sent_of(Moved(send_plain(fd.as_fd(), &bytes[..length])), bytes.len())
}

/// [`send`] as the system answers it, the `errno` below zero, and the bytes again: whoever goes on with these need not keep the others during the call.
#[inline(always)]
pub(crate) fn send_whole<'b>(fd: &impl AsFd, bytes: &'b [u8]) -> (isize, &'b [u8]) {
    if bytes.is_empty() {
        return (0, bytes);
    }
    let length = at_most(bytes.len());
    if length < bytes.len() {
        return (send_plain(fd.as_fd(), &bytes[..length]), bytes);
    }
    match send_all_plain(fd.as_fd(), bytes) {
        Ok(()) => (bytes.len() as isize, bytes),
        Err(answer) => answer,
    }
}

/// [`receive`] without flags as the system answers it: 0 at the end, and when nothing was asked for; the `errno` below zero.
#[inline(always)]
pub(crate) fn receive_whole(fd: &impl AsFd, buffer: &mut [u8]) -> isize {
    // Linux answers so without a look at the socket.
    if cfg!(not(any(target_os = "linux", target_os = "android"))) && buffer.is_empty() {
        return 0;
    }
    let length = at_most(buffer.len());
    receive_plain(fd.as_fd(), &mut buffer[..length])
}

/// What an answer below zero says; `None` if it would block.
pub(crate) fn failure_plain(answer: isize) -> Option<Error> {
    (answer != WOULD_BLOCK).then(|| Moved(answer).error())
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
    sent_of(Moved(send_plain(fd.as_fd(), bytes)), bytes.len())
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
