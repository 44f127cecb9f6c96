//! Signals.

use core::ptr;

use libc::c_int;

use super::Errno;

/// A set of signals as the kernel has it: bit `n - 1` is signal `n`.
pub(crate) type SignalSet = u64;

/// `signalfd4(2)`.
pub(crate) fn signalfd(set: SignalSet) -> Result<c_int, Errno> {
    call!(
        SignalFd,
        libc::SYS_signalfd4,
        -1isize,
        &raw const set,
        8,
        libc::SFD_CLOEXEC | libc::SFD_NONBLOCK
    )
    .map(|fd| fd as c_int)
}

/// The calling thread's mask; with `change`, adds (`SIG_BLOCK`) or takes out (`SIG_UNBLOCK`) first.
pub(crate) fn signal_mask(how: c_int, change: SignalSet) -> SignalSet {
    let mut old: SignalSet = 0;
    let _ = call!(
        Signal,
        libc::SYS_rt_sigprocmask,
        how,
        &raw const change,
        &raw mut old,
        8
    );
    old
}

/// The signals that are pending for the calling thread.
pub(crate) fn signals_pending() -> SignalSet {
    let mut set: SignalSet = 0;
    let _ = call!(Signal, libc::SYS_rt_sigpending, &raw mut set, 8);
    set
}

/// Takes one pending, blocked signal of the set away; false when there is none.
pub(crate) fn take_signal(set: SignalSet) -> bool {
    let zero = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    call!(
        Signal,
        libc::SYS_rt_sigtimedwait,
        &raw const set,
        0,
        &raw const zero,
        8
    )
    .is_ok()
}

/// What the process does with a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Disposition {
    Default,
    Ignored,
    Handled,
}

/// `sigaction(2)`, asking only.
pub(crate) fn disposition(signal: c_int) -> Disposition {
    // SAFETY: all zero is a valid sigaction; a null new action only asks. The C library's call is used because the kernel's struct differs by
    // architecture.
    let handler = unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        if libc::sigaction(signal, ptr::null(), &mut action) != 0 {
            return Disposition::Default;
        }
        action.sa_sigaction
    };
    match handler {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignored,
        _ => Disposition::Handled,
    }
}
