//! What differs between systems. One file a system, chosen here and nowhere else; each gives:
//!
//! | name | what |
//! |---|---|
//! | `EventFlags` | `EV_*`, through `flags::event_flags!` |
//! | `FILTER_NAMES` | the filters that not every system has |
//! | `ERRNO_NAMES` | `errno` above 34 |
//! | `TIMER_UNITS` | notes and lengths (ns) of the timer's units; milliseconds first, then finer and finer |
//! | `NO_COUNT` | the note with which READ and WRITE do not count, or 0 |
//! | `MAX_WAIT_SECONDS` | the longest wait that the system takes |
//! | `CREATES_CLOSE_ON_EXEC` | whether `sys::host::create` sets close-on-exec |

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
