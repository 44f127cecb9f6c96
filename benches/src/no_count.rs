//! The wish for no byte count, which kqueue-linux alone knows.

/// `NOTE_NOCOUNT` on Linux; elsewhere no bit, since a kernel counts without a further system call.
#[cfg(target_os = "linux")]
pub const NOTE_NOCOUNT: kqueue_sys::fflags_t = kqueue_sys::NOTE_NOCOUNT;
/// `NOTE_NOCOUNT` on Linux; elsewhere no bit, since a kernel counts without a further system call.
#[cfg(not(target_os = "linux"))]
pub const NOTE_NOCOUNT: kqueue_sys::fflags_t = 0;
