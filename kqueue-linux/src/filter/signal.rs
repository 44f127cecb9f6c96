//! EVFILT_SIGNAL, by a signalfd for each signal, which is only ever polled.
//!
//! Linux shows a signal to others only while it is pending, and it is pending only while it is blocked. So:
//! - a signal that the program has blocked is counted when it becomes pending, and stays pending for the program;
//! - a signal that is ignored (also by default, as SIGCHLD) is blocked here, in the calling thread, until the registration is deleted, and is taken away when
//!   it is counted: nobody else would have seen it;
//! - a signal with a handler that is not blocked cannot be seen: `ENOTSUP`;
//! - one whose default action ends the process is left alone: it ends the process.

use libc::c_int;

use super::{Step, Verdict, raise, step};
use crate::abi::*;
use crate::note::{BLOCKED_HERE, FIRED, Note, OLD_NEWS};
use crate::state::{State, tag};
use crate::sys::{self, Disposition, Errno, SignalSet};

/// Signals that the kernel knows.
const SIGNALS: core::ops::RangeInclusive<usize> = 1..=64;
/// More than can be queued in one go; bounds the collection.
const MOST: u32 = 4096;

const fn set_of(signal: usize) -> SignalSet {
    1 << (signal - 1)
}

/// Applies a change. Any number is accepted, as on the BSDs; one that is no signal never fires.
pub(crate) fn change(state: &mut State, epfd: c_int, change: &kevent) -> Result<(), Errno> {
    match step(state, change)? {
        Step::New(index) => {
            if let Some(note) = state.notes.at(index) {
                note.flags |= EV_CLEAR;
            }
            let result = set_up(state, epfd, index, change.ident);
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
            if SIGNALS.contains(&change.ident) {
                make_visible(state, index, change.ident)?;
            }
            raise(state, index);
            Ok(())
        }
    }
}

fn set_up(state: &mut State, epfd: c_int, index: u32, signal: usize) -> Result<(), Errno> {
    if !SIGNALS.contains(&signal) {
        return Ok(());
    }
    make_visible(state, index, signal)?;
    let pending = sys::signals_pending() & set_of(signal) != 0;
    let Some(note) = state.notes.at(index) else {
        return Err(libc::ENOENT);
    };
    if pending {
        note.status |= OLD_NEWS;
    }
    note.handle = sys::signalfd(set_of(signal))?;
    let word = tag::word(tag::NOTE, note.generation, index);
    let (fd, events) = (note.handle, (libc::EPOLLIN | libc::EPOLLET) as u32);
    state.fussy = true;
    sys::epoll_ctl(epfd, libc::EPOLL_CTL_ADD, fd, events, word)
}

/// Sees to it that the signal becomes pending when it is sent.
fn make_visible(state: &mut State, index: u32, signal: usize) -> Result<(), Errno> {
    let set = set_of(signal);
    if sys::signal_mask(libc::SIG_BLOCK, 0) & set != 0 {
        return Ok(());
    }
    let ignored = match sys::disposition(signal as c_int) {
        Disposition::Handled => return Err(libc::ENOTSUP),
        Disposition::Ignored => true,
        Disposition::Default => {
            matches!(
                signal as c_int,
                libc::SIGCHLD | libc::SIGURG | libc::SIGWINCH | libc::SIGCONT
            )
        }
    };
    if ignored {
        sys::signal_mask(libc::SIG_BLOCK, set);
        if let Some(note) = state.notes.at(index) {
            note.status |= BLOCKED_HERE;
        }
    }
    Ok(())
}

/// The signalfd has become readable: the signal is pending.
pub(crate) fn arrived(state: &mut State, index: u32) {
    let Some(note) = state.notes.at(index) else {
        return;
    };
    if note.status & OLD_NEWS != 0 {
        note.status &= !OLD_NEWS;
        return;
    }
    if note.status & BLOCKED_HERE != 0 {
        let mut left = MOST;
        while left != 0 && sys::take_signal(set_of(note.ident)) {
            left -= 1;
        }
        note.value += (MOST - left) as u64;
    } else {
        note.value += 1;
    }
    if note.value != 0 {
        note.status |= FIRED;
    }
    raise(state, index);
}

/// The answer at delivery: how often it was seen.
pub(crate) fn check(note: &Note) -> Verdict {
    if note.status & FIRED == 0 || note.value == 0 {
        Verdict::Quiet
    } else {
        Verdict::Fire(note.value as isize, 0, 0)
    }
}

/// Forgets a registration; a signal that was blocked here is unblocked in the calling thread.
pub(crate) fn forget(state: &mut State, index: u32) {
    let Some(note) = state.note(index) else {
        return;
    };
    if note.handle >= 0 {
        sys::close(note.handle);
    }
    if note.status & BLOCKED_HERE != 0 {
        let mut left = MOST;
        while left != 0 && sys::take_signal(set_of(note.ident)) {
            left -= 1;
        }
        sys::signal_mask(libc::SIG_UNBLOCK, set_of(note.ident));
    }
    state.notes.remove(index);
}
