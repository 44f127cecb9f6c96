//! [`Plain`]: how the bytes move of the source that was just told readable.
//!
//! One of the two rooms of the event loop for `unsafe`; the other one, which calls this, is `event_loop/in_hand.rs`. Between dispatch and the handler's
//! `receive` the loop keeps a copy of the socket's number, so that neither the slot nor what it holds is looked at again. A number does not keep its
//! descriptor open, so whoever uses it has to promise that something does.

#![allow(unsafe_code)]

use kqueue_safe::descriptor::{AsFd, AsRawFd, BorrowedFd, Chunk, RawFd};

use super::{Kernel, Socket};

/// What a [`System`](super::System) does with the bytes of a stream whose handle the loop has in hand.
pub trait Plain {
    /// What a slot of the loop owns.
    type Socket;
    /// What names a socket in these calls: a number, say.
    type Handle: Copy;

    /// No socket's handle.
    const NO_HANDLE: Self::Handle;

    /// A stream's handle; `None` for a socket that the other calls are not for.
    fn handle(socket: &Self::Socket) -> Option<Self::Handle>;

    /// Receives from a stream. What the kernel says: how many bytes, 0 at the end of the stream, or the `errno` below zero. The buffer is not empty.
    ///
    /// # Safety
    ///
    /// The handle is that of a socket which has not been dropped since.
    unsafe fn receive_plain(&mut self, handle: Self::Handle, buffer: &mut [u8]) -> isize;

    /// The same into a chunk: its bytes, at least one.
    ///
    /// # Errors
    ///
    /// What [`receive_plain`](Plain::receive_plain) answers instead: 0 or the `errno` below zero.
    ///
    /// # Safety
    ///
    /// As for [`receive_plain`](Plain::receive_plain).
    unsafe fn receive_chunk<'b, const N: usize>(
        &mut self,
        handle: Self::Handle,
        chunk: &'b mut Chunk<N>,
    ) -> Result<&'b [u8], isize> {
        let room = chunk.zeroed();
        // SAFETY: the caller's promise.
        match unsafe { self.receive_plain(handle, room) } {
            count if count > 0 => Ok(&room[..count as usize]),
            nothing => Err(nothing),
        }
    }

    /// Sends on a stream: all of the bytes.
    ///
    /// # Errors
    ///
    /// What the kernel says instead: how many bytes it took, or the `errno` below zero; and `bytes` again.
    ///
    /// # Safety
    ///
    /// As for [`receive_plain`](Plain::receive_plain).
    unsafe fn send_plain<'b>(
        &mut self,
        handle: Self::Handle,
        bytes: &'b [u8],
    ) -> Result<(), (isize, &'b [u8])>;
}

impl Plain for Kernel {
    type Socket = Socket;
    type Handle = RawFd;

    const NO_HANDLE: RawFd = -1;

    fn handle(socket: &Socket) -> Option<RawFd> {
        socket.is_stream().then(|| socket.as_fd().as_raw_fd())
    }

    /// # Safety
    ///
    /// As the trait says.
    #[inline(always)]
    unsafe fn receive_plain(&mut self, handle: RawFd, buffer: &mut [u8]) -> isize {
        // SAFETY: the caller's promise.
        crate::net::receive_plain(unsafe { borrowed(handle) }, buffer)
    }

    /// # Safety
    ///
    /// As the trait says.
    #[inline(always)]
    unsafe fn receive_chunk<'b, const N: usize>(
        &mut self,
        handle: RawFd,
        chunk: &'b mut Chunk<N>,
    ) -> Result<&'b [u8], isize> {
        // SAFETY: as in `receive_plain`.
        chunk.read(unsafe { borrowed(handle) })
    }

    /// # Safety
    ///
    /// As the trait says.
    #[inline(always)]
    unsafe fn send_plain<'b>(
        &mut self,
        handle: RawFd,
        bytes: &'b [u8],
    ) -> Result<(), (isize, &'b [u8])> {
        // SAFETY: as in `receive_plain`.
        crate::net::send_all_plain(unsafe { borrowed(handle) }, bytes)
    }
}

#[cfg(not(loom))]
impl Plain for crate::aio::two_faces::OneQueue {
    type Socket = Socket;
    type Handle = RawFd;

    const NO_HANDLE: RawFd = Kernel::NO_HANDLE;

    fn handle(socket: &Socket) -> Option<RawFd> {
        Kernel::handle(socket)
    }

    /// # Safety
    ///
    /// As the trait says.
    #[inline(always)]
    unsafe fn receive_plain(&mut self, handle: RawFd, buffer: &mut [u8]) -> isize {
        // SAFETY: the caller's promise, handed on.
        unsafe { self.kernel.receive_plain(handle, buffer) }
    }

    /// # Safety
    ///
    /// As the trait says.
    #[inline(always)]
    unsafe fn receive_chunk<'b, const N: usize>(
        &mut self,
        handle: RawFd,
        chunk: &'b mut Chunk<N>,
    ) -> Result<&'b [u8], isize> {
        // SAFETY: the caller's promise, handed on.
        unsafe { self.kernel.receive_chunk(handle, chunk) }
    }

    /// # Safety
    ///
    /// As the trait says.
    #[inline(always)]
    unsafe fn send_plain<'b>(
        &mut self,
        handle: RawFd,
        bytes: &'b [u8],
    ) -> Result<(), (isize, &'b [u8])> {
        // SAFETY: the caller's promise, handed on.
        unsafe { self.kernel.send_plain(handle, bytes) }
    }
}

/// Lends what a handle names.
///
/// # Safety
///
/// As for [`Plain::receive_plain`].
#[inline(always)]
unsafe fn borrowed<'a>(handle: RawFd) -> BorrowedFd<'a> {
    // SAFETY: the caller promises that the socket is still there, and with it the descriptor, whose number is not -1. (Said here, it is not looked at again.)
    unsafe {
        core::hint::assert_unchecked(handle != Kernel::NO_HANDLE);
        BorrowedFd::borrow_raw(handle)
    }
}
