//! The filters: one type each, with exactly the options that the filter has on this system.
//!
//! A filter's type is a builder. It starts with what is watched, takes options, and ends with an action that gives a
//! [`Change`](crate::Change): `add(token)`, `delete()`, `enable(token)`, `disable()`.
//!
//! ```
//! use kqueue_safe::{Change, Read, Token};
//! use kqueue_safe::descriptor::AsFd;
//!
//! let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
//! let change: Change<'_> = Read::new(socket.as_fd()).clear().add(Token::new(0, 0));
//! # Ok::<(), std::io::Error>(())
//! ```

use core::fmt;

use kqueue_sys::filter_t;

use crate::system;

mod process;
mod read;
mod signal;
pub(crate) mod timer;
mod user;
mod vnode;
mod write;

pub use crate::system::filters::*;
pub use process::{ExitStatus, Process};
pub use read::Read;
pub use signal::Signal;
pub use timer::{Timer, TimerSchedule, TimerUnit};
pub use user::{User, UserNotes, UserOperation};
pub use vnode::Vnode;
pub use write::Write;

/// A filter's number (`EVFILT_*`). Numbers differ between systems; unknown ones are kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Filter(filter_t);

impl Filter {
    /// A filter from its number; nothing is checked.
    #[inline]
    pub const fn from_raw(raw: filter_t) -> Self {
        Self(raw)
    }

    /// The number.
    #[inline]
    pub const fn raw(self) -> filter_t {
        self.0
    }

    /// The C name without its prefix (`"READ"`), if this system has the filter.
    pub const fn name(self) -> Option<&'static str> {
        let mut at = 0;
        while at < NAMES.len() {
            if NAMES[at].0 == self.0 {
                return Some(NAMES[at].1);
            }
            at += 1;
        }
        let mut at = 0;
        while at < system::FILTER_NAMES.len() {
            if system::FILTER_NAMES[at].0 == self.0 {
                return Some(system::FILTER_NAMES[at].1);
            }
            at += 1;
        }
        None
    }
}

/// Constants of [`Filter`], and `$names` with the name of each.
macro_rules! filters {
    ($names:ident: $($name:ident = $value:ident, $meaning:literal;)*) => {
        impl $crate::Filter {
            $(
                #[doc = $meaning]
                pub const $name: Self = Self::from_raw(kqueue_sys::$value);
            )*
        }

        pub(crate) const $names: &[(kqueue_sys::filter_t, &str)] = &[$((kqueue_sys::$value, stringify!($name)),)*];
    };
}
pub(crate) use filters;

// Those of every system.
filters! { NAMES:
    READ = EVFILT_READ, "A descriptor can be read.";
    WRITE = EVFILT_WRITE, "A descriptor can be written.";
    AIO = EVFILT_AIO, "Asynchronous input and output; works with pointers, hence raw only.";
    VNODE = EVFILT_VNODE, "A file or directory changed.";
    PROC = EVFILT_PROC, "A process exits, forks, executes.";
    SIGNAL = EVFILT_SIGNAL, "A signal was sent to this process.";
    TIMER = EVFILT_TIMER, "Time.";
    USER = EVFILT_USER, "Triggered by the program. NetBSD 10, OpenBSD 7.8 and later.";
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "Filter({})", self.0),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The options that every filter has. The builder's field `draft` holds the change.
macro_rules! options {
    ($type:ident $(<$life:lifetime>)?) => {
        impl$(<$life>)? $type$(<$life>)? {
            /// Report only what happens after the event was collected (`EV_CLEAR`).
            #[inline]
            #[must_use]
            pub const fn clear(self) -> Self {
                Self { draft: self.draft.with_flags(kqueue_sys::EV_CLEAR) }
            }

            /// Delete the registration when its first event is delivered (`EV_ONESHOT`).
            #[inline]
            #[must_use]
            pub const fn oneshot(self) -> Self {
                Self { draft: self.draft.with_flags(kqueue_sys::EV_ONESHOT) }
            }

            /// Disable the registration when an event is delivered (`EV_DISPATCH`), until it is enabled.
            #[inline]
            #[must_use]
            pub const fn dispatch(self) -> Self {
                Self { draft: self.draft.with_flags(kqueue_sys::EV_DISPATCH) }
            }

            /// Deliver nothing until enabled (`EV_DISABLE`).
            #[inline]
            #[must_use]
            pub const fn disabled(self) -> Self {
                Self { draft: self.draft.with_flags(kqueue_sys::EV_DISABLE) }
            }
        }
    };
}

/// The actions on a registration that exists.
macro_rules! actions {
    ($type:ident) => { $crate::filter::actions!('static $type); };
    ($type:ident<$life:lifetime>) => { $crate::filter::actions!($life $type <$life>); };
    ($life:lifetime $type:ident $(<$own:lifetime>)?) => {
        impl$(<$own>)? $type$(<$own>)? {
            /// Delete the registration (`EV_DELETE`). Refused with `ENOENT` when there is none.
            #[inline]
            pub const fn delete(self) -> $crate::Change<$life> {
                self.draft.bare(kqueue_sys::EV_DELETE)
            }

            /// Deliver events again (`EV_ENABLE`), beginning with a look at the condition. `token` replaces the registration's.
            #[inline]
            pub const fn enable(self, token: $crate::Token) -> $crate::Change<$life> {
                self.draft.bare(kqueue_sys::EV_ENABLE).with_token(token)
            }

            /// Deliver nothing until enabled (`EV_DISABLE`); an event that waits to be collected is dropped.
            #[inline]
            pub const fn disable(self) -> $crate::Change<$life> {
                self.draft.bare(kqueue_sys::EV_DISABLE)
            }
        }
    };
}

/// The action that registers.
macro_rules! add {
    ($type:ident) => { $crate::filter::add!('static $type); };
    ($type:ident<$life:lifetime>) => { $crate::filter::add!($life $type <$life>); };
    ($life:lifetime $type:ident $(<$own:lifetime>)?) => {
        impl$(<$own>)? $type$(<$own>)? {
            /// Register, with these options (`EV_ADD`).
            ///
            /// Adding what is registered already replaces the token, the notes and the data, and nothing else: `clear`, `oneshot` and
            /// `dispatch` stay as they were, and what was disabled stays disabled. To change those, delete first, in the same list.
            #[inline]
            pub const fn add(self, token: $crate::Token) -> $crate::Change<$life> {
                self.draft.with_flags(kqueue_sys::EV_ADD).with_token(token)
            }
        }
    };
}
pub(crate) use {actions, add, options};
