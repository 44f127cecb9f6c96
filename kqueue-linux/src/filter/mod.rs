//! One filter a file. Each answers the same questions: what does a change do, and is there an event to deliver now?

pub(crate) mod descriptor;
pub(crate) mod empty;
pub(crate) mod file;
pub(crate) mod inner;
pub(crate) mod process;
pub(crate) mod read;
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod timer;
pub(crate) mod user;
pub(crate) mod vnode;
pub(crate) mod watch;
pub(crate) mod write;

use libc::c_int;

use crate::abi::*;
use crate::note;
use crate::state::{Item, State};
use crate::sys::Errno;

/// A filter's answer, when it is asked whether to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Deliver: `data`, flags besides the registration's own, `fflags`.
    Fire(isize, u16, u32),
    /// Nothing to deliver.
    Quiet,
    /// Nothing to deliver although epoll will say again and again that there is: ask it for edges only.
    QuietButNoisy,
    /// The descriptor number is closed, or is another file.
    Gone,
}

/// Flags that a registration keeps.
pub(crate) const LASTING: u16 = EV_ONESHOT | EV_CLEAR | EV_DISPATCH | EV_RECEIPT;

/// Applies one change, as `kevent(2)` says. The errno is what goes into the `EV_ERROR` entry.
pub(crate) fn change(state: &mut State, epfd: c_int, change: &kevent) -> Result<(), Errno> {
    match change.filter {
        EVFILT_READ => descriptor::change(state, epfd, change, crate::node::READ),
        EVFILT_WRITE => descriptor::change(state, epfd, change, crate::node::WRITE),
        EVFILT_USER => user::change(state, change),
        EVFILT_TIMER => timer::change(state, epfd, change),
        EVFILT_PROC => process::change(state, epfd, change),
        EVFILT_SIGNAL => signal::change(state, epfd, change),
        EVFILT_VNODE => vnode::change(state, epfd, change),
        EVFILT_EMPTY => empty::change(state, change),
        _ => Err(libc::EINVAL),
    }
}

/// The part of a change that is the same for every note: registers, deletes, enables, disables, forces, sets udata.
pub(crate) enum Step {
    /// A new registration: the filter sets it up, and removes it when it cannot.
    New(u32),
    /// An existing one; the filter takes its notes and data over.
    Touched(u32),
    /// An existing one is to be deleted.
    Delete(u32),
}

/// Finds or makes the note of a change.
pub(crate) fn step(state: &mut State, change: &kevent) -> Result<Step, Errno> {
    let Some(index) = state.notes.find(change.filter, change.ident) else {
        if change.flags & EV_ADD == 0 {
            return Err(libc::ENOENT);
        }
        let index = state.notes.insert(change.filter, change.ident)?;
        if let Some(note) = state.notes.at(index) {
            note.udata = change.udata.expose_provenance();
            note.fflags = change.fflags;
            note.data = change.data as i64;
            note.flags = change.flags & LASTING;
            if change.flags & EV_DISABLE != 0 {
                note.status |= note::DISABLED;
            }
        }
        return Ok(Step::New(index));
    };
    if change.flags & EV_DELETE != 0 {
        return Ok(Step::Delete(index));
    }
    let mut forced = false;
    if let Some(note) = state.notes.at(index) {
        if change.flags & EV_FORCEONESHOT != 0 {
            note.flags |= EV_ONESHOT;
            note.status |= note::FORCED;
            forced = true;
        }
        if change.flags & EV_ENABLE != 0 {
            note.status &= !note::DISABLED;
        } else if change.flags & EV_DISABLE != 0 {
            note.status |= note::DISABLED;
        }
        note.udata = change.udata.expose_provenance();
    }
    if forced {
        state.link(Item::Note(index));
    }
    Ok(Step::Touched(index))
}

/// Puts a note whose condition holds on the ready list, when it is to be delivered.
pub(crate) fn raise(state: &mut State, index: u32) {
    if let Some(note) = state.notes.at(index)
        && note.status & (note::FIRED | note::DISABLED) == note::FIRED
    {
        state.link(Item::Note(index));
    }
}
