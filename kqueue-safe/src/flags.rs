//! The flags types, one macro each: the portable constants stand here, and each system's file calls the macro with its own.
//!
//! The same bit means different things on different systems, so there is no type that knows them all: `EventFlags::FORCEONESHOT` exists where
//! the system has it. Bits without a name are kept, never dropped, and printed as a number.

/// `EV_*`.
macro_rules! event_flags {
    ($($system:tt)*) => {
        bitflags::bitflags! {
            /// `EV_*`: what a change does, how a registration behaves, and what an event says besides its filter's own words.
            ///
            /// The first ten exist on every system, the others are this system's own. Bits without a name are kept.
            ///
            /// Events carry more than was asked for: NetBSD returns `ADD`, and `DISABLE` for events that were once disabled. Test single
            /// bits.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub struct EventFlags: kqueue_sys::flags_t {
                /// Register, or change a registration's token, data and notes. Does not change `CLEAR`, `ONESHOT` or `DISPATCH`, and
                /// does not enable.
                const ADD = kqueue_sys::EV_ADD;
                /// Forget the registration.
                const DELETE = kqueue_sys::EV_DELETE;
                /// Deliver events again, beginning with a look at the condition.
                const ENABLE = kqueue_sys::EV_ENABLE;
                /// Deliver nothing until enabled; an event that was waiting to be collected is dropped.
                const DISABLE = kqueue_sys::EV_DISABLE;
                /// Delete the registration when its event is delivered.
                const ONESHOT = kqueue_sys::EV_ONESHOT;
                /// Reset the state when the event is delivered, so that only what happens afterwards is reported.
                const CLEAR = kqueue_sys::EV_CLEAR;
                /// Answer the change with an entry: `ERROR` set, and data 0 when it was applied.
                const RECEIPT = kqueue_sys::EV_RECEIPT;
                /// Disable the registration when its event is delivered.
                const DISPATCH = kqueue_sys::EV_DISPATCH;
                /// In an event: a change was refused and data has the `errno`; or, with data 0, a receipt.
                const ERROR = kqueue_sys::EV_ERROR;
                /// In an event: the other end is gone, or the filter's own end (a process has exited).
                const EOF = kqueue_sys::EV_EOF;
                $($system)*
                /// The bits that the system keeps for itself, as a mask.
                const SYSFLAGS = kqueue_sys::EV_SYSFLAGS;
                const _ = !0;
            }
        }
    };
}
pub(crate) use event_flags;

/// A set of `NOTE_*` bits: a doc text, the portable constants, then the system's.
macro_rules! notes {
    ($(#[$meta:meta])* $type:ident { $($portable:tt)* } $($system:tt)*) => {
        bitflags::bitflags! {
            $(#[$meta])*
            ///
            /// Bits without a name are kept, and printed as a number.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub struct $type: kqueue_sys::fflags_t {
                $($portable)*
                $($system)*
                const _ = !0;
            }
        }
    };
}
pub(crate) use notes;

/// `NOTE_*` of READ, WRITE and their relatives.
macro_rules! descriptor_notes {
    ($($system:tt)*) => {
        $crate::flags::notes! {
            /// `NOTE_*` of changes for [`Read`](crate::Read), [`Write`](crate::Write) and their relatives, as [`Change::notes`](crate::Change::notes)
            /// shows them; the builders' methods set them.
            DescriptorNotes {
                /// `data` is a low-water mark.
                const LOWAT = kqueue_sys::NOTE_LOWAT;
            }
            $($system)*
        }
    };
}
pub(crate) use descriptor_notes;

/// `NOTE_*` of VNODE.
macro_rules! vnode_notes {
    ($($system:tt)*) => {
        $crate::flags::notes! {
            /// `NOTE_*` of [`Vnode`](crate::Vnode): what is watched for, and what happened. The first seven exist on every system.
            VnodeNotes {
                /// A name of the file was removed, the last one or another; or another file was renamed over it.
                const DELETE = kqueue_sys::NOTE_DELETE;
                /// The contents changed; in a directory: an entry came, went, or has another name.
                const WRITE = kqueue_sys::NOTE_WRITE;
                /// The file grew; on some systems also a directory into which something was moved.
                const EXTEND = kqueue_sys::NOTE_EXTEND;
                /// The attributes changed; on FreeBSD and NetBSD truncating is this.
                const ATTRIB = kqueue_sys::NOTE_ATTRIB;
                /// The number of links changed; in a directory: a subdirectory came or went.
                const LINK = kqueue_sys::NOTE_LINK;
                /// The file was renamed.
                const RENAME = kqueue_sys::NOTE_RENAME;
                /// Access was revoked, or the file system unmounted.
                const REVOKE = kqueue_sys::NOTE_REVOKE;
            }
            $($system)*
        }
    };
}
pub(crate) use vnode_notes;

/// `NOTE_*` of PROC.
macro_rules! process_notes {
    ($($system:tt)*) => {
        $crate::flags::notes! {
            /// `NOTE_*` of [`Process`](crate::Process): what is watched for, and what happened. `EXIT` exists on every system.
            ProcessNotes {
                /// The process ended.
                const EXIT = kqueue_sys::NOTE_EXIT;
            }
            $($system)*
            /// The bits that ask for something, as a mask.
            const PCTRLMASK = kqueue_sys::NOTE_PCTRLMASK;
            /// The bits that hold a process number or a status, as a mask.
            const PDATAMASK = kqueue_sys::NOTE_PDATAMASK;
        }
    };
}
pub(crate) use process_notes;

/// `NOTE_*` of TIMER.
macro_rules! timer_notes {
    ($($system:tt)*) => {
        $crate::flags::notes! {
            /// `NOTE_*` of changes for [`Timer`](crate::Timer), as [`Change::notes`](crate::Change::notes) shows them; the builder's methods set them.
            /// Units are numbers, not bits, on NetBSD and OpenBSD.
            TimerNotes {}
            $($system)*
        }
    };
}
pub(crate) use timer_notes;
