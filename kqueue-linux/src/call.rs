//! The three calls: arguments in, errno out.

use core::slice;
use core::sync::atomic::Ordering;

use libc::{c_int, timespec};

use crate::abi::{self, EV_ERROR, EV_RECEIPT, EV_SYSFLAGS};
use crate::kq::{Kq, Published};
use crate::sys::{self, Errno};
use crate::wait::steady;
use crate::{filter, registry, wait};

type Event = abi::kevent;

/// Makes a kqueue: `kqueue(2)`. Returns its descriptor, or -1 with `errno` set (`EMFILE`, `ENFILE`, `ENOMEM`).
///
/// The descriptor is not close-on-exec, as on the BSDs. A forked child cannot use it.
///
/// ```
/// let kq = kqueue_linux::kqueue();
/// assert!(kq >= 0);
/// unsafe { libc::close(kq) };
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn kqueue() -> c_int {
    answer(registry::create(false))
}

/// As [`kqueue`], with flags: `O_CLOEXEC`; `O_NONBLOCK` is accepted and does nothing. Any other bit is `EINVAL`.
#[unsafe(no_mangle)]
pub extern "C" fn kqueue1(flags: c_int) -> c_int {
    if flags & !(libc::O_CLOEXEC | libc::O_NONBLOCK) != 0 {
        return answer(Err(libc::EINVAL));
    }
    answer(registry::create(flags & libc::O_CLOEXEC != 0))
}

/// Applies changes, then waits for events: `kevent(2)`. Returns how many entries were stored, 0 when the time ran out, or -1 with `errno` set.
///
/// # Errors
///
/// `EBADF` for a number that is no kqueue of this process, `EFAULT` for a null list with a count, `EINVAL` for a negative count or a bad timeout (the changes
/// are applied nevertheless), `EINTR` when a signal interrupted the wait (the changes are applied), and, without room for an `EV_ERROR` entry, the
/// errno of the first change that failed.
///
/// # Safety
///
/// `changelist` is valid for reading `nchanges` entries, `eventlist` for writing `nevents`, `timeout` is null or valid; the two lists may overlap only when
/// they start at the same address.
///
/// ```
/// use kqueue_linux::{EV_ADD, EV_CLEAR, EVFILT_USER, NOTE_TRIGGER, kevent, kqueue};
///
/// let kq = kqueue();
/// let mut change = kevent { ident: 1, filter: EVFILT_USER, flags: EV_ADD | EV_CLEAR, fflags: 0, data: 0, udata: std::ptr::null_mut() };
/// let mut event = change;
/// unsafe {
///     assert_eq!(kevent(kq, &change, 1, std::ptr::null_mut(), 0, std::ptr::null()), 0);
///     (change.flags, change.fflags) = (0, NOTE_TRIGGER);
///     assert_eq!(kevent(kq, &change, 1, &mut event, 1, std::ptr::null()), 1);
///     libc::close(kq);
/// }
/// assert_eq!(event.ident, 1);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kevent(
    kq: c_int,
    changelist: *const Event,
    nchanges: c_int,
    eventlist: *mut Event,
    nevents: c_int,
    timeout: *const timespec,
) -> c_int {
    // Without changes and without a limit: one test for both.
    if nchanges as u32 as usize | timeout.addr() != 0 {
        // SAFETY: the caller's promises.
        return unsafe { less_steady(kq, changelist, nchanges, eventlist, nevents, timeout) };
    }
    let Some(found) = registry::find_steady(kq) else {
        // SAFETY: the caller's promises.
        return unsafe { general(kq, changelist, nchanges, eventlist, nevents, timeout) };
    };
    // SAFETY: the caller's promises. A null list and a room below 1 are found by the kernel.
    unsafe { steady::wait_plain(found, kq, eventlist, nevents, -1) }
}

/// Every call but the steadiest.
///
/// # Safety
///
/// As [`kevent`].
#[inline(never)]
unsafe extern "C" fn less_steady(
    kq: c_int,
    changelist: *const Event,
    nchanges: c_int,
    eventlist: *mut Event,
    nevents: c_int,
    timeout: *const timespec,
) -> c_int {
    if nchanges == 0 && !timeout.is_null() {
        // SAFETY: the caller's promises; the timeout is not null.
        if unsafe { steady::is_zero(timeout) } {
            // May be woken for nothing: no time is left then in any case.
            if let Some(found) = registry::find_steady(kq) {
                // SAFETY: as in `kevent`.
                return unsafe { steady::wait_plain(found, kq, eventlist, nevents, 0) };
            }
        } else if let Some(found) = registry::find_low(kq)
            && found.head.steady_timed.load(Ordering::Acquire)
        {
            // SAFETY: as in `kevent`; a bad timeout is found by the kernel.
            return unsafe {
                steady::wait_with_timeout(Published::of(found), kq, eventlist, nevents, timeout)
            };
        }
    }
    // SAFETY: the caller's promises.
    unsafe { general(kq, changelist, nchanges, eventlist, nevents, timeout) }
}

/// Calls with changes, and waits on a kqueue of which more must be looked at.
///
/// # Safety
///
/// As [`kevent`].
#[inline(never)]
unsafe extern "C" fn general(
    kq: c_int,
    changelist: *const Event,
    nchanges: c_int,
    eventlist: *mut Event,
    nevents: c_int,
    timeout: *const timespec,
) -> c_int {
    // SAFETY: the caller's promises.
    answer(
        unsafe { call(kq, changelist, nchanges, eventlist, nevents, timeout) }
            .map(|count| count as c_int),
    )
}

#[inline(always)]
fn answer(result: Result<c_int, Errno>) -> c_int {
    match result {
        Ok(value) => value,
        Err(errno) => fail(errno),
    }
}

#[cold]
fn fail(errno: Errno) -> c_int {
    sys::set_errno(errno);
    -1
}

/// # Safety
///
/// As [`kevent`].
#[inline(always)]
unsafe fn call(
    epfd: c_int,
    changelist: *const Event,
    nchanges: c_int,
    eventlist: *mut Event,
    nevents: c_int,
    timeout: *const timespec,
) -> Result<usize, Errno> {
    let mut kq = match registry::find(epfd) {
        Some(kq) => kq,
        None => registry::adopt(epfd).ok_or(libc::EBADF)?,
    };
    // SAFETY: the caller's promise.
    let timeout = unsafe { timeout.as_ref() };
    if nchanges != 0 {
        // SAFETY: the caller's promises.
        let changes = unsafe { Changes::new(changelist, nchanges, eventlist, nevents)? };
        match changes.apply(kq, epfd, timeout)? {
            Applied::All => {}
            Applied::End(count) => return Ok(count),
            Applied::AnotherKqueue(other) => {
                kq = other;
                match changes.apply(kq, epfd, timeout)? {
                    Applied::All => {}
                    Applied::End(count) => return Ok(count),
                    Applied::AnotherKqueue(_) => return Err(libc::EBADF),
                }
            }
        }
    }
    if nevents <= 0 {
        return if nevents == 0 {
            Ok(0)
        } else {
            Err(libc::EINVAL)
        };
    }
    wait::check_timeout(timeout)?;
    if eventlist.is_null() {
        return Err(libc::EFAULT);
    }
    let room = (nevents as usize).min(wait::MOST_ROOM);
    let published = Published::of(kq);
    // SAFETY: the caller's promises; there is room.
    let steadily =
        unsafe {
            match timeout {
                None if kq.head.steady_forever.load(Ordering::Acquire) => Some(
                    steady::wait_for_ever(published, epfd, eventlist, room as c_int),
                ),
                Some(time) if kq.head.steady_timed.load(Ordering::Acquire) => Some(
                    steady::wait_with_timeout(published, epfd, eventlist, room as c_int, time),
                ),
                _ => None,
            }
        };
    match steadily {
        Some(-1) => return Err(sys::errno()),
        Some(count) => return Ok(count as usize),
        None => {}
    }
    let deadline = timeout.map(wait::deadline);
    // SAFETY: as above. The timeout is good, so `EINVAL` is about the number.
    unsafe { wait::wait_with_list(kq, epfd, eventlist, room, deadline) }.map_err(|errno| {
        if errno == libc::EINVAL {
            libc::EBADF
        } else {
            errno
        }
    })
}

/// The lists of a call that has changes.
struct Changes {
    list: *const Event,
    count: usize,
    events: *mut Event,
    room: usize,
}

/// What became of a change list.
enum Applied {
    /// All are applied; the call goes on to wait.
    All,
    /// The call ends with this result: there were failures or receipts, or there was no room for one.
    End(usize),
    /// None is applied: the number is another kqueue than the table said.
    AnotherKqueue(&'static Kq),
}

impl Changes {
    /// # Safety
    ///
    /// As [`kevent`].
    unsafe fn new(
        list: *const Event,
        count: c_int,
        events: *mut Event,
        room: c_int,
    ) -> Result<Self, Errno> {
        if count < 0 || room < 0 {
            return Err(libc::EINVAL);
        }
        if list.is_null() || events.is_null() && room > 0 {
            return Err(libc::EFAULT);
        }
        Ok(Self {
            list,
            count: count as usize,
            events,
            room: room as usize,
        })
    }

    /// Applies all.
    fn apply(
        &self,
        kq: &'static Kq,
        epfd: c_int,
        timeout: Option<&timespec>,
    ) -> Result<Applied, Errno> {
        let mut guard = match kq.lock() {
            Ok(guard) => guard,
            Err(errno) => return self.post(kq, epfd, errno),
        };
        if kq.head.mood.load(Ordering::Relaxed) & crate::kq::ALIVE == 0 {
            guard.release_plain();
            return Err(libc::EBADF);
        }
        let mut entries = 0;
        let mut end = Ok(Applied::All);
        for at in 0..self.count {
            // SAFETY: `new`'s caller promised `count` entries. Each is copied before anything is written to the other list, of which at
            // most as many entries have been written as changes were read.
            let mut change = unsafe { self.list.add(at).read() };
            if change.filter == 0 {
                continue;
            }
            change.flags &= !EV_SYSFLAGS;
            let result = filter::change(guard.state(), epfd, &change);
            if result.is_ok() && change.flags & EV_RECEIPT == 0 {
                continue;
            }
            // Only memory may have been asked so far: is the number still that kqueue at all?
            if at == 0 && result.is_err() {
                // Another kqueue's lock may be needed to find out.
                guard.settle_and_release(epfd)?;
                match registry::verify(kq, epfd) {
                    Ok(()) => guard = kq.lock()?,
                    Err(None) => return Err(libc::EBADF),
                    Err(Some(other)) => return Ok(Applied::AnotherKqueue(other)),
                }
            }
            if entries == self.room {
                // No room: the call ends here, with the failure, or with 0 for a receipt.
                end = result.map(|()| Applied::End(0));
                break;
            }
            change.flags = EV_ERROR;
            change.data = result.err().unwrap_or(0) as isize;
            // SAFETY: `entries` is below `room`, which `new`'s caller promised.
            unsafe { self.events.add(entries).write(change) };
            entries += 1;
        }
        if entries != 0 && matches!(end, Ok(Applied::All)) {
            end = Ok(Applied::End(entries));
        }
        // A wait that follows collects what is ready by itself; otherwise others must hear of it now.
        let waits = matches!(end, Ok(Applied::All))
            && self.room != 0
            && wait::check_timeout(timeout).is_ok();
        if waits && !guard.state().needs_settling() {
            guard.release(epfd);
            return end;
        }
        guard.settle_and_release(epfd)?;
        end
    }

    /// A signal handler interrupted the lock's owner: triggers go to the mailbox.
    #[cold]
    fn post(&self, kq: &Kq, _epfd: c_int, errno: Errno) -> Result<Applied, Errno> {
        if self.room != 0 {
            return Err(errno);
        }
        // SAFETY: `new`'s caller promised `count` entries.
        for change in unsafe { slice::from_raw_parts(self.list, self.count) } {
            kq.head.mailbox.post(change)?;
        }
        Ok(Applied::End(0))
    }
}
