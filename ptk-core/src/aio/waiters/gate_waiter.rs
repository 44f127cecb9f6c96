//! [`GateWaiter`]: a task's place before a [`Gate`].

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Poll, Waker};

use super::gate::{Gate, LOCKED, OTHERS, front};
use super::queues::Queue;
use super::sync::{Ordering, UnsafeCell};
use super::waiter::Waiter;
use crate::aio::readiness::{IoEventInterest, ReadyEvent};

/// One task's place before a [`Gate`]: lives in the future, pinned, and gives itself up when dropped.
///
/// Making one is one store, since nearly all that are made never wait.
pub struct GateWaiter<'g> {
    /// Where it has queued; nothing else is written before this is.
    gate: Cell<Option<&'g Gate>>,
    /// When the wait began, times two; odd: it stands in the list, by `waiter`.
    ticket: Cell<MaybeUninit<usize>>,
    waiter: UnsafeCell<MaybeUninit<Waiter<'g>>>,
    _pinned: PhantomPinned,
}

// SAFETY: the cells are touched by the owner only, through a pinned unique reference or a drop; the waiter is `Send`, and the gate is shared.
unsafe impl Send for GateWaiter<'_> {}
// SAFETY: no method that others can reach takes a shared reference to the cells.
unsafe impl Sync for GateWaiter<'_> {}

impl<'g> GateWaiter<'g> {
    /// A waiter that does not wait yet.
    #[inline(always)]
    #[cfg(not(loom))]
    pub fn new() -> Self {
        let mut new = MaybeUninit::<Self>::uninit();
        // SAFETY: the other fields may be uninitialised: they say so by their types. Given as values they would be a constant, which the compiler
        // copies, zeroes and all.
        unsafe {
            (&raw mut (*new.as_mut_ptr()).gate).write(Cell::new(None));
            new.assume_init()
        }
    }

    /// A waiter that does not wait yet.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            gate: Cell::new(None),
            ticket: Cell::new(MaybeUninit::uninit()),
            waiter: UnsafeCell::new(MaybeUninit::uninit()),
            _pinned: PhantomPinned,
        }
    }

    /// Waits for `interest`, of which `seen` had nothing, unless something has come since.
    ///
    /// Who waits already gets the new waker and keeps its place. Who was woken and comes back stands where its first wait put it, before
    /// those that came later.
    #[inline(always)]
    pub fn enqueue(
        self: Pin<&mut Self>,
        gate: &'g Gate,
        interest: IoEventInterest,
        waker: &Waker,
        seen: ReadyEvent,
    ) -> Poll<ReadyEvent> {
        let this = self.as_ref().get_ref();
        // Cloned before the lock, and dropped without it: both may run foreign code.
        if let Some((at, bit)) = this.free_front(interest, seen)
            && this.fill_front(gate, at, bit, waker.clone(), seen).is_ok()
        {
            return Poll::Pending;
        }
        this.enqueue_slowly(gate, interest, waker)
    }

    /// The same for a task of a room, where it is simple: a wait begins, and nobody else waits. Whether it waits.
    #[inline(always)]
    #[cfg(not(loom))]
    pub fn enqueue_task_at_front(
        self: Pin<&mut Self>,
        gate: &'g Gate,
        interest: IoEventInterest,
        waker: &Waker,
        seen: ReadyEvent,
    ) -> bool {
        let this = self.as_ref().get_ref();
        if let Some((at, bit)) = this.free_front(interest, seen)
            && let Some(waker) = super::task_room::copy_of_task(waker)
        {
            let filled = this.fill_front(gate, at, bit, waker, seen);
            return filled.map_err(core::mem::forget).is_ok();
        }
        false
    }

    /// The place, if this one has not waited yet and nobody waits as it does.
    #[inline(always)]
    fn free_front(&self, interest: IoEventInterest, seen: ReadyEvent) -> Option<(usize, u32)> {
        front(interest.queue()).filter(|(_, bit)| {
            seen.word() & (LOCKED | bit | OTHERS) == 0 && self.gate.get().is_none()
        })
    }

    /// Takes that place, if the word is still as it was seen.
    #[inline(always)]
    fn fill_front(
        &self,
        gate: &'g Gate,
        at: usize,
        bit: u32,
        waker: Waker,
        seen: ReadyEvent,
    ) -> Result<(), Waker> {
        let word = seen.word();
        if gate
            .state
            .compare_exchange(word, word | LOCKED, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            return Err(waker);
        }
        let ticket = gate.tickets.load(Ordering::Relaxed);
        // SAFETY: the word is locked, and its bit said that the place is free.
        unsafe { gate.fronts[at].fill(waker, self.address(), ticket) };
        self.ticket.set(MaybeUninit::new(ticket));
        self.gate.set(Some(gate));
        gate.unlock(word | bit);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn enqueue_slowly(
        &self,
        gate: &'g Gate,
        interest: IoEventInterest,
        waker: &Waker,
    ) -> Poll<ReadyEvent> {
        let queue = interest.queue();
        if let Some((at, bit)) = front(queue)
            && !self.is_listed()
        {
            let fresh = waker.clone();
            let state = gate.lock();
            // SAFETY: the word is locked; the place is looked at only if it is taken.
            let stands = self.gate.get().is_some()
                && state & bit != 0
                && unsafe { gate.fronts[at].is_of(self.address()) };
            let seen = ReadyEvent::new(state, interest.ready());
            if !seen.ready().is_empty() {
                // SAFETY: the word is locked and the place is this one's; the store says that it is free.
                let old = stands.then(|| unsafe { gate.fronts[at].take() });
                gate.unlock(if stands { state & !bit } else { state });
                drop(old);
                return Poll::Ready(seen);
            }
            if stands {
                // SAFETY: as above.
                let old = unsafe { gate.fronts[at].replace(fresh) };
                gate.unlock(state);
                drop(old);
                return Poll::Pending;
            }
            if state & (bit | OTHERS) == 0 {
                if self.gate.get().is_none() {
                    let ticket = gate.tickets.load(Ordering::Relaxed);
                    self.ticket.set(MaybeUninit::new(ticket));
                    self.gate.set(Some(gate));
                }
                // SAFETY: the word is locked and the place is free.
                unsafe { gate.fronts[at].fill(fresh, self.address(), self.drawn()) };
                gate.unlock(state | bit);
                return Poll::Pending;
            }
            gate.unlock(state);
        }
        self.enqueue_in_list(gate, interest, waker)
    }

    fn enqueue_in_list(
        &self,
        gate: &'g Gate,
        interest: IoEventInterest,
        waker: &Waker,
    ) -> Poll<ReadyEvent> {
        if !self.is_listed() {
            let ticket = if self.gate.get().is_some() {
                self.drawn()
            } else {
                (gate.tickets.fetch_add(2, Ordering::Relaxed)).wrapping_add(2)
            };
            let waiter = Waiter::new(&gate.others);
            // SAFETY: the owner is here, and nobody else touches the cell; what is written over is not a waiter, since none was listed.
            self.waiter
                .with_mut(|place| unsafe { (*place).write(waiter) });
            self.ticket.set(MaybeUninit::new(ticket | 1));
            self.gate.set(Some(gate));
        }
        let key = self.drawn() as u64;
        let mut seen = ReadyEvent::NOTHING;
        let waits = self.with_listed(|waiter| {
            waiter.enqueue_by(interest.queue(), key, waker, || {
                seen = gate.look_or_mark(interest);
                !seen.ready().is_empty()
            })
        });
        if waits {
            Poll::Pending
        } else {
            Poll::Ready(seen)
        }
    }

    /// The wait is over: `seen`, which was looked at after the last [`enqueue`](GateWaiter::enqueue), had what it was for.
    #[inline(always)]
    pub fn finish(self: Pin<&mut Self>, interest: IoEventInterest, seen: ReadyEvent) {
        // A free front place is not this one's, and without the mark nobody stands in the list.
        if seen.word() & places(interest) != 0 {
            self.give_up();
        } else {
            self.as_ref().get_ref().gate.set(None);
        }
    }

    /// The same when the call has taken all there was: takes back that there is more, unless an event has come since.
    #[inline(always)]
    pub fn finish_drained(
        self: Pin<&mut Self>,
        gate: &'g Gate,
        interest: IoEventInterest,
        seen: ReadyEvent,
    ) {
        let this = self.as_ref().get_ref();
        let word = seen.word();
        // In one look: nobody had locked the word, and as in `finish`.
        if word & (LOCKED | places(interest)) != 0
            || gate
                .state
                .compare_exchange(
                    word,
                    word & !interest.direction().bits(),
                    Ordering::AcqRel,
                    Ordering::Relaxed,
                )
                .is_err()
        {
            this.finish_drained_slowly(gate, interest, seen);
        }
        this.gate.set(None);
    }

    #[cold]
    #[inline(never)]
    fn finish_drained_slowly(&self, gate: &'g Gate, interest: IoEventInterest, seen: ReadyEvent) {
        gate.clear(seen, interest.direction());
        self.leave();
    }

    /// Waits no more, whatever became of it.
    #[inline(always)]
    pub fn give_up(self: Pin<&mut Self>) {
        let this = self.as_ref().get_ref();
        if this.gate.get().is_some() {
            this.leave();
            this.gate.set(None);
        }
    }

    /// # Panics
    ///
    /// If it has not finished, nor given up.
    #[inline(always)]
    pub fn has_left(self: Pin<&mut Self>) {
        assert!(self.gate.get().is_none(), "it still waits");
    }

    /// Whether it stands at the front or in the list: false when it was woken, or never waited.
    #[cfg(loom)]
    pub fn is_waiting(self: Pin<&mut Self>) -> bool {
        let this = self.as_ref().get_ref();
        let Some(gate) = this.gate.get() else {
            return false;
        };
        if this.is_listed() {
            return this.with_listed(Waiter::is_waiting);
        }
        let state = gate.lock();
        // SAFETY: the word is locked; only taken places are looked at.
        let stands = this.at(state).is_some();
        gate.unlock(state);
        stands
    }

    #[inline(always)]
    fn address(&self) -> *const () {
        (&raw const *self).cast()
    }

    fn is_listed(&self) -> bool {
        // SAFETY: whoever sets `gate` has set the ticket.
        self.gate.get().is_some() && unsafe { self.ticket.get().assume_init() } & 1 != 0
    }

    /// The ticket of a wait that has begun.
    fn drawn(&self) -> usize {
        // SAFETY: called when `gate` is set, and whoever sets it has set the ticket.
        unsafe { self.ticket.get().assume_init() & !1 }
    }

    /// The waiter of one that [is listed](Self::is_listed).
    fn with_listed<R>(&self, f: impl FnOnce(Pin<&mut Waiter<'g>>) -> R) -> R {
        self.waiter.with_mut(|place| {
            // SAFETY: it was written before the ticket became odd, only the owner is here, and it is pinned as this whole value is.
            f(unsafe { Pin::new_unchecked((*place).assume_init_mut()) })
        })
    }

    /// The front place that is this one's, and its bit. The gate is locked by the caller.
    fn at(&self, state: u32) -> Option<(usize, u32)> {
        let gate = self.gate.get()?;
        [Queue::Read, Queue::Write]
            .into_iter()
            .filter_map(front)
            // SAFETY: the word is locked by the caller; the place is looked at only if it is taken.
            .find(|(at, bit)| state & bit != 0 && unsafe { gate.fronts[*at].is_of(self.address()) })
    }

    /// Gives the place up, wherever it is.
    #[cold]
    #[inline(never)]
    fn leave(&self) {
        let Some(gate) = self.gate.get() else { return };
        if self.is_listed() {
            self.with_listed(|waiter| waiter.cancel());
        } else {
            let state = gate.lock();
            let place = self.at(state);
            // SAFETY: the word is locked and the place is this one's; the store says that it is free.
            let waker = place.map(|(at, _)| unsafe { gate.fronts[at].take() });
            gate.unlock(place.map_or(state, |(_, bit)| state & !bit));
            drop(waker);
        }
        self.gate.set(None);
    }
}

/// Where somebody of this interest may stand.
#[inline(always)]
fn places(interest: IoEventInterest) -> u32 {
    front(interest.queue()).map_or(u32::MAX, |(_, bit)| bit | OTHERS)
}

impl Default for GateWaiter<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for GateWaiter<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.gate.get().is_some() {
            self.leave();
        }
    }
}
