//! A kqueue whose answers are text, and things to watch.
//!
//! Text is how the recordings of real kernels show events, and it hides what differs between systems without meaning: the
//! widths of fields, and flags that some systems hand back and others do not (ADD, ENABLE, DISABLE, RECEIPT).

use std::fmt::Write as _;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use kqueue_sys as sys;
use kqueue_sys::{count_t, kevent, timespec};

pub const READ: i64 = sys::EVFILT_READ as i64;
pub const WRITE: i64 = sys::EVFILT_WRITE as i64;
pub const TIMER: i64 = sys::EVFILT_TIMER as i64;
pub const USER: i64 = sys::EVFILT_USER as i64;
pub const PROC: i64 = sys::EVFILT_PROC as i64;
pub const SIGNAL: i64 = sys::EVFILT_SIGNAL as i64;
pub const VNODE: i64 = sys::EVFILT_VNODE as i64;

pub const ADD: u32 = sys::EV_ADD as u32;
pub const DELETE: u32 = sys::EV_DELETE as u32;
pub const ENABLE: u32 = sys::EV_ENABLE as u32;
pub const DISABLE: u32 = sys::EV_DISABLE as u32;
pub const ONESHOT: u32 = sys::EV_ONESHOT as u32;
pub const CLEAR: u32 = sys::EV_CLEAR as u32;
pub const DISPATCH: u32 = sys::EV_DISPATCH as u32;
pub const RECEIPT: u32 = sys::EV_RECEIPT as u32;
const EOF: u32 = sys::EV_EOF as u32;
const ERROR: u32 = sys::EV_ERROR as u32;

/// Milliseconds in which an event that should not come would have come.
pub const QUIET: i32 = 60;
/// Milliseconds within which an event that should come comes, on the slowest machine.
pub const PATIENT: i32 = 30_000;

/// One change. `udata` is the number after `u` in the text of its events.
pub fn change(
    ident: impl Ident,
    filter: i64,
    flags: u32,
    notes: u32,
    data: i64,
    udata: usize,
) -> kevent {
    // SAFETY: `struct kevent` is plain data on every system; all zeroes is a valid one.
    let mut change: kevent = unsafe { MaybeUninit::zeroed().assume_init() };
    change.ident = ident.ident() as _;
    change.filter = filter as _;
    change.flags = flags as _;
    change.fflags = notes as _;
    change.data = data as _;
    change.udata = udata as _;
    change
}

/// What can be an identifier.
pub trait Ident {
    fn ident(self) -> usize;
}

impl Ident for usize {
    fn ident(self) -> usize {
        self
    }
}

impl Ident for &OwnedFd {
    fn ident(self) -> usize {
        self.as_raw_fd() as usize
    }
}

impl Ident for &Queue {
    fn ident(self) -> usize {
        self.0.as_raw_fd() as usize
    }
}

pub struct Queue(pub OwnedFd);

impl Queue {
    pub fn new() -> Queue {
        // SAFETY: no arguments; a descriptor that is not negative is ours.
        Queue(unsafe {
            let descriptor = sys::kqueue();
            assert!(descriptor >= 0, "kqueue: {}", io::Error::last_os_error());
            OwnedFd::from_raw_fd(descriptor)
        })
    }

    /// The call itself: changes, room, milliseconds. `Err` has the errno.
    pub fn raw(&self, changes: &[kevent], room: usize, wait: i32) -> Result<Vec<kevent>, i32> {
        raw(self.0.as_raw_fd(), changes, room, wait)
    }

    /// The same as text.
    pub fn call(&self, changes: &[kevent], room: usize, wait: i32) -> String {
        text(&self.raw(changes, room, wait))
    }

    /// One change without room for events: `OK`, or the error's name.
    pub fn put(
        &self,
        ident: impl Ident,
        filter: i64,
        flags: u32,
        notes: u32,
        data: i64,
        udata: usize,
    ) -> &'static str {
        let change = change(ident, filter, flags, notes, data, udata);
        match self.raw(&[change], 0, 0) {
            Ok(_) => "OK",
            Err(errno) => errno_name(errno),
        }
    }

    /// A registration without notes or data that must succeed.
    pub fn add(&self, ident: impl Ident, filter: i64, flags: u32, udata: usize) {
        assert_eq!(self.put(ident, filter, ADD | flags, 0, 0, udata), "OK");
    }

    /// A deletion: `OK`, or the error's name.
    pub fn delete(&self, ident: impl Ident, filter: i64) -> &'static str {
        self.put(ident, filter, DELETE, 0, 0, 0)
    }

    /// Waits as long as it takes for an event.
    pub fn next(&self) -> String {
        self.call(&[], 16, PATIENT)
    }

    /// What comes within a short wait; for silence, and for what must already be there.
    pub fn soon(&self) -> String {
        self.call(&[], 16, QUIET)
    }

    /// Does `poll` see the kqueue as readable within this many milliseconds?
    pub fn polls_readable(&self, wait: i32) -> bool {
        let mut poll = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one `pollfd` that lives across the call.
        unsafe { libc::poll(&mut poll, 1, wait) == 1 && poll.revents & libc::POLLIN != 0 }
    }
}

/// `kevent` on any number.
pub fn raw(kq: RawFd, changes: &[kevent], room: usize, wait: i32) -> Result<Vec<kevent>, i32> {
    let mut events: Vec<kevent> = Vec::with_capacity(room);
    // SAFETY: as in `change`: all zeroes is a valid timespec.
    let mut limit: timespec = unsafe { MaybeUninit::zeroed().assume_init() };
    limit.tv_sec = (wait / 1000) as _;
    limit.tv_nsec = (i64::from(wait % 1000) * 1_000_000) as _;
    // SAFETY: the lists are as long as the counts say, and the kernel writes no more than `room` events.
    unsafe {
        let count = sys::kevent(
            kq,
            changes.as_ptr(),
            changes.len() as count_t,
            events.as_mut_ptr(),
            room as count_t,
            &limit,
        );
        if count < 0 {
            return Err(errno());
        }
        events.set_len(count as usize);
    }
    Ok(events)
}

pub fn errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Events as text, sorted; `none` when there are none, the errno's name on failure.
pub fn text(events: &Result<Vec<kevent>, i32>) -> String {
    let events = match events {
        Ok(events) => events,
        Err(errno) => return errno_name(*errno).to_owned(),
    };
    if events.is_empty() {
        return "none".to_owned();
    }
    let mut lines: Vec<String> = events.iter().map(event_text).collect();
    lines.sort();
    lines.join(" ")
}

fn event_text(event: &kevent) -> String {
    let (filter, flags, notes) = (event.filter as i64, event.flags as u32, event.fflags as u32);
    let data = event.data as i64;
    let name = match filter {
        READ => "READ",
        WRITE => "WRITE",
        TIMER => "TIMER",
        USER => "USER",
        PROC => "PROC",
        SIGNAL => "SIGNAL",
        VNODE => "VNODE",
        _ => "OTHER",
    };
    let mut text = format!("{name}(u{} data=", event.udata as usize);
    let _ = match (flags & ERROR != 0, filter) {
        (true, _) => write!(text, "{}", errno_name(data as i32)),
        // Free space is the system's own affair; that there is some is not.
        (false, WRITE) => write!(text, "{}", if data > 0 { ">0" } else { "0" }),
        (false, PROC) if flags & EOF != 0 => write!(text, "{}", status_text(data as i32)),
        _ => write!(text, "{data}"),
    };
    for (bit, word) in [
        (CLEAR, " CLEAR"),
        (DISPATCH, " DISPATCH"),
        (ONESHOT, " ONESHOT"),
        (EOF, " EOF"),
        (ERROR, " ERROR"),
    ] {
        if flags & bit != 0 {
            text.push_str(word);
        }
    }
    let _ = match filter {
        READ | WRITE if flags & EOF != 0 && notes != 0 => {
            write!(text, " {}", errno_name(notes as i32))
        }
        VNODE => write!(text, " {}", vnode_notes(notes)),
        USER if notes != 0 => write!(text, " ff={notes:#x}"),
        _ => Ok(()),
    };
    text.push(')');
    text
}

/// The notes of a file's event as words.
fn vnode_notes(notes: u32) -> String {
    let words = [
        (sys::NOTE_ATTRIB, "ATTRIB"),
        (sys::NOTE_DELETE, "DELETE"),
        (sys::NOTE_EXTEND, "EXTEND"),
        (sys::NOTE_LINK, "LINK"),
        (sys::NOTE_RENAME, "RENAME"),
        (sys::NOTE_WRITE, "WRITE"),
    ];
    let words: Vec<&str> = words
        .iter()
        .filter(|(bit, _)| notes & (*bit as u32) != 0)
        .map(|(_, word)| *word)
        .collect();
    words.join("|")
}

fn status_text(status: i32) -> String {
    if libc::WIFEXITED(status) {
        format!("exit:{}", libc::WEXITSTATUS(status))
    } else {
        format!("signal:{}", libc::WTERMSIG(status))
    }
}

pub fn errno_name(errno: i32) -> &'static str {
    // ENOTSUP and EOPNOTSUPP are one number on some systems.
    match errno {
        0 => "OK",
        libc::EBADF => "EBADF",
        libc::ECONNREFUSED => "ECONNREFUSED",
        libc::ECONNRESET => "ECONNRESET",
        libc::EFAULT => "EFAULT",
        libc::EINTR => "EINTR",
        libc::EINVAL => "EINVAL",
        libc::ELOOP => "ELOOP",
        libc::EMFILE => "EMFILE",
        libc::ENOENT => "ENOENT",
        libc::ENOMEM => "ENOMEM",
        libc::EPERM => "EPERM",
        libc::EPIPE => "EPIPE",
        libc::ESRCH => "ESRCH",
        errno if errno == libc::ENOTSUP || errno == libc::EOPNOTSUPP => "ENOTSUP",
        _ => "another errno",
    }
}

pub mod things;
pub use things::*;
