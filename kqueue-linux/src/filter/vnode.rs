//! EVFILT_VNODE: what inotify tells about a file or a directory, in kqueue's words. inotify does not say whether a link came or went, or whether the size
//! grew; `fstat` at that moment does.

#![allow(clippy::unnecessary_cast)] // The width of stat's fields differs by architecture.

use libc::c_int;

use super::{Step, Verdict, raise, step, watch};
use crate::abi::*;
use crate::note::{FIRED, NONE, Note};
use crate::state::State;
use crate::sys::{self, Errno};

/// The helper of a directory: a watch on its parent, the only one to tell of its removal while it is open.
const PARENT: i16 = 2;

/// Applies a change.
pub(crate) fn change(state: &mut State, epfd: c_int, change: &kevent) -> Result<(), Errno> {
    if change.ident > crate::node::MAX_FD {
        return Err(libc::EBADF);
    }
    let stat = sys::fstat(change.ident as c_int);
    if let Some(index) = state.notes.find(EVFILT_VNODE, change.ident) {
        let known = state.note(index).map(|note| (note.device, note.inode));
        match &stat {
            Ok(stat) if known == Some((stat.st_dev, stat.st_ino)) => {}
            // The number is closed, or is another file.
            _ => forget(state, index),
        }
    }
    let stat = stat?;
    match step(state, change)? {
        Step::New(index) => {
            let result = set_up(state, epfd, index, &stat);
            if result.is_err() {
                forget(state, index);
            }
            result
        }
        Step::Delete(index) => {
            forget(state, index);
            Ok(())
        }
        Step::Touched(index) => {
            if let Some(note) = state.notes.at(index) {
                note.fflags = change.fflags;
            }
            watch_for_notes(state, epfd, index, &stat)?;
            raise(state, index);
            Ok(())
        }
    }
}

fn set_up(state: &mut State, epfd: c_int, index: u32, stat: &libc::stat) -> Result<(), Errno> {
    match stat.st_mode & libc::S_IFMT {
        libc::S_IFREG | libc::S_IFDIR | libc::S_IFLNK | libc::S_IFCHR | libc::S_IFBLK => {}
        _ => return Err(libc::EINVAL),
    }
    if let Some(note) = state.notes.at(index) {
        (note.device, note.inode) = (stat.st_dev, stat.st_ino);
        (note.value, note.period) = (stat.st_size as u64, stat.st_nlink as u64);
        note.data = 0;
        note.place = (stat.st_mode & libc::S_IFMT == libc::S_IFDIR) as u32;
    }
    watch_for_notes(state, epfd, index, stat)
}

/// Asks inotify for what the notes need.
fn watch_for_notes(
    state: &mut State,
    epfd: c_int,
    index: u32,
    stat: &libc::stat,
) -> Result<(), Errno> {
    let Some(note) = state.note(index) else {
        return Err(libc::ENOENT);
    };
    let directory = stat.st_mode & libc::S_IFMT == libc::S_IFDIR;
    let mut mask = libc::IN_DELETE_SELF;
    let pairs = [
        (NOTE_DELETE | NOTE_LINK | NOTE_ATTRIB, libc::IN_ATTRIB),
        (NOTE_RENAME, libc::IN_MOVE_SELF),
        (NOTE_OPEN, libc::IN_OPEN),
        (NOTE_CLOSE, libc::IN_CLOSE_NOWRITE),
        (NOTE_CLOSE_WRITE, libc::IN_CLOSE_WRITE),
        if directory {
            (
                NOTE_WRITE | NOTE_EXTEND | NOTE_LINK,
                libc::IN_CREATE | libc::IN_DELETE | libc::IN_MOVED_FROM | libc::IN_MOVED_TO,
            )
        } else {
            (NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB, libc::IN_MODIFY)
        },
    ];
    for (notes, events) in pairs {
        if note.fflags & notes != 0 {
            mask |= events;
        }
    }
    let fd = note.ident as u32;
    watch::add(state, epfd, index, fd, b"", mask).map_err(without_proc)?;
    if directory && note.fflags & NOTE_DELETE != 0 && note.parent < 0 {
        let helper = state.notes.insert(PARENT, index as usize)?;
        if let Some(note) = state.notes.at(index) {
            note.parent = helper as i32;
        }
        watch::add(state, epfd, helper, fd, b"/..", libc::IN_DELETE).map_err(without_proc)?;
    }
    Ok(())
}

/// inotify goes by path, and the path to a descriptor is in /proc.
fn without_proc(errno: Errno) -> Errno {
    if errno == libc::ENOENT {
        libc::ENOTSUP
    } else {
        errno
    }
}

/// Forgets a registration and its watches.
pub(crate) fn forget(state: &mut State, index: u32) {
    let Some(note) = state.note(index) else {
        return;
    };
    if note.parent >= 0 {
        let helper = note.parent as u32;
        watch::remove(state, helper);
        state.notes.remove(helper);
    }
    watch::remove(state, index);
    state.notes.remove(index);
}

/// The watched directory's parent lost a name.
pub(crate) fn parent_happened(state: &mut State, helper: &Note) {
    let index = helper.ident as u32;
    let Some(note) = state.note(index) else {
        return;
    };
    if sys::fstat(note.ident as c_int)
        .is_ok_and(|stat| stat.st_ino == note.inode && stat.st_nlink == 0)
        && note.period != 0
    {
        if let Some(note) = state.notes.at(index) {
            note.period = 0;
        }
        add_notes(state, index, NOTE_DELETE);
    }
}

/// inotify told something about the file.
pub(crate) fn happened(state: &mut State, index: u32, mask: u32, cookie: u32, named: bool) {
    let Some(note) = state.note(index) else {
        return;
    };
    let mut notes = 0;
    let mut size_notes = 0;
    let entries = libc::IN_CREATE | libc::IN_DELETE | libc::IN_MOVED_FROM | libc::IN_MOVED_TO;
    if mask & entries != 0 {
        notes |= entry_notes(state, index, mask, cookie);
    } else if named {
        // About a file in the directory, which is not what was asked.
        return;
    }
    if mask & libc::IN_UNMOUNT != 0 {
        notes |= NOTE_REVOKE;
    }
    for (event, meaning) in [
        (libc::IN_MOVE_SELF, NOTE_RENAME),
        (libc::IN_DELETE_SELF, NOTE_DELETE),
        (libc::IN_OPEN, NOTE_OPEN),
        (libc::IN_CLOSE_NOWRITE, NOTE_CLOSE),
        (libc::IN_CLOSE_WRITE, NOTE_CLOSE_WRITE),
    ] {
        if mask & event != 0 {
            notes |= meaning;
        }
    }
    if mask & (libc::IN_MODIFY | libc::IN_ATTRIB) != 0 {
        let Ok(stat) = sys::fstat(note.ident as c_int) else {
            return;
        };
        if (stat.st_dev, stat.st_ino) != (note.device, note.inode) {
            return;
        }
        if mask & libc::IN_MODIFY != 0 {
            // A size that shrank is a truncation; one to the same size, or to a greater one, cannot be told from a write.
            size_notes |= match (stat.st_size as u64).cmp(&note.value) {
                core::cmp::Ordering::Greater => NOTE_WRITE | NOTE_EXTEND,
                core::cmp::Ordering::Equal => NOTE_WRITE,
                core::cmp::Ordering::Less => NOTE_ATTRIB,
            };
        }
        if mask & libc::IN_ATTRIB != 0 {
            let links = stat.st_nlink as u64;
            notes |= match links.cmp(&note.period) {
                _ if note.place != 0 => NOTE_ATTRIB,
                core::cmp::Ordering::Less => NOTE_DELETE,
                core::cmp::Ordering::Greater => NOTE_LINK,
                core::cmp::Ordering::Equal => NOTE_ATTRIB,
            };
        }
        if let Some(note) = state.notes.at(index) {
            note.value = stat.st_size as u64;
            if note.place == 0 {
                note.period = stat.st_nlink as u64;
            }
        }
    }
    add_notes(state, index, size_notes);
    add_notes(state, index, notes);
}

/// A name came into a directory or went. A rename within it is one change; into it or out of it, the directory's size changes as well.
fn entry_notes(state: &mut State, index: u32, mask: u32, cookie: u32) -> u32 {
    let Some(note) = state.notes.at(index) else {
        return 0;
    };
    let link = if mask & libc::IN_ISDIR != 0 {
        NOTE_LINK
    } else {
        0
    };
    if mask & (libc::IN_CREATE | libc::IN_DELETE) != 0 {
        return NOTE_WRITE | link;
    }
    if mask & libc::IN_MOVED_FROM != 0 {
        (note.cookie, note.before) = (cookie, note.data as u32);
        return NOTE_WRITE | NOTE_EXTEND | link;
    }
    if note.cookie == cookie && cookie != 0 {
        // The other half of a rename within: what the first half added too much goes.
        note.data = (note.data as u32 & (note.before | NOTE_WRITE)) as i64;
        return NOTE_WRITE;
    }
    NOTE_WRITE | NOTE_EXTEND | link
}

/// Adds one change of the file to what is to be delivered, when any part of it was asked for: an append is WRITE and EXTEND together.
fn add_notes(state: &mut State, index: u32, notes: u32) {
    let Some(note) = state.notes.at(index) else {
        return;
    };
    if notes & note.fflags != 0 {
        note.data |= notes as i64;
        note.status |= FIRED;
    }
    raise(state, index);
}

/// The answer at delivery. A registration whose number was closed, or is another file, has nothing to say.
pub(crate) fn check(note: &Note) -> Verdict {
    if note.status & FIRED == 0 || note.data == 0 {
        return Verdict::Quiet;
    }
    match sys::fstat(note.ident as c_int) {
        Ok(stat) if (stat.st_dev, stat.st_ino) == (note.device, note.inode) => {
            Verdict::Fire(0, 0, note.data as u32)
        }
        _ => Verdict::Gone,
    }
}

/// After a delivery with CLEAR.
pub(crate) fn collected(state: &mut State, index: u32) {
    if let Some(note) = state.notes.at(index) {
        (note.data, note.before) = (0, 0);
    }
}

const _: () = assert!(NONE > i32::MAX as u32);
