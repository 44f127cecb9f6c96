//! EVFILT_USER: events that the program raises itself. In memory; the kick wakes a waiter.

use super::{Step, Verdict, raise, step};
use crate::abi::*;
use crate::note::{FIRED, Note};
use crate::state::State;
use crate::sys::Errno;

/// Applies a change. As on FreeBSD a trigger in the change that registers does not count, its notes are stored as they are, and `EV_CLEAR` in a
/// later change cancels a trigger.
pub(crate) fn change(state: &mut State, change: &kevent) -> Result<(), Errno> {
    match step(state, change)? {
        Step::New(_) => {}
        Step::Delete(index) => state.notes.remove(index),
        Step::Touched(index) => {
            if let Some(note) = state.notes.at(index) {
                if change.fflags & NOTE_TRIGGER != 0 {
                    note.status |= FIRED;
                }
                let bits = change.fflags & NOTE_FFLAGSMASK;
                note.fflags = match change.fflags & NOTE_FFCTRLMASK {
                    NOTE_FFAND => note.fflags & bits,
                    NOTE_FFOR => note.fflags | bits,
                    NOTE_FFCOPY => bits,
                    _ => note.fflags,
                };
                note.data = change.data as i64;
                if change.flags & EV_CLEAR != 0 {
                    note.status &= !FIRED;
                }
            }
            raise(state, index);
        }
    }
    Ok(())
}

/// The answer at delivery.
pub(crate) fn check(note: &Note) -> Verdict {
    if note.status & FIRED == 0 {
        Verdict::Quiet
    } else {
        Verdict::Fire(note.data as isize, 0, note.fflags)
    }
}
