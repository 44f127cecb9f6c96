//! The C library's functions.

use core::ffi::{c_int, c_void};

use super::super::descriptor::last_errno;
use crate::descriptor::RawFd;

// SAFETY: POSIX declares these so: read(2) and send(2).
unsafe extern "C" {
    #[link_name = "read"]
    fn c_read(descriptor: c_int, bytes: *mut c_void, count: usize) -> isize;
    #[link_name = "send"]
    fn c_send(socket: c_int, bytes: *const c_void, count: usize, flags: c_int) -> isize;
}

/// The answer, and `place`.
///
/// # Safety
///
/// `place` is valid for writing `length` bytes.
#[inline]
pub unsafe fn read(fd: RawFd, place: *mut u8, length: usize) -> (isize, *mut u8) {
    // SAFETY: the caller's promise.
    (answer(unsafe { c_read(fd, place.cast(), length) }), place)
}

/// The answer, and `place` and `length`.
///
/// # Safety
///
/// `place` is valid for reading `length` bytes.
#[inline]
pub unsafe fn send(
    fd: RawFd,
    place: *const u8,
    length: usize,
    flags: c_int,
) -> (isize, (*const u8, usize)) {
    // SAFETY: the caller's promise.
    (
        answer(unsafe { c_send(fd, place.cast(), length, flags) }),
        (place, length),
    )
}

#[inline]
fn answer(count: isize) -> isize {
    if count < 0 {
        -(last_errno().raw() as isize)
    } else {
        count
    }
}
