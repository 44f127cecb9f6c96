//! macOS: [kqueue(2)](https://developer.apple.com/library/archive/documentation/System/Conceptual/ManPages_iPhoneOS/man2/kqueue.2.html).

use kqueue_sys::fflags_t;

use crate::filter::TimerUnit;
use crate::{Change, Filter, Read};

#[path = "../filter/except.rs"]
mod except;
#[path = "../filter/file_systems.rs"]
mod file_systems;
#[path = "../filter/memory.rs"]
mod memory;
#[path = "../filter/timer_absolute.rs"]
mod timer_absolute;

/// The filters' types that not every system has.
pub mod filters {
    pub use super::except::Except;
    pub use super::file_systems::FileSystems;
    pub use super::memory::Memory;
}

/// The flags types.
pub mod notes {
    pub use super::{
        DescriptorNotes, EventFlags, FileSystemNotes, MemoryNotes, ProcessNotes, TimerNotes,
        VnodeNotes,
    };
}

crate::flags::notes! {
    /// `NOTE_VM_*` of [`Memory`](crate::filter::Memory).
    MemoryNotes {
        /// Memory is short.
        const PRESSURE = kqueue_sys::NOTE_VM_PRESSURE;
        /// The process will end when memory is short, perhaps after it has written things down.
        const PRESSURE_TERMINATE = kqueue_sys::NOTE_VM_PRESSURE_TERMINATE;
        /// The process will end at once when memory is short.
        const PRESSURE_SUDDEN_TERMINATE = kqueue_sys::NOTE_VM_PRESSURE_SUDDEN_TERMINATE;
        /// In an event: the system could not tell.
        const ERROR = kqueue_sys::NOTE_VM_ERROR;
    }
}

crate::flags::event_flags! {
    /// The token is part of what identifies the registration.
    const UDATA_SPECIFIC = kqueue_sys::EV_UDATA_SPECIFIC;
    /// `DISPATCH` and `UDATA_SPECIFIC`.
    const DISPATCH2 = kqueue_sys::EV_DISPATCH2;
    /// Report when what is watched is gone; with `DISPATCH2` only.
    const VANISHED = kqueue_sys::EV_VANISHED;
    /// READ: as `poll(2)` has it.
    const POLL = kqueue_sys::EV_POLL;
    /// READ: out-of-band data counts.
    const OOBAND = kqueue_sys::EV_OOBAND;
    /// Each filter's own; for READ it is `POLL`.
    const FLAG0 = kqueue_sys::EV_FLAG0;
    /// Each filter's own; for READ it is `OOBAND`.
    const FLAG1 = kqueue_sys::EV_FLAG1;
}

crate::flags::descriptor_notes! {
    /// Out-of-band data.
    const OOB = kqueue_sys::NOTE_OOB;
}

crate::flags::vnode_notes! {
    /// No particular event.
    const NONE = kqueue_sys::NOTE_NONE;
    /// Unlocked by `flock`.
    const FUNLOCK = kqueue_sys::NOTE_FUNLOCK;
    /// A lease is to be downgraded.
    const LEASE_DOWNGRADE = kqueue_sys::NOTE_LEASE_DOWNGRADE;
    /// A lease is to be released.
    const LEASE_RELEASE = kqueue_sys::NOTE_LEASE_RELEASE;
}

crate::flags::process_notes! {
    /// The process forked.
    const FORK = kqueue_sys::NOTE_FORK;
    /// The process executed another program.
    const EXEC = kqueue_sys::NOTE_EXEC;
    /// The process was waited for; deprecated by the system.
    const REAP = kqueue_sys::NOTE_REAP;
    /// A signal was sent to the process.
    const SIGNAL = kqueue_sys::NOTE_SIGNAL;
    /// With `EXIT`: data has the status. Own children, or processes that one may signal.
    const EXITSTATUS = kqueue_sys::NOTE_EXITSTATUS;
    /// With `EXIT`: the three bits below say why.
    const EXIT_DETAIL = kqueue_sys::NOTE_EXIT_DETAIL;
    /// A page could not be decrypted.
    const EXIT_DECRYPTFAIL = kqueue_sys::NOTE_EXIT_DECRYPTFAIL;
    /// Ended to free memory.
    const EXIT_MEMORY = kqueue_sys::NOTE_EXIT_MEMORY;
    /// A code signature was invalid.
    const EXIT_CSERROR = kqueue_sys::NOTE_EXIT_CSERROR;
    /// The three bits above, as a mask.
    const EXIT_DETAIL_MASK = kqueue_sys::NOTE_EXIT_DETAIL_MASK;
    /// The process has another parent now; deprecated by the system.
    const EXIT_REPARENTED = kqueue_sys::NOTE_EXIT_REPARENTED;
}

crate::flags::timer_notes! {
    /// Data is seconds.
    const SECONDS = kqueue_sys::NOTE_SECONDS;
    /// Data is microseconds.
    const USECONDS = kqueue_sys::NOTE_USECONDS;
    /// Data is nanoseconds.
    const NSECONDS = kqueue_sys::NOTE_NSECONDS;
    /// Data is a time of the calendar.
    const ABSOLUTE = kqueue_sys::NOTE_ABSOLUTE;
    /// `ext[1]` has the leeway (`kevent64` only).
    const LEEWAY = kqueue_sys::NOTE_LEEWAY;
    /// As little coalescing as possible.
    const CRITICAL = kqueue_sys::NOTE_CRITICAL;
    /// As much coalescing as possible.
    const BACKGROUND = kqueue_sys::NOTE_BACKGROUND;
    /// Time that passes while the machine sleeps counts.
    const MACH_CONTINUOUS_TIME = kqueue_sys::NOTE_MACH_CONTINUOUS_TIME;
    /// Data is in units of `mach_absolute_time`.
    const MACHTIME = kqueue_sys::NOTE_MACHTIME;
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
        /// Information about a file system has changed.
        const UPDATE = 0x0100;
        /// Space is very short.
        const VERY_LOW_DISK = 0x0200;
        /// A `sync` just happened.
        const SYNC = 0x0400;
        /// A server sent a warning.
        const SERVER_EVENT = 0x0800;
        /// A quota was hit.
        const QUOTA = 0x1000;
        /// Space is about to be short.
        const NEAR_LOW_DISK = 0x2000;
        /// There is as much space as desired.
        const DESIRED_DISK = 0x4000;
        /// Free space has changed a lot.
        const FREE_SPACE_CHANGE = 0x8000;
        /// Purgeable space has changed a lot.
        const PURGEABLE_SPACE_CHANGE = 0x10000;
        /// Space is between near-low and desired.
        const IDLE_PURGE_NOTIFY = 0x20000;
    }
}

crate::filter::filters! { FILTER_NAMES:
    MACHPORT = EVFILT_MACHPORT, "Mach ports; the kernel may write through `ext[0]`, hence raw only.";
    FS = EVFILT_FS, "File systems come and go.";
    VM = EVFILT_VM, "Memory is short.";
    EXCEPT = EVFILT_EXCEPT, "Out-of-band data.";
    LIO = EVFILT_LIO, "A list of asynchronous requests; works with pointers, hence raw only.";
}

crate::error::errnos! { ERRNO_NAMES:
    EAGAIN = 35, "Would block.";
    ENOTSOCK = 38, "Not a socket.";
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
    ENOTSUP = 45, "Not supported.";
    EOVERFLOW = 84, "Too large a value.";
    EOPNOTSUPP = 102, "Not supported.";
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

const ABSOLUTE: fflags_t = kqueue_sys::NOTE_ABSOLUTE;
pub(crate) const NO_COUNT: fflags_t = 0;

/// The flags that a plain readable event does not have.
pub(crate) const NOT_PLAIN: kqueue_sys::flags_t = kqueue_sys::EV_EOF | kqueue_sys::EV_ERROR;
pub(crate) const MAX_WAIT_SECONDS: u64 = 100_000_000;
pub(crate) const TIMER_UNIT_SUPPORT: super::Support = super::Support::Always;
pub(crate) const IDENTITY_FLAGS: kqueue_sys::flags_t = kqueue_sys::EV_UDATA_SPECIFIC;
pub(crate) const CREATES_CLOSE_ON_EXEC: bool = false;
pub(crate) const EXIT_WITH_STATUS: ProcessNotes =
    ProcessNotes::EXIT.union(ProcessNotes::EXITSTATUS);
pub(crate) const EMPTY: Option<Filter> = None;
pub(crate) const EXCEPT: Option<Filter> = Some(Filter::EXCEPT);
pub(crate) const PROCESS_DESCRIPTOR: Option<Filter> = None;
pub(crate) const FILE_SYSTEMS: Option<Filter> = Some(Filter::FS);

#[path = "../filter/timer_macos.rs"]
mod timer_macos;

/// macOS.
impl Read<'_> {
    /// As `poll(2)` has it: a regular file is always ready (`EV_POLL`).
    #[inline]
    #[must_use]
    pub const fn file_poll(self) -> Self {
        Self {
            draft: self.draft.with_flags(kqueue_sys::EV_POLL),
        }
    }

    /// Report also out-of-band data (`EV_OOBAND`).
    #[inline]
    #[must_use]
    pub const fn out_of_band(self) -> Self {
        Self {
            draft: self.draft.with_flags(kqueue_sys::EV_OOBAND),
        }
    }
}

/// macOS.
impl Change<'_> {
    /// Makes the token part of what identifies the registration (`EV_UDATA_SPECIFIC`): the same descriptor and filter may be registered
    /// several times, and the token of a registration cannot be changed.
    #[inline]
    #[must_use]
    pub const fn token_specific(self) -> Self {
        self.with_flags(kqueue_sys::EV_UDATA_SPECIFIC)
    }

    /// Reports when what is watched is gone, with the flag [`VANISHED`](crate::EventFlags::VANISHED) (`EV_DISPATCH2 | EV_VANISHED`).
    #[inline]
    #[must_use]
    pub const fn report_vanished(self) -> Self {
        self.with_flags(kqueue_sys::EV_DISPATCH2 | kqueue_sys::EV_VANISHED)
    }
}
