//! The C face: the struct and the numbers of `include/sys/event.h`.

use libc::c_void;

/// One change, or one event: `struct kevent` of `sys/event.h`, 32 bytes.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct kevent {
    /// What is watched: a descriptor, a process, a signal, or a number of the program's choice.
    pub ident: usize,
    /// One of `EVFILT_*`.
    pub filter: i16,
    /// `EV_*` bits.
    pub flags: u16,
    /// `NOTE_*` bits; their meaning is the filter's.
    pub fflags: u32,
    /// The filter's number: a period, a low-water mark, a count of bytes, an `errno`.
    pub data: isize,
    /// The program's own; handed back untouched.
    pub udata: *mut c_void,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<kevent>() == 32 && align_of::<kevent>() == 8);

macro_rules! constants {
    ($kind:ty; $($name:ident = $value:expr, $doc:literal;)*) => { $(#[doc = $doc] pub const $name: $kind = $value;)* };
}

constants! { i16;
    EVFILT_READ = -1, "Bytes, datagrams, connections to accept, or the end of the stream.";
    EVFILT_WRITE = -2, "Room to write.";
    EVFILT_VNODE = -4, "Changes of a file or a directory.";
    EVFILT_PROC = -5, "The end of a process.";
    EVFILT_SIGNAL = -6, "Delivery of a signal to this process.";
    EVFILT_TIMER = -7, "Time.";
    EVFILT_USER = -11, "Raised by the program itself, from any thread.";
    EVFILT_EMPTY = -13, "A socket's send buffer is empty.";
}

constants! { u16;
    EV_ADD = 0x0001, "Register, or change a registration's data, notes and udata.";
    EV_DELETE = 0x0002, "Forget.";
    EV_ENABLE = 0x0004, "Deliver.";
    EV_DISABLE = 0x0008, "Do not deliver.";
    EV_ONESHOT = 0x0010, "Delete after the first delivery.";
    EV_CLEAR = 0x0020, "Reset the state when it is delivered.";
    EV_RECEIPT = 0x0040, "Answer this change with an `EV_ERROR` entry, `data` 0 when it succeeded.";
    EV_DISPATCH = 0x0080, "Disable after each delivery.";
    EV_FORCEONESHOT = 0x0100, "Deliver now, once, whatever the condition.";
    EV_SYSFLAGS = 0xF000, "Kept for the system; taken out of every change.";
    EV_ERROR = 0x4000, "`data` has an errno, or 0 in a receipt.";
    EV_EOF = 0x8000, "End of the stream; `fflags` has the socket's error, if there is one.";
}

constants! { u32;
    NOTE_LOWAT = 0x0001, "`data` of the change is a low-water mark in bytes (sockets).";
    NOTE_FILE_POLL = 0x0002, "A regular file is always ready, as `poll(2)` has it.";
    NOTE_NOCOUNT = 0x0001_0000, "Linux only: `data` is 0, and no system call is made to count. Kept until the next `EV_ADD`.";
    NOTE_FFAND = 0x4000_0000, "USER: and the stored notes with the change's.";
    NOTE_FFOR = 0x8000_0000, "USER: or the stored notes with the change's.";
    NOTE_FFCOPY = 0xc000_0000, "USER: replace the stored notes.";
    NOTE_FFCTRLMASK = 0xc000_0000, "USER: the bits of the operations.";
    NOTE_FFLAGSMASK = 0x00ff_ffff, "USER: the bits that the program may use.";
    NOTE_TRIGGER = 0x0100_0000, "USER: raise the event.";
    NOTE_DELETE = 0x0001, "VNODE: a name was removed.";
    NOTE_WRITE = 0x0002, "VNODE: the contents changed.";
    NOTE_EXTEND = 0x0004, "VNODE: the size grew.";
    NOTE_ATTRIB = 0x0008, "VNODE: the attributes changed.";
    NOTE_LINK = 0x0010, "VNODE: the number of links changed.";
    NOTE_RENAME = 0x0020, "VNODE: renamed.";
    NOTE_REVOKE = 0x0040, "VNODE: the file system was unmounted.";
    NOTE_OPEN = 0x0080, "VNODE: opened.";
    NOTE_CLOSE = 0x0100, "VNODE: a descriptor without write access was closed.";
    NOTE_CLOSE_WRITE = 0x0200, "VNODE: a descriptor with write access was closed.";
    NOTE_EXIT = 0x8000_0000, "PROC: the process ended; `data` is its wait status.";
    NOTE_FORK = 0x4000_0000, "PROC: not on Linux, `ENOTSUP`.";
    NOTE_EXEC = 0x2000_0000, "PROC: not on Linux, `ENOTSUP`.";
    NOTE_TRACK = 0x0000_0001, "PROC: not on Linux, `ENOTSUP`.";
    NOTE_SECONDS = 0x0001, "TIMER: `data` is seconds.";
    NOTE_MSECONDS = 0x0002, "TIMER: `data` is milliseconds, the default.";
    NOTE_USECONDS = 0x0004, "TIMER: `data` is microseconds.";
    NOTE_NSECONDS = 0x0008, "TIMER: `data` is nanoseconds.";
    NOTE_ABSTIME = 0x0010, "TIMER: `data` is a time of `CLOCK_REALTIME`, not a period.";
}
