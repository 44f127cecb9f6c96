//! Moving bytes: `read(2)` and `send(2)` as the kernel answers them, the count or the `errno` below zero in one integer.
//!
//! One file a way, chosen here; each gives `read(fd, place, length)` and `send(fd, place, length, flags)`, both `unsafe`:
//!
//! - `instruction`: Linux on x86-64 and AArch64, where the instruction itself is issued. The C library's functions are cancellation points and keep
//!   `errno`, which costs about ten instructions a call more than the work.
//! - `library`: everywhere else, the C library's functions.

use core::ffi::c_int;
use core::slice;

use crate::descriptor::{AsRawFd, BorrowedFd};

#[cfg_attr(
    all(
        target_os = "linux",
        any(
            all(target_arch = "x86_64", target_pointer_width = "64"),
            target_arch = "aarch64"
        )
    ),
    path = "instruction.rs"
)]
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(
            all(target_arch = "x86_64", target_pointer_width = "64"),
            target_arch = "aarch64"
        )
    )),
    path = "library.rs"
)]
mod way;

mod chunk;

pub use chunk::Chunk;

/// Reads into `room`: how many bytes, 0 at the end, or the `errno` below zero. On a stream socket the same as `recv(2)` without flags.
#[inline(always)]
pub fn read(fd: BorrowedFd<'_>, room: &mut [u8]) -> isize {
    // SAFETY: `room` is valid for writing its length.
    let (count, _) = unsafe { way::read(fd.as_raw_fd(), room.as_mut_ptr(), room.len()) };
    // SAFETY: the kernel never says that it wrote more than there was room for.
    unsafe { core::hint::assert_unchecked(count <= room.len() as isize) };
    count
}

/// Sends `bytes` on a socket, `flags` being those of `send(2)`: how many the kernel took, or the `errno` below zero.
#[inline(always)]
pub fn send(fd: BorrowedFd<'_>, bytes: &[u8], flags: c_int) -> isize {
    // SAFETY: `bytes` is valid for reading its length.
    unsafe { way::send(fd.as_raw_fd(), bytes.as_ptr(), bytes.len(), flags).0 }
}

/// As [`send`], for those who expect that the kernel takes all.
///
/// # Errors
///
/// What [`send`] answers when that is not their number, and `bytes` again: whoever goes on with these need not keep the others during the call.
#[inline(always)]
pub fn send_all<'b>(
    fd: BorrowedFd<'_>,
    bytes: &'b [u8],
    flags: c_int,
) -> Result<(), (isize, &'b [u8])> {
    // SAFETY: `bytes` is valid for reading its length.
    let (count, (place, length)) =
        unsafe { way::send(fd.as_raw_fd(), bytes.as_ptr(), bytes.len(), flags) };
    if count == length as isize {
        return Ok(());
    }
    // SAFETY: place and length are those of `bytes`, handed back.
    Err((count, unsafe { slice::from_raw_parts(place, length) }))
}
