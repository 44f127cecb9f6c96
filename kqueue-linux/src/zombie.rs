//! Files that epoll goes on to tell about although nobody can name them any more.
//!
//! Epoll forgets a file when its last descriptor is closed, wherever that is. A program that closes a registered number while a `dup`, or a forked child, keeps
//! the file open leaves an interest that `epoll_ctl` can no more address: level-triggered, it would wake every wait at once. The cure is a new epoll in place of the old one:
//! all that is registered goes into it, and `dup3` puts it under the kqueue's numbers. Waiters in the old one are woken and come back by number.

use core::sync::atomic::Ordering;

use libc::c_int;

use crate::abi::{EVFILT_PROC, EVFILT_SIGNAL};
use crate::kick;
use crate::kq::Kq;
use crate::registry;
use crate::state::{State, tag};
use crate::sys::{self, Errno};

/// Epoll told about such a file.
#[cold]
pub(crate) fn met(state: &mut State) {
    (state.zombies, state.dirty) = (true, true);
}

/// What looks like such a file may also be the number's fault: it is another kqueue's by now, which nobody told this crate. Gives that one, made to tell everything again that the
/// wrong one has taken. Called without any lock.
#[cold]
pub(crate) fn mistaken(kq: &'static Kq, epfd: c_int) -> Result<Option<&'static Kq>, Errno> {
    let serial = kq.head.serial.load(Ordering::Acquire);
    if kick::identity(epfd).is_none_or(|told| told == serial) {
        return Ok(None);
    }
    match registry::verify(kq, epfd) {
        Ok(()) => Ok(None),
        Err(None) => Err(libc::EBADF),
        Err(Some(other)) => {
            let mut guard = other.lock()?;
            tell_again(guard.state(), epfd);
            guard.settle_and_release(epfd)?;
            Ok(Some(other))
        }
    }
}

/// Makes epoll tell edges again, and the kick.
fn tell_again(state: &mut State, epfd: c_int) {
    (state.kicked, state.dirty) = (false, true);
    if state.timer_fd >= 0 {
        let events = (libc::EPOLLIN | libc::EPOLLET) as u32;
        let _ = sys::epoll_ctl(
            epfd,
            libc::EPOLL_CTL_MOD,
            state.timer_fd,
            events,
            tag::TIMER,
        );
    }
    state.notes.for_each_indexed(|index, note| {
        if matches!(note.filter, EVFILT_PROC | EVFILT_SIGNAL) && note.handle >= 0 {
            let word = tag::word(tag::NOTE, note.generation, index);
            let events = (libc::EPOLLIN | libc::EPOLLET) as u32;
            let _ = sys::epoll_ctl(epfd, libc::EPOLL_CTL_MOD, note.handle, events, word);
        }
    });
    for fd in 0..state.highest_fd.saturating_add(1) {
        if state
            .node(fd)
            .is_some_and(|node| node.armed() != 0 && node.is_edge_triggered())
        {
            let _ = state.arm(epfd, fd, true);
        }
    }
}

/// Replaces the epoll. Called with the lock held; everything that was ready is told again.
#[cold]
pub(crate) fn bury(kq: &Kq, state: &mut State, epfd: c_int) -> Result<(), Errno> {
    state.zombies = false;
    if state.nested {
        // Another kqueue watches the old epoll, and would lose sight of this one. A millisecond's pause for each false alarm then.
        sys::pause(1_000_000);
        return Ok(());
    }
    let fresh = sys::epoll_create(false)?;
    let result = move_in(state, epfd, fresh).and_then(|()| take_over(kq, epfd, fresh));
    sys::close(fresh);
    if result.is_ok() {
        state.kicked = false;
    }
    result
}

/// Registers everything with the new epoll that is still what was registered.
fn move_in(state: &mut State, epfd: c_int, fresh: c_int) -> Result<(), Errno> {
    kick::attach(fresh, state.serial)?;
    let own = [
        (
            state.timer_fd,
            (libc::EPOLLIN | libc::EPOLLET) as u32,
            tag::TIMER,
        ),
        (state.files_fd, libc::EPOLLIN as u32, tag::FILES),
    ];
    for (fd, events, word) in own {
        if fd >= 0 {
            sys::epoll_ctl(fresh, libc::EPOLL_CTL_ADD, fd, events, word)?;
        }
    }
    let mut result = Ok(());
    state.notes.for_each_indexed(|index, note| {
        if matches!(note.filter, EVFILT_PROC | EVFILT_SIGNAL) && note.handle >= 0 {
            let word = tag::word(tag::NOTE, note.generation, index);
            let events = (libc::EPOLLIN | libc::EPOLLET) as u32;
            if let Err(errno) =
                sys::epoll_ctl(fresh, libc::EPOLL_CTL_ADD, note.handle, events, word)
            {
                result = Err(errno);
            }
        }
    });
    result?;
    for fd in 0..state.highest_fd.saturating_add(1) {
        let Some(node) = state.node(fd) else { continue };
        if node.armed() == 0 {
            continue;
        }
        let word = tag::word(tag::NODE, node.generation, fd);
        let (number, armed) = (fd as c_int, node.armed());
        // The old epoll knows whether the number still is the file that was registered: it may be closed, or another file that nobody asked about, or the new
        // epoll itself.
        let moved = sys::epoll_ctl(epfd, libc::EPOLL_CTL_MOD, number, armed, word)
            .and_then(|()| sys::epoll_ctl(fresh, libc::EPOLL_CTL_ADD, number, armed, word));
        match moved {
            Ok(()) => {}
            Err(libc::EBADF | libc::ENOENT | libc::EPERM) => state.purge(fd),
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Puts the new epoll under the kqueue's numbers.
fn take_over(kq: &Kq, epfd: c_int, fresh: c_int) -> Result<(), Errno> {
    // Whoever waits in the old one comes back, one after the other.
    kick::set(epfd, kq.head.serial.load(Ordering::Acquire), true, true)?;
    let mut result = Ok(());
    for number in registry::numbers(kq).chain([epfd]) {
        if kick::is_ours(number) {
            let cloexec = sys::is_cloexec(number);
            if let Err(errno) = sys::dup_over(fresh, number, cloexec) {
                result = Err(errno);
            }
        }
    }
    result
}
