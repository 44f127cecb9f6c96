//! NetBSD.

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

const O_CLOEXEC: c_int = 0x0040_0000;

/// A new kqueue, close-on-exec from its first moment (`kqueue1`, NetBSD 6).
pub fn create() -> c_int {
    // SAFETY: an integer goes in, a descriptor or -1 comes out.
    unsafe { kqueue_sys::kqueue1(O_CLOEXEC) }
}
