//! The data structures by themselves; behaviour is tested from outside, in `tests/`.

extern crate std;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use std::vec::Vec;
use std::{mem, thread};

use crate::abi::*;
use crate::filter::{timer, watch};
use crate::heap::Heap;
use crate::lock::Lock;
use crate::mailbox::Mailbox;
use crate::mem::Chunks;
use crate::note::Notes;

std::thread_local! {
    /// The timeouts of this thread's system calls that wait, in nanoseconds; -1 for ever.
    static ASKED: RefCell<Vec<i128>> = const { RefCell::new(Vec::new()) };
    /// How much longer the next of them takes.
    static LASTS: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Called by [`sys::epoll_wait`](crate::sys::epoll_wait).
pub(crate) fn asked_to_wait(timeout: Option<&libc::timespec>) {
    let nanoseconds = timeout.map_or(-1, |time| {
        i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
    });
    ASKED.with_borrow_mut(|asked| asked.push(nanoseconds));
    let lasts = LASTS.take();
    if lasts != Duration::ZERO {
        thread::sleep(lasts);
    }
}

/// All zero, as in fresh pages.
fn zeroed<T>() -> T {
    // SAFETY: each type it is used for is made of pages that start zeroed.
    unsafe { mem::zeroed() }
}

#[test]
fn chunks_grow_without_moving() {
    let mut chunks: Chunks<u32> = zeroed();
    assert!(chunks.get(5).is_none());
    let mut places = Vec::new();
    for index in [0, 63, 64, 191, 192, 100_000, 1 << 20] {
        let place = chunks.ensure(index).expect("memory");
        *place = index + 1;
        places.push((index, std::ptr::from_mut(place)));
    }
    for (index, place) in places {
        let now = chunks.get(index).expect("mapped");
        assert_eq!((*now, std::ptr::from_mut(now)), (index + 1, place));
    }
    assert_eq!(chunks.ensure(u32::MAX).err(), Some(libc::ENOMEM));
    chunks.unmap();
    assert!(chunks.get(0).is_none());
}

#[test]
fn notes_are_found_until_they_are_removed() {
    let mut notes: Notes = zeroed();
    let count = 5000;
    let indices: Vec<u32> = (0..count)
        .map(|ident| notes.insert(EVFILT_USER, ident).expect("memory"))
        .collect();
    let other = notes.insert(EVFILT_TIMER, 7).expect("memory");
    assert_eq!(notes.find(EVFILT_TIMER, 7), Some(other));
    for ident in (0..count).step_by(2) {
        notes.remove(indices[ident]);
    }
    for (ident, index) in indices.iter().enumerate() {
        let expected = (ident % 2 == 1).then_some(*index);
        assert_eq!(notes.find(EVFILT_USER, ident), expected);
    }
    let generation = notes.at(indices[0]).expect("mapped").generation;
    assert_ne!(
        generation, 0,
        "a removed note's slot has another generation"
    );
    // Freed slots come back before new ones are taken.
    assert!(notes.insert(EVFILT_USER, 1_000_000).expect("memory") <= other);
    notes.unmap();
}

#[test]
fn the_heap_gives_the_earliest_first() {
    let (mut notes, mut heap): (Notes, Heap) = (zeroed(), zeroed());
    let mut seed = 1u64;
    let mut expected = Vec::new();
    for ident in 0..1000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let deadline = seed >> 40;
        let note = notes.insert(EVFILT_TIMER, ident).expect("memory");
        heap.insert(&mut notes, note, deadline).expect("memory");
        expected.push((deadline, note));
    }
    // Every third is cancelled, wherever it is.
    for (_, note) in expected.iter().step_by(3) {
        heap.remove(&mut notes, *note);
    }
    let mut left: Vec<u64> = expected
        .iter()
        .enumerate()
        .filter(|(at, _)| at % 3 != 0)
        .map(|(_, entry)| entry.0)
        .collect();
    left.sort_unstable();
    for deadline in left {
        assert_eq!(heap.earliest(), Some(deadline));
        assert!(deadline == 0 || heap.pop_due(&mut notes, deadline - 1).is_none());
        assert!(heap.pop_due(&mut notes, deadline).is_some());
    }
    assert_eq!(heap.earliest(), None);
    heap.unmap();
    notes.unmap();
}

#[test]
fn times_are_converted_and_bounded() {
    assert_eq!(timer::times(0, 5, true, 100), Ok((5_000_100, 0)));
    assert_eq!(
        timer::times(NOTE_SECONDS, 2, false, 0),
        Ok((2_000_000_000, 2_000_000_000))
    );
    assert_eq!(timer::times(NOTE_USECONDS, 500, true, 0), Ok((500_000, 0)));
    assert_eq!(timer::times(NOTE_NSECONDS, 1, true, 1), Ok((2, 0)));
    assert_eq!(
        timer::times(NOTE_SECONDS, i64::MAX, true, 1),
        Ok((u64::MAX, 0))
    );
    assert_eq!(timer::times(NOTE_ABSTIME, 0, true, 77), Ok((77, 0)));
    for refused in [(NOTE_SECONDS | NOTE_USECONDS, 1), (0x8000, 1), (0, -1)] {
        assert_eq!(
            timer::times(refused.0, refused.1, true, 0),
            Err(libc::EINVAL)
        );
    }
}

#[test]
fn paths_to_descriptors() {
    let mut room = [0; watch::PATH_ROOM];
    assert_eq!(watch::path_of(0, b"", &mut room), b"/proc/self/fd/0\0");
    assert_eq!(
        watch::path_of(u32::MAX, b"/..", &mut room),
        b"/proc/self/fd/4294967295/..\0"
    );
}

#[test]
fn the_mailbox_merges_and_refuses() {
    let mailbox: Mailbox = zeroed();
    let trigger = |ident| kevent {
        ident,
        filter: EVFILT_USER,
        flags: 0,
        fflags: NOTE_TRIGGER,
        data: 0,
        udata: std::ptr::null_mut(),
    };
    assert!(!mailbox.has_post());
    for ident in 0..16 {
        assert_eq!(mailbox.post(&trigger(ident)), Ok(()));
        assert_eq!(
            mailbox.post(&trigger(ident)),
            Ok(()),
            "the same again merges"
        );
    }
    assert_eq!(mailbox.post(&trigger(16)), Err(libc::EAGAIN));
    let add = kevent {
        flags: EV_ADD,
        ..trigger(1)
    };
    assert_eq!(mailbox.post(&add), Err(libc::EDEADLK));
    assert!(mailbox.has_post());
}

#[test]
fn the_lock_excludes_and_knows_its_owner() {
    const TURNS: u32 = 20_000;
    let shared = Arc::new((Lock::new(), AtomicU32::new(0)));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for _ in 0..TURNS {
                    shared.0.acquire().expect("not ours");
                    assert!(shared.0.acquire().is_err(), "taken by this thread");
                    // Not one step: only the lock makes it safe.
                    let seen = shared.1.load(Ordering::Relaxed);
                    shared.1.store(seen + 1, Ordering::Relaxed);
                    shared.0.release();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("no panic");
    }
    assert_eq!(shared.1.load(Ordering::Relaxed), 4 * TURNS);
}

/// Whoever is woken for nothing waits for what is left, however often it happens; were it the whole time again, this would never end.
#[test]
fn a_wait_that_is_woken_for_nothing_does_not_start_again() {
    const LIMIT: libc::c_long = 20_000_000;
    const BEFORE_THE_FIRST: Duration = Duration::from_millis(5);
    let number = crate::kqueue();
    let kq = crate::registry::find(number).expect("just made");
    assert!(
        kq.head.steady_timed.load(Ordering::Acquire),
        "on the short way"
    );
    let serial = kq.head.serial.load(Ordering::Acquire);
    let wake_for_nothing = move || crate::kick::set(number, serial, true, false).expect("open");
    // The first time before the wait, so that it happens at least once; then until the wait ends.
    wake_for_nothing();
    let over = Arc::new(AtomicBool::new(false));
    let waker = {
        let over = Arc::clone(&over);
        thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                wake_for_nothing();
            }
        })
    };
    let mut event: kevent = zeroed();
    let timeout = libc::timespec {
        tv_sec: 0,
        tv_nsec: LIMIT,
    };
    ASKED.take();
    LASTS.set(BEFORE_THE_FIRST);
    // SAFETY: no change, room for one event, a timeout that outlives the call.
    let count = unsafe { crate::kevent(number, std::ptr::null(), 0, &mut event, 1, &timeout) };
    over.store(true, Ordering::Release);
    waker.join().expect("no panic");
    assert_eq!(count, 0, "the time ran out");
    let asked = ASKED.take();
    assert_eq!(asked[0], i128::from(LIMIT));
    assert!(asked.len() >= 2, "woken for nothing at least once");
    // (A look that does not wait asks for 0.)
    let waits: Vec<i128> = asked[1..]
        .iter()
        .copied()
        .filter(|&wait| wait != 0)
        .collect();
    let left = i128::from(LIMIT) - BEFORE_THE_FIRST.as_nanos() as i128;
    assert!(waits.iter().all(|&wait| wait <= left), "{asked:?}");
    assert!(
        waits.is_sorted_by(|before, after| before >= after),
        "{asked:?}"
    );
    crate::forget(number);
    crate::sys::close(number);
}
