//! EVFILT_SIGNAL, by a signalfd for each signal, which is only ever polled.
//!
//! Linux shows a signal to others only while it is pending, and it is pending only while it is blocked. So:
//! - a signal that the program has blocked is counted when it becomes pending, and stays pending for the program;
//! - a signal that is ignored (also by default, as SIGCHLD) is blocked here, in the calling thread, until the registration is deleted, and is taken away when
//!   it is counted: nobody else would have seen it;
//! - a signal with a handler that is not blocked cannot be seen: `ENOTSUP`;
//! - one whose default action ends the process is left alone: it ends the process.

use core::sync::atomic::{AtomicU32, Ordering};

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

/// How often each ignored signal was taken, by whichever kqueue saw it first. Every registration remembers how much of it it has counted.
static TAKEN: [AtomicU32; 65] = [const { AtomicU32::new(0) }; 65];
/// Registrations of each ignored signal, in all kqueues.
static WATCHERS: [AtomicU32; 65] = [const { AtomicU32::new(0) }; 65];

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
    let blocked_here = WATCHERS[signal].load(Ordering::Acquire) != 0;
    if sys::signal_mask(libc::SIG_BLOCK, 0) & set != 0 && !blocked_here {
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
        if let Some(note) = state.notes.at(index)
            && note.status & BLOCKED_HERE == 0
        {
            note.status |= BLOCKED_HERE;
            note.period = TAKEN[signal].load(Ordering::Acquire) as u64;
            WATCHERS[signal].fetch_add(1, Ordering::AcqRel);
        }
        state.poll(index);
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
    if note.status & BLOCKED_HERE == 0 {
        note.value += 1;
        note.status |= FIRED;
        raise(state, index);
        return;
    }
    let signal = note.ident;
    take(signal);
    look(state, index);
}

/// Takes an ignored signal away, for all kqueues that watch it; the others are woken, because epoll shows them nothing any more.
fn take(signal: usize) {
    let mut left = MOST;
    while left != 0 && sys::take_signal(set_of(signal)) {
        left -= 1;
    }
    if left != MOST {
        TAKEN[signal].fetch_add(MOST - left, Ordering::AcqRel);
        if WATCHERS[signal].load(Ordering::Acquire) > 1 {
            crate::registry::kick_all();
        }
    }
}

/// Counts what was taken since it was last counted.
pub(crate) fn look(state: &mut State, index: u32) {
    let Some(note) = state.notes.at(index) else {
        return;
    };
    let taken = TAKEN[note.ident].load(Ordering::Acquire);
    let news = taken.wrapping_sub(note.period as u32);
    if news != 0 {
        note.period = taken as u64;
        note.value += news as u64;
        note.status |= FIRED;
        raise(state, index);
    }
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
        state.unpoll(index);
        take(note.ident);
        // Another kqueue may watch it still.
        if WATCHERS[note.ident].fetch_sub(1, Ordering::AcqRel) > 1 {
            state.notes.remove(index);
            return;
        }
        sys::signal_mask(libc::SIG_UNBLOCK, set_of(note.ident));
    }
    state.notes.remove(index);
}

/// The kqueue was closed, perhaps long ago and by another thread: nobody's mask is touched.
pub(crate) fn lost(note: &Note) {
    if note.handle >= 0 {
        sys::close(note.handle);
    }
    if note.status & BLOCKED_HERE != 0 {
        WATCHERS[note.ident].fetch_sub(1, Ordering::AcqRel);
    }
}
