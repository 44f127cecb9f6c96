//! OpenBSD.

use core::ffi::c_int;

#[path = "kevent.rs"]
mod entry;
#[path = "by_kernel.rs"]
mod numbers;

pub use entry::{RawEntry, call, set_udata, udata};
pub use numbers::{closing, duplicated, taken_over};

unsafe extern "C" {
    /// Where the calling thread's `errno` is.
    #[link_name = "__errno"]
    pub safe fn errno_location() -> *mut c_int;
}

/// As in `<fcntl.h>`.
pub const O_NONBLOCK: c_int = 0x4;

/// A new kqueue. The system has no call (in every supported release) that sets close-on-exec in the same step.
pub fn create() -> c_int {
    // SAFETY: no arguments, no memory: a descriptor or -1.
    unsafe { kqueue_sys::kqueue() }
}
