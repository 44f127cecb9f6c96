//! FreeBSD: [kqueue(2)](https://man.freebsd.org/cgi/man.cgi?kqueue(2)).

use kqueue_sys::fflags_t;

use crate::filter::TimerUnit;
use crate::{Change, Filter, Read};

#[path = "../filter/empty.rs"]
mod empty;
#[path = "../filter/file_systems.rs"]
mod file_systems;
#[path = "../filter/jail.rs"]
mod jail;
#[path = "../filter/process_descriptor.rs"]
mod process_descriptor;
#[path = "../filter/timer_absolute.rs"]
mod timer_absolute;

/// The filters' types that not every system has.
pub mod filters {
    pub use super::empty::Empty;
    pub use super::file_systems::FileSystems;
    pub use super::jail::Jail;
    pub use super::process_descriptor::ProcessDescriptor;
}

/// The flags types.
pub mod notes {
    pub use super::{
        DescriptorNotes, EventFlags, FileSystemNotes, JailNotes, ProcessNotes, TimerNotes,
        VnodeNotes,
    };
}

crate::flags::event_flags! {
    /// Deliver now, once, whatever the condition.
    const FORCEONESHOT = kqueue_sys::EV_FORCEONESHOT;
    /// Leave the registration's token as it is.
    const KEEPUDATA = kqueue_sys::EV_KEEPUDATA;
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
}

crate::flags::vnode_notes! {
    /// The file was opened.
    const OPEN = kqueue_sys::NOTE_OPEN;
    /// A descriptor without write access was closed.
    const CLOSE = kqueue_sys::NOTE_CLOSE;
    /// A descriptor with write access was closed.
    const CLOSE_WRITE = kqueue_sys::NOTE_CLOSE_WRITE;
    /// The file was read.
    const READ = kqueue_sys::NOTE_READ;
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
    /// Data is milliseconds.
    const MSECONDS = kqueue_sys::NOTE_MSECONDS;
    /// Data is microseconds.
    const USECONDS = kqueue_sys::NOTE_USECONDS;
    /// Data is nanoseconds.
    const NSECONDS = kqueue_sys::NOTE_NSECONDS;
    /// Data is a time of `CLOCK_REALTIME`.
    const ABSTIME = kqueue_sys::NOTE_ABSTIME;
}

crate::flags::notes! {
    /// `VQ_*` of `<sys/mount.h>`: what an event of [`FileSystems`](crate::filter::FileSystems) says.
    FileSystemNotes {
        /// A server does not answer.
        const NOT_RESPONDING = 0x0001;
        /// A server refuses the credentials.
        const NEED_AUTHENTICATION = 0x0002;
        /// Space is short.
        const LOW_DISK = 0x0004;
        /// A file system arrived.
        const MOUNT = 0x0008;
        /// A file system has left.
        const UNMOUNT = 0x0010;
        /// A file system is dead and wants to be unmounted by force.
        const DEAD = 0x0020;
        /// A file system needs help from another program.
        const ASSIST = 0x0040;
        /// A server's lock service does not answer.
        const LOCKS_NOT_RESPONDING = 0x0080;
    }
}

crate::filter::filters! { FILTER_NAMES:
    PROCDESC = EVFILT_PROCDESC, "The process of a process descriptor ended.";
    FS = EVFILT_FS, "File systems come and go.";
    LIO = EVFILT_LIO, "A list of asynchronous requests; works with pointers, hence raw only.";
    SENDFILE = EVFILT_SENDFILE, "A `sendfile` has finished; raw only.";
    EMPTY = EVFILT_EMPTY, "A socket has sent everything.";
    JAIL = EVFILT_JAIL, "A jail is changed, entered, removed, or has a child (FreeBSD 15).";
    JAILDESC = EVFILT_JAILDESC, "The same for a jail descriptor (FreeBSD 15); raw only.";
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
    EOVERFLOW = 84, "Too large a value.";
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
pub(crate) const NO_COUNT: fflags_t = 0;

/// The flags that a plain readable event does not have.
pub(crate) const NOT_PLAIN: kqueue_sys::flags_t = kqueue_sys::EV_EOF | kqueue_sys::EV_ERROR;
pub(crate) const MAX_WAIT_SECONDS: u64 = 1_000_000_000;
pub(crate) const TIMER_UNIT_SUPPORT: super::Support = super::Support::Always;
pub(crate) const IDENTITY_FLAGS: kqueue_sys::flags_t = 0;
pub(crate) const CREATES_CLOSE_ON_EXEC: bool = false;
pub(crate) const EXIT_WITH_STATUS: ProcessNotes = ProcessNotes::EXIT;
pub(crate) const EMPTY: Option<Filter> = Some(Filter::EMPTY);
pub(crate) const EXCEPT: Option<Filter> = None;
pub(crate) const PROCESS_DESCRIPTOR: Option<Filter> = Some(Filter::PROCDESC);
pub(crate) const FILE_SYSTEMS: Option<Filter> = Some(Filter::FS);

crate::flags::notes! {
    /// `NOTE_JAIL_*` of [`Jail`](crate::filter::Jail).
    JailNotes {
        /// A child jail was made.
        const CHILD = kqueue_sys::NOTE_JAIL_CHILD;
        /// The jail was changed.
        const SET = kqueue_sys::NOTE_JAIL_SET;
        /// A process entered the jail.
        const ATTACH = kqueue_sys::NOTE_JAIL_ATTACH;
        /// The jail was removed.
        const REMOVE = kqueue_sys::NOTE_JAIL_REMOVE;
        /// In an event: more than one child or process.
        const MULTI = kqueue_sys::NOTE_JAIL_MULTI;
        /// The bits that ask for something, as a mask.
        const CTRLMASK = kqueue_sys::NOTE_JAIL_CTRLMASK;
    }
}

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

/// FreeBSD.
impl Change<'_> {
    /// Leave the registration's token as it is (`EV_KEEPUDATA`; 12.3 does not have it): the one way to change a registration without giving it a token.
    #[inline]
    #[must_use]
    pub const fn keep_token(self) -> Self {
        self.with_flags(kqueue_sys::EV_KEEPUDATA)
    }
}
