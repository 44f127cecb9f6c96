//! The steady case: a call that only waits, on a kqueue of which nothing is known but what epoll knows, and to which epoll tells of plain
//! descriptors. No lock, no clock (but with a limit, whose end is computed once), and few instructions: `cargo run --release -p benches --bin kqueue_instructions` counts them.
//!
//! ```text
//!   kevent ─► wait_plain ──one event, readable──► done
//!   timed ───────┴── several (readable) ── mixed (not only) ──► done
//!                        │                     └── unsteady (anything else: takes the lock)
//!                        └── failed (the system call's errno)
//! ```
//!
//! What is handed on is the table of what is published, which leads to the rest of the kqueue ([`Published::kq`]). The functions are `extern "C"` so that each leaves with a jump to the next: nothing unwinds, and nothing is on the stack.

use core::ptr;
use core::sync::atomic::Ordering;

use libc::{c_int, epoll_event, timespec};

use super::{
    MOST_ROOM, NOTHING, Out, check_timeout, deadline, deliver_all, translate, wait_with_list,
};
use crate::abi::{EVFILT_WRITE, kevent};
use crate::hot::{Plain, Told};
use crate::kq::{ALIVE, Published};
use crate::node::{READ, WRITE};
use crate::sys::{self, Errno};

/// How long a call may wait.
struct Limit {
    timeout: timespec,
    /// As [`deadline`] says.
    deadline: u64,
}

static AT_ONCE: Limit = Limit {
    timeout: NOTHING,
    deadline: 0,
};

/// Waits for ever (`milliseconds` -1) or not at all (0), and collects; [`Head::steady_forever`](crate::kq::Head) was true, and `epfd` is the kqueue's first number. The call's
/// result, or -1 with `errno` set.
///
/// # Safety
///
/// `events` is valid for writing `room` entries. (A room below 1 is found by the kernel.)
#[inline(always)]
pub(crate) unsafe fn wait_plain(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
    milliseconds: c_int,
) -> c_int {
    let buffer = buffer(events, room);
    // SAFETY: an epoll event is smaller than a kevent, so the far end of the array holds `room` of them.
    let (count, buffer, (table, events)) =
        unsafe { sys::epoll_wait_plain(epfd, buffer, room, milliseconds, (kq.as_ptr(), events)) };
    // SAFETY: it has been given back.
    let kq = unsafe { Published::from_kept(table) };
    if count == 1 {
        // SAFETY: the kernel wrote one event.
        let told = unsafe { Told::read(buffer) };
        if let Some(plain) = kq.table().readable(told) {
            // SAFETY: there is room for one; the event has been read.
            unsafe { write(events, told, plain) };
            return 1;
        }
    }
    // SAFETY: the caller's promises; `count` is the system call's result.
    unsafe {
        if milliseconds == 0 {
            collected::<true>(kq, events, buffer, count)
        } else {
            collected::<false>(kq, events, buffer, count)
        }
    }
}

/// Goes on after [`wait_plain`], for ever or at once. (Number and room are worked out again: so the short way need not keep them.)
///
/// # Safety
///
/// As [`wait_plain`]; `buffer` is where the kernel wrote, and `count` the system call's result.
#[inline(never)]
unsafe extern "C" fn collected<const AT_ONCE: bool>(
    kq: Published,
    events: *mut kevent,
    buffer: *mut epoll_event,
    count: isize,
) -> c_int {
    if count == 1 {
        // SAFETY: the kernel wrote one event.
        let told = unsafe { Told::read(buffer) };
        match kq.table().each(told) {
            Some([Some(first), Some(second)]) if buffer >= self::buffer(events, 2) => {
                // SAFETY: asked right here; the event has been read.
                unsafe {
                    write(events, told, first);
                    write(events.wrapping_add(1), told, second);
                }
                return 2;
            }
            Some([Some(only), None] | [None, Some(only)]) => {
                // SAFETY: there is room for one; the event has been read.
                unsafe { write(events, told, only) };
                return 1;
            }
            _ => {}
        }
    } else if AT_ONCE && count == 0 {
        return 0;
    }
    let limit = if AT_ONCE {
        &raw const self::AT_ONCE
    } else {
        ptr::null()
    };
    let (number, room) = (kq.kq().fd.load(Ordering::Acquire), room(events, buffer));
    // SAFETY: the caller's promises.
    unsafe { several(kq, number, events, room, limit, count) }
}

/// Waits for ever after changes, or by another number than the first; [`Head::steady_forever`](crate::kq::Head) was true.
///
/// # Safety
///
/// As [`wait_plain`].
pub(crate) unsafe fn wait_for_ever(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
) -> c_int {
    // SAFETY: the caller's promises; the buffer as in `wait_plain`.
    unsafe {
        let none: *mut () = ptr::null_mut();
        let (count, ..) = sys::epoll_wait_plain(epfd, buffer(events, room), room, -1, (none, none));
        several(kq, epfd, events, room, ptr::null(), count)
    }
}

/// Waits with a limit and collects; [`Head::steady_timed`](crate::kq::Head) was true.
///
/// # Safety
///
/// As [`wait_plain`]; `timeout` is valid.
#[inline(always)]
pub(crate) unsafe fn wait_with_timeout(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
    timeout: *const timespec,
) -> c_int {
    let buffer = buffer(events, room);
    // SAFETY: the caller's promises; the buffer as above.
    let timeout = unsafe { *timeout };
    // (A wait for ever, and one that does not wait, read no clock.)
    let limit = Limit {
        timeout,
        deadline: deadline(&timeout),
    };
    // SAFETY: as above.
    let count = unsafe { sys::epoll_wait_until(epfd, buffer, room, &timeout) };
    match count {
        0 => return 0,
        1 => {
            // SAFETY: the kernel wrote one event.
            let told = unsafe { Told::read(buffer) };
            if let Some(plain) = kq.table().readable(told) {
                // SAFETY: there is room for one; the event has been read.
                unsafe { write(events, told, plain) };
                return 1;
            }
        }
        _ => {}
    }
    // SAFETY: the caller's promises; `count` is the system call's result.
    unsafe { several(kq, epfd, events, room, &raw const limit, count) }
}

/// Is it a call that does not wait?
///
/// # Safety
///
/// `timeout` is valid.
#[inline(always)]
pub(crate) unsafe fn is_zero(timeout: *const timespec) -> bool {
    // SAFETY: the caller's promise.
    unsafe { (*timeout).tv_sec == 0 && (*timeout).tv_nsec == 0 }
}

/// Where the kernel may write its events: the far end of the array.
#[inline(always)]
fn buffer(events: *mut kevent, room: c_int) -> *mut epoll_event {
    events
        .cast::<u8>()
        .wrapping_add(
            (room as u32 as usize).wrapping_mul(size_of::<kevent>() - size_of::<epoll_event>()),
        )
        .cast()
}

/// The room of which [`buffer`] is the far end.
#[inline(always)]
fn room(events: *mut kevent, buffer: *mut epoll_event) -> c_int {
    let rest = (buffer as usize).wrapping_sub(events as usize);
    (rest / (size_of::<kevent>() - size_of::<epoll_event>())) as u32 as c_int
}

/// Writes the kevent of a plain registration.
///
/// # Safety
///
/// `event` is valid for writing.
#[inline(always)]
unsafe fn write(event: *mut kevent, told: Told, plain: Plain) {
    // SAFETY: the caller's promise. Filter, flags and notes are eight bytes that lie together, the head in the first four (a change of the struct fails the
    // assertion below).
    unsafe {
        (&raw mut (*event).ident).write(told.ident());
        (&raw mut (*event).filter)
            .cast::<u64>()
            .write(head_and_notes(plain.head));
        (&raw mut (*event).data).write(0);
        (&raw mut (*event).udata).write(ptr::with_exposed_provenance_mut(plain.udata));
    }
}

const _: () = assert!(
    core::mem::offset_of!(kevent, filter) == 8
        && core::mem::offset_of!(kevent, flags) == 10
        && core::mem::offset_of!(kevent, fflags) == 12
);

/// The head is two numbers of 16 bits as memory has them; the notes are zero.
#[inline(always)]
const fn head_and_notes(head: u32) -> u64 {
    if cfg!(target_endian = "little") {
        head as u64
    } else {
        // Filter first, then flags.
        (head as u64 & 0xffff) << 48 | (head as u64 >> 16) << 32
    }
}

/// The system call's result is not one event that is "readable" alone.
///
/// # Safety
///
/// As [`wait_plain`]; `count` is what the system call gave, and its events lie at the far end of the array; `limit` is null or valid.
#[inline(never)]
unsafe extern "C" fn several(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
    limit: *const Limit,
    count: isize,
) -> c_int {
    if count < 0 {
        // SAFETY: the caller's promises.
        return unsafe { failed(kq, epfd, events, room, limit, -count as Errno) };
    }
    let first = buffer(events, room);
    let end = first.wrapping_add(count as usize);
    let (mut at, mut out) = (first, events);
    while at != end {
        // SAFETY: the kernel wrote `count` events. Kevents do not reach this one: for each event before it there is one, and an event lies further from the array's
        // end than its kevent does.
        let told = unsafe { Told::read(at) };
        let Some(plain) = kq.table().readable(told) else {
            let progress = Progress { end, at, out };
            // SAFETY: the caller's promises, and what was just read and written.
            return unsafe { mixed(kq, epfd, events, room, limit, &progress) };
        };
        // SAFETY: not beyond the next event, or the array's end.
        unsafe { write(out, told, plain) };
        (at, out) = (at.wrapping_add(1), out.wrapping_add(1));
    }
    count as c_int
}

/// Goes on where an event is not "readable" alone.
///
/// # Safety
///
/// As [`several`].
#[inline(never)]
unsafe extern "C" fn mixed(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
    limit: *const Limit,
    progress: &Progress,
) -> c_int {
    let end = progress.end;
    let (mut at, mut out) = (progress.at, progress.out);
    while at != end {
        // SAFETY: the kernel wrote the events below `end`, and kevents do not reach this one: it is asked below.
        let told = unsafe { Told::read(at) };
        let next = at.wrapping_add(1);
        // (Behind the last one there may be more room. Whoever lends so little does without the short way.)
        let behind: *mut kevent = next.cast();
        match kq.table().each(told) {
            Some([Some(first), Some(second)]) if out.wrapping_add(2) <= behind => {
                // SAFETY: asked right here.
                unsafe {
                    write(out, told, first);
                    write(out.wrapping_add(1), told, second);
                }
                out = out.wrapping_add(2);
            }
            Some([Some(only), None] | [None, Some(only)]) if out.wrapping_add(1) <= behind => {
                // SAFETY: asked right here.
                unsafe { write(out, told, only) };
                out = out.wrapping_add(1);
            }
            _ => {
                let progress = Progress { end, at, out };
                // SAFETY: the caller's promises, and what was read and written here.
                return unsafe { unsteady(kq, epfd, events, room, limit, &progress) };
            }
        }
        at = next;
    }
    ((out as usize - events as usize) / size_of::<kevent>()) as c_int
}

/// The system call failed.
///
/// # Safety
///
/// As [`several`].
#[cold]
#[inline(never)]
unsafe extern "C" fn failed(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
    limit: *const Limit,
    errno: Errno,
) -> c_int {
    // SAFETY: the caller's promise.
    let limit = unsafe { limit.as_ref() };
    finish(match errno {
        // Linux says so of a bad timeout, of a room that is none or too much, and of a number that is no epoll any more.
        libc::EINVAL if room == 0 => Ok(0),
        libc::EINVAL if room < 0 => Err(libc::EINVAL),
        libc::EINVAL => match check_timeout(limit.map(|limit| &limit.timeout)) {
            Err(errno) => Err(errno),
            Ok(()) if room as usize > MOST_ROOM => {
                // SAFETY: the caller's promises; the timeout is good.
                unsafe {
                    wait_with_list(
                        kq.kq(),
                        epfd,
                        events,
                        MOST_ROOM,
                        limit.map(|limit| limit.deadline),
                    )
                }
                .map_err(|errno| {
                    if errno == libc::EINVAL {
                        libc::EBADF
                    } else {
                        errno
                    }
                })
            }
            Ok(()) => Err(libc::EBADF),
        },
        other => Err(other),
    })
}

/// How far a call has come: the end of what epoll told, the next event to read, the next kevent to write.
struct Progress {
    end: *mut epoll_event,
    at: *mut epoll_event,
    out: *mut kevent,
}

/// Goes on when an event is not a plain one.
///
/// # Safety
///
/// As [`several`].
#[cold]
#[inline(never)]
unsafe extern "C" fn unsteady(
    kq: Published,
    epfd: c_int,
    events: *mut kevent,
    room: c_int,
    limit: *const Limit,
    progress: &Progress,
) -> c_int {
    let kq = kq.kq();
    let room = room as usize;
    // SAFETY: the caller's promise.
    let mut out = unsafe { Out::new(events, room) };
    let buffer = out.buffer();
    let place =
        |event: *mut epoll_event| (event as usize - buffer as usize) / size_of::<epoll_event>();
    let (told, read) = (place(progress.end), place(progress.at));
    let written = (progress.out as usize - events as usize) / size_of::<kevent>();
    out.skip(written);
    let result = (|| {
        let mut guard = kq.lock()?;
        if kq.head.mood.load(Ordering::Relaxed) & ALIVE == 0 {
            guard.release_plain();
            return Err(libc::EBADF);
        }
        let state = guard.state();
        state.call = state.call.wrapping_add(1);
        let call = state.call;
        for at in 0..written {
            // SAFETY: so many kevents have been written.
            let event = unsafe { *events.add(at) };
            let side = if event.filter == EVFILT_WRITE {
                WRITE
            } else {
                READ
            };
            if let Some(node) = state.node(event.ident as u32) {
                node.sides[side].stamp = call;
            }
        }
        translate(state, epfd, &mut out, buffer, read, told);
        deliver_all(state, epfd, &mut out, room, told);
        guard.settle_and_release(epfd)?;
        if out.count != 0 {
            return Ok(out.count);
        }
        // SAFETY: the caller's promises.
        unsafe {
            let deadline = limit.as_ref().map(|limit| limit.deadline);
            wait_with_list(kq, epfd, events, room, deadline)
        }
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
