//! EVFILT_TIMER: one heap of deadlines, one timerfd set for the earliest.
//!
//! A timer that is due leaves the heap. A periodic one goes back when it is collected, with its phase kept; how often it expired is worked out
//! then, so a timer that nobody collects wakes nobody again.

use libc::c_int;

use super::{Step, Verdict, raise, step};
use crate::abi::*;
use crate::note::{FIRED, Note};
use crate::state::{CLOCK, State, tag};
use crate::sys::{self, Errno};

const UNITS: u32 = NOTE_SECONDS | NOTE_MSECONDS | NOTE_USECONDS | NOTE_NSECONDS;
/// Later than any clock: never.
const NEVER: u64 = u64::MAX;
/// The period that stands for 0: the shortest that FreeBSD's default unit has.
const SHORTEST: u64 = 1_000_000;

/// When a timer is due, and its period (0 for none), both in nanoseconds.
pub(crate) fn times(fflags: u32, data: i64, oneshot: bool, now: u64) -> Result<(u64, u64), Errno> {
    let unit: u64 = match fflags & UNITS {
        0 | NOTE_MSECONDS => 1_000_000,
        NOTE_SECONDS => 1_000_000_000,
        NOTE_USECONDS => 1_000,
        NOTE_NSECONDS => 1,
        _ => return Err(libc::EINVAL),
    };
    if fflags & !(UNITS | NOTE_ABSTIME) != 0 || data < 0 {
        return Err(libc::EINVAL);
    }
    let span = (data as u64).checked_mul(unit).unwrap_or(NEVER);
    if fflags & NOTE_ABSTIME != 0 {
        // The distance to that time as the clock stands now.
        let wall = sys::now(libc::CLOCK_REALTIME);
        return Ok((now.saturating_add(span.saturating_sub(wall)), 0));
    }
    if oneshot {
        return Ok((now.saturating_add(span), 0));
    }
    let period = if span == 0 { SHORTEST } else { span };
    Ok((now.saturating_add(period), period))
}

/// Applies a change.
pub(crate) fn change(state: &mut State, epfd: c_int, change: &kevent) -> Result<(), Errno> {
    if change.flags & EV_ADD != 0 {
        // Refused before anything is touched.
        times(change.fflags, change.data as i64, false, 0)?;
    }
    match step(state, change)? {
        Step::New(index) => {
            if let Some(note) = state.notes.at(index)
                && change.fflags & NOTE_ABSTIME == 0
            {
                note.flags |= EV_CLEAR;
            }
            let result = ready_descriptor(state, epfd).and_then(|()| start(state, index, change));
            if result.is_err() {
                state.notes.remove(index);
            }
            result
        }
        Step::Delete(index) => {
            state.heap.remove(&mut state.notes, index);
            state.notes.remove(index);
            Ok(())
        }
        Step::Touched(index) => {
            if change.flags & EV_ADD != 0 {
                state.heap.remove(&mut state.notes, index);
                if let Some(note) = state.notes.at(index) {
                    note.status &= !FIRED;
                }
                start(state, index, change)?;
            }
            raise(state, index);
            Ok(())
        }
    }
}

/// The timerfd, made with the first timer.
fn ready_descriptor(state: &mut State, epfd: c_int) -> Result<(), Errno> {
    state.fussy = true;
    if state.timer_fd >= 0 {
        return Ok(());
    }
    let fd = sys::timerfd_create()?;
    let events = (libc::EPOLLIN | libc::EPOLLET) as u32;
    if let Err(errno) = sys::epoll_ctl(epfd, libc::EPOLL_CTL_ADD, fd, events, tag::TIMER) {
        sys::close(fd);
        return Err(errno);
    }
    (state.timer_fd, state.timer_armed) = (fd, NEVER);
    Ok(())
}

/// Starts a timer anew, with the data and notes of a change.
fn start(state: &mut State, index: u32, change: &kevent) -> Result<(), Errno> {
    let now = sys::now(CLOCK);
    let Some(note) = state.notes.at(index) else {
        return Err(libc::ENOENT);
    };
    (note.fflags, note.data) = (change.fflags, change.data as i64);
    let (deadline, period) = times(note.fflags, note.data, note.flags & EV_ONESHOT != 0, now)?;
    (note.value, note.period) = (deadline, period);
    if deadline <= now {
        note.status |= FIRED;
        raise(state, index);
        return Ok(());
    }
    enqueue(state, index, deadline)
}

fn enqueue(state: &mut State, index: u32, deadline: u64) -> Result<(), Errno> {
    if deadline != NEVER {
        state.heap.insert(&mut state.notes, index, deadline)?;
        if deadline < state.timer_armed {
            state.dirty = true;
        }
    }
    Ok(())
}

/// The timerfd fired: every timer that is due goes to the ready list.
pub(crate) fn expired(state: &mut State) {
    state.timer_armed = NEVER;
    state.dirty = true;
    let now = sys::now(CLOCK);
    while let Some(index) = state.heap.pop_due(&mut state.notes, now) {
        if let Some(note) = state.notes.at(index) {
            note.status |= FIRED;
        }
        raise(state, index);
    }
}

/// The answer at delivery: how often it expired.
pub(crate) fn check(note: &Note) -> Verdict {
    if note.status & FIRED == 0 {
        return Verdict::Quiet;
    }
    let again = match note.period {
        0 => 0,
        period => sys::now(CLOCK).saturating_sub(note.value) / period,
    };
    Verdict::Fire(again as isize + 1, 0, 0)
}

/// After delivery, unless it was one-shot: a periodic timer goes back into the heap, in phase.
pub(crate) fn collected(state: &mut State, index: u32, times: u64) {
    let Some(note) = state.notes.at(index) else {
        return;
    };
    if note.period == 0 {
        return;
    }
    note.status &= !FIRED;
    note.value = note.value.saturating_add(note.period.saturating_mul(times));
    let deadline = note.value;
    if enqueue(state, index, deadline).is_err() {
        // No memory for the heap: keep it on the list instead, where it is looked at in each call.
        if let Some(note) = state.notes.at(index) {
            note.status |= FIRED;
        }
        raise(state, index);
    }
}
