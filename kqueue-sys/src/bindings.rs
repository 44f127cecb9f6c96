//! The one place that selects a system's bindings.
//!
//! Every file in `bindings/` offers the same names for the structs, the functions, the aliases (`ident_t` to `count_t`) and `CONSTANTS`; which
//! `EVFILT_*`, `EV_*` and `NOTE_*` there are is the system's affair. The files are generated; `cargo xtask bindings` writes them.

#[cfg_attr(target_vendor = "apple", path = "bindings/macos.rs")]
#[cfg_attr(
    all(target_os = "freebsd", target_pointer_width = "64"),
    path = "bindings/freebsd64.rs"
)]
#[cfg_attr(
    all(target_os = "freebsd", target_arch = "x86"),
    path = "bindings/freebsd_i386.rs"
)]
#[cfg_attr(
    all(target_os = "freebsd", target_arch = "arm"),
    path = "bindings/freebsd_armv7.rs"
)]
#[cfg_attr(
    all(target_os = "netbsd", not(feature = "netbsd-kevent100")),
    path = "bindings/netbsd_kevent50.rs"
)]
#[cfg_attr(
    all(target_os = "netbsd", feature = "netbsd-kevent100"),
    path = "bindings/netbsd_kevent100.rs"
)]
#[cfg_attr(target_os = "openbsd", path = "bindings/openbsd.rs")]
#[cfg_attr(target_os = "dragonfly", path = "bindings/dragonfly.rs")]
#[cfg_attr(target_os = "linux", path = "bindings/linux.rs")]
#[cfg_attr(feature = "bindgen", allow(dead_code))]
mod checked_in;

#[cfg(not(feature = "bindgen"))]
pub use checked_in::*;

/// What the build script made from this machine's own headers.
#[cfg(feature = "bindgen")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

#[cfg(feature = "bindgen")]
pub use generated::*;

#[cfg(all(test, feature = "bindgen"))]
mod tests;
