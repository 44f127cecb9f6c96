//! [`Event`]: what came from the kernel, and [`EventKind`]: what it means.

use core::fmt;

use kqueue_sys as raw;
use kqueue_sys::filter_t;

use crate::filter::{ExitStatus, Filter};
use crate::sys::Entry;
use crate::{Errno, EventFlags, ProcessNotes, RawEntry, Token, VnodeNotes, system};

/// One entry that the kernel wrote: an event, the refusal of a change, or a receipt.
///
/// It lies where the kernel wrote it and is decoded when it is asked: each accessor is a load and at most a test. [`kind`](Event::kind)
/// gives the whole as an enum. Nothing that the kernel may write makes an accessor panic.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Event(Entry);

impl Event {
    /// The token of the registration, or of the refused change.
    #[inline]
    pub fn token(&self) -> Token {
        self.0.token()
    }

    /// Which kind of event; compare it with the constants of [`Filter`].
    #[inline]
    pub const fn filter(&self) -> Filter {
        Filter::from_raw(self.0.filter())
    }

    /// What is watched: a descriptor, a process, a signal, or the number that the caller chose.
    ///
    /// A descriptor here is a number and no more: by now it may belong to somebody else. Look the owner up by
    /// [`token`](Event::token).
    #[inline]
    pub const fn ident(&self) -> usize {
        self.0.ident()
    }

    /// `EV_*` bits; they may be more than were asked for.
    #[inline]
    pub const fn flags(&self) -> EventFlags {
        EventFlags::from_bits_retain(self.0.flags())
    }

    /// The filter's own bits (`NOTE_*`).
    #[inline]
    pub const fn notes(&self) -> u32 {
        self.0.fflags()
    }

    /// The filter's number: bytes, connections to accept, expirations, deliveries, an `errno`.
    #[inline]
    pub const fn data(&self) -> i64 {
        self.0.data()
    }

    /// Whether this entry answers a change (it is the change's refusal, or its receipt) and is no event.
    #[inline]
    pub const fn is_error(&self) -> bool {
        self.0.flags() & raw::EV_ERROR != 0
    }

    /// Whether the other end is gone. There may still be bytes to read: see [`data`](Event::data).
    #[inline]
    pub const fn is_eof(&self) -> bool {
        self.0.flags() & raw::EV_EOF != 0
    }

    /// Whether it says that there is something to read and nothing else: no end, no refusal.
    ///
    /// The usual event of a server, in two comparisons. Where it is false, [`filter`](Event::filter) and the other accessors tell.
    #[inline(always)]
    pub const fn is_plain_read(&self) -> bool {
        // Filter and flags lie side by side: put together they are one load.
        const BITS: u32 = filter_t::BITS;
        const FILTER: u64 = u64::MAX >> (u64::BITS - BITS);
        let what = self.0.filter() as u64 & FILTER | (self.0.flags() as u64) << BITS;
        what & (FILTER | (system::NOT_PLAIN as u64) << BITS) == Filter::READ.raw() as u64 & FILTER
    }

    /// The error that the entry reports: the reason why a change was refused; or the socket's error, when the other end is gone in disorder. `None` for a receipt
    /// and for every other event.
    #[inline]
    pub const fn errno(&self) -> Option<Errno> {
        let number = if self.is_error() {
            self.0.data() as i32
        } else if self.is_eof() && system::reports_socket_error(self.filter()) {
            self.0.fflags() as i32
        } else {
            0
        };
        if number == 0 {
            None
        } else {
            Some(Errno::new(number))
        }
    }

    /// The whole entry, decoded.
    #[inline]
    pub fn kind(&self) -> EventKind {
        EventKind::decode(self)
    }

    /// The C struct.
    #[inline]
    pub const fn to_raw(self) -> RawEntry {
        self.0.to_raw()
    }

    /// An event from a C struct, for entries that another library collected. Any bits are fine.
    #[inline]
    pub const fn from_raw(raw: RawEntry) -> Self {
        Self(Entry::from_raw(raw))
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("filter", &self.filter())
            .field("ident", &self.ident())
            .field("flags", &self.flags())
            .field("notes", &format_args!("{:#x}", self.notes()))
            .field("data", &self.data())
            .field("token", &self.token())
            .finish()
    }
}

/// What an [`Event`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A descriptor can be read.
    Read {
        /// Bytes; for a listener connections; for a kqueue events. 0 where the registration asked not to count.
        available: i64,
        /// The other end has finished; `available` bytes are still there.
        eof: bool,
        /// The socket's error, when the end was not an orderly one.
        errno: Option<Errno>,
    },
    /// A descriptor can be written.
    Write {
        /// Bytes that fit.
        space: i64,
        /// Nobody reads any more.
        eof: bool,
        /// The socket's error.
        errno: Option<Errno>,
    },
    /// A timer expired.
    Timer {
        /// How often since it was last collected.
        expirations: u64,
    },
    /// A user event was triggered.
    User {
        /// The 24 bits that the triggers left.
        notes: u32,
        /// The number that the last trigger gave.
        data: i64,
    },
    /// A file or directory changed.
    Vnode {
        /// What happened.
        notes: VnodeNotes,
    },
    /// A process ended, forked, or executed.
    Process {
        /// Its number.
        pid: u32,
        /// What happened.
        notes: ProcessNotes,
        /// How it ended; `None` unless it did. macOS and Linux may not know the status of a process that is not a child, and give 0.
        status: Option<ExitStatus>,
    },
    /// A signal was sent to this process.
    Signal {
        /// Which.
        signal: i32,
        /// How often since it was last collected. Linux merges ordinary signals while they are pending.
        deliveries: u64,
    },
    /// A socket has sent everything.
    Empty,
    /// There is out-of-band data.
    Except,
    /// The process of a process descriptor ended.
    ProcessDescriptor {
        /// How.
        status: ExitStatus,
    },
    /// File systems came, went or do not answer.
    FileSystems {
        /// `VQ_*` bits of `<sys/mount.h>`.
        notes: u32,
    },
    /// A change of the list was refused.
    ChangeFailed {
        /// Why.
        errno: Errno,
    },
    /// A change with a receipt was applied.
    ChangeApplied,
    /// An event of a filter that this crate does not decode; the accessors of [`Event`] have all there is.
    Other {
        /// The filter's number.
        filter: Filter,
    },
}

impl EventKind {
    #[inline]
    fn decode(event: &Event) -> Self {
        if event.is_error() {
            return match event.errno() {
                Some(errno) => Self::ChangeFailed { errno },
                None => Self::ChangeApplied,
            };
        }
        match event.filter() {
            Filter::READ => Self::Read {
                available: event.data(),
                eof: event.is_eof(),
                errno: event.errno(),
            },
            Filter::WRITE => Self::Write {
                space: event.data(),
                eof: event.is_eof(),
                errno: event.errno(),
            },
            Filter::TIMER => Self::Timer {
                expirations: event.data().max(0) as u64,
            },
            Filter::USER => Self::User {
                notes: event.notes() & raw::NOTE_FFLAGSMASK,
                data: event.data(),
            },
            Filter::VNODE => Self::Vnode {
                notes: VnodeNotes::from_bits_retain(event.notes()),
            },
            Filter::PROC => {
                let notes = ProcessNotes::from_bits_retain(event.notes());
                // NetBSD reports the end also to those who did not ask for it, without the note.
                let ended = notes.contains(ProcessNotes::EXIT) || event.is_eof();
                let status = ended.then(|| ExitStatus::from_raw(event.data() as i32));
                Self::Process {
                    pid: event.ident() as u32,
                    notes,
                    status,
                }
            }
            Filter::SIGNAL => Self::Signal {
                signal: event.ident() as i32,
                deliveries: event.data().max(0) as u64,
            },
            filter => Self::decode_rare(filter, event),
        }
    }

    /// The filters that not every system has.
    fn decode_rare(filter: Filter, event: &Event) -> Self {
        let is = |rare: Option<Filter>| rare == Some(filter);
        if is(system::EMPTY) {
            Self::Empty
        } else if is(system::EXCEPT) {
            Self::Except
        } else if is(system::PROCESS_DESCRIPTOR) {
            Self::ProcessDescriptor {
                status: ExitStatus::from_raw(event.data() as i32),
            }
        } else if is(system::FILE_SYSTEMS) {
            Self::FileSystems {
                notes: event.notes(),
            }
        } else {
            Self::Other { filter }
        }
    }
}
