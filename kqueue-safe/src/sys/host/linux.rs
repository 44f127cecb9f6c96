//! Linux, with the kqueue of `kqueue-linux`.

use core::ffi::c_int;
use core::ptr;

#[path = "kevent.rs"]
mod entry;

pub use entry::{RawEntry, call, set_udata, udata};

unsafe extern "C" {
    /// Where the calling thread's `errno` is (glibc and musl).
    #[link_name = "__errno_location"]
    pub safe fn errno_location() -> *mut c_int;
}

/// A descriptor of unknown origin is used as a kqueue from now on. A call that does nothing makes it known, should it be a duplicate.
pub fn taken_over(fd: c_int) {
    let place = errno_location();
    // SAFETY: the calling thread's own variable.
    let before = unsafe { *place };
    // SAFETY: neither list has an entry and there is no timeout: no memory is touched. If the number is no kqueue, the call says so, which later calls will say again.
    unsafe { kqueue_sys::kevent(fd, ptr::null(), 0, ptr::null_mut(), 0, ptr::null()) };
    // SAFETY: as above; the thread is the same.
    unsafe { *place = before };
}

/// `duplicate` has just been made from `fd`.
pub fn duplicated(fd: c_int, duplicate: c_int) {
    kqueue_sys::user_space::duplicated(fd, duplicate);
}

/// The descriptor is about to be closed.
pub fn closing(fd: c_int) {
    kqueue_sys::user_space::forget(fd);
}

/// As in `<fcntl.h>`.
pub const O_NONBLOCK: c_int = 0o4000;

const O_CLOEXEC: c_int = 0o2_000_000;

/// A new kqueue, close-on-exec from its first moment.
pub fn create() -> c_int {
    // SAFETY: an integer goes in, a descriptor or -1 comes out.
    unsafe { kqueue_sys::kqueue1(O_CLOEXEC) }
}
