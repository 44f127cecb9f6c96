//! [`Gate`]: what a source is ready for, and the tasks that wait for it.
//!
//! ```text
//!   state word            front places                    everybody else
//!  ┌───────────────┐     ┌──────────────────────────┐    ┌──────────────────────────┐
//!  │ tick │ flags  │     │ reader: waker, whose     │    │ WaitList                 │
//!  │      │ ready  │     │ writer: waker, whose     │    │  2nd, 3rd … of a kind,   │
//!  └───────────────┘     └──────────────────────────┘    │  those for several kinds │
//!    LOCKED: the word and the front places are one       └──────────────────────────┘
//!    thread's            FRONT_*: taken                    OTHERS: look there, too
//!
//!  1 wait     look: nothing? the exchange that locks the word succeeds only if it is still as it was seen: so nothing came meanwhile.
//!             The waker goes to the front place; the store that unlocks the word sets FRONT.
//!  2 event    lock; the ready bits, the tick and FRONT change in the store that unlocks. The waker was taken in between; it is woken after.
//!  3 clear    an exchange that succeeds only on an unlocked word with the tick that was seen.
//!  4 drop     lock; the place is given up if it is still this one's.
//! ```
//!
//! One waiter for each direction is what nearly all sources have, so its place is in the gate and costs no links. Who finds it taken stands in the list. Whoever
//! changes the word without having locked it does so by an exchange that fails on a locked one; so whoever has locked it may store.

use core::task::{Poll, Waker};

use kqueue_safe::Token;

use super::front::{POLLED, Place};
use super::list::WaitList;
use super::queues::{Queue, Queues};
use super::sync::{AtomicU32, AtomicUsize, Ordering, Turnstile, const_unless_loom};
use crate::aio::readiness::{IoEventInterest, Ready, ReadyEvent};

/// One thread is at the word and the front places.
pub(super) const LOCKED: u32 = 1 << 7;
/// Somebody waits at the reader's place.
pub(super) const FRONT_READ: u32 = 1 << 8;
/// Somebody waits at the writer's place.
pub(super) const FRONT_WRITE: u32 = 1 << 9;
const FRONTS: u32 = FRONT_READ | FRONT_WRITE;
/// There may be waiters in the list. Set while there are.
pub(super) const OTHERS: u32 = 1 << 10;
/// From here on: how many events there were.
pub const TICK: u32 = 11;
const TICK_ONE: u32 = 1 << TICK;

/// The readiness of one source and its waiters.
#[repr(C)]
pub struct Gate {
    // First: the address of the word is that of the slot.
    pub(super) state: AtomicU32,
    /// Where those wait that find the word locked.
    turnstile: Turnstile,
    /// Which owner of the slot the gate is of.
    generation: AtomicU32,
    /// The tickets that were drawn: who comes back stands before those that came later.
    pub(super) tickets: AtomicUsize,
    pub(super) fronts: [Place; 2],
    pub(super) others: WaitList,
}

/// The front place of a queue, and its bit.
#[inline(always)]
pub(super) const fn front(queue: Queue) -> Option<(usize, u32)> {
    match queue {
        Queue::Read => Some((0, FRONT_READ)),
        Queue::Write => Some((1, FRONT_WRITE)),
        Queue::Any => None,
    }
}

/// The word after an event, unlocked.
#[inline(always)]
const fn after(state: u32, ready: Ready) -> u32 {
    (state & !LOCKED).wrapping_add(TICK_ONE) | ready.bits()
}

impl Gate {
    const_unless_loom! {
        /// Nothing is ready, nobody waits; of generation 0.
        pub fn new() -> Self {
            Self {
                state: AtomicU32::new(0),
                turnstile: Turnstile::new(),
                generation: AtomicU32::new(0),
                tickets: AtomicUsize::new(0),
                fronts: [Place::new(), Place::new()],
                others: WaitList::new(),
            }
        }
    }

    /// What is ready now, of `interest`.
    #[inline(always)]
    pub fn look(&self, interest: IoEventInterest) -> ReadyEvent {
        ReadyEvent::new(self.state.load(Ordering::Acquire), interest.ready())
    }

    /// The same without an order: for who comes back to the word by an exchange, or goes to the kernel.
    #[inline(always)]
    pub fn glance(&self, interest: IoEventInterest) -> ReadyEvent {
        ReadyEvent::new(self.state.load(Ordering::Relaxed), interest.ready())
    }

    /// Which owner of the slot the gate is of.
    #[inline]
    pub fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// An event: sets the bits, counts, and gives the wakers of those whom it concerns to `wake`. False, and nothing done, if the gate is of another
    /// generation.
    ///
    /// The generation changes only between the batches of events that could name it: see `SlotTable`.
    #[inline(always)]
    pub fn wake(&self, generation: u32, ready: Ready, mut wake: impl FnMut(Waker)) -> bool {
        if self.generation.load(Ordering::Acquire) != generation {
            return false;
        }
        let state = self.lock_raw();
        let queues = ready.queues();
        let hit = state & (queues.fronts(FRONT_READ, FRONT_WRITE) | OTHERS);
        // The usual one: a reader, alone.
        if hit == FRONT_READ {
            // SAFETY: the word is locked, and its bit says that the place is taken; the store that unlocks says that it is free.
            wake(unsafe { self.take_one(0, after(state & !FRONT_READ, ready)) });
        } else if hit == FRONT_WRITE {
            // SAFETY: as above.
            wake(unsafe { self.take_one(1, after(state & !FRONT_WRITE, ready)) });
        } else {
            self.wake_all(hit, after(state, ready), queues);
        }
        true
    }

    /// Takes the waker of a place, and unlocks.
    ///
    /// # Safety
    ///
    /// The gate is locked by the caller, and the place is taken; `state` says that it is free.
    #[inline(always)]
    unsafe fn take_one(&self, at: usize, state: u32) -> Waker {
        // SAFETY: as the caller promises.
        let waker = unsafe { self.fronts[at].take() }.waker;
        self.unlock(state);
        waker
    }

    /// The two at the front, and those of the list, in the order in which their waits began; or nobody. Unlocks.
    #[inline(never)]
    fn wake_all(&self, hit: u32, state: u32, queues: Queues) {
        if hit == 0 {
            return self.unlock(state);
        }
        let fronts = [(0, FRONT_READ), (1, FRONT_WRITE)].map(|(at, bit)| {
            (hit & bit != 0).then(|| {
                // SAFETY: the word is locked, and its bit says that the place is taken; the store that unlocks says that it is free.
                let front = unsafe { self.fronts[at].take() };
                (front.ticket as u64, front.waker)
            })
        });
        self.unlock(state & !(hit & FRONTS));
        self.others.wake_among(queues, fronts);
        if hit & OTHERS != 0 {
            self.others
                .when_empty(|| self.update(|state| Some(state & !OTHERS)));
        }
    }

    /// Takes bits away, unless an event came after `seen`. The shutdown bit stays. Answers whether they were taken.
    #[inline(always)]
    pub fn clear(&self, seen: ReadyEvent, ready: Ready) -> bool {
        let gone = ready.difference(Ready::SHUTDOWN).bits();
        let word = seen.word() & !LOCKED;
        self.state
            .compare_exchange(word, word & !gone, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
            || self.clear_slowly(word, gone)
    }

    #[cold]
    #[inline(never)]
    fn clear_slowly(&self, seen: u32, gone: u32) -> bool {
        self.update(|state| ((state ^ seen) >> TICK == 0).then_some(state & !gone))
    }

    /// A new owner begins: these bits, tick 0. Answers its generation.
    pub fn open(&self, ready: Ready) -> u32 {
        self.update(|state| Some(state & (FRONTS | OTHERS) | ready.bits()));
        self.generation()
    }

    /// The owner ends: the next generation, no bits, no wakers of `poll_*` calls.
    pub fn close(&self) {
        let next = self.generation().wrapping_add(1) & Token::MAX_GENERATION;
        self.generation.store(next, Ordering::Release);
        let state = self.lock();
        let left = [FRONT_READ, FRONT_WRITE].map(|bit| state & bit != 0);
        let wakers = [0, 1].map(|at: usize| {
            // SAFETY: the word is locked, and its bit says that the place is taken; it is free from here on.
            left[at].then(|| unsafe { self.fronts[at].take() })
        });
        self.unlock(state & OTHERS);
        drop(wakers);
        self.others.forget_polled();
    }

    /// Waits on behalf of a `poll_*` call: keeps the waker of the last one for each direction, unless there is something ready.
    #[inline]
    pub fn poll(&self, interest: IoEventInterest, waker: &Waker) -> Poll<ReadyEvent> {
        let seen = self.look(interest);
        if !seen.ready().is_empty() {
            return Poll::Ready(seen);
        }
        if self.poll_at_front(interest, waker, seen) {
            return Poll::Pending;
        }
        self.poll_slowly(interest, waker)
    }

    /// The same where it is simple: nobody else waits, and nothing has come since `seen`. Whether it waits.
    #[inline(always)]
    fn poll_at_front(&self, interest: IoEventInterest, waker: &Waker, seen: ReadyEvent) -> bool {
        let word = seen.word();
        let Some((at, bit)) = front(interest.queue()) else {
            return false;
        };
        if word & (LOCKED | bit | OTHERS) != 0 {
            return false;
        }
        // Cloned before the lock: it may run foreign code.
        #[cfg(not(loom))]
        let fresh = super::task_room::clone_waker(waker);
        #[cfg(loom)]
        let fresh = waker.clone();
        if self
            .state
            .compare_exchange(word, word | LOCKED, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            return false;
        }
        // SAFETY: the word is locked, and its bit said that the place is free.
        unsafe { self.fronts[at].fill(fresh, POLLED, self.tickets.load(Ordering::Relaxed)) };
        self.unlock(word | bit);
        true
    }

    #[cold]
    #[inline(never)]
    fn poll_slowly(&self, interest: IoEventInterest, waker: &Waker) -> Poll<ReadyEvent> {
        let queue = interest.queue();
        if let Some((at, bit)) = front(queue) {
            // Cloned before and dropped after the lock: both may run foreign code.
            let fresh = waker.clone();
            let state = self.lock();
            let seen = ReadyEvent::new(state, interest.ready());
            if !seen.ready().is_empty() {
                self.unlock(state);
                return Poll::Ready(seen);
            }
            if state & bit == 0 {
                // SAFETY: the word is locked and the place is free.
                unsafe {
                    self.fronts[at].fill(fresh, POLLED, self.tickets.load(Ordering::Relaxed))
                };
                self.unlock(state | bit);
                return Poll::Pending;
            }
            // SAFETY: the word is locked and the place is taken.
            if unsafe { self.fronts[at].is_of(POLLED) } {
                // SAFETY: as above.
                let old = unsafe { self.fronts[at].replace(fresh) };
                self.unlock(state);
                drop(old);
                return Poll::Pending;
            }
            self.unlock(state);
        }
        let mut seen = ReadyEvent::NOTHING;
        let waits = self.others.register_polled(queue, waker, || {
            seen = self.look_or_mark(interest);
            !seen.ready().is_empty()
        });
        if waits {
            Poll::Pending
        } else {
            Poll::Ready(seen)
        }
    }

    /// How many waiters there are.
    pub fn len(&self) -> usize {
        let fronts = (self.state.load(Ordering::Acquire) & FRONTS).count_ones() as usize;
        fronts + self.others.len()
    }

    /// For the condition of the list, under its lock: what is ready, or else the mark that there is somebody in the list.
    pub(super) fn look_or_mark(&self, interest: IoEventInterest) -> ReadyEvent {
        let mut seen = ReadyEvent::NOTHING;
        self.update(|state| {
            seen = ReadyEvent::new(state, interest.ready());
            seen.ready().is_empty().then_some(state | OTHERS)
        });
        seen
    }

    /// Locks the word, and answers what it is.
    #[inline(always)]
    pub(super) fn lock(&self) -> u32 {
        self.lock_raw() & !LOCKED
    }

    /// The same, as it is now: locked.
    #[inline(always)]
    fn lock_raw(&self) -> u32 {
        if !self.try_lock() {
            self.wait_for_lock();
        }
        self.state.load(Ordering::Relaxed)
    }

    #[cold]
    #[inline(never)]
    fn wait_for_lock(&self) {
        self.turnstile.wait_until(|| self.try_lock());
    }

    #[cfg(not(loom))]
    #[inline(always)]
    fn try_lock(&self) -> bool {
        self.state.fetch_or(LOCKED, Ordering::Acquire) & LOCKED == 0
    }

    /// In a model whoever fails writes nothing: loom does not see that the exchange of one who fails comes before the store that unlocks.
    #[cfg(loom)]
    fn try_lock(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while state & LOCKED == 0 {
            match self.state.compare_exchange(
                state,
                state | LOCKED,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    /// Stores the word that this thread has locked, unlocked.
    #[inline(always)]
    pub(super) fn unlock(&self, state: u32) {
        self.turnstile
            .pass(|| self.state.store(state, Ordering::Release));
    }

    /// Changes the word when it is not locked, unless `next` says that there is nothing to change: whether it did.
    fn update(&self, mut next: impl FnMut(u32) -> Option<u32>) -> bool {
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            if state & LOCKED != 0 {
                self.turnstile.wait_until(|| {
                    state = self.state.load(Ordering::Acquire);
                    state & LOCKED == 0
                });
            }
            let Some(new) = next(state) else {
                return false;
            };
            match self
                .state
                .compare_exchange(state, new, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
