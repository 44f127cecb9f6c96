//! What differs between systems. One file a system, chosen here and nowhere else; each gives:
//!
//! | name | what |
//! |---|---|
//! | `notes` | the flags types, made with the macros of `flags` |
//! | `filters` | the filters' types that not every system has; options that only it has stand in its file |
//! | `FILTER_NAMES`, `ERRNO_NAMES` | what not every system has, or numbers otherwise |
//! | `TIMER_UNITS` | the timer's units: milliseconds first, then finer and finer |
//! | `TIMER_UNIT_SUPPORT` | whether the kernel takes the others than milliseconds |
//! | `NO_COUNT` | the note with which READ and WRITE do not count, or 0 |
//! | `NOT_PLAIN` | the flags that a plain readable event does not have |
//! | `EXIT_WITH_STATUS` | the notes with which PROC tells the status |
//! | `MAX_WAIT_SECONDS` | the longest wait that the system takes |
//! | `IDENTITY_FLAGS` | the flags with which the token is part of what identifies a registration |
//! | `CREATES_CLOSE_ON_EXEC` | whether `sys::host::create` sets close-on-exec |
//! | `EMPTY`, `EXCEPT`, `PROCESS_DESCRIPTOR`, `FILE_SYSTEMS` | the filters that `EventKind` knows by name, where there are |

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "openbsd.rs")]
#[cfg_attr(target_os = "dragonfly", path = "dragonfly.rs")]
mod chosen;

pub use chosen::*;

use crate::Filter;

/// Whether the notes of an event with `EV_EOF` are the socket's error.
pub const fn reports_socket_error(filter: Filter) -> bool {
    filter.raw() == Filter::READ.raw() || filter.raw() == Filter::WRITE.raw()
}

/// Whether a system's kernels can do something.
#[derive(Clone, Copy)]
#[allow(dead_code)] // each system's file uses one
pub(crate) enum Support {
    /// Every release that this crate runs on.
    Always,
    /// None.
    Never,
    /// Some: try.
    Ask,
}
