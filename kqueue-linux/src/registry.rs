//! Which descriptor number is which kqueue: a table of atomics, read without a lock.
//!
//! Nobody tells this crate when a program closes a kqueue. Its memory and its inner descriptors (timers, inotify, processes) are given
//! back when its number is used again, or when a later `kqueue()` comes across it.

use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use libc::c_int;

use crate::hot::HotTable;
use crate::kick;
use crate::kq::{ALIVE, Kq, Published};
use crate::lock::Lock;
use crate::mem;
use crate::node;
use crate::sys::{self, Errno};

/// Numbers below this are looked up with one load.
const DIRECT: usize = 1024;
/// Numbers per page above that.
const PAGE: usize = 512;
/// Pages: numbers up to a little over a million.
const PAGES: usize = 2048;
/// Older kqueues looked at by each `kqueue()`, to see whether they were closed.
const INSPECTED: usize = 8;

type Slot = AtomicPtr<Kq>;

static LOW: [Slot; DIRECT] = [const { AtomicPtr::new(ptr::null_mut()) }; DIRECT];
static HIGH: [AtomicPtr<[Slot; PAGE]>; PAGES] = [const { AtomicPtr::new(ptr::null_mut()) }; PAGES];
/// The kqueues on which a wait without a limit need not look at anything but epoll ([`Head::steady_forever`](crate::kq::Head)), by their first number.
static STEADY: Steady = Steady([const { AtomicPtr::new(ptr::null_mut()) }; DIRECT]);
/// The kernel wipes [`STEADY`] on fork; nothing is put into it before.
static STEADY_IS_WIPED: AtomicBool = AtomicBool::new(false);
/// Every kqueue's memory, open or free.
static ALL: AtomicPtr<Kq> = AtomicPtr::new(ptr::null_mut());
/// Where the next inspection begins.
static CURSOR: AtomicPtr<Kq> = AtomicPtr::new(ptr::null_mut());
/// Taken to make, to adopt and to free kqueues; never by a wait.
static MAKING: Lock = Lock::new();
/// The last serial number; each is given to one kqueue of this process only.
static SERIALS: AtomicU32 = AtomicU32::new(0);
static FORK_HANDLER: AtomicBool = AtomicBool::new(false);

/// Whole pages.
#[repr(C, align(4096))]
struct Steady([AtomicPtr<HotTable>; DIRECT]);

/// The slot of a number, when its page exists.
#[inline(always)]
fn slot(fd: usize) -> Option<&'static Slot> {
    if fd < DIRECT {
        return LOW.get(fd);
    }
    let page = HIGH.get((fd - DIRECT) / PAGE)?.load(Ordering::Acquire);
    // SAFETY: pages are mapped zeroed (null pointers) by `slot_for`, published with Release, and never unmapped.
    unsafe { page.as_ref() }?.get((fd - DIRECT) % PAGE)
}

/// The slot of a number; maps its page. Called with `MAKING` held.
fn slot_for(fd: usize) -> Result<&'static Slot, Errno> {
    if fd >= DIRECT {
        let page = HIGH.get((fd - DIRECT) / PAGE).ok_or(libc::EMFILE)?;
        if page.load(Ordering::Acquire).is_null() {
            page.store(
                mem::map(PAGE * size_of::<Slot>())?.cast().as_ptr(),
                Ordering::Release,
            );
        }
    }
    slot(fd).ok_or(libc::EMFILE)
}

/// As [`find`], for small numbers only: the fewest instructions.
#[inline(always)]
pub(crate) fn find_low(fd: c_int) -> Option<&'static Kq> {
    let pointer = LOW.get(fd as u32 as usize)?.load(Ordering::Acquire);
    // SAFETY: as in `find`.
    unsafe { pointer.as_ref() }
}

/// A kqueue of which a wait without a limit need not look at anything but epoll: the fewest instructions.
#[inline(always)]
pub(crate) fn find_steady(fd: c_int) -> Option<Published> {
    let pointer = STEADY.0.get(fd as u32 as usize)?.load(Ordering::Acquire);
    // SAFETY: `show` stores nothing else.
    unsafe { Published::from_ptr(pointer) }
}

/// Puts a kqueue into [`STEADY`], or takes it out, as its mood says. Called with its lock held.
pub(crate) fn show(kq: &Kq) {
    let fd = kq.fd.load(Ordering::Acquire);
    if let Some(slot) = STEADY.0.get(fd as u32 as usize)
        && STEADY_IS_WIPED.load(Ordering::Acquire)
    {
        let steady = kq.head.steady_forever.load(Ordering::Relaxed);
        let shown = if steady {
            Published::of(kq).as_ptr()
        } else {
            ptr::null_mut()
        };
        slot.store(shown, Ordering::Release);
    }
}

/// Takes a number out of [`STEADY`].
fn hide(fd: c_int) {
    if let Some(slot) = STEADY.0.get(fd as u32 as usize)
        && STEADY_IS_WIPED.load(Ordering::Acquire)
    {
        slot.store(ptr::null_mut(), Ordering::Release);
    }
}

/// Every number that has a slot, whichever kqueue it is. Thousands of loads: for the end of a kqueue, not for a call.
fn slots() -> impl Iterator<Item = (c_int, &'static Slot)> {
    let high = HIGH.iter().enumerate().flat_map(|(index, page)| {
        // SAFETY: as in `slot`.
        let page = unsafe { page.load(Ordering::Acquire).as_ref() };
        let first = DIRECT + index * PAGE;
        page.into_iter()
            .flatten()
            .enumerate()
            .map(move |(at, slot)| (first + at, slot))
    });
    LOW.iter()
        .enumerate()
        .chain(high)
        .map(|(number, slot)| (number as c_int, slot))
}

/// Every number under which a kqueue is known.
pub(crate) fn numbers(kq: &Kq) -> impl Iterator<Item = c_int> {
    slots()
        .filter(move |(_, slot)| ptr::eq(slot.load(Ordering::Acquire), kq))
        .map(|(number, _)| number)
}

/// A kqueue by number. It may have been closed since; epoll will say so.
#[inline(always)]
pub(crate) fn find(fd: c_int) -> Option<&'static Kq> {
    let pointer = slot(fd as usize)?.load(Ordering::Acquire);
    // SAFETY: a slot holds null or a `Kq`, whose memory is never given back.
    unsafe { pointer.as_ref() }
}

fn all() -> impl Iterator<Item = &'static Kq> {
    let mut at = ALL.load(Ordering::Acquire);
    core::iter::from_fn(move || {
        // SAFETY: the list consists of `Kq`s, whose memory is never given back.
        let kq = unsafe { at.as_ref() }?;
        at = kq.next.load(Ordering::Acquire);
        Some(kq)
    })
}

/// Wakes the waiters of every kqueue: something that only memory knows concerns several.
pub(crate) fn kick_all() {
    for kq in all() {
        let fd = kq.fd.load(Ordering::Acquire);
        if fd >= 0 {
            let _ = kick::set(fd, kq.head.serial.load(Ordering::Acquire), true, false);
        }
    }
}

/// `kqueue()` and `kqueue1()`.
pub(crate) fn create(cloexec: bool) -> Result<c_int, Errno> {
    let epfd = sys::epoll_create(cloexec)?;
    // A handler that interrupted `kqueue()` in its own thread cannot wait for it.
    let result = match MAKING.acquire() {
        Ok(()) => {
            let result = set_up(epfd);
            MAKING.release();
            result
        }
        Err(_) => Err(libc::EDEADLK),
    };
    if result.is_err() {
        sys::close(epfd);
    }
    result.map(|()| epfd)
}

fn set_up(epfd: c_int) -> Result<(), Errno> {
    if !FORK_HANDLER.swap(true, Ordering::AcqRel) {
        sys::at_fork_in_child(in_child);
        let wiped = sys::wipe_on_fork(NonNull::from(&STEADY).cast(), size_of::<Steady>());
        STEADY_IS_WIPED.store(wiped.is_ok(), Ordering::Release);
    }
    let slot = slot_for(epfd as usize)?;
    // SAFETY: as in `find`.
    if let Some(old) = unsafe { slot.load(Ordering::Acquire).as_ref() } {
        lost_number(old, epfd);
    }
    hide(epfd);
    inspect();
    let kq = match all().find(|kq| kq.fd.load(Ordering::Acquire) < 0) {
        Some(free) => free,
        None => map_one()?,
    };
    let mut guard = kq.lock()?;
    let serial = new_serial();
    if let Err(errno) = kick::attach(epfd, serial) {
        guard.release_plain();
        return Err(errno);
    }
    kq.head.serial.store(serial, Ordering::Release);
    guard.state().start(&kq.hot, serial);
    kq.head.set_mood(ALIVE);
    kq.fd.store(epfd, Ordering::Release);
    slot.store(ptr::from_ref(kq).cast_mut(), Ordering::Release);
    show(kq);
    guard.release_plain();
    Ok(())
}

fn new_serial() -> u32 {
    SERIALS.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
}

/// Memory for one more.
fn map_one() -> Result<&'static Kq, Errno> {
    let start = mem::map(size_of::<Kq>())?;
    if let Err(errno) = sys::wipe_on_fork(start, 4096) {
        sys::munmap(start, size_of::<Kq>());
        return Err(errno);
    }
    // SAFETY: fresh zeroed pages of the right size and alignment; all zero is a valid, free `Kq` (its numbers are set right below), and the
    // mapping is never given back.
    let kq = unsafe { start.cast::<Kq>().as_ref() };
    kq.fd.store(-1, Ordering::Relaxed);
    let mut guard = kq.lock()?;
    guard.state().start(&kq.hot, 0);
    guard.release_plain();
    kq.next
        .store(ALL.load(Ordering::Relaxed), Ordering::Relaxed);
    ALL.store(ptr::from_ref(kq).cast_mut(), Ordering::Release);
    Ok(kq)
}

/// A number of this kqueue belongs to somebody else now, or is about to be closed. Frees the kqueue, unless it lives on under another number. Called with
/// `MAKING` held.
fn lost_number(kq: &'static Kq, fd: c_int) {
    clear_slot(kq, fd);
    if kq.fd.load(Ordering::Acquire) != fd {
        return;
    }
    for other in numbers(kq) {
        if kick::is_ours(other) {
            // The lock keeps `show` away while its first number changes. (A signal handler that interrupted the lock's owner does without.)
            let guard = kq.lock();
            hide(fd);
            kq.fd.store(other, Ordering::Release);
            if let Ok(guard) = guard {
                show(kq);
                guard.release_plain();
            }
            return;
        }
        clear_slot(kq, other);
    }
    free(kq);
}

/// A number is not this kqueue any more.
fn clear_slot(kq: &'static Kq, fd: c_int) {
    if let Some(slot) = slot(fd as usize) {
        let _ = slot.compare_exchange(
            ptr::from_ref(kq).cast_mut(),
            ptr::null_mut(),
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
    }
}

/// Tells that a number is about to be closed with `close(2)`, so that what this crate keeps for it can be given back at once, and the number, when it is used again, is
/// not taken for the old kqueue. A kqueue lives on under other numbers that `dup`
/// made, as far as they have been used in a call or told by [`duplicated`]. Numbers that are no kqueue are ignored.
///
/// ```
/// let kq = kqueue_linux::kqueue();
/// kqueue_linux::forget(kq);
/// unsafe { libc::close(kq) };
/// ```
pub fn forget(fd: c_int) {
    if find(fd).is_some() && MAKING.acquire().is_ok() {
        // Again, now that nobody else changes it.
        if let Some(kq) = find(fd) {
            lost_number(kq, fd);
        }
        MAKING.release();
    }
}

/// Tells that `duplicate` is a duplicate of the kqueue `kq`, just made with `dup(2)` or the like. The duplicate then keeps the kqueue, and is not taken for a closed kqueue that had its
/// number. Not needed for a number that no kqueue had: a duplicate is recognised, and keeps the kqueue, when it is used in a call. Numbers that are no kqueue are ignored.
///
/// ```
/// let kq = kqueue_linux::kqueue();
/// let other = unsafe { libc::fcntl(kq, libc::F_DUPFD_CLOEXEC, 0) };
/// kqueue_linux::duplicated(kq, other);
/// kqueue_linux::forget(kq);
/// unsafe { libc::close(kq) };
/// // What was `kq` lives on as `other`.
/// assert_eq!(unsafe { kqueue_linux::kevent(other, std::ptr::null(), 0, std::ptr::null_mut(), 0, std::ptr::null()) }, 0);
/// kqueue_linux::forget(other);
/// unsafe { libc::close(other) };
/// ```
pub fn duplicated(kq: c_int, duplicate: c_int) {
    let Some(kq) = find(kq).or_else(|| adopt(kq)) else {
        return;
    };
    if duplicate < 0 || duplicate as usize > node::MAX_FD || MAKING.acquire().is_err() {
        return;
    }
    match find(duplicate) {
        Some(known) if ptr::eq(known, kq) => {}
        Some(closed) => {
            lost_number(closed, duplicate);
            remember(kq, duplicate);
        }
        None => remember(kq, duplicate),
    }
    MAKING.release();
}

/// Is the number still this kqueue? Asked when a change fails that only memory was asked about: the program may have closed the kqueue and used the number again, perhaps
/// for a `dup` of another one, which is the answer then.
#[cold]
pub(crate) fn verify(kq: &'static Kq, fd: c_int) -> Result<(), Option<&'static Kq>> {
    if !kick::is_ours(fd) {
        return Err(None);
    }
    // Without another one in sight the kernel need not be asked at length.
    let others = || all().filter(|other| !ptr::eq(*other, kq));
    if !others().any(|other| other.fd.load(Ordering::Acquire) != fd && is_same(other, fd)) {
        return Ok(());
    }
    // One of the two has a number that belongs to somebody else by now.
    match kick::identity(fd) {
        Some(serial) if serial != kq.head.serial.load(Ordering::Acquire) => {
            let other = others().find(|other| other.head.serial.load(Ordering::Acquire) == serial);
            if let Some(other) = other
                && MAKING.acquire().is_ok()
            {
                lost_number(kq, fd);
                remember(other, fd);
                MAKING.release();
            }
            other.map_or(Ok(()), |other| Err(Some(other)))
        }
        _ => Ok(()),
    }
}

/// Writes another number of a kqueue down. Called with `MAKING` held.
fn remember(kq: &'static Kq, fd: c_int) {
    if let Ok(slot) = slot_for(fd as usize) {
        slot.store(ptr::from_ref(kq).cast_mut(), Ordering::Release);
    }
}

/// Looks whether some of the older kqueues were closed.
fn inspect() {
    let mut at = CURSOR.load(Ordering::Relaxed);
    for _ in 0..INSPECTED {
        // SAFETY: as in `all`.
        let Some(kq) = (unsafe { at.as_ref() }) else {
            at = ALL.load(Ordering::Acquire);
            continue;
        };
        let fd = kq.fd.load(Ordering::Acquire);
        if fd >= 0 && !kick::is_ours(fd) {
            lost_number(kq, fd);
        }
        at = kq.next.load(Ordering::Acquire);
    }
    CURSOR.store(at, Ordering::Relaxed);
}

/// Gives a closed kqueue's inner descriptors and tables back. No number is left.
fn free(kq: &'static Kq) {
    let Ok(mut guard) = kq.lock() else { return };
    kq.head.set_mood(0);
    show(kq);
    kq.head.serial.store(new_serial(), Ordering::Release);
    guard.state().tear_down();
    kq.fd.store(-1, Ordering::Release);
    guard.release_plain();
}

/// A number that the table does not know: perhaps a `dup` of a kqueue. The kernel tells which one; where that cannot be read, epoll tells whether two numbers are the same: one
/// cannot be put into itself (`EINVAL`).
#[cold]
pub(crate) fn adopt(fd: c_int) -> Option<&'static Kq> {
    if fd < 0
        || fd as usize > node::MAX_FD
        || sys::is_open(fd).is_err()
        || MAKING.acquire().is_err()
    {
        return None;
    }
    let found = match kick::identity(fd) {
        Some(serial) => all().find(|kq| kq.head.serial.load(Ordering::Acquire) == serial),
        None => all().find(|kq| is_same(kq, fd)),
    };
    if let Some(kq) = found {
        remember(kq, fd);
    }
    MAKING.release();
    found
}

fn is_same(kq: &Kq, fd: c_int) -> bool {
    let known = kq.fd.load(Ordering::Acquire);
    if known < 0 {
        return false;
    }
    let Ok(mut guard) = kq.lock() else {
        return false;
    };
    // Should the number be registered in that kqueue, asking must not change the registration.
    let (events, word) = match guard.state().node(fd as u32) {
        Some(node) if node.armed() != 0 => (
            node.armed(),
            crate::state::tag::word(crate::state::tag::NODE, node.generation, fd as u32),
        ),
        _ => (0, 0),
    };
    let answer = sys::epoll_ctl(known, libc::EPOLL_CTL_MOD, fd, events, word);
    guard.release_plain();
    answer == Err(libc::EINVAL) && kick::is_ours(known)
}

/// In the child of a fork: kqueues are not inherited. The first pages have been wiped by the kernel, so that every call fails with
/// `EBADF`, whoever forked; this closes the numbers and gives the memory back. Only system calls: safe after a fork of a threaded process.
unsafe extern "C" fn in_child() {
    let errno = sys::errno();
    MAKING.reset();
    for (number, slot) in slots() {
        if !slot.swap(ptr::null_mut(), Ordering::AcqRel).is_null() {
            if kick::is_ours(number) {
                sys::close(number);
            }
            hide(number);
        }
    }
    for kq in all() {
        kq.fd.store(-1, Ordering::Release);
        // SAFETY: the C library runs this in the child's only thread; guards of other threads do not exist here. (A guard of the forking
        // thread itself cannot be alive: this crate never forks.)
        unsafe { kq.state_after_fork() }.tear_down();
    }
    sys::set_errno(errno);
}

/// Used by [`map_one`]: the first page is what the kernel wipes.
const _: () = assert!(core::mem::offset_of!(Kq, fd) == 4096 && align_of::<Kq>() == 4096);
/// `mem::map` gives whole pages.
const _: () = assert!(size_of::<NonNull<u8>>() == size_of::<usize>());
