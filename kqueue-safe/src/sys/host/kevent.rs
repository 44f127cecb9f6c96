//! The struct and the call of every system but macOS: `struct kevent` and `kevent`.

use core::ffi::c_int;
use core::ptr;

use kqueue_sys::{count_t, timespec};

/// What the kernel reads and writes.
pub use kqueue_sys::kevent as RawEntry;

/// The user data as an integer.
#[inline]
pub fn udata(raw: &RawEntry) -> usize {
    raw.udata.addr()
}

/// Stores an integer as the user data.
#[inline]
pub const fn set_udata(raw: &mut RawEntry, value: usize) {
    raw.udata = ptr::without_provenance_mut(value);
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
    // SAFETY: the caller's promises are the call's.
    unsafe {
        kqueue_sys::kevent(
            kq,
            changes,
            change_count as count_t,
            events,
            event_count as count_t,
            timeout,
        )
    }
}
