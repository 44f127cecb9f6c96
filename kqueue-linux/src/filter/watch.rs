//! inotify, for VNODE and for regular files: one descriptor for each kqueue, made with the first watch. Watches of one inode share a number, so a
//! small table leads from the number to every note that wants to know.

use libc::c_int;

use super::{file, vnode};
use crate::abi::EVFILT_VNODE;
use crate::mem;
use crate::note::FILE_WATCH;
use crate::state::{State, tag};
use crate::sys::{self, Errno};

/// Size of the table: a page.
pub(crate) const BYTES: usize = BUCKETS * 4;
const BUCKETS: usize = 1024;
/// Room for `/proc/self/fd/` with a number and a short suffix.
pub(crate) const PATH_ROOM: usize = 40;

/// The path that leads to an open descriptor's file, NUL-terminated.
pub(crate) fn path_of<'room>(
    fd: u32,
    suffix: &[u8],
    room: &'room mut [u8; PATH_ROOM],
) -> &'room [u8] {
    path(b"/proc/self/fd/", fd, suffix, room)
}

/// `start`, a number, `suffix`, and a NUL. All together fit the room.
pub(crate) fn path<'room>(
    start: &[u8],
    number: u32,
    suffix: &[u8],
    room: &'room mut [u8; PATH_ROOM],
) -> &'room [u8] {
    let mut digits = [0; 10];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let mut length = 0;
    for byte in start.iter().chain(&digits[at..]).chain(suffix).chain(&[0]) {
        room[length] = *byte;
        length += 1;
    }
    &room[..length]
}

fn bucket(state: &mut State, wd: c_int) -> Option<&mut u32> {
    if state.watches.is_null() {
        return None;
    }
    // SAFETY: the mapping has `BUCKETS` elements, and the remainder stays below; `&mut state` makes the reference the only one.
    Some(unsafe { &mut *state.watches.add(wd as usize % BUCKETS) })
}

/// The inotify descriptor; makes it and the table.
fn ready(state: &mut State, epfd: c_int) -> Result<c_int, Errno> {
    state.fussy = true;
    if state.files_fd >= 0 {
        return Ok(state.files_fd);
    }
    if state.watches.is_null() {
        state.watches = mem::map(BYTES)?.cast().as_ptr();
    }
    let fd = sys::inotify()?;
    if let Err(errno) = sys::epoll_ctl(
        epfd,
        libc::EPOLL_CTL_ADD,
        fd,
        libc::EPOLLIN as u32,
        tag::FILES,
    ) {
        sys::close(fd);
        return Err(errno);
    }
    state.files_fd = fd;
    Ok(fd)
}

/// Watches the file behind a descriptor (or, with the suffix `/..`, its parent) for a note; more kinds of events are added to those already watched.
pub(crate) fn add(
    state: &mut State,
    epfd: c_int,
    index: u32,
    fd: u32,
    suffix: &[u8],
    mask: u32,
) -> Result<(), Errno> {
    let files = ready(state, epfd)?;
    let mut room = [0; PATH_ROOM];
    let wd = sys::inotify_add(
        files,
        path_of(fd, suffix, &mut room),
        mask | libc::IN_MASK_ADD,
    )?;
    let known = state.note(index).map_or(-1, |note| note.handle);
    if known == wd {
        return Ok(());
    }
    remove(state, index);
    let Some(first) = bucket(state, wd) else {
        return Ok(());
    };
    let head = core::mem::replace(first, index + 1);
    if let Some(note) = state.notes.at(index) {
        (note.handle, note.watch_next) = (wd, head);
    }
    Ok(())
}

/// Forgets a note's watch; the last one of an inode ends it.
pub(crate) fn remove(state: &mut State, index: u32) {
    let Some(gone) = state.note(index) else {
        return;
    };
    if gone.handle < 0 {
        return;
    }
    let Some(first) = bucket(state, gone.handle) else {
        return;
    };
    let mut link = *first;
    if link == index + 1 {
        *first = gone.watch_next;
        link = gone.watch_next;
    }
    let mut shared = false;
    while link != 0 {
        let Some(note) = state.notes.at(link - 1) else {
            break;
        };
        shared |= note.handle == gone.handle && link != index + 1;
        if note.watch_next == index + 1 {
            note.watch_next = gone.watch_next;
        }
        link = note.watch_next;
    }
    if let Some(note) = state.notes.at(index) {
        (note.handle, note.watch_next) = (-1, 0);
    }
    if !shared {
        sys::inotify_remove(state.files_fd, gone.handle);
    }
}

/// Reads all that inotify has to say, and tells the notes.
pub(crate) fn read(state: &mut State) {
    #[repr(align(8))]
    struct Buffer([u8; 4096]);
    let mut buffer = Buffer([0; 4096]);
    // A bound: whatever is left wakes the next call.
    for _ in 0..64 {
        let Ok(length) = sys::read(state.files_fd, &mut buffer.0) else {
            return;
        };
        let mut rest = &buffer.0[..length];
        while let Some((head, tail)) = rest.split_first_chunk::<16>() {
            let field = |at: usize| {
                u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]])
            };
            let (wd, mask, cookie, name) =
                (field(0) as c_int, field(4), field(8), field(12) as usize);
            rest = tail.get(name..).unwrap_or(&[]);
            tell(state, wd, mask, cookie, name != 0);
        }
        if length == 0 {
            return;
        }
    }
}

fn tell(state: &mut State, wd: c_int, mask: u32, cookie: u32, named: bool) {
    if mask & libc::IN_Q_OVERFLOW != 0 {
        // The kernel dropped events: everybody looks.
        for at in 0..BUCKETS {
            tell_chain(
                state,
                at as c_int,
                None,
                libc::IN_MODIFY | libc::IN_ATTRIB,
                0,
                false,
            );
        }
        return;
    }
    tell_chain(state, wd, Some(wd), mask, cookie, named);
}

fn tell_chain(
    state: &mut State,
    chain: c_int,
    only: Option<c_int>,
    mask: u32,
    cookie: u32,
    named: bool,
) {
    let Some(first) = bucket(state, chain) else {
        return;
    };
    let mut link = *first;
    while link != 0 {
        let index = link - 1;
        let Some(note) = state.note(index) else {
            return;
        };
        link = note.watch_next;
        if only.is_some_and(|wd| wd != note.handle) {
            continue;
        }
        match note.filter {
            FILE_WATCH => file::happened(state, index),
            EVFILT_VNODE => vnode::happened(state, index, mask, cookie, named),
            _ => vnode::parent_happened(state, &note),
        }
    }
}
