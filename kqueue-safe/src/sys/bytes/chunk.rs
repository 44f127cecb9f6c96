//! [`Chunk`]: room for what one read brings.

use core::fmt;
use core::mem::MaybeUninit;
use core::slice;

use super::way;
use crate::descriptor::{AsRawFd, BorrowedFd};

/// Room for `N` bytes on the stack, which costs nothing to make: the bytes are not initialised before they are read. Zero bytes do not
/// compile.
///
/// ```
/// use kqueue_safe::descriptor::{AsFd, Chunk, send};
/// use std::os::unix::net::UnixStream;
///
/// let (here, there) = UnixStream::pair()?;
/// send(there.as_fd(), b"hello", 0);
/// let mut chunk = Chunk::<64>::new();
/// assert_eq!(chunk.read(here.as_fd()), Ok(&b"hello"[..]));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Chunk<const N: usize> {
    bytes: [MaybeUninit<u8>; N],
}

impl<const N: usize> Chunk<N> {
    /// Room.
    #[inline(always)]
    pub const fn new() -> Self {
        const { assert!(N > 0, "a chunk needs room for at least one byte") };
        Self {
            bytes: [const { MaybeUninit::uninit() }; N],
        }
    }

    /// Reads up to `N` bytes, at least one.
    ///
    /// # Errors
    ///
    /// What [`read`](super::read) answers instead: 0 at the end, or the `errno` below zero.
    #[inline(always)]
    pub fn read(&mut self, fd: BorrowedFd<'_>) -> Result<&[u8], isize> {
        // SAFETY: `bytes` is valid for writing `N` bytes.
        let (count, bytes) =
            unsafe { way::read(fd.as_raw_fd(), self.bytes.as_mut_ptr().cast(), N) };
        if count <= 0 {
            return Err(count);
        }
        // SAFETY: the kernel has written so many bytes, which are never more than there was room for; where they are has come back, and the chunk stays borrowed.
        unsafe {
            core::hint::assert_unchecked(count <= N as isize && !bytes.is_null());
            Ok(slice::from_raw_parts(bytes, count as usize))
        }
    }

    /// The room as bytes that are all zero, for others to write into.
    pub fn zeroed(&mut self) -> &mut [u8; N] {
        self.bytes.fill(MaybeUninit::new(0));
        // SAFETY: all of them were just initialised, and an array of `MaybeUninit<u8>` is laid out as one of `u8`.
        unsafe { &mut *self.bytes.as_mut_ptr().cast::<[u8; N]>() }
    }
}

impl<const N: usize> Default for Chunk<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Debug for Chunk<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("capacity", &N)
            .finish_non_exhaustive()
    }
}
