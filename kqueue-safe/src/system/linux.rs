//! Linux: the kqueue of `kqueue-linux`, numbered as FreeBSD's. Its manual is the documentation of that crate.

use kqueue_sys::fflags_t;

use crate::filter::TimerUnit;
use crate::{Change, Filter, Read};

#[path = "../filter/empty.rs"]
mod empty;
#[path = "../filter/timer_absolute.rs"]
mod timer_absolute;

/// The filters' types that not every system has.
pub mod filters {
    pub use super::empty::Empty;
}

/// The flags types.
pub mod notes {
    pub use super::{DescriptorNotes, EventFlags, ProcessNotes, TimerNotes, VnodeNotes};
}

crate::flags::event_flags! {
    /// Deliver now, once, whatever the condition.
    const FORCEONESHOT = kqueue_sys::EV_FORCEONESHOT;
    /// Reserved for the system.
    const DROP = kqueue_sys::EV_DROP;
    /// Reserved for filters.
    const FLAG1 = kqueue_sys::EV_FLAG1;
    /// Reserved for filters; in an event the same bit is `ERROR`.
    const FLAG2 = kqueue_sys::EV_FLAG2;
}

crate::flags::descriptor_notes! {
    /// A regular file is always ready.
    const FILE_POLL = kqueue_sys::NOTE_FILE_POLL;
    /// Do not count: data is 0.
    const NOCOUNT = kqueue_sys::NOTE_NOCOUNT;
}

crate::flags::vnode_notes! {
    /// The file was opened.
    const OPEN = kqueue_sys::NOTE_OPEN;
    /// A descriptor without write access was closed.
    const CLOSE = kqueue_sys::NOTE_CLOSE;
    /// A descriptor with write access was closed.
    const CLOSE_WRITE = kqueue_sys::NOTE_CLOSE_WRITE;
}

crate::flags::process_notes! {}

crate::flags::timer_notes! {
    /// Data is seconds.
    const SECONDS = kqueue_sys::NOTE_SECONDS;
    /// Data is milliseconds.
    const MSECONDS = kqueue_sys::NOTE_MSECONDS;
    /// Data is microseconds.
    const USECONDS = kqueue_sys::NOTE_USECONDS;
    /// Data is nanoseconds.
    const NSECONDS = kqueue_sys::NOTE_NSECONDS;
    /// Data is a time of `CLOCK_REALTIME`.
    const ABSTIME = kqueue_sys::NOTE_ABSTIME;
    /// `ABSTIME` under macOS's name.
    const ABSOLUTE = kqueue_sys::NOTE_ABSOLUTE;
}

crate::filter::filters! { FILTER_NAMES:
    PROCDESC = EVFILT_PROCDESC, "Not on Linux: `EINVAL`.";
    FS = EVFILT_FS, "Not on Linux: `EINVAL`.";
    LIO = EVFILT_LIO, "Not on Linux: `EINVAL`.";
    SENDFILE = EVFILT_SENDFILE, "Not on Linux: `EINVAL`.";
    EMPTY = EVFILT_EMPTY, "A socket has sent everything.";
}

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

/// This system's.
impl TimerUnit {
    /// Seconds.
    pub const SECONDS: Self = Self {
        note: kqueue_sys::NOTE_SECONDS,
        length: 1_000_000_000,
    };
    /// Milliseconds: the unit without a note.
    pub const MILLISECONDS: Self = Self {
        note: kqueue_sys::NOTE_MSECONDS,
        length: 1_000_000,
    };
    /// Microseconds.
    pub const MICROSECONDS: Self = Self {
        note: kqueue_sys::NOTE_USECONDS,
        length: 1_000,
    };
    /// Nanoseconds.
    pub const NANOSECONDS: Self = Self {
        note: kqueue_sys::NOTE_NSECONDS,
        length: 1,
    };
}

pub(crate) const TIMER_UNITS: &[TimerUnit] = &[
    TimerUnit::MILLISECONDS,
    TimerUnit::MICROSECONDS,
    TimerUnit::NANOSECONDS,
];

const ABSOLUTE: fflags_t = kqueue_sys::NOTE_ABSTIME;
pub(crate) const NO_COUNT: fflags_t = kqueue_sys::NOTE_NOCOUNT;

/// The flags that a plain readable event does not have: on Linux any at all.
pub(crate) const NOT_PLAIN: kqueue_sys::flags_t = kqueue_sys::flags_t::MAX;
pub(crate) const MAX_WAIT_SECONDS: u64 = 1_000_000_000;
pub(crate) const TIMER_UNIT_SUPPORT: super::Support = super::Support::Always;
pub(crate) const IDENTITY_FLAGS: kqueue_sys::flags_t = 0;
pub(crate) const CREATES_CLOSE_ON_EXEC: bool = true;
pub(crate) const EXIT_WITH_STATUS: ProcessNotes = ProcessNotes::EXIT;
pub(crate) const EMPTY: Option<Filter> = Some(Filter::EMPTY);
pub(crate) const EXCEPT: Option<Filter> = None;
pub(crate) const PROCESS_DESCRIPTOR: Option<Filter> = None;
pub(crate) const FILE_SYSTEMS: Option<Filter> = None;

/// FreeBSD and Linux.
impl Read<'_> {
    /// Report a regular file as always ready, as `poll(2)` has it, also at its end (`NOTE_FILE_POLL`).
    #[inline]
    #[must_use]
    pub const fn file_poll(self) -> Self {
        Self {
            draft: self.draft.with_notes(kqueue_sys::NOTE_FILE_POLL),
        }
    }
}

/// FreeBSD and Linux.
impl Change<'_> {
    /// On a registration that exists: deliver an event now, whatever the condition, and delete the registration with it (`EV_FORCEONESHOT`).
    #[inline]
    #[must_use]
    pub const fn force_oneshot(self) -> Self {
        self.with_flags(kqueue_sys::EV_FORCEONESHOT)
    }
}
