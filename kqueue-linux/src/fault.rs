//! For tests (feature `fault-injection`): makes system calls of this crate fail.

use core::sync::atomic::{AtomicI32, AtomicU32, Ordering};

macro_rules! calls {
    ($($name:ident = $doc:literal),* $(,)?) => {
        /// A kind of system call that this crate makes.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(usize)]
        pub enum Call { $(#[doc = $doc] $name),* }

        impl Call {
            /// All of them.
            pub const ALL: &'static [Call] = &[$(Call::$name),*];
        }
    };
}

calls! {
    Futex = "futex",
    Mmap = "mmap",
    Munmap = "munmap",
    Madvise = "madvise",
    Close = "close",
    Fcntl = "fcntl",
    Dup = "dup3",
    EpollCreate = "epoll_create1",
    EpollCtl = "epoll_ctl",
    EpollWait = "epoll_pwait2",
    EventFd = "eventfd2",
    TimerFd = "timerfd_create and timerfd_settime",
    Fstat = "newfstatat and fstatfs",
    Lseek = "lseek",
    Ioctl = "ioctl",
    GetSockOpt = "getsockopt",
    Poll = "ppoll",
    Inotify = "inotify_init1, inotify_add_watch and inotify_rm_watch",
    Read = "read",
    Open = "openat",
    PidFd = "pidfd_open",
    WaitId = "waitid",
    SignalFd = "signalfd4",
    Signal = "rt_sigprocmask, rt_sigpending and rt_sigtimedwait",
    Readlink = "readlinkat",
}

struct Plan {
    errno: AtomicI32,
    /// Calls that still succeed before the first failure.
    after: AtomicU32,
    /// Failures that are still to come.
    times: AtomicU32,
    made: AtomicU32,
}

static PLANS: [Plan; Call::ALL.len()] = [const {
    Plan {
        errno: AtomicI32::new(0),
        after: AtomicU32::new(0),
        times: AtomicU32::new(0),
        made: AtomicU32::new(0),
    }
}; Call::ALL.len()];

/// After `after` successful calls of this kind, the next one fails with `errno`, once.
pub fn set(call: Call, after: u32, errno: i32) {
    set_times(call, after, errno, 1);
}

/// As [`set`], with `times` failures in a row; `u32::MAX` is for ever.
pub fn set_times(call: Call, after: u32, errno: i32, times: u32) {
    let plan = &PLANS[call as usize];
    plan.times.store(0, Ordering::SeqCst);
    plan.errno.store(errno, Ordering::SeqCst);
    plan.after.store(after, Ordering::SeqCst);
    plan.times.store(times, Ordering::SeqCst);
}

/// No call fails any more, and all are counted from 0.
pub fn clear() {
    for plan in &PLANS {
        plan.times.store(0, Ordering::SeqCst);
        plan.made.store(0, Ordering::SeqCst);
    }
}

/// Calls of this kind since [`clear`], failed ones included.
pub fn count(call: Call) -> u32 {
    PLANS[call as usize].made.load(Ordering::SeqCst)
}

/// The errno with which this call is to fail.
pub(crate) fn strike(call: Call) -> Option<i32> {
    let plan = &PLANS[call as usize];
    plan.made.fetch_add(1, Ordering::SeqCst);
    if plan.times.load(Ordering::SeqCst) == 0 {
        return None;
    }
    if plan
        .after
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_ok()
    {
        return None;
    }
    let struck = plan
        .times
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            u32::MAX => Some(u32::MAX),
            left => left.checked_sub(1),
        });
    struck.ok().map(|_| plan.errno.load(Ordering::SeqCst))
}
