//! DragonFly: [kqueue(2)](https://man.dragonflybsd.org/?command=kqueue&section=2).

use kqueue_sys::fflags_t;

use crate::Filter;
use crate::filter::TimerUnit;

#[path = "../filter/except.rs"]
mod except;
#[path = "../filter/file_systems.rs"]
mod file_systems;

/// The filters' types that not every system has.
pub mod filters {
    pub use super::except::Except;
    pub use super::file_systems::FileSystems;
}

/// The flags types.
pub mod notes {
    pub use super::{
        DescriptorNotes, EventFlags, FileSystemNotes, ProcessNotes, TimerNotes, VnodeNotes,
    };
}

crate::flags::event_flags! {
    /// In an event: the end, and no more data.
    const NODATA = kqueue_sys::EV_NODATA;
    /// In an event: both directions are closed.
    const HUP = kqueue_sys::EV_HUP;
    /// Reserved for filters.
    const FLAG1 = kqueue_sys::EV_FLAG1;
}

crate::flags::descriptor_notes! {
    /// Out-of-band data.
    const OOB = kqueue_sys::NOTE_OOB;
}

crate::flags::vnode_notes! {}

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

crate::flags::timer_notes! {}

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
    EXCEPT = EVFILT_EXCEPT, "Out-of-band data.";
    FS = EVFILT_FS, "File systems come and go.";
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
    /// Milliseconds: the unit without a note.
    pub const MILLISECONDS: Self = Self {
        note: 0,
        length: 1_000_000,
    };
}

pub(crate) const TIMER_UNITS: &[TimerUnit] = &[TimerUnit::MILLISECONDS];

pub(crate) const NO_COUNT: fflags_t = 0;

/// The flags that a plain readable event does not have.
pub(crate) const NOT_PLAIN: kqueue_sys::flags_t = kqueue_sys::EV_EOF | kqueue_sys::EV_ERROR;
pub(crate) const MAX_WAIT_SECONDS: u64 = 1_000_000_000;
pub(crate) const TIMER_UNIT_SUPPORT: super::Support = super::Support::Never;
pub(crate) const IDENTITY_FLAGS: kqueue_sys::flags_t = 0;
pub(crate) const CREATES_CLOSE_ON_EXEC: bool = false;
pub(crate) const EXIT_WITH_STATUS: ProcessNotes = ProcessNotes::EXIT;
pub(crate) const EMPTY: Option<Filter> = None;
pub(crate) const EXCEPT: Option<Filter> = Some(Filter::EXCEPT);
pub(crate) const PROCESS_DESCRIPTOR: Option<Filter> = None;
pub(crate) const FILE_SYSTEMS: Option<Filter> = Some(Filter::FS);
