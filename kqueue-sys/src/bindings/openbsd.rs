/// `EVFILT_READ` of this system's `<sys/event.h>`.
pub const EVFILT_READ: i16 = -1;
/// `EVFILT_WRITE` of this system's `<sys/event.h>`.
pub const EVFILT_WRITE: i16 = -2;
/// `EVFILT_AIO` of this system's `<sys/event.h>`.
pub const EVFILT_AIO: i16 = -3;
/// `EVFILT_VNODE` of this system's `<sys/event.h>`.
pub const EVFILT_VNODE: i16 = -4;
/// `EVFILT_PROC` of this system's `<sys/event.h>`.
pub const EVFILT_PROC: i16 = -5;
/// `EVFILT_SIGNAL` of this system's `<sys/event.h>`.
pub const EVFILT_SIGNAL: i16 = -6;
/// `EVFILT_TIMER` of this system's `<sys/event.h>`.
pub const EVFILT_TIMER: i16 = -7;
/// `EVFILT_PROCDESC` of this system's `<sys/event.h>`.
pub const EVFILT_PROCDESC: i16 = -8;
/// `EVFILT_FS` of this system's `<sys/event.h>`.
pub const EVFILT_FS: i16 = -9;
/// `EVFILT_LIO` of this system's `<sys/event.h>`.
pub const EVFILT_LIO: i16 = -10;
/// `EVFILT_USER` of this system's `<sys/event.h>`.
pub const EVFILT_USER: i16 = -11;
/// `EVFILT_SENDFILE` of this system's `<sys/event.h>`.
pub const EVFILT_SENDFILE: i16 = -12;
/// `EVFILT_EMPTY` of this system's `<sys/event.h>`.
pub const EVFILT_EMPTY: i16 = -13;
/// `EVFILT_SYSCOUNT` of this system's `<sys/event.h>`.
pub const EVFILT_SYSCOUNT: i16 = 13;
/// `EV_ADD` of this system's `<sys/event.h>`.
pub const EV_ADD: u16 = 0x0001;
/// `EV_DELETE` of this system's `<sys/event.h>`.
pub const EV_DELETE: u16 = 0x0002;
/// `EV_ENABLE` of this system's `<sys/event.h>`.
pub const EV_ENABLE: u16 = 0x0004;
/// `EV_DISABLE` of this system's `<sys/event.h>`.
pub const EV_DISABLE: u16 = 0x0008;
/// `EV_FORCEONESHOT` of this system's `<sys/event.h>`.
pub const EV_FORCEONESHOT: u16 = 0x0100;
/// `EV_ONESHOT` of this system's `<sys/event.h>`.
pub const EV_ONESHOT: u16 = 0x0010;
/// `EV_CLEAR` of this system's `<sys/event.h>`.
pub const EV_CLEAR: u16 = 0x0020;
/// `EV_RECEIPT` of this system's `<sys/event.h>`.
pub const EV_RECEIPT: u16 = 0x0040;
/// `EV_DISPATCH` of this system's `<sys/event.h>`.
pub const EV_DISPATCH: u16 = 0x0080;
/// `EV_SYSFLAGS` of this system's `<sys/event.h>`.
pub const EV_SYSFLAGS: u16 = 0xf000;
/// `EV_DROP` of this system's `<sys/event.h>`.
pub const EV_DROP: u16 = 0x1000;
/// `EV_FLAG1` of this system's `<sys/event.h>`.
pub const EV_FLAG1: u16 = 0x2000;
/// `EV_FLAG2` of this system's `<sys/event.h>`.
pub const EV_FLAG2: u16 = 0x4000;
/// `EV_EOF` of this system's `<sys/event.h>`.
pub const EV_EOF: u16 = 0x8000;
/// `EV_ERROR` of this system's `<sys/event.h>`.
pub const EV_ERROR: u16 = 0x4000;
/// `NOTE_LOWAT` of this system's `<sys/event.h>`.
pub const NOTE_LOWAT: u32 = 1;
/// `NOTE_FILE_POLL` of this system's `<sys/event.h>`.
pub const NOTE_FILE_POLL: u32 = 2;
/// `NOTE_NOCOUNT` of this system's `<sys/event.h>`.
pub const NOTE_NOCOUNT: u32 = 0x0001_0000;
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
/// `NOTE_SECONDS` of this system's `<sys/event.h>`.
pub const NOTE_SECONDS: u32 = 1;
/// `NOTE_MSECONDS` of this system's `<sys/event.h>`.
pub const NOTE_MSECONDS: u32 = 2;
/// `NOTE_USECONDS` of this system's `<sys/event.h>`.
pub const NOTE_USECONDS: u32 = 4;
/// `NOTE_NSECONDS` of this system's `<sys/event.h>`.
pub const NOTE_NSECONDS: u32 = 8;
/// `NOTE_ABSTIME` of this system's `<sys/event.h>`.
pub const NOTE_ABSTIME: u32 = 16;
/// `NOTE_ABSOLUTE` of this system's `<sys/event.h>`.
pub const NOTE_ABSOLUTE: u32 = 16;
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
    pub filter: i16,
    /// What to do with the registration, or what came back: `EV_*` bits.
    pub flags: u16,
    /// Bits that only the filter understands: `NOTE_*`.
    pub fflags: u32,
    /// A number that only the filter understands: bytes, periods, or with `EV_ERROR` an `errno`.
    pub data: isize,
    /// The caller's own value; comes back as it was given.
    pub udata: *mut ::core::ffi::c_void,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of kevent"][::core::mem::size_of::<kevent>() - 32usize];
    ["Alignment of kevent"][::core::mem::align_of::<kevent>() - 8usize];
    ["Offset of field: kevent::ident"][::core::mem::offset_of!(kevent, ident) - 0usize];
    ["Offset of field: kevent::filter"][::core::mem::offset_of!(kevent, filter) - 8usize];
    ["Offset of field: kevent::flags"][::core::mem::offset_of!(kevent, flags) - 10usize];
    ["Offset of field: kevent::fflags"][::core::mem::offset_of!(kevent, fflags) - 12usize];
    ["Offset of field: kevent::data"][::core::mem::offset_of!(kevent, data) - 16usize];
    ["Offset of field: kevent::udata"][::core::mem::offset_of!(kevent, udata) - 24usize];
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
    pub fn kqueue1(flags: ::core::ffi::c_int) -> ::core::ffi::c_int;
}
unsafe extern "C" {
    /// Applies changes in order, then waits for events; returns how many were stored, or -1 with `errno` set.
    ///
    /// # Safety
    /// The change list must hold as many initialised entries as its count says, the event list room for as many as its count says (either
    /// may be null with a count of 0; both may be the same memory); the timeout is null (wait for ever) or valid. What a change's filter
    /// reads through its fields must be valid as that filter's manual demands.
    pub fn kevent(
        kq: ::core::ffi::c_int,
        changelist: *const kevent,
        nchanges: ::core::ffi::c_int,
        eventlist: *mut kevent,
        nevents: ::core::ffi::c_int,
        timeout: *const timespec,
    ) -> ::core::ffi::c_int;
}
/// The type of [`kevent`]'s field `ident` on this system.
pub type ident_t = usize;
/// The type of [`kevent`]'s field `filter` on this system.
pub type filter_t = i16;
/// The type of [`kevent`]'s field `flags` on this system.
pub type flags_t = u16;
/// The type of [`kevent`]'s field `fflags` on this system.
pub type fflags_t = u32;
/// The type of [`kevent`]'s field `data` on this system.
pub type data_t = isize;
/// The type of [`kevent`]'s field `udata` on this system.
pub type udata_t = *mut ::core::ffi::c_void;
/// The type of the two counts that [`kevent`](fn@kevent) takes on this system.
pub type count_t = ::core::ffi::c_int;
/// Every constant of this system by name, with its value, in the header's order.
pub const CONSTANTS: &[(&str, i64)] = &[
    ("EVFILT_READ", EVFILT_READ as i64),
    ("EVFILT_WRITE", EVFILT_WRITE as i64),
    ("EVFILT_AIO", EVFILT_AIO as i64),
    ("EVFILT_VNODE", EVFILT_VNODE as i64),
    ("EVFILT_PROC", EVFILT_PROC as i64),
    ("EVFILT_SIGNAL", EVFILT_SIGNAL as i64),
    ("EVFILT_TIMER", EVFILT_TIMER as i64),
    ("EVFILT_PROCDESC", EVFILT_PROCDESC as i64),
    ("EVFILT_FS", EVFILT_FS as i64),
    ("EVFILT_LIO", EVFILT_LIO as i64),
    ("EVFILT_USER", EVFILT_USER as i64),
    ("EVFILT_SENDFILE", EVFILT_SENDFILE as i64),
    ("EVFILT_EMPTY", EVFILT_EMPTY as i64),
    ("EVFILT_SYSCOUNT", EVFILT_SYSCOUNT as i64),
    ("EV_ADD", EV_ADD as i64),
    ("EV_DELETE", EV_DELETE as i64),
    ("EV_ENABLE", EV_ENABLE as i64),
    ("EV_DISABLE", EV_DISABLE as i64),
    ("EV_FORCEONESHOT", EV_FORCEONESHOT as i64),
    ("EV_ONESHOT", EV_ONESHOT as i64),
    ("EV_CLEAR", EV_CLEAR as i64),
    ("EV_RECEIPT", EV_RECEIPT as i64),
    ("EV_DISPATCH", EV_DISPATCH as i64),
    ("EV_SYSFLAGS", EV_SYSFLAGS as i64),
    ("EV_DROP", EV_DROP as i64),
    ("EV_FLAG1", EV_FLAG1 as i64),
    ("EV_FLAG2", EV_FLAG2 as i64),
    ("EV_EOF", EV_EOF as i64),
    ("EV_ERROR", EV_ERROR as i64),
    ("NOTE_LOWAT", NOTE_LOWAT as i64),
    ("NOTE_FILE_POLL", NOTE_FILE_POLL as i64),
    ("NOTE_NOCOUNT", NOTE_NOCOUNT as i64),
    ("NOTE_FFNOP", NOTE_FFNOP as i64),
    ("NOTE_FFAND", NOTE_FFAND as i64),
    ("NOTE_FFOR", NOTE_FFOR as i64),
    ("NOTE_FFCOPY", NOTE_FFCOPY as i64),
    ("NOTE_FFCTRLMASK", NOTE_FFCTRLMASK as i64),
    ("NOTE_FFLAGSMASK", NOTE_FFLAGSMASK as i64),
    ("NOTE_TRIGGER", NOTE_TRIGGER as i64),
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
    ("NOTE_SECONDS", NOTE_SECONDS as i64),
    ("NOTE_MSECONDS", NOTE_MSECONDS as i64),
    ("NOTE_USECONDS", NOTE_USECONDS as i64),
    ("NOTE_NSECONDS", NOTE_NSECONDS as i64),
    ("NOTE_ABSTIME", NOTE_ABSTIME as i64),
    ("NOTE_ABSOLUTE", NOTE_ABSOLUTE as i64),
];
