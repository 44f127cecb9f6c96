//! EVFILT_PROC: the end of a process, by a pidfd. Forks, execs and children of children are told to the privileged only, so those notes are refused.

use libc::c_int;

use super::{Step, Verdict, raise, step, watch};
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
        let status = status(note.ident, note.handle);
        note.value = status as u64;
        note.status |= FIRED;
    }
    raise(state, index);
}

/// The wait status of a process that has ended: a child's, or one that the kernel kept with the pidfd (Linux 6.15) after somebody waited for it, or while
/// nobody has, what `/proc` says. 0 when none of them knows.
fn status(pid: usize, pidfd: c_int) -> c_int {
    sys::child_status(pidfd)
        .or_else(|_| sys::kept_status(pidfd))
        .or_else(|_| status_of_zombie(pid))
        // Waited for in between?
        .or_else(|_| sys::kept_status(pidfd))
        .unwrap_or(0)
}

/// The last field of `/proc/PID/stat`, while the process is a zombie.
fn status_of_zombie(pid: usize) -> Result<c_int, Errno> {
    let mut path = [0; watch::PATH_ROOM];
    let mut text = [0; 1024];
    let fd = sys::open_to_read(watch::path(b"/proc/", pid as u32, b"/stat", &mut path))?;
    let length = sys::read(fd, &mut text);
    sys::close(fd);
    let text = text.get(..length?).unwrap_or(&[]).trim_ascii_end();
    // The name, in parentheses, may hold anything; the state follows it.
    let named = text
        .iter()
        .rposition(|byte| *byte == b')')
        .ok_or(libc::ENODATA)?;
    if text.get(named + 2) != Some(&b'Z') {
        return Err(libc::ENODATA);
    }
    let last = text.rsplit(|byte| *byte == b' ').next().unwrap_or(&[]);
    let digits = core::str::from_utf8(last).map_err(|_| libc::ENODATA)?;
    digits.parse().map_err(|_| libc::ENODATA)
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
