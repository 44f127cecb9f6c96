//! The struct and the call of macOS: `struct kevent64_s` and `kevent64`.
//!
//! Only they have the field for a timer's leeway, and a kqueue of this system takes one kind of struct: using both on one is `EINVAL`. The
//! struct is not packed, as `struct kevent` is here.

use core::ffi::c_int;

use kqueue_sys::timespec;

/// What the kernel reads and writes.
pub use kqueue_sys::kevent64_s as RawEntry;

/// The user data as an integer.
#[inline]
pub const fn udata(raw: &RawEntry) -> usize {
    raw.udata as usize
}

/// Stores an integer as the user data.
#[inline]
pub const fn set_udata(raw: &mut RawEntry, value: usize) {
    raw.udata = value as u64;
}

/// The call.
///
/// # Safety
///
/// `changes` is valid for reading `change_count` entries, `events` for writing `event_count`, and `timeout` is null or valid for reading; neither
/// count is above `c_int::MAX`. They may be the same memory. No change carries a pointer, or the caller answers for it.
#[inline]
pub unsafe fn call(
    kq: c_int,
    changes: *const RawEntry,
    change_count: usize,
    events: *mut RawEntry,
    event_count: usize,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: the caller's promises are the call's; flags 0 is `KEVENT_FLAG_NONE`.
    unsafe {
        kqueue_sys::kevent64(
            kq,
            changes,
            change_count as c_int,
            events,
            event_count as c_int,
            0,
            timeout,
        )
    }
}
