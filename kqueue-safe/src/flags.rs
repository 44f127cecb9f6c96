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
                const _ = !0;
            }
        }
    };
}
pub(crate) use event_flags;
