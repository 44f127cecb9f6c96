//! OpenBSD: [kqueue(2)](https://man.openbsd.org/kqueue.2).

use kqueue_sys::fflags_t;

use crate::filter::TimerUnit;
use crate::{Filter, Read};

#[path = "../filter/device.rs"]
mod device;
#[path = "../filter/except.rs"]
mod except;
#[path = "../filter/timer_absolute.rs"]
mod timer_absolute;

/// The filters' types that not every system has.
pub mod filters {
    pub use super::device::Device;
    pub use super::except::Except;
}

/// The flags types.
pub mod notes {
    pub use super::{
        DescriptorNotes, DeviceNotes, EventFlags, ProcessNotes, TimerNotes, VnodeNotes,
    };
}

crate::flags::notes! {
    /// `NOTE_*` of [`Device`](crate::filter::Device).
    DeviceNotes {
        /// The device changed.
        const CHANGE = kqueue_sys::NOTE_CHANGE;
    }
}

crate::flags::event_flags! {
    /// Reserved for filters.
    const FLAG1 = kqueue_sys::EV_FLAG1;
}

crate::flags::descriptor_notes! {
    /// Report a regular file also at its end.
    const EOF = kqueue_sys::NOTE_EOF;
    /// Out-of-band data.
    const OOB = kqueue_sys::NOTE_OOB;
}

crate::flags::vnode_notes! {
    /// The file was truncated.
    const TRUNCATE = kqueue_sys::NOTE_TRUNCATE;
}

crate::flags::process_notes! {
    /// The process forked.
    const FORK = kqueue_sys::NOTE_FORK;
    /// The process executed another program.
    const EXEC = kqueue_sys::NOTE_EXEC;
    /// Follow the children: each gets a registration of its own, with the same token.
    const TRACK = kqueue_sys::NOTE_TRACK;
    /// In an event: a child could not be followed.
    const TRACKERR = kqueue_sys::NOTE_TRACKERR;
    /// In an event: this is a child that is followed; data has its parent's number.
    const CHILD = kqueue_sys::NOTE_CHILD;
}

crate::flags::timer_notes! {
    /// Data is seconds.
    const SECONDS = kqueue_sys::NOTE_SECONDS;
    /// Data is milliseconds: no bit at all.
    const MSECONDS = kqueue_sys::NOTE_MSECONDS;
    /// Data is microseconds.
    const USECONDS = kqueue_sys::NOTE_USECONDS;
    /// Data is nanoseconds: 3, both of the above.
    const NSECONDS = kqueue_sys::NOTE_NSECONDS;
    /// Data is a time of `CLOCK_REALTIME`.
    const ABSTIME = kqueue_sys::NOTE_ABSTIME;
}

crate::filter::filters! { FILTER_NAMES:
    DEVICE = EVFILT_DEVICE, "A device changed.";
    EXCEPT = EVFILT_EXCEPT, "Out-of-band data.";
}

crate::error::errnos! { ERRNO_NAMES:
    EAGAIN = 35, "Would block.";
    ENOTSOCK = 38, "Not a socket.";
    EOPNOTSUPP = 45, "Not supported.";
    EADDRINUSE = 48, "The address is in use.";
    ENETDOWN = 50, "The network is down.";
    ENETUNREACH = 51, "No route to the network.";
    ECONNABORTED = 53, "The connection was given up.";
    ECONNRESET = 54, "The other end reset the connection.";
    ENOTCONN = 57, "Not connected.";
    ETIMEDOUT = 60, "The other end did not answer in time.";
    ECONNREFUSED = 61, "Nobody listens there.";
    ELOOP = 62, "Kqueues would watch each other in a circle, or the chain is too long.";
    EHOSTUNREACH = 65, "No route to the host.";
    ENOSYS = 78, "The system has no such call.";
    EOVERFLOW = 87, "Too large a value.";
    ENOTSUP = 91, "Not supported.";
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
        note: 0,
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
pub(crate) const NO_COUNT: fflags_t = 0;

/// The flags that a plain readable event does not have.
pub(crate) const NOT_PLAIN: kqueue_sys::flags_t = kqueue_sys::EV_EOF | kqueue_sys::EV_ERROR;
pub(crate) const MAX_WAIT_SECONDS: u64 = 1_000_000_000;
pub(crate) const TIMER_UNIT_SUPPORT: super::Support = super::Support::Ask;
pub(crate) const IDENTITY_FLAGS: kqueue_sys::flags_t = 0;
pub(crate) const CREATES_CLOSE_ON_EXEC: bool = false;
pub(crate) const EXIT_WITH_STATUS: ProcessNotes = ProcessNotes::EXIT;
pub(crate) const EMPTY: Option<Filter> = None;
pub(crate) const EXCEPT: Option<Filter> = Some(Filter::EXCEPT);
pub(crate) const PROCESS_DESCRIPTOR: Option<Filter> = None;
pub(crate) const FILE_SYSTEMS: Option<Filter> = None;

/// OpenBSD.
impl Read<'_> {
    /// Report a regular file also at its end (`NOTE_EOF`).
    #[inline]
    #[must_use]
    pub const fn at_end_of_file(self) -> Self {
        Self {
            draft: self.draft.with_notes(kqueue_sys::NOTE_EOF),
        }
    }
}
