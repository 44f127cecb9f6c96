//! Changes of READ and WRITE: what the two have in common, and the one epoll interest that they share.

use libc::c_int;

use super::{LASTING, file};
use crate::abi::*;
use crate::node::{self, DISABLED, FORCED, Kind, LINKED, READ, USED, WRITE};
use crate::registry;
use crate::state::{Item, State};
use crate::sys::{self, Errno};

/// Applies a change of a READ (`side` 0) or WRITE (`side` 1) registration.
pub(crate) fn change(
    state: &mut State,
    epfd: c_int,
    change: &kevent,
    side: usize,
) -> Result<(), Errno> {
    if change.ident > node::MAX_FD {
        return Err(libc::EBADF);
    }
    let fd = change.ident as u32;
    if state
        .node(fd)
        .is_none_or(|node| node.sides[side].status & USED == 0)
    {
        if change.flags & EV_ADD == 0 {
            sys::is_open(fd as c_int)?;
            return Err(libc::ENOENT);
        }
        return add(state, epfd, change, fd, side);
    }
    if change.flags & EV_DELETE != 0 {
        return delete(state, epfd, fd, side);
    }
    match touch(state, epfd, change, fd, side) {
        // The number has been closed and used again since: to the program it is a new registration.
        Err(libc::ENOENT) if change.flags & EV_ADD != 0 => add(state, epfd, change, fd, side),
        other => other,
    }
}

/// A new registration.
fn add(state: &mut State, epfd: c_int, change: &kevent, fd: u32, side: usize) -> Result<(), Errno> {
    take_lowat(state, change, fd, side)?;
    let known = state.nodes.ensure(fd)?;
    if known.armed() != 0 && known.kind != Kind::Unknown {
        // The other side is registered, or a one-shot registration was: the interest is there, and the kind is known if the number still is that
        // file, which `arm` finds out.
        if known.kind == Kind::Kqueue && side == WRITE {
            return Err(libc::EINVAL);
        }
        write_down(state, change, fd, side);
        match check_new(state, fd, side).and_then(|()| state.arm(epfd, fd, true)) {
            Ok(()) => return Ok(()),
            Err(libc::ENOENT) => {}
            Err(errno) => {
                take_back(state, fd, side);
                return Err(errno);
            }
        }
    }
    let known_file = state.node(fd).is_some_and(|node| node.is_used());
    let kind = classify(fd)?;
    if known_file && !(kind == Kind::File && file::is_same(state, fd)) {
        // The other side belongs to a file that had this number before.
        state.purge(fd);
    }
    if kind == Kind::Kqueue && side == WRITE {
        return Err(libc::EINVAL);
    }
    if let Some(mut node) = state.node(fd) {
        node.kind = kind;
    }
    write_down(state, change, fd, side);
    let result = match kind {
        Kind::File => file::add(state, epfd, fd, side),
        Kind::Directory => Ok(()),
        _ => check_new(state, fd, side)
            .and_then(|()| state.arm(epfd, fd, false))
            .map_err(|errno| match errno {
                // Epoll does not take it: a device without readiness, such as /dev/null.
                libc::EPERM => libc::ENODEV,
                other => other,
            }),
    };
    if result.is_err() {
        take_back(state, fd, side);
    }
    result
}

/// What the descriptor is, by one `fstat`.
fn classify(fd: u32) -> Result<Kind, Errno> {
    let stat = sys::fstat(fd as c_int)?;
    Ok(match stat.st_mode & libc::S_IFMT {
        libc::S_IFIFO => Kind::Pipe,
        libc::S_IFSOCK => Kind::Socket,
        libc::S_IFREG | libc::S_IFBLK => Kind::File,
        libc::S_IFDIR => Kind::Directory,
        libc::S_IFCHR => Kind::Device,
        _ if registry::find(fd as c_int).is_some() => Kind::Kqueue,
        _ => Kind::Anonymous,
    })
}

/// What must be known before a registration is made: a pipe without a reader cannot be registered for writing (as on FreeBSD).
fn check_new(state: &mut State, fd: u32, side: usize) -> Result<(), Errno> {
    let pipe = state.node(fd).is_some_and(|node| node.kind == Kind::Pipe);
    if side == WRITE
        && pipe
        && sys::poll_now(fd as c_int, 0)? & node::ERROR != 0
        && sys::is_anonymous_pipe(fd as c_int)
    {
        return Err(libc::EPIPE);
    }
    Ok(())
}

/// Writes a new registration into its place.
fn write_down(state: &mut State, change: &kevent, fd: u32, side: usize) {
    if let Some(mut node) = state.node(fd) {
        let place = &mut node.sides[side];
        place.status = place.status & LINKED | USED;
        if change.flags & EV_DISABLE != 0 {
            place.status |= DISABLED;
        }
        place.flags = change.flags & LASTING;
        place.udata = change.udata.expose_provenance();
        take_notes(place, change, 0);
        node.refresh();
    }
    state.publish(fd);
}

/// Takes `fflags` of a change over; `keep` are bits that stay.
fn take_notes(side: &mut node::Side, change: &kevent, keep: u8) {
    side.notes = node::notes_of(change.fflags) | side.notes & keep;
}

/// Takes the low-water mark of a change over, if it has one. `ENOMEM`.
fn take_lowat(state: &mut State, change: &kevent, fd: u32, side: usize) -> Result<(), Errno> {
    if node::notes_of(change.fflags) & node::LOWAT == 0 {
        return Ok(());
    }
    let mark = change.data.clamp(0, u32::MAX as isize) as u32;
    state.nodes.set_lowat(fd, side, mark)
}

/// Undoes [`write_down`] after a failure.
fn take_back(state: &mut State, fd: u32, side: usize) {
    if let Some(mut node) = state.node(fd) {
        node.sides[side].clear();
        node.refresh();
    }
    state.publish(fd);
}

/// A change of an existing registration.
fn touch(
    state: &mut State,
    epfd: c_int,
    change: &kevent,
    fd: u32,
    side: usize,
) -> Result<(), Errno> {
    take_lowat(state, change, fd, side)?;
    let Some(mut node) = state.node(fd) else {
        return Err(libc::ENOENT);
    };
    let place = &mut node.sides[side];
    let was_enabled = place.is_enabled();
    if change.flags & EV_FORCEONESHOT != 0 {
        place.flags |= EV_ONESHOT;
        place.status |= FORCED;
    }
    if change.flags & EV_ENABLE != 0 {
        place.status &= !DISABLED;
    } else if change.flags & EV_DISABLE != 0 {
        place.status |= DISABLED;
    }
    place.udata = change.udata.expose_provenance();
    // Without EV_ADD a wish not to count stays: whoever only enables need not repeat it.
    take_notes(
        place,
        change,
        if change.flags & EV_ADD == 0 {
            node::NOCOUNT
        } else {
            0
        },
    );
    let (enabled, clear, forced) = (
        place.is_enabled(),
        place.is_clear(),
        place.status & FORCED != 0,
    );
    node.refresh();
    let (kind, armed, wanted) = (node.kind, node.armed(), node.wanted());
    state.publish(fd);
    if forced {
        state.link(Item::Side(fd, side));
    }
    match kind {
        Kind::Directory => Ok(()),
        Kind::File => file::touched(state, fd, side),
        _ if !enabled && change.flags & EV_ADD == 0 => Ok(()),
        // Asked again although it was enabled: look again, and make sure that the number is still that file.
        // (EV_ADD asks in any case: it may be meant for a new file with an old number.)
        _ if was_enabled || clear || change.flags & EV_ADD != 0 => state.arm(
            epfd,
            fd,
            change.flags & (EV_ADD | EV_ENABLE) != 0 || armed != wanted,
        ),
        // Enabled after a DISPATCH or a DISABLE, and nothing has happened in between: epoll still watches it.
        _ if armed & node::INTEREST[side] == node::INTEREST[side]
            && armed & node::EDGE_TRIGGERED == 0 =>
        {
            Ok(())
        }
        _ => state.arm(epfd, fd, true),
    }
}

/// Forgets a registration. `EBADF` when the number is closed, `ENOENT` when it is another file.
fn delete(state: &mut State, epfd: c_int, fd: u32, side: usize) -> Result<(), Errno> {
    let Some(mut node) = state.node(fd) else {
        return Err(libc::ENOENT);
    };
    let kind = node.kind;
    if matches!(kind, Kind::File | Kind::Directory) {
        return file::delete(state, fd, side);
    }
    node.sides[side].clear();
    let other = node.sides[READ + WRITE - side].status & USED != 0;
    node.refresh();
    state.publish(fd);
    if other {
        state.arm(epfd, fd, true)
    } else {
        state.disarm(epfd, fd)
    }
}
