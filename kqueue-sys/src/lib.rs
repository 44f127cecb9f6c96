//! Raw bindings to `kqueue` and `kevent`: what each system's `<sys/event.h>` says, in Rust, and nothing else.
//!
//! ```text
//!            ┏━━━━━ raw ━━━━━━┓     typed            policy                    protocols, programs
//!  kernel ─► ┃   kqueue-sys   ┃ ──► kqueue-safe ───► ptk-core ───────────────► protocols/modbus   ─► ptk-cli, examples
//!            ┗━━━━━━━━━━━━━━━━┛                      event loop, timers,       protocols/enip
//!            (Linux: kqueue-linux,                   sockets, machines, async  ptk-c (C API)
//!             kqueue in user space)
//! ```
//!
//! # What it is not
//!
//! - Not safe: [`kevent`](fn@kevent) reads and writes through raw pointers. `kqueue-safe` is the typed layer above.
//! - Not a common denominator: a constant exists on the systems whose header has it, with that system's value. The same number means
//!   different things on different systems (flag `0x100` is `EV_FORCEONESHOT` on FreeBSD and `EV_UDATA_SPECIFIC` on macOS), so nothing is
//!   renamed or merged here.
//! - Not a C library: it links the system's own, and on Linux the crate `kqueue-linux`.
//!
//! No heap, no `std`, no dependency but `kqueue-linux` on Linux.
//!
//! # The same code on every system
//!
//! The struct's fields differ in width, so their types have names that code above can use without asking for the system:
//!
//! | alias | what | macOS | FreeBSD | NetBSD | OpenBSD | DragonFly | Linux |
//! |---|---|---|---|---|---|---|---|
//! | [`ident_t`] | what is watched | `usize` | `usize` | `usize` | `usize` | `usize` | `usize` |
//! | [`filter_t`] | `EVFILT_*` | `i16` | `i16` | `u32` | `i16` | `i16` | `i16` |
//! | [`flags_t`] | `EV_*` | `u16` | `u16` | `u32` | `u16` | `u16` | `u16` |
//! | [`fflags_t`] | `NOTE_*` | `u32` | `u32` | `u32` | `u32` | `u32` | `u32` |
//! | [`data_t`] | the filter's number | `isize` | `i64` | `i64` | `i64` | `isize` | `isize` |
//! | [`udata_t`] | the caller's value | pointer | pointer | pointer | pointer | pointer | pointer |
//! | [`count_t`] | `nchanges`, `nevents` | `c_int` | `c_int` | `usize` | `c_int` | `c_int` | `c_int` |
//! | size of the struct, 64-bit | | 32, align 4 | 64 | 40 (or 72) | 32 | 32 | 32 |
//!
//! [`EV_SET`] fills a struct whatever other fields it has. On macOS the struct is packed: read its fields by value (`{ event.ident }`), never
//! by reference.
//!
//! ```
//! use kqueue_sys::{EV_ADD, EV_SET, EVFILT_TIMER, count_t, kevent, kqueue, timespec};
//!
//! let change = EV_SET(1, EVFILT_TIMER, EV_ADD, 0, 1, core::ptr::null_mut()); // every millisecond
//! let mut event = change;
//! let second = timespec { tv_sec: 1, tv_nsec: 0 };
//! // SAFETY: one initialised change, room for one event, a valid timeout; the descriptor was just made.
//! let stored = unsafe {
//!     let queue = kqueue();
//!     assert!(queue >= 0);
//!     kevent(queue, &change, 1 as count_t, &mut event, 1 as count_t, &second)
//! };
//! assert_eq!(stored, 1);
//! assert!({ event.data } >= 1, "how often it expired");
//! ```
//!
//! # Per system
//!
//! - **macOS**: besides, `kevent64_s` and `kevent64`.
//! - **FreeBSD**: the struct of FreeBSD 12 and later, with `ext`. `kqueuex` exists from 13.3 and 14.0 on, `kqueue1` from 15 on: a program that uses them does not
//!   start on older systems.
//! - **NetBSD**: struct and symbol are chosen together. By default `__kevent50` with 40 bytes, which NetBSD 9, 10 and 11 offer; the feature
//!   `netbsd-kevent100` takes `__kevent100` with 72 bytes, which exists from NetBSD 11 on. `EVFILT_USER` needs NetBSD 10.
//! - **OpenBSD**: `EVFILT_USER` needs OpenBSD 7.8.
//! - **DragonFly**: its header is not to be had here; the declarations are derived from the crate `libc` and type-checked, never run by us.
//! - **Linux**: the symbols come from `kqueue-linux`, in user space; 64-bit processors only. What it must be told about numbers is in `user_space`. `NOTE_NOCOUNT` exists on Linux alone.
//!
//! # Where the declarations come from, and who checks them
//!
//! `src/bindings/*.rs` is written by `cargo xtask bindings`: bindgen reads the system's own header through `wrapper.h`. Each file's head names the header, its
//! hash, the tool's version and its flags. Four checks stand behind a file; a test plants mistakes of every kind and names the check that finds each:
//!
//! 1. **Layout assertions** compiled into every file: size, alignment and the offset of every field, for the target at hand.
//! 2. **`cargo xtask bindings --check`** makes every file anew and compares.
//! 3. **`cargo xtask audit`** puts three sources side by side for every target: the header as clang sees it, the checked-in file as rustc lays it out for
//!    that target, and the crate `libc`. A difference that `xtask/explained.toml` does not explain fails.
//! 4. **`cargo xtask check-targets`** type-checks and links for the other systems.
//!
//! Every system's declarations can be read from any system: `every_system` is in the documentation (and only there), and `cargo doc --target` works for
//! the targets in the manifest's metadata.
//!
//! # Features
//!
//! - `bindgen`: make the declarations at build time from this machine's headers; needs libclang. Off by default, and the default build needs no tool.
//!   A unit test compares the result with the checked-in file.
//! - `netbsd-kevent100`: see above; with `bindgen` the host's header decides instead.
#![no_std]
#![allow(non_camel_case_types)]

#[cfg(not(any(
    target_vendor = "apple",
    all(
        target_os = "freebsd",
        any(target_pointer_width = "64", target_arch = "x86", target_arch = "arm")
    ),
    all(target_os = "netbsd", target_pointer_width = "64"),
    all(target_os = "openbsd", target_pointer_width = "64"),
    target_os = "dragonfly",
    all(target_os = "linux", target_pointer_width = "64"),
)))]
compile_error!("kqueue-sys has no bindings for this target");

mod bindings;
#[cfg(doc)]
pub mod every_system;
/// Linux only: what the kqueue in user space, which finds a queue by its descriptor's number, must hear that a kernel sees by itself.
#[cfg(target_os = "linux")]
pub mod user_space {
    pub use kqueue_linux::{duplicated, forget};
}

pub use bindings::*;

/// An entry with every byte zero.
const ZERO: kevent = {
    // SAFETY: every field of `kevent` is an integer, an array of integers or a raw pointer, on every system; zero is valid for each.
    unsafe { core::mem::zeroed() }
};

/// What C's macro `EV_SET` does: fills the six fields that every system has, and leaves the others zero.
///
/// ```
/// use kqueue_sys::{EV_ADD, EV_SET, EVFILT_USER};
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
