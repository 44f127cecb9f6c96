//! Raw bindings to `kqueue` and `kevent` on macOS, the BSDs and Linux.
#![no_std]
#![allow(non_camel_case_types)]

#[cfg(target_os = "linux")]
extern crate kqueue_linux as _;

mod bindings;

pub use bindings::*;

/// An entry with every byte zero.
#[allow(clippy::undocumented_unsafe_blocks)]
const ZERO: kevent = {
    // SAFETY: every field of `kevent` is an integer, an array of integers or a raw pointer, on every system; zero is valid for each.
    unsafe { core::mem::zeroed() }
};

/// What C's macro `EV_SET` does: fills the six fields that every system has, and leaves the others zero.
///
/// ```
/// use kqueue_sys::{EV_ADD, EVFILT_USER, EV_SET};
///
/// let change = EV_SET(7, EVFILT_USER, EV_ADD, 0, 0, core::ptr::null_mut());
/// assert_eq!({ change.ident }, 7);
/// ```
#[allow(non_snake_case, clippy::needless_update)]
pub const fn EV_SET(
    ident: ident_t,
    filter: filter_t,
    flags: flags_t,
    fflags: fflags_t,
    data: data_t,
    udata: udata_t,
) -> kevent {
    kevent {
        ident,
        filter,
        flags,
        fflags,
        data,
        udata,
        ..ZERO
    }
}
