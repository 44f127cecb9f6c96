//! EVFILT_PROC: the end of a process, by a pidfd. Forks, execs and children of children are told to the privileged only, so those notes are refused.

use libc::c_int;

use super::{Step, Verdict, raise, step};
use crate::abi::*;
use crate::note::{FIRED, Note};
use crate::state::{State, tag};
use crate::sys::{self, Errno};

/// Applies a change.
pub(crate) fn change(state: &mut State, epfd: c_int, change: &kevent) -> Result<(), Errno> {
    if change.flags & EV_ADD != 0 && change.fflags & (NOTE_FORK | NOTE_EXEC | NOTE_TRACK) != 0 {
        return Err(libc::ENOTSUP);
    }
    match step(state, change)? {
        Step::New(index) => {
            let result = set_up(state, epfd, index);
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
            raise(state, index);
            Ok(())
        }
    }
}

fn set_up(state: &mut State, epfd: c_int, index: u32) -> Result<(), Errno> {
    let Some(note) = state.notes.at(index) else {
        return Err(libc::ENOENT);
    };
    note.flags |= EV_CLEAR;
    if note.ident == 0 {
        // The kernel's own process: it never ends.
        return Ok(());
    }
    let pid = c_int::try_from(note.ident).map_err(|_| libc::ESRCH)?;
    let fd = sys::pidfd(pid).map_err(|errno| {
        if matches!(errno, libc::EINVAL | libc::ENOENT) {
            libc::ESRCH
        } else {
            errno
        }
    })?;
    note.handle = fd;
    let word = tag::word(tag::NOTE, note.generation, index);
    sys::epoll_ctl(
        epfd,
        libc::EPOLL_CTL_ADD,
        fd,
        (libc::EPOLLIN | libc::EPOLLET) as u32,
        word,
    )
}

/// The process has ended. Its status is fetched now: later it may have been waited for.
pub(crate) fn ended(state: &mut State, index: u32) {
    let Some(note) = state.notes.at(index) else {
        return;
    };
    if note.fflags & NOTE_EXIT == 0 {
        forget(state, index);
        return;
    }
    if note.status & FIRED == 0 {
        let status = sys::child_status(note.handle)
            .or_else(|_| sys::kept_status(note.handle))
            .unwrap_or(0);
        note.value = status as u64;
        note.status |= FIRED;
    }
    raise(state, index);
}

/// The answer at delivery: the wait status. It is the last event.
pub(crate) fn check(note: &Note) -> Verdict {
    if note.status & FIRED == 0 {
        Verdict::Quiet
    } else {
        Verdict::Fire(note.value as isize, EV_EOF | EV_ONESHOT, NOTE_EXIT)
    }
}

/// Forgets a registration and its pidfd.
pub(crate) fn forget(state: &mut State, index: u32) {
    if let Some(note) = state.notes.at(index)
        && note.handle >= 0
    {
        sys::close(core::mem::replace(&mut note.handle, -1));
    }
    state.notes.remove(index);
}
