//! What the table says, and the lines of the sources that it rests on.

use super::Proof;

/// One line of the table.
pub struct Row {
    pub what: &'static str,
    pub ours: &'static str,
    pub others: [Cell; 4],
}

/// What is said of one crate.
pub struct Cell {
    pub text: &'static str,
    pub proofs: &'static [Proof],
}

const fn cell(text: &'static str, proofs: &'static [Proof]) -> Cell {
    Cell { text, proofs }
}

/// The text is in the file.
const fn has(file: &'static str, text: &'static str) -> Proof {
    Proof {
        package: None,
        file,
        text,
        there: true,
    }
}

/// The text is not in the file.
const fn lacks(file: &'static str, text: &'static str) -> Proof {
    Proof {
        package: None,
        file,
        text,
        there: false,
    }
}

/// The text is in a file of the crate that has the bindings of `kqueue`.
const fn bindings_have(file: &'static str, text: &'static str) -> Proof {
    Proof {
        package: Some("kqueue-sys"),
        file,
        text,
        there: true,
    }
}

const NIX: &str = "src/sys/event.rs";
const RUSTIX: &str = "src/event/kqueue.rs";
const POLLING: &str = "src/kqueue.rs";
const WATCHER: &str = "src/watcher.rs";
const EVENT: &str = "src/event.rs";

/// Features.
#[rustfmt::skip]
pub const PROPERTIES: &[Row] = &[
    Row {
        what: "calling it is",
        ours: "safe: descriptors are borrowed",
        others: [
            cell("safe, also with numbers of closed descriptors", &[has(NIX, "pub fn kevent( &self, changelist: &[KEvent]"), has(NIX, "ident: uintptr_t, filter: EventFilter")]),
            cell("`unsafe`: the caller vouches for the descriptors", &[has(RUSTIX, "pub unsafe fn kevent<")]),
            cell("`unsafe` to add, safe otherwise", &[has(POLLING, "pub unsafe fn add(&self, fd: RawFd"), has(POLLING, "pub fn modify(&self, fd: BorrowedFd<'_>")]),
            cell("safe, with a number", &[has(WATCHER, "pub fn add_fd(&mut self, fd: RawFd")]),
        ],
    },
    Row {
        what: "the queue is close-on-exec",
        ours: "yes",
        others: [
            cell("no", &[has(NIX, "let res = unsafe { libc::kqueue() };"), lacks(NIX, "CLOEXEC")]),
            cell("no", &[has("src/backend/libc/event/syscalls.rs", "unsafe { ret_owned_fd(c::kqueue()) }")]),
            cell("yes", &[has(POLLING, "fcntl_setfd(&kqueue_fd, FdFlags::CLOEXEC)")]),
            cell("no", &[has(WATCHER, "let queue = unsafe { kqueue() };"), lacks(WATCHER, "CLOEXEC")]),
        ],
    },
    Row {
        what: "a change and an event are",
        ours: "two types",
        others: [
            cell("one type", &[has(NIX, "changelist: &[KEvent], eventlist: &mut [KEvent]")]),
            cell("one type; making one from an event of an unknown filter panics", &[has(RUSTIX, "changelist: &[Event], eventlist: Buf"), has(RUSTIX, "EventFilter::Unknown => panic!(")]),
            cell("one type: key, readable, writable", &[has("src/lib.rs", "pub key: usize"), has("src/lib.rs", "pub readable: bool"), has("src/lib.rs", "pub writable: bool")]),
            cell("an event of its own", &[has(EVENT, "EventData::ReadReady")]),
        ],
    },
    Row {
        what: "an event of an unknown filter",
        ours: "is kept and printed",
        others: [
            cell("`filter()` is an error", &[has(NIX, "pub fn filter(&self) -> Result<EventFilter>")]),
            cell("loses its number", &[has(RUSTIX, "_ => EventFilter::Unknown")]),
            cell("is neither readable nor writable", &[has(POLLING, "readable: matches!("), has(POLLING, "writable: matches!(")]),
            cell("is undefined: an enum in the C struct", &[bindings_have("src/lib.rs", "pub filter: EventFilter,"), bindings_have("src/constants/freebsd.rs", "pub enum EventFilter {")]),
        ],
    },
    Row {
        what: "a filter's options",
        ours: "methods of its type; what the system lacks does not compile",
        others: [
            cell("six arguments of `KEvent::new`", &[has(NIX, "filter: EventFilter, flags: EvFlags, fflags: FilterFlag, data: intptr_t, udata: intptr_t")]),
            cell("an enum; no low-water mark, no `DISPATCH`", &[lacks(RUSTIX, "LOWAT"), lacks(RUSTIX, "DISPATCH")]),
            cell("oneshot, level, edge", &[has(POLLING, "PollMode::EdgeOneshot => EV::ONESHOT | EV::CLEAR")]),
            cell("notes; `CLEAR` for all or none", &[has(WATCHER, "EventFlag::EV_ADD | EventFlag::EV_CLEAR")]),
        ],
    },
    Row {
        what: "EMPTY, EXCEPT, PROCDESC, FS",
        ours: "where they exist",
        others: [
            cell("constants; EMPTY on FreeBSD, EXCEPT on DragonFly only", &[has(NIX, "#[cfg(target_os = \"freebsd\")] /// Returns whenever there is no remaining data in the write buffer EVFILT_EMPTY"), has(NIX, "#[cfg(target_os = \"dragonfly\")] /// Takes a descriptor as the identifier, and returns whenever one of")]),
            cell("EMPTY on FreeBSD", &[has(RUSTIX, "#[cfg(target_os = \"freebsd\")] Empty(RawFd)"), lacks(RUSTIX, "EXCEPT"), lacks(RUSTIX, "PROCDESC")]),
            cell("–", &[lacks(POLLING, "Empty"), lacks("src/os/kqueue.rs", "Empty")]),
            cell("an error event", &[has(EVENT, "eventfilter not supported")]),
        ],
    },
    Row {
        what: "a timer's time",
        ours: "exact or rounded up; calendar; leeway",
        others: [
            cell("number and unit by hand", &[lacks(NIX, "Duration")]),
            cell("900 µs becomes 0 s; whole milliseconds only on OpenBSD and DragonFly", &[has(RUSTIX, "if timer.subsec_millis() == 0 { (timer.as_secs() as _, c::NOTE_SECONDS)"), has(RUSTIX, "Some(timer) => (timer.as_millis() as _, 0)")]),
            cell("as rustix", &[has("src/os/kqueue.rs", "timer: Some(self.timeout)")]),
            cell("no timers", &[lacks(WATCHER, "EVFILT_TIMER,")]),
        ],
    },
    Row {
        what: "USER on NetBSD 10, OpenBSD 7.8",
        ours: "yes, asked at run time",
        others: [
            cell("no constant", &[has(NIX, "#[cfg(any(freebsdlike, apple_targets))] /// Notifies only when explicitly requested by the user. EVFILT_USER")]),
            cell("no variant", &[has(RUSTIX, "#[cfg(any(apple, freebsdlike))] User {")]),
            cell("a socket pair", &[has(POLLING, "let (read_stream, write_stream) = UnixStream::pair()?;")]),
            cell("–", &[lacks(WATCHER, "EVFILT_USER")]),
        ],
    },
    Row {
        what: "each change's own result",
        ours: "receipts, by index, always with room",
        others: [
            cell("by hand", &[lacks(NIX, "receipt")]),
            cell("by hand", &[lacks(RUSTIX, "receipt")]),
            cell("`ENOENT` and `EPIPE` ignored for every change", &[has(POLLING, "&& data != Errno::NOENT.raw_os_error() as _ && data != Errno::PIPE.raw_os_error() as _")]),
            cell("the first error; later changes are not applied", &[has(WATCHER, "kevs.as_ptr(), len, ptr::null_mut(), 0, ptr::null(),")]),
        ],
    },
    Row {
        what: "`EINTR`",
        ours: "an error of its own: the changes were applied",
        others: [
            cell("an errno", &[has(NIX, "Errno::result(res).map(|r| r as usize)")]),
            cell("an errno", &[lacks(RUSTIX, "INTR")]),
            cell("waits again", &[has("src/lib.rs", "If the wait was interrupted by a signal, clear events and try again.")]),
            cell("an error event, of a file that is not watched", &[has(EVENT, "-1 => Some(Event::from_error(kev, watcher))")]),
        ],
    },
    Row {
        what: "an event finds its owner by",
        ours: "slot and generation",
        others: [
            cell("an integer", &[has(NIX, "pub fn udata(&self) -> intptr_t")]),
            cell("a pointer", &[has(RUSTIX, "udata: *mut c::c_void) -> Event")]),
            cell("a key", &[has(POLLING, "key: ev.udata() as usize")]),
            cell("a search for the number in all that is watched", &[has(EVENT, "for (ident, _) in watcher.watched.keys() {")]),
        ],
    },
    Row {
        what: "a registration deleted with its value",
        ours: "`Registration`",
        others: [
            cell("–", &[lacks(NIX, "impl Drop")]),
            cell("–", &[lacks(RUSTIX, "impl Drop")]),
            cell("–", &[lacks("src/lib.rs", "impl Drop for Source")]),
            cell("–", &[has(WATCHER, "Ident::Filename(fd, _) => unsafe { libc::close(fd) }")]),
        ],
    },
    Row {
        what: "a waker for signal handlers",
        ours: "yes",
        others: [
            cell("by hand", &[lacks(NIX, "fn trigger")]),
            cell("by hand", &[lacks(RUSTIX, "fn trigger")]),
            cell("no: it allocates", &[has(POLLING, "self.notify.notify(self).ok();"), has(POLLING, "let mut eventlist = Vec::with_capacity(changelist.as_ref().len());")]),
            cell("–", &[lacks(WATCHER, "NOTE_TRIGGER")]),
        ],
    },
    Row {
        what: "std, heap",
        ours: "neither",
        others: [
            cell("std", &[has(NIX, "use std::")]),
            cell("neither, without its feature `std`", &[has("src/lib.rs", "#![cfg_attr(not(feature = \"std\"), no_std)]")]),
            cell("both", &[has(POLLING, "use std::collections::HashSet;")]),
            cell("both", &[has(WATCHER, "use std::collections::{HashMap, VecDeque};")]),
        ],
    },
];

/// What an operation costs.
#[rustfmt::skip]
pub const OPERATIONS: &[Row] = &[
    Row {
        what: "n changes",
        ours: "1; 0",
        others: [
            cell("1; 0 (the caller's array)", &[has(NIX, "changelist.as_ptr().cast(), changelist.len() as type_of_nchanges")]),
            cell("1; 0 (the caller's array)", &[has(RUSTIX, "syscalls::kevent(kqueue.as_fd(), changelist, eventlist.parts_mut(), timeout)")]),
            cell("n/2 (the two of a descriptor in one); a `Vec` each, and a set entry when new", &[has(POLLING, "let changelist = [ kqueue::Event::new( kqueue::EventFilter::Read"), has(POLLING, "let mut eventlist = Vec::with_capacity("), has(POLLING, "sources: RwLock<HashSet<SourceId>>")]),
            cell("1, for all that is watched; a `Vec`, and a map entry each", &[has(WATCHER, "let kevs: Vec<kevent> = self.watched.iter()"), has(WATCHER, "pub(crate) watched: HashMap<(Ident, EventFilter), Watched>")]),
        ],
    },
    Row {
        what: "wait for n events",
        ours: "1; 0",
        others: [
            cell("1; 0", &[has(NIX, "eventlist.as_mut_ptr().cast(), eventlist.len() as type_of_nchanges")]),
            cell("1; 0", &[has(RUSTIX, "Ok(eventlist.assume_init(len))")]),
            cell("1; 0. On NetBSD and OpenBSD 3, and a `Vec`: reads its socket and registers it anew", &[has(POLLING, "self.notify.reregister(self)?;"), has(POLLING, "while (&self.read_stream).read(&mut [0; 64]).is_ok() {}"), has(POLLING, "// We don't need to do anything, it's already registered as EV_CLEAR.")]),
            cell("n, one event each; 0, or a file name's copy", &[has(EVENT, "&raw mut kev, 1,"), has(EVENT, "Ident::Filename(*ident_fd, ident_str.clone())")]),
        ],
    },
    Row {
        what: "changes and wait together",
        ours: "1; 0",
        others: [
            cell("1; 0", &[has(NIX, "pub fn kevent( &self, changelist: &[KEvent], eventlist: &mut [KEvent]")]),
            cell("1; 0", &[has(RUSTIX, "changelist: &[Event], mut eventlist: Buf")]),
            cell("–", &[has(POLLING, "let changelist = [];")]),
            cell("–", &[has(EVENT, "ptr::null(), 0, &raw mut kev")]),
        ],
    },
    Row {
        what: "wake",
        ours: "1; 0",
        others: [
            cell("by hand", &[lacks(NIX, "fn wake")]),
            cell("by hand", &[lacks(RUSTIX, "fn wake")]),
            cell("1 or, until the last one was seen, 0; a `Vec`", &[has("src/lib.rs", ".compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst)"), has(POLLING, "flags: kqueue::UserFlags::TRIGGER")]),
            cell("–", &[lacks(WATCHER, "fn wake")]),
        ],
    },
];
