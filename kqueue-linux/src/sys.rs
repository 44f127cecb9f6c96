//! Every system call that this crate makes goes through this module, and no other makes one.
//!
//! On x86-64 and AArch64 the instruction is issued here, which saves the C library's wrapper (about ten instructions and the cancellation
//! check) and leaves `errno` alone until [`set_errno`]; elsewhere `libc::syscall` does it. With the feature `fault-injection` each call can be made to
//! fail with a chosen errno (see `fault.rs`).

use libc::{c_int, c_long};

/// An errno, above 0.
pub(crate) type Errno = c_int;

/// The instruction: number and six arguments in, the kernel's result out (a negative errno on failure).
///
/// # Safety
///
/// The caller guarantees what the system call's manual page asks for each pointer among the arguments.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[inline(always)]
unsafe fn raw(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the x86-64 Linux convention: rcx and r11 are clobbered, memory may be read and written by the kernel (the default of `asm!`); the
    // pointers are the caller's promise.
    unsafe {
        core::arch::asm!("syscall", inlateout("rax") number as isize => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack, preserves_flags));
    }
    result
}

/// As above, for AArch64.
///
/// # Safety
///
/// As above.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn raw(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the AArch64 Linux convention: number in x8, result in x0, nothing else is clobbered; the pointers are the caller's promise.
    unsafe {
        core::arch::asm!("svc 0", in("x8") number, inlateout("x0") a as isize => result, in("x1") b, in("x2") c, in("x3") d,
            in("x4") e, in("x5") f, options(nostack, preserves_flags));
    }
    result
}

/// As above, for every other architecture, through the C library.
///
/// # Safety
///
/// As above.
#[cfg(not(any(
    all(target_arch = "x86_64", target_pointer_width = "64"),
    target_arch = "aarch64"
)))]
unsafe fn raw(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    // SAFETY: the caller's promise; `__errno_location` is valid for the calling thread.
    unsafe {
        let result = libc::syscall(number, a, b, c, d, e, f);
        if result == -1 {
            -(*libc::__errno_location() as isize)
        } else {
            result as isize
        }
    }
}

macro_rules! call {
    ($which:ident, $number:expr $(, $argument:expr)*) => {{
        #[cfg(feature = "fault-injection")]
        let injected = crate::fault::strike(crate::fault::Call::$which);
        #[cfg(not(feature = "fault-injection"))]
        let injected: Option<crate::sys::Errno> = None;
        match injected {
            Some(errno) => Err(errno),
            None => {
                let arguments = crate::sys::arguments([$($argument as usize),*]);
                // SAFETY: each wrapper of this module passes numbers, references, or pointers that its own contract covers.
                let result = unsafe {
                    crate::sys::raw($number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
                };
                if result < 0 { Err(-result as crate::sys::Errno) } else { Ok(result as usize) }
            }
        }
    }};
}

#[inline(always)]
fn arguments<const N: usize>(given: [usize; N]) -> [usize; 6] {
    let mut all = [0; 6];
    all[..N].copy_from_slice(&given);
    all
}

/// Sets the calling thread's `errno`.
pub(crate) fn set_errno(errno: Errno) {
    // SAFETY: the C library guarantees a valid pointer to the thread's own variable.
    unsafe { *libc::__errno_location() = errno }
}

/// The calling thread's `errno`.
pub(crate) fn errno() -> Errno {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() }
}

// Behind the macro, which they use.
mod descriptor;
mod epoll;
mod file;
mod memory;
mod process;
mod signal;
mod socket;
mod thread;
mod time;

pub(crate) use descriptor::{
    bytes_to_read, bytes_unsent, close, dup_over, is_cloexec, is_open, pipe_capacity, read,
    ready_eventfd,
};
pub(crate) use epoll::{
    epoll_create, epoll_ctl, epoll_wait, epoll_wait_plain, epoll_wait_until, poll_now,
};
pub(crate) use file::{
    fstat, inotify, inotify_add, inotify_remove, is_anonymous_pipe, offset, open_to_read, readlink,
};
pub(crate) use memory::{empty_pages, mmap, munmap, small_pages, wipe_on_fork};
pub(crate) use process::{child_status, kept_status, pidfd};
pub(crate) use signal::{
    Disposition, SignalSet, disposition, signal_mask, signalfd, signals_pending, take_signal,
};
pub(crate) use socket::{socket_memory, socket_number, tcp_info};
pub(crate) use thread::{at_fork_in_child, futex_wait, futex_wake, pause, thread_identity};
pub(crate) use time::{now, timerfd_create, timerfd_set};
