//! EVFILT_EMPTY: a socket has sent everything. `SIOCOUTQ` tells so when asked, and nothing tells unasked: it is looked at in each call, and every two
//! milliseconds while a call waits.

use libc::c_int;

use super::{Step, Verdict, raise, step};
use crate::abi::*;
use crate::note::{FIRED, Note};
use crate::state::State;
use crate::sys::{self, Errno};

/// Applies a change. `EINVAL` for what is no socket.
pub(crate) fn change(state: &mut State, change: &kevent) -> Result<(), Errno> {
    if change.ident > crate::node::MAX_FD {
        return Err(libc::EBADF);
    }
    let stat = sys::fstat(change.ident as c_int);
    if let Some(index) = state.notes.find(EVFILT_EMPTY, change.ident) {
        let known = state.note(index).map(|note| note.inode);
        if stat.as_ref().ok().map(|stat| stat.st_ino) != known {
            forget(state, index);
        }
    }
    let stat = stat?;
    if change.flags & EV_ADD != 0 && stat.st_mode & libc::S_IFMT != libc::S_IFSOCK {
        return Err(libc::EINVAL);
    }
    match step(state, change)? {
        Step::New(index) => {
            if let Some(note) = state.notes.at(index) {
                (note.device, note.inode, note.value) = (stat.st_dev, stat.st_ino, 1);
            }
            state.empties += 1;
            state.poll(index);
            look(state, index);
        }
        Step::Delete(index) => forget(state, index),
        Step::Touched(index) => {
            if let Some(note) = state.notes.at(index) {
                note.value = 1;
            }
            look(state, index);
        }
    }
    Ok(())
}

/// Asks the socket. `value` is 1 while the emptiness has not been delivered.
pub(crate) fn look(state: &mut State, index: u32) {
    let Some(note) = state.notes.at(index) else {
        return;
    };
    match sys::bytes_unsent(note.ident as c_int) {
        Ok(0) if note.value != 0 || note.flags & EV_CLEAR == 0 => note.status |= FIRED,
        Ok(0) => {}
        Ok(_) => {
            note.value = 1;
            note.status &= !FIRED;
        }
        Err(_) => note.status &= !FIRED,
    }
    raise(state, index);
}

/// The answer at delivery.
pub(crate) fn check(note: &Note) -> Verdict {
    let fd = note.ident as c_int;
    if !sys::fstat(fd).is_ok_and(|stat| stat.st_ino == note.inode) {
        return Verdict::Gone;
    }
    if note.status & FIRED != 0 && sys::bytes_unsent(fd) == Ok(0) {
        Verdict::Fire(0, 0, 0)
    } else {
        Verdict::Quiet
    }
}

/// After a delivery: each call looks anew.
pub(crate) fn collected(state: &mut State, index: u32) {
    if let Some(note) = state.notes.at(index) {
        note.value = 0;
        note.status &= !FIRED;
    }
}

/// Forgets a registration.
pub(crate) fn forget(state: &mut State, index: u32) {
    state.unpoll(index);
    state.empties = state.empties.saturating_sub(1);
    state.notes.remove(index);
}
