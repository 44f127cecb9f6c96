//! The steady case: a call that only waits, on a kqueue of which nothing is known but what epoll knows, and to which epoll tells of plain readable
//! descriptors. No lock, no clock, and few instructions: they are counted (see the README).

use core::ptr;
use core::sync::atomic::Ordering;

use libc::{c_int, epoll_event, timespec};

use super::{Out, check_timeout, deliver_all, translate, wait_with_list};
use crate::abi::{EVFILT_READ, kevent};
use crate::kq::{ALIVE, Kq};
use crate::node::READ;
use crate::sys::{self, Errno};

/// Waits for ever and collects; [`Head::steady_forever`](crate::kq::Head) was true. The call's result, or -1 with `errno` set.
///
/// # Safety
///
/// `events` is valid for writing `room` entries, `room` is at least 1.
#[inline(always)]
pub(crate) unsafe fn wait_for_ever(
    kq: &Kq,
    epfd: c_int,
    events: *mut kevent,
    room: usize,
) -> c_int {
    let buffer = buffer(events, room);
    // SAFETY: an epoll event is smaller than a kevent, so the far end of the array holds `room` of them.
    let count = unsafe { sys::epoll_wait_for_ever(epfd, buffer, room) };
    if count == 1 {
        // SAFETY: the kernel wrote one event.
        let event = unsafe { ptr::read_unaligned(buffer) };
        if let Some(udata) = plain(kq, event) {
            // SAFETY: there is room for one; the event has been read.
            unsafe { events.write(readable(event, udata)) };
            return 1;
        }
    }
    // SAFETY: the caller's promises; `count` is the system call's result.
    unsafe { several(kq, epfd, events, room, ptr::null(), count) }
}

/// The same with a timeout; [`Head::steady_timed`](crate::kq::Head) was true.
///
/// # Safety
///
/// As [`wait_for_ever`]; `timeout` is valid.
#[inline(never)]
pub(crate) unsafe fn wait_with_timeout(
    kq: &Kq,
    epfd: c_int,
    events: *mut kevent,
    room: usize,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: the caller's promises; the buffer as above.
    let count = unsafe { sys::epoll_wait_until(epfd, buffer(events, room), room, &*timeout) };
    if count == 0 {
        return 0;
    }
    if count == 1 {
        // SAFETY: the kernel wrote one event.
        let event = unsafe { ptr::read_unaligned(buffer(events, room)) };
        if let Some(udata) = plain(kq, event) {
            // SAFETY: there is room for one; the event has been read.
            unsafe { events.write(readable(event, udata)) };
            return 1;
        }
    }
    // SAFETY: the caller's promises; `count` is the system call's result.
    unsafe { several(kq, epfd, events, room, timeout, count) }
}

/// Where the kernel may write its events: the far end of the array.
#[inline(always)]
fn buffer(events: *mut kevent, room: usize) -> *mut epoll_event {
    events
        .cast::<u8>()
        .wrapping_add(room * (size_of::<kevent>() - size_of::<epoll_event>()))
        .cast()
}

/// The `udata` of a plain readable descriptor.
#[inline(always)]
fn plain(kq: &Kq, event: epoll_event) -> Option<usize> {
    if event.events == libc::EPOLLIN as u32 {
        kq.hot.look_up(event.u64)
    } else {
        None
    }
}

/// Its kevent.
#[inline(always)]
fn readable(event: epoll_event, udata: usize) -> kevent {
    kevent {
        ident: event.u64 as u32 as usize,
        filter: EVFILT_READ,
        flags: 0,
        fflags: 0,
        data: 0,
        udata: ptr::with_exposed_provenance_mut(udata),
    }
}

/// The system call's result is not one plain event: several, or an error.
///
/// # Safety
///
/// As [`wait_for_ever`]; `count` is what the system call gave, and its events lie at the far end of the array; `timeout` is null or valid.
#[inline(never)]
unsafe fn several(
    kq: &Kq,
    epfd: c_int,
    events: *mut kevent,
    room: usize,
    timeout: *const timespec,
    count: isize,
) -> c_int {
    let buffer = buffer(events, room);
    if count < 0 {
        // SAFETY: the caller's promises.
        return unsafe { failed(timeout, -count as Errno) };
    }
    let count = count as usize;
    for at in 0..count {
        // SAFETY: the kernel wrote `count` events; kevents do not reach this one, because there is one for each event before it, and an event lies further from
        // the array's end than its kevent does.
        let event = unsafe { ptr::read_unaligned(buffer.wrapping_add(at)) };
        let Some(udata) = plain(kq, event) else {
            // SAFETY: the caller's promises; as many kevents are written as events were read.
            return unsafe {
                unsteady(
                    kq,
                    epfd,
                    events,
                    room,
                    timeout,
                    (count as u64) << 32 | at as u64,
                )
            };
        };
        // SAFETY: `at` is below `count`, which is not above `room`.
        unsafe { events.add(at).write(readable(event, udata)) };
    }
    count as c_int
}

/// The system call failed.
///
/// # Safety
///
/// As [`several`].
#[cold]
#[inline(never)]
unsafe fn failed(timeout: *const timespec, errno: Errno) -> c_int {
    // SAFETY: the caller's promise.
    let time = unsafe { timeout.as_ref() };
    let result = match errno {
        // Linux says so of a bad timeout, and of a number that is no epoll any more.
        libc::EINVAL => Err(check_timeout(time).err().unwrap_or(libc::EBADF)),
        other => Err(other),
    };
    finish(result)
}

/// Goes on when an event is not a plain one. `progress`: how many events there are, and (low half) how many of them are kevents already.
///
/// # Safety
///
/// As [`several`].
#[cold]
#[inline(never)]
unsafe fn unsteady(
    kq: &Kq,
    epfd: c_int,
    events: *mut kevent,
    room: usize,
    timeout: *const timespec,
    progress: u64,
) -> c_int {
    let (count, done) = ((progress >> 32) as usize, progress as u32 as usize);
    // SAFETY: the caller's promise.
    let mut out = unsafe { Out::new(events, room) };
    let buffer = out.buffer();
    out.skip(done);
    let result = (|| {
        let mut guard = kq.lock()?;
        if kq.head.mood.load(Ordering::Relaxed) & ALIVE == 0 {
            guard.release_plain();
            return Err(libc::EBADF);
        }
        let state = guard.state();
        state.call = state.call.wrapping_add(1);
        let call = state.call;
        for at in 0..done {
            // SAFETY: `done` kevents have been written.
            let fd = unsafe { (*events.add(at)).ident } as u32;
            if let Some(node) = state.node(fd) {
                node.sides[READ].stamp = call;
            }
        }
        translate(state, epfd, &mut out, buffer, done, count);
        deliver_all(state, epfd, &mut out, room, count);
        guard.settle_and_release(epfd)?;
        if out.count != 0 {
            return Ok(out.count);
        }
        // SAFETY: the caller's promises.
        unsafe { wait_with_list(kq, epfd, events, room, timeout.as_ref()) }
    })();
    finish(result)
}

fn finish(result: Result<usize, Errno>) -> c_int {
    match result {
        Ok(count) => count as c_int,
        Err(errno) => {
            sys::set_errno(errno);
            -1
        }
    }
}
