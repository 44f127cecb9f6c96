//! The few calls on descriptors that the waker's pipe needs, and `errno`.

use core::ffi::{c_int, c_void};

use super::host;
use crate::Errno;
use crate::descriptor::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

// SAFETY: POSIX declares these so: fcntl(2), pipe(2), read(2) and write(2).
unsafe extern "C" {
    fn fcntl(descriptor: c_int, command: c_int, ...) -> c_int;
    #[link_name = "pipe"]
    fn c_pipe(ends: *mut c_int) -> c_int;
    fn read(descriptor: c_int, bytes: *mut c_void, count: usize) -> isize;
    fn write(descriptor: c_int, bytes: *const c_void, count: usize) -> isize;
}

// The same numbers on every system of this crate.
const F_SETFD: c_int = 2;
const F_SETFL: c_int = 4;
const FD_CLOEXEC: c_int = 1;

/// The calling thread's `errno`.
#[cold]
pub fn last_errno() -> Errno {
    // SAFETY: the C library's own thread-local variable, valid for as long as the thread lives.
    Errno::new(unsafe { *host::errno_location() })
}

/// Runs `body` and puts `errno` back as it was: what a signal handler owes to the code that it interrupts.
#[inline]
pub fn with_errno_kept<R>(body: impl FnOnce() -> R) -> R {
    let place = host::errno_location();
    // SAFETY: as in `last_errno`.
    let before = unsafe { *place };
    let result = body();
    // SAFETY: as above; the thread is the same, so is the place.
    unsafe { *place = before };
    result
}

/// Marks a descriptor to be closed by `exec`.
pub fn close_on_exec(fd: &OwnedFd) -> Result<(), Errno> {
    // SAFETY: integers only, and the descriptor is open: it is borrowed.
    if unsafe { fcntl(fd.as_raw_fd(), F_SETFD, FD_CLOEXEC) } < 0 {
        Err(last_errno())
    } else {
        Ok(())
    }
}

/// A pipe, both ends non-blocking and close-on-exec: `[to read, to write]`.
pub fn pipe() -> Result<[OwnedFd; 2], Errno> {
    let mut ends = [-1; 2];
    // SAFETY: room for two descriptors.
    if unsafe { c_pipe(ends.as_mut_ptr()) } < 0 {
        return Err(last_errno());
    }
    // SAFETY: `pipe` succeeded: both are new and nobody else's.
    let ends = ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) });
    for end in &ends {
        close_on_exec(end)?;
        // SAFETY: integers only, on an open descriptor. A new pipe has no other status flags to keep.
        if unsafe { fcntl(end.as_raw_fd(), F_SETFL, host::O_NONBLOCK) } < 0 {
            return Err(last_errno());
        }
    }
    Ok(ends)
}

/// Writes one byte.
pub fn write_one(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    let byte = 1_u8;
    // SAFETY: one readable byte.
    if unsafe { write(fd.as_raw_fd(), (&raw const byte).cast(), 1) } < 0 {
        Err(last_errno())
    } else {
        Ok(())
    }
}

/// Reads and forgets up to `room.len()` bytes; returns how many.
pub fn read_some(fd: BorrowedFd<'_>, room: &mut [u8]) -> Result<usize, Errno> {
    // SAFETY: `room` is valid for writing its length.
    let count = unsafe { read(fd.as_raw_fd(), room.as_mut_ptr().cast(), room.len()) };
    if count < 0 {
        Err(last_errno())
    } else {
        Ok(count as usize)
    }
}

/// A second descriptor for what the first one refers to, close-on-exec.
pub fn duplicate(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    fd.try_clone_to_owned()
        .map_err(|error| Errno::new(error.raw_os_error().unwrap_or(Errno::EIO.raw())))
}
