//! The one place that selects a system's bindings.
//!
//! Every file in this folder offers the same names for the struct, the functions, the aliases (`ident_t` to `count_t`) and
//! `CONSTANTS`; which `EVFILT_*`, `EV_*` and `NOTE_*` exist is the system's affair.

#[cfg_attr(
    any(target_os = "macos", target_os = "ios"),
    path = "bindings/macos.rs"
)]
#[cfg_attr(
    all(target_os = "freebsd", target_pointer_width = "64"),
    path = "bindings/freebsd64.rs"
)]
#[cfg_attr(target_os = "netbsd", path = "bindings/netbsd_kevent50.rs")]
#[cfg_attr(target_os = "openbsd", path = "bindings/openbsd.rs")]
#[cfg_attr(
    any(target_os = "linux", target_os = "android"),
    path = "bindings/linux.rs"
)]
mod system;

pub use system::*;
