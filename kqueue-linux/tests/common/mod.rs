//! The C interface as a program sees it: declared here once more, by hand, so that the tests also hold the binary interface.
#![allow(dead_code, missing_docs)]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

// The symbols come from this crate.
extern crate kqueue_linux;

/// `struct kevent` of `sys/event.h`: 32 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kevent {
    pub ident: usize,
    pub filter: i16,
    pub flags: u16,
    pub fflags: u32,
    pub data: isize,
    pub udata: usize,
}

// SAFETY: as include/sys/event.h of this crate declares them; the struct above has the header's layout.
unsafe extern "C" {
    fn kqueue() -> libc::c_int;
    fn kevent(
        kq: libc::c_int,
        changes: *const Kevent,
        nchanges: libc::c_int,
        events: *mut Kevent,
        nevents: libc::c_int,
        timeout: *const libc::timespec,
    ) -> libc::c_int;
}

pub const READ: i16 = -1;
pub const WRITE: i16 = -2;
pub const VNODE: i16 = -4;
pub const PROC: i16 = -5;
pub const SIGNAL: i16 = -6;
pub const TIMER: i16 = -7;
pub const USER: i16 = -11;
pub const EMPTY: i16 = -13;

pub const ADD: u16 = 0x1;
pub const DELETE: u16 = 0x2;
pub const ENABLE: u16 = 0x4;
pub const DISABLE: u16 = 0x8;
pub const ONESHOT: u16 = 0x10;
pub const CLEAR: u16 = 0x20;
pub const RECEIPT: u16 = 0x40;
pub const DISPATCH: u16 = 0x80;
pub const ERROR: u16 = 0x4000;
pub const EOF: u16 = 0x8000;

pub const NOTE_LOWAT: u32 = 1;
pub const NOTE_NOCOUNT: u32 = 0x0001_0000;
pub const NOTE_TRIGGER: u32 = 0x0100_0000;
pub const NOTE_FFAND: u32 = 0x4000_0000;
pub const NOTE_FFOR: u32 = 0x8000_0000;
pub const NOTE_FFCOPY: u32 = 0xc000_0000;
pub const NOTE_SECONDS: u32 = 1;
pub const NOTE_NSECONDS: u32 = 8;
pub const NOTE_ABSTIME: u32 = 0x10;
pub const NOTE_EXIT: u32 = 0x8000_0000;
pub const NOTE_WRITE: u32 = 2;

/// A kqueue that closes when it is dropped.
#[derive(Debug)]
pub struct Queue(pub OwnedFd);

impl Queue {
    pub fn new() -> Queue {
        Queue::try_new().expect("kqueue")
    }

    /// `Err` has the errno.
    pub fn try_new() -> Result<Queue, i32> {
        // SAFETY: no arguments; a descriptor that is not negative is ours.
        unsafe {
            let descriptor = kqueue();
            if descriptor < 0 {
                Err(errno())
            } else {
                Ok(Queue(OwnedFd::from_raw_fd(descriptor)))
            }
        }
    }

    pub fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Changes, room, milliseconds (below 0: for ever); `Err` has the errno.
    pub fn call(&self, changes: &[Kevent], room: usize, wait: i32) -> Result<Vec<Kevent>, i32> {
        let mut events = vec![Kevent::default(); room];
        call(self.number(), changes, &mut events, wait).map(|count| {
            events.truncate(count);
            events
        })
    }

    pub fn put(&self, change: Kevent) -> Result<(), i32> {
        self.call(&[change], 0, 0).map(|_| ())
    }
}

/// `kevent` without an allocation of ours.
pub fn call(kq: RawFd, changes: &[Kevent], events: &mut [Kevent], wait: i32) -> Result<usize, i32> {
    let limit = libc::timespec {
        tv_sec: (wait / 1000).into(),
        tv_nsec: (wait % 1000 * 1_000_000).into(),
    };
    // SAFETY: both lists are as long as their counts.
    let count = unsafe {
        let room = events.len() as libc::c_int;
        kevent(
            kq,
            changes.as_ptr(),
            changes.len() as libc::c_int,
            events.as_mut_ptr(),
            room,
            if wait < 0 { std::ptr::null() } else { &limit },
        )
    };
    if count < 0 {
        Err(errno())
    } else {
        Ok(count as usize)
    }
}

/// One change without notes and data.
pub fn change(ident: usize, filter: i16, flags: u16, udata: usize) -> Kevent {
    Kevent {
        ident,
        filter,
        flags,
        udata,
        ..Kevent::default()
    }
}

pub fn errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// A pipe, non-blocking and close-on-exec: the reading end, the writing end.
pub fn pipe() -> (OwnedFd, OwnedFd) {
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors, both ours.
    unsafe {
        assert_eq!(
            libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC),
            0,
            "pipe: {}",
            errno()
        );
        let [reader, writer] = ends.map(|end| OwnedFd::from_raw_fd(end));
        (reader, writer)
    }
}

/// A pair of connected Unix stream sockets, non-blocking and close-on-exec.
pub fn socket_pair() -> (OwnedFd, OwnedFd) {
    let mut ends = [0; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: room for two descriptors, both ours.
    unsafe {
        assert_eq!(
            libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()),
            0,
            "socketpair: {}",
            errno()
        );
        let [one, other] = ends.map(|end| OwnedFd::from_raw_fd(end));
        (one, other)
    }
}

/// Writes so many bytes (at most 4096).
pub fn write(to: &OwnedFd, count: usize) -> isize {
    let bytes = [b'x'; 4096];
    // SAFETY: the buffer is no shorter than the count.
    unsafe {
        libc::write(
            to.as_raw_fd(),
            bytes.as_ptr().cast(),
            count.min(bytes.len()),
        )
    }
}

/// Reads at most so many bytes (at most 4096).
pub fn read(from: &OwnedFd, count: usize) -> isize {
    let mut bytes = [0u8; 4096];
    // SAFETY: the buffer is no shorter than the count.
    unsafe {
        libc::read(
            from.as_raw_fd(),
            bytes.as_mut_ptr().cast(),
            count.min(bytes.len()),
        )
    }
}

/// How many descriptors this process has open.
pub fn open_descriptors() -> usize {
    // The one that reads the folder is among them, each time.
    std::fs::read_dir("/proc/self/fd").expect("/proc").count()
}
