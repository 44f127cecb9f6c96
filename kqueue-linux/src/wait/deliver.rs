//! Delivery: asks the filter, writes the kevent, and does what the flags say afterwards.

use libc::c_int;

use super::Out;
use crate::abi::*;
use crate::filter::{self, Verdict, empty, file, process, read, signal, timer, user, vnode, write};
use crate::node::{
    self, CONCERNS, DISABLED, EDGES, FORCED, INTEREST, Kind, LINKED, READ, ROTATE, USED, WRITE,
};
use crate::note;
use crate::state::{Item, State};
use crate::sys;

const FILTERS: [i16; 2] = [EVFILT_READ, EVFILT_WRITE];

/// Epoll told `bits` about a descriptor.
pub(super) fn from_epoll(
    state: &mut State,
    epfd: c_int,
    out: &mut Out,
    fd: u32,
    generation: u32,
    bits: u32,
) {
    let node = match state.node(fd) {
        Some(node) if node.generation == generation && node.armed() != 0 => node,
        _ => {
            crate::zombie::met(state);
            return;
        }
    };
    let edges = node.is_edge_triggered();
    let order = if node.quirks & ROTATE != 0 {
        [WRITE, READ]
    } else {
        [READ, WRITE]
    };
    // The interest must be narrowed: it tells what nobody wants to know.
    let mut noisy = false;
    let mut delivered = false;
    for side in order {
        if bits & CONCERNS[side] == 0 {
            continue;
        }
        let Some(node) = state.node(fd) else { return };
        let place = *node.sides[side];
        if !place.is_enabled() {
            noisy |= bits & INTEREST[side] & node.armed() != 0
                || !node.is_used()
                || bits & (node::HANGUP | node::ERROR) != 0;
            continue;
        }
        if place.status & LINKED != 0 {
            continue;
        }
        if place.stamp == state.call && !edges {
            // Level, and delivered by this call already, which asked epoll a second time.
            continue;
        }
        if out.is_full() || place.stamp == state.call {
            if edges {
                state.link(Item::Side(fd, side));
            } else if let Some(mut node) = state.node(fd) {
                // Level: epoll will say it again, and then it is this side's turn.
                out.squeeze();
                if !delivered {
                    continue;
                }
                node.quirks = node.quirks & !ROTATE | if side == WRITE { ROTATE } else { 0 };
            }
            continue;
        }
        match check_side(state, fd, side, bits) {
            Verdict::Fire(data, flags, fflags) => {
                delivered = true;
                deliver_side(state, out, fd, side, data, flags, fflags);
            }
            Verdict::Quiet => {}
            Verdict::QuietButNoisy => {
                noisy = true;
                if let Some(mut node) = state.node(fd) {
                    node.quirks |= EDGES;
                }
            }
            Verdict::Gone => {
                state.purge(fd);
                crate::zombie::met(state);
                return;
            }
        }
    }
    if noisy && !edges {
        narrow(state, epfd, fd);
    }
}

/// Takes away what woke a waiter for nothing.
fn narrow(state: &mut State, epfd: c_int, fd: u32) {
    let result = if state.node(fd).is_some_and(|node| node.is_used()) {
        state.arm(epfd, fd, true)
    } else {
        state.disarm(epfd, fd)
    };
    if matches!(result, Err(libc::ENOENT | libc::EBADF)) {
        crate::zombie::met(state);
    }
}

pub(super) fn check_side(state: &mut State, fd: u32, side: usize, bits: u32) -> Verdict {
    if side == READ {
        read::check(state, fd, bits)
    } else {
        write::check(state, fd, bits)
    }
}

/// Writes the kevent of a descriptor's registration, and does what its flags say.
fn deliver_side(
    state: &mut State,
    out: &mut Out,
    fd: u32,
    side: usize,
    data: isize,
    flags: u16,
    fflags: u32,
) {
    let call = state.call;
    let Some(mut node) = state.node(fd) else {
        return;
    };
    let edges = node.is_edge_triggered() || matches!(node.kind, Kind::File);
    let place = &mut node.sides[side];
    place.stamp = call;
    let all = place.flags | flags;
    out.push(kevent {
        ident: fd as usize,
        filter: FILTERS[side],
        flags: all,
        fflags,
        data,
        udata: core::ptr::with_exposed_provenance_mut(place.udata),
    });
    place.status &= !(node::HAPPENED | FORCED);
    if all & EV_ONESHOT != 0 {
        place.clear();
        let (file, used) = (node.kind == Kind::File, node.is_used());
        node.refresh();
        state.fussy = true;
        state.publish(fd);
        if file && !used {
            state.purge(fd);
        }
        return;
    }
    if all & EV_DISPATCH != 0 {
        place.status |= DISABLED;
        node.refresh();
        state.publish(fd);
    } else if edges && all & EV_CLEAR == 0 {
        // Level on top of edges: it stays on the list until it is found not to be ready.
        state.link(Item::Side(fd, side));
    }
}

/// Is the number still the file that was registered? Epoll knows: it refuses to add it a second time.
fn is_same_file(state: &mut State, epfd: c_int, fd: u32) -> bool {
    match sys::epoll_ctl(
        epfd,
        libc::EPOLL_CTL_ADD,
        fd as c_int,
        node::EDGE_TRIGGERED,
        u64::MAX,
    ) {
        Err(libc::EEXIST) => true,
        Ok(()) => {
            let _ = sys::epoll_ctl(epfd, libc::EPOLL_CTL_DEL, fd as c_int, 0, 0);
            state.purge(fd);
            false
        }
        Err(libc::EBADF | libc::EPERM | libc::EINVAL) => {
            state.purge(fd);
            false
        }
        // No memory to find out: believe it.
        Err(_) => true,
    }
}

/// What a descriptor's registration on the ready list has to say now.
pub(super) fn check_again(state: &mut State, epfd: c_int, fd: u32, side: usize) -> Verdict {
    let Some(node) = state.node(fd) else {
        return Verdict::Gone;
    };
    if node.kind == Kind::File {
        return check_side(state, fd, side, 0);
    }
    if !is_same_file(state, epfd, fd) {
        return Verdict::Gone;
    }
    let events = libc::POLLIN | libc::POLLOUT | libc::POLLRDHUP;
    match sys::poll_now(fd as c_int, events) {
        Ok(bits) if bits & libc::POLLNVAL as u32 != 0 => {
            state.purge(fd);
            Verdict::Gone
        }
        Ok(bits) if bits & CONCERNS[side] != 0 => check_side(state, fd, side, bits),
        Ok(_) => Verdict::Quiet,
        Err(_) => Verdict::Quiet,
    }
}

/// What a note on the ready list has to say now.
pub(super) fn check_note(state: &mut State, index: u32) -> Verdict {
    let Some(found) = state.note(index) else {
        return Verdict::Gone;
    };
    match found.filter {
        EVFILT_USER => user::check(&found),
        EVFILT_TIMER => timer::check(&found),
        EVFILT_PROC => process::check(&found),
        EVFILT_SIGNAL => signal::check(&found),
        EVFILT_VNODE => vnode::check(&found),
        EVFILT_EMPTY => empty::check(&found),
        _ => Verdict::Gone,
    }
}

/// Files and EMPTY registrations: whatever is ready goes to the list.
pub(super) fn look_at_polled(state: &mut State, epfd: c_int) {
    let mut link = state.polled;
    // A bound, should a note leave the list while it is walked.
    let mut left = state.notes.count;
    while link != 0 && left != 0 {
        left -= 1;
        let index = link - 1;
        let Some(found) = state.note(index) else {
            return;
        };
        link = found.place;
        match found.filter {
            note::FILE_WATCH => file::look(state, index),
            EVFILT_SIGNAL => signal::look(state, index),
            _ => empty::look(state, index),
        }
    }
    let _ = epfd;
}

/// Delivers what is on the ready list and still holds. Each item gets one turn; none is delivered twice in one call.
pub(super) fn from_list(state: &mut State, epfd: c_int, out: &mut Out) {
    let mut turns = state.ready.length;
    while turns != 0 && !out.is_full() {
        turns -= 1;
        match state.pop() {
            Some(Item::Side(fd, side)) => side_from_list(state, epfd, out, fd, side),
            Some(Item::Note(index)) => note_from_list(state, out, index),
            None => return,
        }
    }
}

fn side_from_list(state: &mut State, epfd: c_int, out: &mut Out, fd: u32, side: usize) {
    let call = state.call;
    let Some(node) = state.node(fd) else { return };
    let place = *node.sides[side];
    if place.status & (USED | DISABLED) != USED {
        return;
    }
    if place.stamp == call && place.status & FORCED == 0 {
        state.link(Item::Side(fd, side));
        return;
    }
    if place.status & FORCED != 0 {
        deliver_side(state, out, fd, side, 0, 0, 0);
        return;
    }
    match check_again(state, epfd, fd, side) {
        Verdict::Fire(data, flags, fflags) => {
            deliver_side(state, out, fd, side, data, flags, fflags)
        }
        Verdict::Quiet | Verdict::QuietButNoisy => {}
        Verdict::Gone => state.purge(fd),
    }
}

fn note_from_list(state: &mut State, out: &mut Out, index: u32) {
    let Some(found) = state.note(index) else {
        return;
    };
    if found.status & (note::DEAD | note::DISABLED) != 0 {
        return;
    }
    if found.stamp == state.call && found.status & note::FORCED == 0 {
        state.link(Item::Note(index));
        return;
    }
    let verdict = if found.status & note::FORCED != 0 {
        Verdict::Fire(0, 0, 0)
    } else {
        check_note(state, index)
    };
    let Verdict::Fire(data, flags, fflags) = verdict else {
        return;
    };
    let all = found.flags | flags;
    out.push(kevent {
        ident: found.ident,
        filter: found.filter,
        flags: all,
        fflags,
        data,
        udata: core::ptr::with_exposed_provenance_mut(found.udata),
    });
    let call = state.call;
    if all & EV_ONESHOT != 0 {
        remove_note(state, index);
        return;
    }
    if let Some(kept) = state.notes.at(index) {
        kept.stamp = call;
        if all & EV_DISPATCH != 0 {
            kept.status |= note::DISABLED;
        }
        if all & EV_CLEAR != 0 {
            kept.status &= !note::FIRED;
            if !matches!(found.filter, EVFILT_TIMER | EVFILT_USER) {
                kept.value = if found.filter == EVFILT_SIGNAL {
                    0
                } else {
                    kept.value
                };
            }
        }
    }
    match found.filter {
        EVFILT_TIMER => timer::collected(state, index, data as u64),
        EVFILT_VNODE if all & EV_CLEAR != 0 => vnode::collected(state, index),
        EVFILT_EMPTY => {
            empty::collected(state, index);
            return;
        }
        _ => {}
    }
    filter::raise(state, index);
}

/// A one-shot registration has been delivered.
fn remove_note(state: &mut State, index: u32) {
    let Some(found) = state.note(index) else {
        return;
    };
    match found.filter {
        EVFILT_TIMER => {
            state.heap.remove(&mut state.notes, index);
            state.notes.remove(index);
        }
        EVFILT_PROC => process::forget(state, index),
        EVFILT_SIGNAL => signal::forget(state, index),
        EVFILT_VNODE => vnode::forget(state, index),
        EVFILT_EMPTY => empty::forget(state, index),
        _ => state.notes.remove(index),
    }
}
