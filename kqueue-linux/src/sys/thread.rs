//! Threads: who this is, sleeping and waking, and forks.

use core::sync::atomic::AtomicU32;

use libc::c_long;

/// A number that tells the live threads of the process apart: made of the thread pointer, so that it costs one load. Never 0, bit 31 clear.
#[inline(always)]
pub(crate) fn thread_identity() -> u32 {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
    {
        let pointer: usize;
        // SAFETY: on x86-64 Linux the thread control block starts with a pointer to itself, in glibc and musl.
        unsafe {
            core::arch::asm!("mov {}, fs:0", out(reg) pointer, options(nostack, readonly, preserves_flags))
        };
        identity_of(pointer)
    }
    #[cfg(target_arch = "aarch64")]
    {
        let pointer: usize;
        // SAFETY: reads a register that user space may read.
        unsafe {
            core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer, options(nostack, nomem, preserves_flags))
        };
        identity_of(pointer)
    }
    #[cfg(not(any(
        all(target_arch = "x86_64", target_pointer_width = "64"),
        target_arch = "aarch64"
    )))]
    {
        // SAFETY: gettid cannot fail and takes no pointer.
        (unsafe { libc::syscall(libc::SYS_gettid) }) as u32 & 0x7fff_ffff
    }
}

/// Thread control blocks are 64 bytes apart at least.
#[allow(dead_code)]
#[inline(always)]
const fn identity_of(pointer: usize) -> u32 {
    ((pointer >> 4) as u32 & 0x7fff_fffe) | 1
}

/// Sleeps while `word` holds `seen`; comes back early now and then.
pub(crate) fn futex_wait(word: &AtomicU32, seen: u32) {
    let _ = call!(
        Futex,
        libc::SYS_futex,
        word.as_ptr(),
        libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
        seen,
        0
    );
}

/// Wakes one sleeper.
#[cold]
pub(crate) fn futex_wake(word: &AtomicU32) {
    let _ = call!(
        Futex,
        libc::SYS_futex,
        word.as_ptr(),
        libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
        1
    );
}

/// Sleeps, in nanoseconds below a second.
pub(crate) fn pause(nanoseconds: u32) {
    let time = libc::timespec {
        tv_sec: 0,
        tv_nsec: nanoseconds as c_long,
    };
    let _ = call!(Poll, libc::SYS_ppoll, 0, 0, &raw const time, 0, 8);
}

/// Registers what runs in the child of a `fork`.
pub(crate) fn at_fork_in_child(run: unsafe extern "C" fn()) {
    // SAFETY: the function is `'static` and takes no argument. The C library keeps the first dozens of handlers in static storage.
    unsafe { libc::pthread_atfork(None, None, Some(run)) };
}
