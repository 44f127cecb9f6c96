//! Every system's declarations side by side, **for reading only**: this module exists in the documentation and in no build.
//!
//! A program sees its own system's declarations at the crate's root. FreeBSD on i386 and armv7 has the constants of [`freebsd64`] and a struct
//! of other offsets (56 and 64 bytes).

/// DragonFly, derived from the crate `libc`.
#[path = "bindings/dragonfly.rs"]
pub mod dragonfly;
/// FreeBSD on 64-bit processors.
#[path = "bindings/freebsd64.rs"]
pub mod freebsd64;
/// Linux, with `kqueue-linux`.
#[path = "bindings/linux.rs"]
pub mod linux;
/// macOS.
#[path = "bindings/macos.rs"]
pub mod macos;
/// NetBSD, the generation of `__kevent100`.
#[path = "bindings/netbsd_kevent100.rs"]
pub mod netbsd_kevent100;
/// NetBSD, the generation of `__kevent50`.
#[path = "bindings/netbsd_kevent50.rs"]
pub mod netbsd_kevent50;
/// OpenBSD.
#[path = "bindings/openbsd.rs"]
pub mod openbsd;
