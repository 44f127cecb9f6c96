//! Waiting and collecting: one `epoll_pwait2`, whose events become kevents in the caller's own array.
//!
//! There is no buffer in between. The kernel writes its (smaller) events at the far end of the caller's array, and they are turned into kevents from
//! the near end; [`Out`] never lets a kevent overtake an event that was not read yet.

mod deliver;
pub(crate) mod pending;
pub(crate) mod steady;

use core::ptr;
use core::sync::atomic::Ordering;

use libc::{c_int, epoll_event, timespec};

use crate::abi::kevent;
use crate::filter::{process, signal, timer, watch};
use crate::kq::{ALIVE, Kq};
use crate::note;
use crate::state::{CLOCK, State, tag};
use crate::sys::{self, Errno};

pub(crate) const NOTHING: timespec = timespec {
    tv_sec: 0,
    tv_nsec: 0,
};
/// How often EMPTY registrations are looked at, for which nothing wakes a waiter: 2 ms.
const EMPTY_SLICE: u64 = 2_000_000;

/// The most events that one call asks for: beyond it epoll says `EINVAL`.
pub(crate) const MOST_ROOM: usize = 1 << 26;
/// How often one call asks epoll for more.
const MOST_TURNS: u32 = 4096;

/// The caller's array, being filled.
pub(crate) struct Out {
    at: *mut kevent,
    /// No kevent may end beyond this: the end of the array, or the first epoll event that was not read yet.
    limit: *mut kevent,
    end: *mut kevent,
    pub(crate) count: usize,
    /// Something found no room only because an epoll event was still in the way.
    squeezed: bool,
}

impl Out {
    /// # Safety
    ///
    /// `events` is valid for writing `room` entries as long as the value lives.
    unsafe fn new(events: *mut kevent, room: usize) -> Self {
        let end = events.wrapping_add(room);
        Self {
            at: events,
            limit: end,
            end,
            count: 0,
            squeezed: false,
        }
    }

    /// No room for another one (now).
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.at.wrapping_add(1) > self.limit
    }

    /// Says that something must be asked for again.
    pub(crate) fn squeeze(&mut self) {
        self.squeezed = true;
    }

    /// Room that is left when all epoll events have been read.
    fn room(&self) -> usize {
        (self.end as usize - self.at as usize) / size_of::<kevent>()
    }

    /// Stores a kevent. The caller has asked [`Out::is_full`].
    #[inline(always)]
    pub(crate) fn push(&mut self, event: kevent) {
        debug_assert!(!self.is_full());
        // SAFETY: below `limit`, so within the array that `new`'s caller promised; plain integers and a pointer need no drop.
        unsafe { self.at.write(event) };
        self.at = self.at.wrapping_add(1);
        self.count += 1;
    }

    /// Counts kevents that have been written already.
    fn skip(&mut self, written: usize) {
        self.at = self.at.wrapping_add(written);
        self.count += written;
    }

    /// Where the kernel may write its events: the far end of the room that is left.
    fn buffer(&self) -> *mut epoll_event {
        self.end.cast::<epoll_event>().wrapping_sub(self.room())
    }
}

/// Checks a timeout as the kernels do.
pub(crate) fn check_timeout(timeout: Option<&timespec>) -> Result<(), Errno> {
    match timeout {
        Some(time) if time.tv_sec < 0 || !(0..1_000_000_000).contains(&time.tv_nsec) => {
            Err(libc::EINVAL)
        }
        _ => Ok(()),
    }
}

/// The moment of [`CLOCK`] at which a wait ends that begins now: 0 for one that does not wait. Read once for each call, so that one that is woken for nothing goes on for what is
/// left only. A timeout that is not valid gives some number: the system call will refuse it.
#[inline(always)]
pub(crate) fn deadline(timeout: &timespec) -> u64 {
    if timeout.tv_sec == 0 && timeout.tv_nsec == 0 {
        return 0;
    }
    (timeout.tv_sec as u64)
        .saturating_mul(1_000_000_000)
        .saturating_add(timeout.tv_nsec as u64)
        .saturating_add(sys::now(CLOCK))
}

/// Waits and collects, on a kqueue whose ready list or watched files must be looked at, or that was woken for nothing. `deadline` is [`deadline`]'s, `None` for a wait for ever.
///
/// # Safety
///
/// `events` is valid for writing `room` entries, and `room` is at least 1.
#[inline(never)]
pub(crate) unsafe fn wait_with_list(
    kq: &'static Kq,
    epfd: c_int,
    events: *mut kevent,
    room: usize,
    deadline: Option<u64>,
) -> Result<usize, Errno> {
    let serial = kq.head.serial.load(Ordering::Acquire);
    if kq.head.mood.load(Ordering::Acquire) & ALIVE == 0 {
        return Err(libc::EBADF);
    }
    loop {
        // SAFETY: the caller's promise.
        let mut out = unsafe { Out::new(events, room) };
        let mut guard = kq.lock_same(serial)?;
        let state = guard.state();
        state.call = state.call.wrapping_add(1);
        deliver::look_at_polled(state, epfd);
        if state.list_first {
            state.list_first = false;
            harvest(state, epfd);
            deliver::from_list(state, epfd, &mut out);
            if out.room() == 0 {
                guard.settle_and_release(epfd)?;
                return Ok(out.count);
            }
        }
        let now = if deadline.is_some_and(|deadline| deadline != 0) {
            sys::now(CLOCK)
        } else {
            0
        };
        let over = deadline.is_some_and(|deadline| deadline <= now);
        let looking = out.count != 0 || state.ready.length != 0 || state.zombies || over;
        let slice = if looking {
            Some(0)
        } else {
            let left = deadline.map(|deadline| deadline - now);
            if state.empties == 0 {
                left
            } else {
                Some(left.unwrap_or(u64::MAX).min(EMPTY_SLICE))
            }
        };
        // Before a sleep the timers must be set; a kick that is out will be collected by the call itself.
        let settled = if !looking && state.dirty {
            state.settle(epfd)
        } else {
            Ok(())
        };
        guard.release(epfd);
        settled?;

        let time = slice.map_or(NOTHING, |slice| timespec {
            tv_sec: (slice / 1_000_000_000) as libc::time_t,
            tv_nsec: (slice % 1_000_000_000) as libc::c_long,
        });
        let asked = out.room();
        let buffer = out.buffer();
        // SAFETY: an epoll event is smaller than a kevent, so the far end of the room that is left holds that many.
        let found = unsafe { sys::epoll_wait(epfd, buffer, asked, slice.map(|_| &time)) };
        let mut guard = kq.lock_same(serial)?;
        let state = guard.state();
        let found = match found {
            Ok(found) => found,
            Err(errno) => {
                guard.settle_and_release(epfd)?;
                return if out.count != 0 {
                    Ok(out.count)
                } else {
                    Err(errno)
                };
            }
        };
        translate(state, epfd, &mut out, buffer, 0, found);
        deliver_all(state, epfd, &mut out, asked, found);
        if state.zombies && out.count == 0 {
            guard.release(epfd);
            if let Some(other) = crate::zombie::mistaken(kq, epfd)? {
                // SAFETY: the caller's promises.
                return unsafe { wait_with_list(other, epfd, events, room, deadline) };
            }
            guard = kq.lock_same(serial)?;
        }
        let state = guard.state();
        if state.zombies
            && let Err(errno) = crate::zombie::bury(kq, state, epfd)
        {
            guard.settle_and_release(epfd)?;
            return if out.count != 0 {
                Ok(out.count)
            } else {
                Err(errno)
            };
        }
        guard.settle_and_release(epfd)?;
        if out.count != 0 || over {
            return Ok(out.count);
        }
    }
}

/// Takes the edges that epoll has to tell to the ready list, without delivering anything: the list is looked at next, and must not tell what epoll
/// would then tell a second time. Level events come again by themselves.
fn harvest(state: &mut State, epfd: c_int) {
    const MOST: usize = 64;
    let mut buffer = [const { epoll_event { events: 0, u64: 0 } }; MOST];
    // SAFETY: the array has `MOST` entries.
    let found =
        unsafe { sys::epoll_wait(epfd, buffer.as_mut_ptr(), MOST, Some(&NOTHING)) }.unwrap_or(0);
    // SAFETY: without room nothing is ever written.
    let mut nowhere = unsafe { Out::new(ptr::null_mut(), 0) };
    for event in buffer.iter().take(found) {
        let (bits, word) = (event.events, event.u64);
        translate_one(state, epfd, &mut nowhere, bits, word);
    }
}

/// Delivers the ready list, and fills the room: as long as epoll had as much to tell as there was room, and some of it was nothing to deliver (the kick, a
/// timer, a disabled registration), there may be more.
fn deliver_all(state: &mut State, epfd: c_int, out: &mut Out, mut asked: usize, mut found: usize) {
    // A bound: epoll tells each thing once, after it has been dealt with.
    for _ in 0..MOST_TURNS {
        if state.ready.length != 0 {
            state.list_first = out.is_full();
            if found == asked && !out.is_full() {
                // Epoll has more to tell, perhaps of what is on the list: together it is one event.
                harvest(state, epfd);
            }
            deliver::from_list(state, epfd, out);
        }
        if found < asked && !core::mem::take(&mut out.squeezed) || out.is_full() || state.zombies {
            return;
        }
        if state.kicked && state.nested && crate::kick::set(epfd, state.serial, false, true).is_ok()
        {
            // It would take a place each time; it is turned on again when the call ends.
            (state.kicked, state.dirty) = (false, true);
        }
        asked = out.room();
        let buffer = out.buffer();
        // SAFETY: as above.
        found = unsafe { sys::epoll_wait(epfd, buffer, asked, Some(&NOTHING)) }.unwrap_or(0);
        translate(state, epfd, out, buffer, 0, found);
    }
}

/// Turns what epoll told, from the event `first` on, into kevents or into entries of the ready list.
fn translate(
    state: &mut State,
    epfd: c_int,
    out: &mut Out,
    buffer: *mut epoll_event,
    first: usize,
    count: usize,
) {
    for at in first..count {
        // SAFETY: the kernel wrote `count` events there, and `out.limit` has kept every kevent before this one.
        let event = unsafe { ptr::read_unaligned(buffer.wrapping_add(at)) };
        out.limit = if at + 1 == count {
            out.end
        } else {
            buffer.wrapping_add(at + 1).cast()
        };
        translate_one(state, epfd, out, event.events, event.u64);
    }
    out.limit = out.end;
}

fn translate_one(state: &mut State, epfd: c_int, out: &mut Out, bits: u32, word: u64) {
    let (generation, index) = tag::unpack(word);
    match word & tag::KIND {
        tag::NODE => deliver::from_epoll(state, epfd, out, index, generation, bits),
        tag::NOTE => {
            let Some(found) = state.note(index) else {
                return;
            };
            if found.status & note::DEAD == 0 && found.generation == generation {
                match found.filter {
                    crate::abi::EVFILT_PROC => process::ended(state, index),
                    _ => signal::arrived(state, index),
                }
            }
        }
        _ => match word & u32::MAX as u64 {
            // Another kqueue's kick: the number is that one's.
            tag::KICK if index != state.serial => crate::zombie::met(state),
            tag::KICK => (state.kicked, state.dirty) = (state.nested, true),
            tag::TIMER => timer::expired(state),
            _ => watch::read(state),
        },
    }
}
