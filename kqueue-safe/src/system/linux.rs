//! Linux: the kqueue of `kqueue-linux`, numbered as FreeBSD's.

use kqueue_sys::{self as raw, fflags_t, filter_t};

crate::flags::event_flags! {
    /// Deliver now, once, whatever the condition.
    const FORCEONESHOT = kqueue_sys::EV_FORCEONESHOT;
    /// Reserved for the system.
    const DROP = kqueue_sys::EV_DROP;
    /// Reserved for filters.
    const FLAG1 = kqueue_sys::EV_FLAG1;
}

pub const FILTER_NAMES: &[(filter_t, &str)] = &[
    (raw::EVFILT_PROCDESC, "PROCDESC"),
    (raw::EVFILT_FS, "FS"),
    (raw::EVFILT_LIO, "LIO"),
    (raw::EVFILT_SENDFILE, "SENDFILE"),
    (raw::EVFILT_EMPTY, "EMPTY"),
];

crate::error::errnos! { ERRNO_NAMES:
    EAGAIN = 11, "Would block.";
    ENOSYS = 38, "The system has no such call.";
    ELOOP = 40, "Kqueues would watch each other in a circle, or the chain is too long.";
    EOVERFLOW = 75, "Too large a value.";
    ENOTSOCK = 88, "Not a socket.";
    EOPNOTSUPP = 95, "Not supported.";
    EADDRINUSE = 98, "The address is in use.";
    ENETDOWN = 100, "The network is down.";
    ENETUNREACH = 101, "No route to the network.";
    ECONNABORTED = 103, "The connection was given up.";
    ECONNRESET = 104, "The other end reset the connection.";
    ENOTCONN = 107, "Not connected.";
    ETIMEDOUT = 110, "The other end did not answer in time.";
    ECONNREFUSED = 111, "Nobody listens there.";
    EHOSTUNREACH = 113, "No route to the host.";
}

pub const TIMER_UNITS: &[(fflags_t, u64)] = &[
    (raw::NOTE_MSECONDS, 1_000_000),
    (raw::NOTE_USECONDS, 1_000),
    (raw::NOTE_NSECONDS, 1),
];

pub const NO_COUNT: fflags_t = raw::NOTE_NOCOUNT;
pub const MAX_WAIT_SECONDS: u64 = 1_000_000_000;
pub const CREATES_CLOSE_ON_EXEC: bool = true;
