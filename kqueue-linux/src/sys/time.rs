//! Clocks, and timers of the kernel.

use libc::{c_int, c_long};

use super::Errno;

/// `timerfd_create(2)` on the monotonic clock.
pub(crate) fn timerfd_create() -> Result<c_int, Errno> {
    call!(
        TimerFd,
        libc::SYS_timerfd_create,
        libc::CLOCK_MONOTONIC,
        libc::TFD_CLOEXEC | libc::TFD_NONBLOCK
    )
    .map(|fd| fd as c_int)
}

/// Arms a timerfd for a time of the monotonic clock, in nanoseconds.
pub(crate) fn timerfd_set(fd: c_int, deadline: u64) -> Result<(), Errno> {
    // SAFETY: all zero is a valid itimerspec.
    let mut spec: libc::itimerspec = unsafe { core::mem::zeroed() };
    spec.it_value.tv_sec = (deadline / 1_000_000_000) as libc::time_t;
    spec.it_value.tv_nsec = (deadline % 1_000_000_000) as c_long;
    call!(
        TimerFd,
        libc::SYS_timerfd_settime,
        fd,
        libc::TFD_TIMER_ABSTIME,
        &raw const spec,
        0
    )
    .map(drop)
}

/// A clock's time in nanoseconds: `CLOCK_MONOTONIC` or `CLOCK_REALTIME`.
pub(crate) fn now(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for writing; these clocks always exist. (The C library reads them without a system call.)
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
