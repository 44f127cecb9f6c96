//! The C library's calls on sockets, with ours in front of them: each can be made to fail on this thread.
//!
//! The linker takes an executable's own definitions before those of a shared library, so `std` and `nix` call these as well.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_ulong, c_void};

use nix::errno::Errno;
use nix::libc::{RTLD_NEXT, dlsym, msghdr, size_t, sockaddr, socklen_t, ssize_t};

/// Calls of one name that are to fail.
#[derive(Clone, Copy)]
struct Failures {
    name: &'static CStr,
    errno: Errno,
    left: u32,
}

thread_local! {
    static NEXT: Cell<Option<Failures>> = const { Cell::new(None) };
}

/// The next `times` calls of the C library's function `name` fail on this thread, without being made.
pub fn fail(name: &'static CStr, errno: Errno, times: u32) {
    let left = times;
    NEXT.set(Some(Failures { name, errno, left }));
}

/// How many of them have not been made; none fails from here on.
pub fn left() -> u32 {
    NEXT.take().map_or(0, |failures| failures.left)
}

/// Whether this call fails; the thread's errno is set then.
fn strikes(name: &CStr) -> bool {
    let Some(mut failures) = NEXT.get().filter(|failures| failures.name == name) else {
        return false;
    };
    if failures.left == 0 {
        return false;
    }
    failures.left -= 1;
    NEXT.set(Some(failures));
    failures.errno.set();
    true
}

/// The function of this name that was there before ours.
fn real(name: &CStr) -> *mut c_void {
    // SAFETY: the name ends with a zero.
    let found = unsafe { dlsym(RTLD_NEXT, name.as_ptr()) };
    assert!(!found.is_null(), "the C library has no {name:?}");
    found
}

macro_rules! interposed {
    ($($name:ident = $text:literal ($($argument:ident: $type:ty),*) -> $result:ty;)*) => {$(
        /// # Safety
        ///
        /// As the C library's function of this name.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $type),*) -> $result {
            if strikes($text) {
                return -1;
            }
            type Real = unsafe extern "C" fn($($type),*) -> $result;
            // SAFETY: the C library's function of this name has this type (POSIX; accept4 and the third argument of ioctl: Linux).
            let real: Real = unsafe { core::mem::transmute(real($text)) };
            // SAFETY: the caller's promise is handed on.
            unsafe { real($($argument),*) }
        }
    )*};
}

interposed! {
    socket = c"socket" (family: c_int, kind: c_int, protocol: c_int) -> c_int;
    connect = c"connect" (fd: c_int, peer: *const sockaddr, length: socklen_t) -> c_int;
    accept4 = c"accept4" (fd: c_int, peer: *mut sockaddr, length: *mut socklen_t, flags: c_int) -> c_int;
    getsockopt = c"getsockopt" (fd: c_int, level: c_int, name: c_int, value: *mut c_void, length: *mut socklen_t) -> c_int;
    ioctl = c"ioctl" (fd: c_int, request: c_ulong, argument: *mut c_void) -> c_int;
    recv = c"recv" (fd: c_int, buffer: *mut c_void, length: size_t, flags: c_int) -> ssize_t;
    recvfrom = c"recvfrom" (fd: c_int, buffer: *mut c_void, length: size_t, flags: c_int, peer: *mut sockaddr, size: *mut socklen_t) -> ssize_t;
    recvmsg = c"recvmsg" (fd: c_int, message: *mut msghdr, flags: c_int) -> ssize_t;
    send = c"send" (fd: c_int, bytes: *const c_void, length: size_t, flags: c_int) -> ssize_t;
    sendto = c"sendto" (fd: c_int, bytes: *const c_void, length: size_t, flags: c_int, peer: *const sockaddr, size: socklen_t) -> ssize_t;
    sendmsg = c"sendmsg" (fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t;
}
