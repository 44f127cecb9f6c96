//! READ and WRITE of regular files, which epoll does not take. They are looked at in each call; inotify wakes a waiter when the file changes.

use libc::c_int;

use super::{Verdict, watch};
use crate::node::{FILE_POLL, HAPPENED, Kind, LINKED, NOCOUNT, READ, USED, WRITE};
use crate::note::FILE_WATCH;
use crate::state::{Item, State};
use crate::sys::{self, Errno};

/// A new registration of a file whose node is already filled in.
pub(crate) fn add(state: &mut State, epfd: c_int, fd: u32, side: usize) -> Result<(), Errno> {
    if state.node(fd).is_some_and(|node| node.aux == 0) {
        let stat = sys::fstat(fd as c_int)?;
        let index = state.notes.insert(FILE_WATCH, fd as usize)?;
        if let Some(note) = state.notes.at(index) {
            (note.device, note.inode) = (stat.st_dev, stat.st_ino);
        }
        match watch::add(state, epfd, index, fd, b"", libc::IN_MODIFY) {
            Ok(()) => {}
            // Without /proc, or without the right to watch: what each call sees must do.
            Err(libc::ENOENT | libc::EACCES) => {}
            Err(errno) => {
                state.notes.remove(index);
                return Err(errno);
            }
        }
        state.poll(index);
        if let Some(mut node) = state.node(fd) {
            node.aux = index + 1;
        }
    }
    look_again(state, fd, side);
    Ok(())
}

fn note_of(state: &mut State, fd: u32) -> Option<u32> {
    state
        .node(fd)
        .filter(|node| node.kind == Kind::File && node.aux != 0)
        .map(|node| node.aux - 1)
}

fn look_again(state: &mut State, fd: u32, side: usize) {
    if let Some(node) = state.node(fd) {
        node.sides[side].status |= HAPPENED;
    }
    if let Some(index) = note_of(state, fd) {
        look(state, index);
    }
}

/// Is the number still the registered file? `EBADF` when it is closed, `ENOENT` when it is another.
fn same(state: &mut State, fd: u32) -> Result<libc::stat, Errno> {
    let stat = sys::fstat(fd as c_int)?;
    match note_of(state, fd).and_then(|index| state.note(index)) {
        Some(note) if (note.device, note.inode) != (stat.st_dev, stat.st_ino) => Err(libc::ENOENT),
        _ => Ok(stat),
    }
}

/// Is the number still the registered file?
pub(crate) fn is_same(state: &mut State, fd: u32) -> bool {
    note_of(state, fd).is_some() && same(state, fd).is_ok()
}

/// An existing registration was changed.
pub(crate) fn touched(state: &mut State, fd: u32, side: usize) -> Result<(), Errno> {
    if let Err(errno) = same(state, fd) {
        state.purge(fd);
        return Err(errno);
    }
    look_again(state, fd, side);
    Ok(())
}

/// Forgets a registration of a file or a directory.
pub(crate) fn delete(state: &mut State, fd: u32, side: usize) -> Result<(), Errno> {
    if let Err(errno) = same(state, fd) {
        state.purge(fd);
        return Err(errno);
    }
    if let Some(node) = state.node(fd) {
        node.sides[side].clear();
        if !node.is_used() {
            state.purge(fd);
        }
    }
    Ok(())
}

/// Gives the watch back; called when the node is forgotten.
pub(crate) fn forget(state: &mut State, index: u32) {
    state.unpoll(index);
    watch::remove(state, index);
    state.notes.remove(index);
}

/// inotify says that the file changed.
pub(crate) fn happened(state: &mut State, index: u32) {
    let Some(note) = state.note(index) else {
        return;
    };
    if let Some(mut node) = state.node(note.ident as u32) {
        for side in &mut node.sides {
            // (Of a registration that there is: the others' pages stay untouched.)
            if side.status & USED != 0 {
                side.status |= HAPPENED;
            }
        }
    }
    look(state, index);
}

/// Puts on the ready list what is ready.
pub(crate) fn look(state: &mut State, index: u32) {
    let Some(note) = state.note(index) else {
        return;
    };
    let fd = note.ident as u32;
    for side in [READ, WRITE] {
        let Some(node) = state.node(fd) else { return };
        let place = *node.sides[side];
        if !place.is_enabled()
            || place.status & LINKED != 0
            || place.is_clear() && place.status & HAPPENED == 0
        {
            continue;
        }
        let verdict = if side == READ {
            check_read(state, fd)
        } else {
            check_write(state, fd)
        };
        match verdict {
            Verdict::Fire(..) => state.link(Item::Side(fd, side)),
            Verdict::Gone => {
                state.purge(fd);
                return;
            }
            _ => {}
        }
    }
}

/// Bytes between the offset and the end; negative beyond it, silent at it.
pub(crate) fn check_read(state: &mut State, fd: u32) -> Verdict {
    let Ok(stat) = same(state, fd) else {
        return Verdict::Gone;
    };
    let Some(place) = state.node(fd).map(|node| *node.sides[READ]) else {
        return Verdict::Gone;
    };
    let offset = sys::offset(fd as c_int).unwrap_or(0);
    let ahead = stat.st_size - offset;
    if ahead == 0 && place.notes & FILE_POLL == 0 {
        return Verdict::Quiet;
    }
    Verdict::Fire(
        if place.notes & NOCOUNT == 0 {
            ahead as isize
        } else {
            0
        },
        0,
        0,
    )
}

/// A file can always be written.
pub(crate) fn check_write(state: &mut State, fd: u32) -> Verdict {
    match state.node(fd) {
        Some(node) if node.sides[WRITE].status & USED != 0 => {}
        _ => return Verdict::Gone,
    }
    if same(state, fd).is_err() {
        Verdict::Gone
    } else {
        Verdict::Fire(0, 0, 0)
    }
}
