/// `EVFILT_READ` of this system's `<sys/event.h>`.
pub const EVFILT_READ: u32 = 0;
/// `EVFILT_WRITE` of this system's `<sys/event.h>`.
pub const EVFILT_WRITE: u32 = 1;
/// `EVFILT_AIO` of this system's `<sys/event.h>`.
pub const EVFILT_AIO: u32 = 2;
/// `EVFILT_VNODE` of this system's `<sys/event.h>`.
pub const EVFILT_VNODE: u32 = 3;
/// `EVFILT_PROC` of this system's `<sys/event.h>`.
pub const EVFILT_PROC: u32 = 4;
/// `EVFILT_SIGNAL` of this system's `<sys/event.h>`.
pub const EVFILT_SIGNAL: u32 = 5;
/// `EVFILT_TIMER` of this system's `<sys/event.h>`.
pub const EVFILT_TIMER: u32 = 6;
/// `EVFILT_FS` of this system's `<sys/event.h>`.
pub const EVFILT_FS: u32 = 7;
/// `EVFILT_USER` of this system's `<sys/event.h>`.
pub const EVFILT_USER: u32 = 8;
/// `EVFILT_EMPTY` of this system's `<sys/event.h>`.
pub const EVFILT_EMPTY: u32 = 9;
/// `EVFILT_SYSCOUNT` of this system's `<sys/event.h>`.
pub const EVFILT_SYSCOUNT: u32 = 10;
/// `EV_ADD` of this system's `<sys/event.h>`.
pub const EV_ADD: u32 = 1;
/// `EV_DELETE` of this system's `<sys/event.h>`.
pub const EV_DELETE: u32 = 2;
/// `EV_ENABLE` of this system's `<sys/event.h>`.
pub const EV_ENABLE: u32 = 4;
/// `EV_DISABLE` of this system's `<sys/event.h>`.
pub const EV_DISABLE: u32 = 8;
/// `EV_ONESHOT` of this system's `<sys/event.h>`.
pub const EV_ONESHOT: u32 = 16;
/// `EV_CLEAR` of this system's `<sys/event.h>`.
pub const EV_CLEAR: u32 = 32;
/// `EV_RECEIPT` of this system's `<sys/event.h>`.
pub const EV_RECEIPT: u32 = 0x0000_0040;
/// `EV_DISPATCH` of this system's `<sys/event.h>`.
pub const EV_DISPATCH: u32 = 0x0000_0080;
/// `EV_SYSFLAGS` of this system's `<sys/event.h>`.
pub const EV_SYSFLAGS: u32 = 0x0000_f000;
/// `EV_FLAG1` of this system's `<sys/event.h>`.
pub const EV_FLAG1: u32 = 0x0000_2000;
/// `EV_EOF` of this system's `<sys/event.h>`.
pub const EV_EOF: u32 = 0x0000_8000;
/// `EV_ERROR` of this system's `<sys/event.h>`.
pub const EV_ERROR: u32 = 0x0000_4000;
/// `NOTE_FFNOP` of this system's `<sys/event.h>`.
pub const NOTE_FFNOP: u32 = 0;
/// `NOTE_FFAND` of this system's `<sys/event.h>`.
pub const NOTE_FFAND: u32 = 0x4000_0000;
/// `NOTE_FFOR` of this system's `<sys/event.h>`.
pub const NOTE_FFOR: u32 = 0x8000_0000;
/// `NOTE_FFCOPY` of this system's `<sys/event.h>`.
pub const NOTE_FFCOPY: u32 = 0xc000_0000;
/// `NOTE_FFCTRLMASK` of this system's `<sys/event.h>`.
pub const NOTE_FFCTRLMASK: u32 = 0xc000_0000;
/// `NOTE_FFLAGSMASK` of this system's `<sys/event.h>`.
pub const NOTE_FFLAGSMASK: u32 = 0x00ff_ffff;
/// `NOTE_TRIGGER` of this system's `<sys/event.h>`.
pub const NOTE_TRIGGER: u32 = 0x0100_0000;
/// `NOTE_LOWAT` of this system's `<sys/event.h>`.
pub const NOTE_LOWAT: u32 = 1;
/// `NOTE_DELETE` of this system's `<sys/event.h>`.
pub const NOTE_DELETE: u32 = 1;
/// `NOTE_WRITE` of this system's `<sys/event.h>`.
pub const NOTE_WRITE: u32 = 2;
/// `NOTE_EXTEND` of this system's `<sys/event.h>`.
pub const NOTE_EXTEND: u32 = 4;
/// `NOTE_ATTRIB` of this system's `<sys/event.h>`.
pub const NOTE_ATTRIB: u32 = 8;
/// `NOTE_LINK` of this system's `<sys/event.h>`.
pub const NOTE_LINK: u32 = 16;
/// `NOTE_RENAME` of this system's `<sys/event.h>`.
pub const NOTE_RENAME: u32 = 32;
/// `NOTE_REVOKE` of this system's `<sys/event.h>`.
pub const NOTE_REVOKE: u32 = 0x0000_0040;
/// `NOTE_OPEN` of this system's `<sys/event.h>`.
pub const NOTE_OPEN: u32 = 0x0000_0080;
/// `NOTE_CLOSE` of this system's `<sys/event.h>`.
pub const NOTE_CLOSE: u32 = 0x0000_0100;
/// `NOTE_CLOSE_WRITE` of this system's `<sys/event.h>`.
pub const NOTE_CLOSE_WRITE: u32 = 0x0000_0200;
/// `NOTE_READ` of this system's `<sys/event.h>`.
pub const NOTE_READ: u32 = 0x0000_0400;
/// `NOTE_EXIT` of this system's `<sys/event.h>`.
pub const NOTE_EXIT: u32 = 0x8000_0000;
/// `NOTE_FORK` of this system's `<sys/event.h>`.
pub const NOTE_FORK: u32 = 0x4000_0000;
/// `NOTE_EXEC` of this system's `<sys/event.h>`.
pub const NOTE_EXEC: u32 = 0x2000_0000;
/// `NOTE_PCTRLMASK` of this system's `<sys/event.h>`.
pub const NOTE_PCTRLMASK: u32 = 0xf000_0000;
/// `NOTE_PDATAMASK` of this system's `<sys/event.h>`.
pub const NOTE_PDATAMASK: u32 = 0x000f_ffff;
/// `NOTE_TRACK` of this system's `<sys/event.h>`.
pub const NOTE_TRACK: u32 = 1;
/// `NOTE_TRACKERR` of this system's `<sys/event.h>`.
pub const NOTE_TRACKERR: u32 = 2;
/// `NOTE_CHILD` of this system's `<sys/event.h>`.
pub const NOTE_CHILD: u32 = 4;
/// `NOTE_MSECONDS` of this system's `<sys/event.h>`.
pub const NOTE_MSECONDS: u32 = 0;
/// `NOTE_SECONDS` of this system's `<sys/event.h>`.
pub const NOTE_SECONDS: u32 = 1;
/// `NOTE_USECONDS` of this system's `<sys/event.h>`.
pub const NOTE_USECONDS: u32 = 2;
/// `NOTE_NSECONDS` of this system's `<sys/event.h>`.
pub const NOTE_NSECONDS: u32 = 3;
/// `NOTE_ABSTIME` of this system's `<sys/event.h>`.
pub const NOTE_ABSTIME: u32 = 16;
/// A span of time for the wait: whole seconds and nanoseconds.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct timespec {
    /// Whole seconds.
    pub tv_sec: i64,
    /// Nanoseconds, 0 to 999,999,999.
    pub tv_nsec: ::core::ffi::c_long,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of timespec"][::core::mem::size_of::<timespec>() - 16usize];
    ["Alignment of timespec"][::core::mem::align_of::<timespec>() - 8usize];
    ["Offset of field: timespec::tv_sec"][::core::mem::offset_of!(timespec, tv_sec) - 0usize];
    ["Offset of field: timespec::tv_nsec"][::core::mem::offset_of!(timespec, tv_nsec) - 8usize];
};
/// One change on its way to the kernel, or one event on its way back.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct kevent {
    /// What is watched: a descriptor, a process, a signal, or a number of the caller's choice, as the filter says.
    pub ident: usize,
    /// Which kind of event: one of `EVFILT_*`.
    pub filter: u32,
    /// What to do with the registration, or what came back: `EV_*` bits.
    pub flags: u32,
    /// Bits that only the filter understands: `NOTE_*`.
    pub fflags: u32,
    /// A number that only the filter understands: bytes, periods, or with `EV_ERROR` an `errno`.
    pub data: i64,
    /// The caller's own value; comes back as it was given.
    pub udata: *mut ::core::ffi::c_void,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of kevent"][::core::mem::size_of::<kevent>() - 40usize];
    ["Alignment of kevent"][::core::mem::align_of::<kevent>() - 8usize];
    ["Offset of field: kevent::ident"][::core::mem::offset_of!(kevent, ident) - 0usize];
    ["Offset of field: kevent::filter"][::core::mem::offset_of!(kevent, filter) - 8usize];
    ["Offset of field: kevent::flags"][::core::mem::offset_of!(kevent, flags) - 12usize];
    ["Offset of field: kevent::fflags"][::core::mem::offset_of!(kevent, fflags) - 16usize];
    ["Offset of field: kevent::data"][::core::mem::offset_of!(kevent, data) - 24usize];
    ["Offset of field: kevent::udata"][::core::mem::offset_of!(kevent, udata) - 32usize];
};
unsafe extern "C" {
    /// Makes a kqueue and returns its descriptor, or -1 with `errno` set.
    ///
    /// # Safety
    /// Always sound to call; the caller closes the descriptor.
    pub fn kqueue() -> ::core::ffi::c_int;
}
unsafe extern "C" {
    /// As `kqueue`, with `O_CLOEXEC` and what else the system's manual allows.
    ///
    /// # Safety
    /// Always sound to call; the caller closes the descriptor.
    pub fn kqueue1(arg1: ::core::ffi::c_int) -> ::core::ffi::c_int;
}
unsafe extern "C" {
    /// Applies changes in order, then waits for events; returns how many were stored, or -1 with `errno` set.
    ///
    /// # Safety
    /// The change list must hold as many initialised entries as its count says, the event list room for as many as its count says (either
    /// may be null with a count of 0; both may be the same memory); the timeout is null (wait for ever) or valid. What a change's filter
    /// reads through its fields must be valid as that filter's manual demands.
    #[link_name = "\u{1}__kevent50"]
    pub fn kevent(
        arg1: ::core::ffi::c_int,
        arg2: *const kevent,
        arg3: usize,
        arg4: *mut kevent,
        arg5: usize,
        arg6: *const timespec,
    ) -> ::core::ffi::c_int;
}
/// The type of [`kevent`]'s field `ident` on this system.
pub type ident_t = usize;
/// The type of [`kevent`]'s field `filter` on this system.
pub type filter_t = u32;
/// The type of [`kevent`]'s field `flags` on this system.
pub type flags_t = u32;
/// The type of [`kevent`]'s field `fflags` on this system.
pub type fflags_t = u32;
/// The type of [`kevent`]'s field `data` on this system.
pub type data_t = i64;
/// The type of [`kevent`]'s field `udata` on this system.
pub type udata_t = *mut ::core::ffi::c_void;
/// The type of the two counts that [`kevent`](fn@kevent) takes on this system.
pub type count_t = usize;
/// Every constant of this system by name, with its value, in the header's order.
pub const CONSTANTS: &[(&str, i64)] = &[
    ("EVFILT_READ", EVFILT_READ as i64),
    ("EVFILT_WRITE", EVFILT_WRITE as i64),
    ("EVFILT_AIO", EVFILT_AIO as i64),
    ("EVFILT_VNODE", EVFILT_VNODE as i64),
    ("EVFILT_PROC", EVFILT_PROC as i64),
    ("EVFILT_SIGNAL", EVFILT_SIGNAL as i64),
    ("EVFILT_TIMER", EVFILT_TIMER as i64),
    ("EVFILT_FS", EVFILT_FS as i64),
    ("EVFILT_USER", EVFILT_USER as i64),
    ("EVFILT_EMPTY", EVFILT_EMPTY as i64),
    ("EVFILT_SYSCOUNT", EVFILT_SYSCOUNT as i64),
    ("EV_ADD", EV_ADD as i64),
    ("EV_DELETE", EV_DELETE as i64),
    ("EV_ENABLE", EV_ENABLE as i64),
    ("EV_DISABLE", EV_DISABLE as i64),
    ("EV_ONESHOT", EV_ONESHOT as i64),
    ("EV_CLEAR", EV_CLEAR as i64),
    ("EV_RECEIPT", EV_RECEIPT as i64),
    ("EV_DISPATCH", EV_DISPATCH as i64),
    ("EV_SYSFLAGS", EV_SYSFLAGS as i64),
    ("EV_FLAG1", EV_FLAG1 as i64),
    ("EV_EOF", EV_EOF as i64),
    ("EV_ERROR", EV_ERROR as i64),
    ("NOTE_FFNOP", NOTE_FFNOP as i64),
    ("NOTE_FFAND", NOTE_FFAND as i64),
    ("NOTE_FFOR", NOTE_FFOR as i64),
    ("NOTE_FFCOPY", NOTE_FFCOPY as i64),
    ("NOTE_FFCTRLMASK", NOTE_FFCTRLMASK as i64),
    ("NOTE_FFLAGSMASK", NOTE_FFLAGSMASK as i64),
    ("NOTE_TRIGGER", NOTE_TRIGGER as i64),
    ("NOTE_LOWAT", NOTE_LOWAT as i64),
    ("NOTE_DELETE", NOTE_DELETE as i64),
    ("NOTE_WRITE", NOTE_WRITE as i64),
    ("NOTE_EXTEND", NOTE_EXTEND as i64),
    ("NOTE_ATTRIB", NOTE_ATTRIB as i64),
    ("NOTE_LINK", NOTE_LINK as i64),
    ("NOTE_RENAME", NOTE_RENAME as i64),
    ("NOTE_REVOKE", NOTE_REVOKE as i64),
    ("NOTE_OPEN", NOTE_OPEN as i64),
    ("NOTE_CLOSE", NOTE_CLOSE as i64),
    ("NOTE_CLOSE_WRITE", NOTE_CLOSE_WRITE as i64),
    ("NOTE_READ", NOTE_READ as i64),
    ("NOTE_EXIT", NOTE_EXIT as i64),
    ("NOTE_FORK", NOTE_FORK as i64),
    ("NOTE_EXEC", NOTE_EXEC as i64),
    ("NOTE_PCTRLMASK", NOTE_PCTRLMASK as i64),
    ("NOTE_PDATAMASK", NOTE_PDATAMASK as i64),
    ("NOTE_TRACK", NOTE_TRACK as i64),
    ("NOTE_TRACKERR", NOTE_TRACKERR as i64),
    ("NOTE_CHILD", NOTE_CHILD as i64),
    ("NOTE_MSECONDS", NOTE_MSECONDS as i64),
    ("NOTE_SECONDS", NOTE_SECONDS as i64),
    ("NOTE_USECONDS", NOTE_USECONDS as i64),
    ("NOTE_NSECONDS", NOTE_NSECONDS as i64),
    ("NOTE_ABSTIME", NOTE_ABSTIME as i64),
];
