//! Waiting: epoll, and a look at one descriptor without it.

use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use libc::c_int;

use super::Errno;
#[cfg(feature = "fault-injection")]
use crate::fault;

/// `epoll_create1(2)`.
pub(crate) fn epoll_create(cloexec: bool) -> Result<c_int, Errno> {
    call!(
        EpollCreate,
        libc::SYS_epoll_create1,
        if cloexec { libc::EPOLL_CLOEXEC } else { 0 }
    )
    .map(|fd| fd as c_int)
}

/// `epoll_ctl(2)`: `operation` is `EPOLL_CTL_*`.
pub(crate) fn epoll_ctl(
    epfd: c_int,
    operation: c_int,
    fd: c_int,
    events: u32,
    data: u64,
) -> Result<(), Errno> {
    let mut event = libc::epoll_event { events, u64: data };
    call!(
        EpollCtl,
        libc::SYS_epoll_ctl,
        epfd,
        operation,
        fd,
        &raw mut event
    )
    .map(drop)
}

/// `epoll_pwait2(2)` without a signal mask. Without a timeout, and on kernels before 5.11 (and under tools that do not know the newer call), `epoll_pwait(2)`, whose
/// timeout is in milliseconds: rounded up.
///
/// # Safety
///
/// `events` is valid for writing `room` entries.
#[inline(always)]
pub(crate) unsafe fn epoll_wait(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: usize,
    timeout: Option<&libc::timespec>,
) -> Result<usize, Errno> {
    #[cfg(test)]
    crate::tests::asked_to_wait(timeout);
    let Some(time) = timeout else {
        return call!(
            EpollWait,
            libc::SYS_epoll_pwait,
            epfd,
            events,
            room,
            -1isize,
            0,
            8
        );
    };
    if !IN_MILLISECONDS.load(Ordering::Relaxed) {
        let result = call!(
            EpollWait,
            libc::SYS_epoll_pwait2,
            epfd,
            events,
            room,
            ptr::from_ref(time),
            0,
            8
        );
        if result != Err(libc::ENOSYS) {
            return result;
        }
        IN_MILLISECONDS.store(true, Ordering::Relaxed);
    }
    // SAFETY: the caller's promise.
    unsafe { epoll_wait_in_milliseconds(epfd, events, room, time) }
}

/// `epoll_wait(2)` with nothing around the system call: the kernel's result as it is. `milliseconds` is -1 (for ever) or 0 (at once). `events` and `keep` are handed back: on x86-64
/// they stay in registers that the kernel leaves alone, so that the caller need not save others.
///
/// # Safety
///
/// `events` is valid for writing `room` entries. (A room below 1 is `EINVAL`, whatever `events` is.)
#[inline(always)]
pub(crate) unsafe fn epoll_wait_plain<K, L>(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: c_int,
    milliseconds: c_int,
    keep: (*mut K, *mut L),
) -> (isize, *mut libc::epoll_event, (*mut K, *mut L)) {
    #[cfg(feature = "fault-injection")]
    if let Some(errno) = fault::strike(fault::Call::EpollWait) {
        return (-(errno as isize), events, keep);
    }
    // The older call has two arguments less: their registers are free.
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
    {
        let result: isize;
        let (mut events, mut keep) = (events, keep);
        // SAFETY: the convention as in `raw`, which preserves all other registers; the pointer is the caller's promise.
        unsafe {
            core::arch::asm!("syscall", inlateout("rax") libc::SYS_epoll_wait as isize => result, in("rdi") epfd as u32 as usize,
                inlateout("rsi") events, in("rdx") room as u32 as usize, in("r10") milliseconds as isize, inlateout("r8") keep.0,
                inlateout("r9") keep.1, lateout("rcx") _, lateout("r11") _, options(nostack, preserves_flags));
        }
        (result, events, keep)
    }
    #[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64")))]
    {
        // SAFETY: the caller's promise. Without a signal mask its size is not looked at.
        let result = unsafe {
            raw(
                libc::SYS_epoll_pwait,
                epfd as usize,
                events as usize,
                room as usize,
                milliseconds as usize,
                0,
                0,
            )
        };
        (result, events, keep)
    }
}

/// As [`epoll_wait`] with a timeout, in the kernel's words.
///
/// # Safety
///
/// As [`epoll_wait`].
#[inline(always)]
pub(crate) unsafe fn epoll_wait_until(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: c_int,
    timeout: &libc::timespec,
) -> isize {
    // SAFETY: the caller's promise.
    match unsafe { epoll_wait(epfd, events, room as usize, Some(timeout)) } {
        Ok(count) => count as isize,
        Err(errno) => -(errno as isize),
    }
}

/// The kernel does not know `epoll_pwait2`.
static IN_MILLISECONDS: AtomicBool = AtomicBool::new(false);

/// # Safety
///
/// As [`epoll_wait`].
#[inline(always)]
unsafe fn epoll_wait_in_milliseconds(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: usize,
    time: &libc::timespec,
) -> Result<usize, Errno> {
    if time.tv_sec < 0 || !(0..1_000_000_000).contains(&time.tv_nsec) {
        return Err(libc::EINVAL);
    }
    // 23 days are the most that the call can express; nobody notices an early end of such a wait.
    let seconds = time.tv_sec.min(2_000_000) as u64;
    let milliseconds = seconds * 1000 + (time.tv_nsec as u64).div_ceil(1_000_000);
    call!(
        EpollWait,
        libc::SYS_epoll_pwait,
        epfd,
        events,
        room,
        milliseconds,
        0,
        8
    )
}

/// `poll(2)` of one descriptor without waiting: its `revents`.
pub(crate) fn poll_now(fd: c_int, events: i16) -> Result<u32, Errno> {
    let mut entry = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    let zero = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    call!(
        Poll,
        libc::SYS_ppoll,
        &raw mut entry,
        1,
        &raw const zero,
        0,
        8
    )?;
    Ok(entry.revents as u16 as u32)
}
