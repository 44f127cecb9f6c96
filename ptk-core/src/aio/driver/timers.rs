//! The driver's timers: slots, and a line for those that find none free.

use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::Waker;

use super::storage::TimerRoom;
use crate::aio::waiters::{Lock, Queue, WaitList, Waiter};
use crate::time::Instant;
use crate::timer::TimerId;

/// Deadlines and the tasks that wait for them.
///
/// A sleep takes a slot. When all slots are taken, it stands in a line inside its own future, sorted by deadline: it is neither late nor
/// refused, only dearer to insert (linear in the length of the line), and the driver counts it.
pub struct TimerQueue {
    room: &'static Lock<dyn TimerRoom>,
    pub(crate) line: WaitList,
    /// Slots taken and waiters in line, so that a driver without timers neither locks nor reads the clock.
    pending: AtomicUsize,
    in_line: AtomicUsize,
    overflows: AtomicUsize,
}

impl TimerQueue {
    pub fn new(room: &'static Lock<dyn TimerRoom>) -> Self {
        Self {
            room,
            line: WaitList::new(),
            pending: AtomicUsize::new(0),
            in_line: AtomicUsize::new(0),
            overflows: AtomicUsize::new(0),
        }
    }

    /// Takes a slot for `deadline`. `Some` with whether this is now the earliest deadline of all slots.
    pub fn insert(&self, deadline: Instant, waker: &Waker) -> Option<(TimerId, bool)> {
        let fresh = waker.clone();
        self.room.with(|room| {
            let (mut timers, wakers) = room.parts();
            let before = timers.next_deadline();
            let id = timers.insert(deadline, None, 0).ok()?;
            wakers[id.slot() as usize] = Some(fresh);
            self.pending.fetch_add(1, Ordering::SeqCst);
            Some((id, before.is_none_or(|before| deadline < before)))
        })
    }

    /// Whether the timer is still to fire; if so it will wake `waker`.
    pub fn poll(&self, id: TimerId, waker: &Waker) -> bool {
        let mut fresh = Some(waker.clone());
        let (armed, _old) = self.room.with(|room| {
            let (timers, wakers) = room.parts();
            if timers.deadline(id).is_none() {
                return (false, None);
            }
            let place = &mut wakers[id.slot() as usize];
            (true, core::mem::replace(place, fresh.take()))
        });
        armed
    }

    /// Whether the timer is still to fire.
    pub fn is_armed(&self, id: TimerId) -> bool {
        self.room.with(|room| room.parts().0.deadline(id).is_some())
    }

    /// Gives the slot back.
    pub fn cancel(&self, id: TimerId) {
        let _waker = self.room.with(|room| {
            let (mut timers, wakers) = room.parts();
            if !timers.cancel(id) {
                return None;
            }
            self.pending.fetch_sub(1, Ordering::SeqCst);
            wakers[id.slot() as usize].take()
        });
    }

    /// Stands in line. Answers whether this is now the first of the line.
    pub fn stand(
        &self,
        waiter: Pin<&mut Waiter<'static>>,
        deadline: Instant,
        waker: &Waker,
    ) -> bool {
        let key = deadline.as_nanos();
        waiter.enqueue_by(Queue::Read, key, waker, || false);
        self.overflows.fetch_add(1, Ordering::Relaxed);
        self.in_line.fetch_add(1, Ordering::SeqCst);
        self.pending.fetch_add(1, Ordering::SeqCst);
        self.line.first_key() == Some(key)
    }

    /// Leaves the line.
    pub fn leave(&self, waiter: Pin<&mut Waiter<'static>>) {
        waiter.cancel();
        self.left();
    }

    /// The count of the same, for a waiter that leaves by being dropped.
    pub fn left(&self) {
        self.in_line.fetch_sub(1, Ordering::SeqCst);
        self.pending.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether there is no timer at all.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.pending.load(Ordering::SeqCst) == 0
    }

    /// The earliest deadline.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.is_empty() {
            return None;
        }
        let in_slots = self.room.with(|room| room.parts().0.next_deadline());
        if self.in_line.load(Ordering::SeqCst) == 0 {
            return in_slots;
        }
        let in_line = self.line.first_key().map(Instant::from_nanos);
        match (in_slots, in_line) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Wakes those whose deadline has come; how many.
    pub fn expire(&self, now: Instant) -> usize {
        let mut fired = 0;
        // Those that are armed meanwhile, with deadlines in the past, belong to the next turn.
        let limit = self.pending.load(Ordering::SeqCst);
        while fired < limit {
            let waker = self.room.with(|room| {
                let (mut timers, wakers) = room.parts();
                let expired = timers.pop_expired(now)?;
                self.pending.fetch_sub(1, Ordering::SeqCst);
                Some(wakers[expired.id.slot() as usize].take())
            });
            let Some(waker) = waker else { break };
            if let Some(waker) = waker {
                waker.wake();
            }
            fired += 1;
        }
        if self.in_line.load(Ordering::SeqCst) > 0 {
            while fired < limit && self.line.wake_until(now.as_nanos()) {
                fired += 1;
            }
        }
        fired
    }

    /// How often a sleep found no slot free.
    pub fn overflows(&self) -> usize {
        self.overflows.load(Ordering::Relaxed)
    }

    /// Slots taken or places in line.
    pub fn len(&self) -> usize {
        self.pending.load(Ordering::SeqCst)
    }
}
