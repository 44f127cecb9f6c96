//! What the C library calls by different names on different systems. One file a system, chosen here; each gives:
//!
//! - `errno_location() -> *mut c_int`: where the calling thread's `errno` is;
//! - `create() -> c_int`: a new kqueue, close-on-exec where the system can do it in one step, else plain (the caller sets the flag);
//! - `O_NONBLOCK`: the flag of `fcntl(F_SETFL)`;
//! - `taken_over`, `duplicated`, `closing`: tell which numbers are which queue, where that is not the kernel's affair;
//! - `RawEntry`, `call`, `udata`, `set_udata`: the struct that the kernel reads and writes, the call that takes it, and its user data
//!   as an integer.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "openbsd.rs")]
#[cfg_attr(target_os = "dragonfly", path = "dragonfly.rs")]
mod chosen;

pub use chosen::{
    O_NONBLOCK, RawEntry, call, closing, create, duplicated, errno_location, set_udata, taken_over,
    udata,
};
