//! The driver's timers: slots, and a line for those that find none free.

use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::Waker;

use crate::aio::pending::Pending;
use crate::aio::waiters::{Lock, Queue, WaitList, Waiter, WakeBatch};
use crate::time::Instant;
use crate::timer::{Sleeps, TimerId};

/// Deadlines and the tasks that wait for them.
///
/// A sleep takes a slot. When all slots are taken, it stands in a line inside its own future, sorted by deadline: it is neither late nor
/// refused, only dearer to insert (linear in the length of the line), and the driver counts it.
pub struct TimerQueue {
    room: Lock<Sleeps<'static>>,
    pub(crate) line: WaitList,
    /// Slots taken and waiters in line, so that a driver without timers neither locks nor reads the clock. The lock is the room's.
    pending: Pending,
    in_line: AtomicUsize,
    overflows: AtomicUsize,
}

impl TimerQueue {
    pub fn new(room: Sleeps<'static>) -> Self {
        Self {
            room: Lock::new(room),
            line: WaitList::new(),
            pending: Pending::new(),
            in_line: AtomicUsize::new(0),
            overflows: AtomicUsize::new(0),
        }
    }

    /// Takes a slot for `deadline`. `Some` with whether this is now the earliest deadline of all slots.
    #[inline]
    pub fn insert(&self, deadline: Instant, waker: &Waker) -> Option<(TimerId, bool)> {
        let mut fresh = Some(waker.clone());
        let (id, first) = self.room.with(|room| {
            let before = room.next_deadline();
            let id = room.insert(deadline, &mut fresh)?;
            self.pending.more(1);
            Some((id, before.is_none_or(|before| deadline < before)))
        })?;
        if first {
            self.pending.announce();
        }
        Some((id, first))
    }

    /// Whether the timer is still to fire; if so it will wake `waker`.
    #[inline]
    pub fn poll(&self, id: TimerId, waker: &Waker) -> bool {
        let known = self
            .room
            .with(|room| room.waker(id).map(|old| old.will_wake(waker)));
        match known {
            None => false,
            Some(true) => true,
            Some(false) => self.replace(id, waker),
        }
    }

    /// The same with another waker than before.
    #[cold]
    fn replace(&self, id: TimerId, waker: &Waker) -> bool {
        let mut fresh = waker.clone();
        self.room.with(|room| match room.waker(id) {
            Some(place) => {
                core::mem::swap(place, &mut fresh);
                true
            }
            None => false,
        })
    }

    /// Whether the timer is still to fire.
    pub fn is_armed(&self, id: TimerId) -> bool {
        self.room.with(|room| room.is_armed(id))
    }

    /// Gives the slot back.
    #[inline]
    pub fn cancel(&self, id: TimerId) {
        let _waker = self.room.with(|room| {
            let waker = room.cancel(id)?;
            self.pending.fewer(1);
            Some(waker)
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
        self.room.with(|_| self.pending.more(1));
        self.pending.announce();
        self.line.first_key() == Some(key)
    }

    /// Leaves the line.
    pub fn leave(&self, waiter: Pin<&mut Waiter<'static>>) {
        waiter.cancel();
        self.left();
    }

    /// The count of the same, for a waiter that leaves by being dropped.
    #[cold]
    pub fn left(&self) {
        self.in_line.fetch_sub(1, Ordering::SeqCst);
        self.room.with(|_| self.pending.fewer(1));
    }

    /// Whether there is no timer at all.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.pending.count() == 0
    }

    /// The earliest deadline.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.is_empty() {
            return None;
        }
        let in_slots = self.room.with(|room| room.next_deadline());
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
        let limit = self.pending.count();
        while fired < limit {
            let mut batch = WakeBatch::new();
            self.room.with(|room| {
                while batch.has_room()
                    && fired + batch.len() < limit
                    && let Some(waker) = room.pop_due(now)
                {
                    batch.push(waker);
                }
                self.pending.fewer(batch.len());
            });
            if batch.len() == 0 {
                break;
            }
            fired += batch.len();
            batch.wake();
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
        self.pending.count()
    }
}
