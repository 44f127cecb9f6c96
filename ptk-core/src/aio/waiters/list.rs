//! [`WaitList`]: any number of tasks waiting for one thing, without memory of its own.
//!
//! ```text
//!  future (pinned)          WaitList                     future (pinned)
//!  ┌────────────┐      ┌──────────────────┐             ┌────────────┐
//!  │ Waiter     │◄─────┤ queue: head tail ├────────────►│ Waiter     │
//!  │  waker,key │◄─────┼──────────────────┼─────────────┤  waker,key │
//!  └────────────┘ next └──────────────────┘        prev └────────────┘
//!
//!  1 enqueue    under the lock: is it ready by now? else link, by key, with a fresh waker
//!  2 wake       under the lock: unlink, take the waker; without the lock: wake. Of several, all move to the queue of those that are being woken
//!               first: one that comes back meanwhile cannot take the wake of one that still stands there
//!  3 enqueue    of a woken one that found nothing: links again where its ticket belongs, before those that came later
//!  4 drop       under the lock: unlink
//! ```

use core::ptr;
use core::task::Waker;

use super::lock::Lock;
use super::node::{Link, Node};
use super::queues::{Queue, Queues};
use super::sync::{Ordering, const_unless_loom};

const QUEUES: usize = 4;
/// The queue of those that are being woken.
const WAKING: usize = 3;

struct Ends {
    head: *const Node,
    tail: *const Node,
}

pub(super) struct Inner {
    queues: [Ends; QUEUES],
    /// The wakers of `poll_*` calls, which have no place of their own: one reader, one writer.
    polled: [Option<Waker>; 2],
    /// Waiters of all queues, polled ones too.
    total: usize,
    pub tickets: u64,
}

// SAFETY: the pointers lead to nodes whose links are touched under the lock that this value is in, by whichever thread holds it; a
// node unlinks itself before it goes.
unsafe impl Send for Inner {}

/// Tasks that wait.
pub struct WaitList {
    pub(super) inner: Lock<Inner>,
}

impl Default for WaitList {
    fn default() -> Self {
        Self::new()
    }
}

impl WaitList {
    const_unless_loom! {
        /// A list without waiters.
        pub fn new() -> Self {
            Self {
                inner: Lock::new(Inner {
                    queues: [const { Ends { head: ptr::null(), tail: ptr::null() } }; QUEUES],
                    polled: [None, None],
                    total: 0,
                    tickets: 0,
                }),
            }
        }
    }

    /// Wakes whoever stands in `queues` now; those that queue up meanwhile are not waited for.
    #[inline]
    pub fn wake(&self, queues: Queues) {
        let (first, more) = self.inner.with(|inner| match inner.total {
            0 => (None, false),
            1 => (inner.pop(queues), false),
            _ => (None, true),
        });
        if let Some(waker) = first {
            waker.wake();
        } else if more {
            self.wake_many(queues);
        }
    }

    #[cold]
    fn wake_many(&self, queues: Queues) {
        self.gather(queues);
        while let Some(waker) = self.inner.with(|inner| inner.pop_queue(WAKING)) {
            waker.wake();
        }
    }

    /// The same, and two more in between: each before those whose key is greater than its own.
    pub fn wake_among(&self, queues: Queues, mut two: [Option<(u64, Waker)>; 2]) {
        self.gather(queues);
        while let Some((key, waker)) = self.inner.with(Inner::pop_waking) {
            for one in &mut two {
                if one.as_ref().is_some_and(|(first, _)| *first < key)
                    && let Some((_, waker)) = one.take()
                {
                    waker.wake();
                }
            }
            waker.wake();
        }
        two.into_iter()
            .flatten()
            .for_each(|(_, waker)| waker.wake());
    }

    /// Moves whoever stands in `queues` to those that are being woken; wakes the `poll_*` calls.
    fn gather(&self, queues: Queues) {
        let polled = self.inner.with(|inner| {
            for at in 0..WAKING {
                if queues.has(at) {
                    inner.move_all(at, WAKING);
                }
            }
            [inner.take_polled(queues, 0), inner.take_polled(queues, 1)]
        });
        polled.into_iter().flatten().for_each(Waker::wake);
    }

    /// Wakes the first of the readers' queue, or else of the others.
    pub fn wake_one(&self) {
        if let Some(waker) = self.inner.with(|inner| inner.pop(Queues::ALL)) {
            waker.wake();
        }
    }

    /// Wakes the first of the readers' queue if `chosen` says so, under the lock, being told whether it is the last; if nobody stands there,
    /// does `empty` under the lock.
    pub fn wake_one_and(&self, chosen: impl FnOnce(bool) -> bool, empty: impl FnOnce()) {
        let waker = self.inner.with(|inner| {
            let ends = &inner.queues[0];
            if ends.head.is_null() {
                empty();
                return None;
            }
            chosen(ptr::eq(ends.head, ends.tail))
                .then(|| inner.pop_queue(0))
                .flatten()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The smallest key among the readers' queue.
    pub fn first_key(&self) -> Option<u64> {
        self.inner.with(|inner| {
            let head = inner.queues[0].head;
            // SAFETY: the lock is held and what is in a queue is alive.
            (!head.is_null()).then(|| unsafe { Node::link(head) }.key)
        })
    }

    /// Wakes the first of the readers' queue, if its key is at most `limit`.
    pub fn wake_until(&self, limit: u64) -> bool {
        let waker = self.inner.with(|inner| {
            let head = inner.queues[0].head;
            // SAFETY: as above.
            if head.is_null() || unsafe { Node::link(head) }.key > limit {
                return None;
            }
            inner.pop_queue(0)
        });
        waker.map(Waker::wake).is_some()
    }

    /// Waits on behalf of a `poll_*` call: keeps the waker of the last one for each direction, unless `ready` says, under the lock, that
    /// there is nothing to wait for. Answers whether it waits.
    pub fn register_polled(
        &self,
        queue: Queue,
        waker: &Waker,
        ready: impl FnOnce() -> bool,
    ) -> bool {
        let place = usize::from(queue == Queue::Write);
        let fresh = waker.clone();
        let (waits, _old) = self.inner.with(|inner| {
            if ready() {
                return (false, Some(fresh));
            }
            let old = inner.polled[place].replace(fresh);
            inner.total += usize::from(old.is_none());
            (true, old)
        });
        waits
    }

    /// Drops the wakers of `poll_*` calls.
    pub fn forget_polled(&self) {
        let _polled = self.inner.with(|inner| {
            [
                inner.take_polled(Queues::ALL, 0),
                inner.take_polled(Queues::ALL, 1),
            ]
        });
    }

    /// Does `f` under the lock, if nobody waits.
    pub fn when_empty<R>(&self, f: impl FnOnce() -> R) {
        self.inner.with(|inner| {
            if inner.total == 0 {
                f();
            }
        });
    }

    /// How many waiters there are.
    pub fn len(&self) -> usize {
        self.inner.with(|inner| inner.total)
    }
}

impl Inner {
    #[inline]
    fn pop(&mut self, queues: Queues) -> Option<Waker> {
        for at in 0..WAKING {
            if queues.has(at) {
                if !self.queues[at].head.is_null() {
                    return self.pop_queue(at);
                }
                if at < 2 && self.polled[at].is_some() {
                    return self.take_polled(queues, at);
                }
            }
        }
        None
    }

    #[inline]
    fn take_polled(&mut self, queues: Queues, at: usize) -> Option<Waker> {
        let waker = queues.has(at).then(|| self.polled[at].take()).flatten();
        self.total -= usize::from(waker.is_some());
        waker
    }

    #[inline]
    fn pop_queue(&mut self, at: usize) -> Option<Waker> {
        let head = self.queues[at].head;
        if head.is_null() {
            return None;
        }
        // SAFETY: the caller holds the lock (it has the inner value), and what is in a queue is alive.
        let waker = unsafe { Node::link(head) }.waker.take();
        self.unlink(head, at);
        waker
    }

    /// The first of those that are being woken, with its key.
    fn pop_waking(&mut self) -> Option<(u64, Waker)> {
        let head = self.queues[WAKING].head;
        if head.is_null() {
            return None;
        }
        // SAFETY: the caller holds the lock, and what is in a queue is alive.
        let key = unsafe { Node::link(head) }.key;
        self.pop_queue(WAKING).map(|waker| (key, waker))
    }

    /// Takes a linked node out of its queue. From here on it is its owner's alone, and may be gone.
    #[inline]
    pub fn unlink(&mut self, node: *const Node, at: usize) {
        let (prev, next) = {
            // SAFETY: the lock is held, and what is in a queue is alive; the reference to the link ends here.
            let link = unsafe { Node::link(node) };
            (link.prev, link.next)
        };
        let ends = &mut self.queues[at];
        if prev.is_null() {
            ends.head = next;
        } else {
            // SAFETY: a neighbour is linked, so it is alive, and it is not this node.
            unsafe { Node::link(prev) }.next = next;
        }
        if next.is_null() {
            ends.tail = prev;
        } else {
            // SAFETY: as above.
            unsafe { Node::link(next) }.prev = prev;
        }
        self.total -= 1;
        // SAFETY: the node is alive until its owner sees this.
        unsafe { &(*node).at }.store(0, Ordering::Release);
    }

    /// All of one queue go behind all of another, in their order.
    fn move_all(&mut self, from: usize, to: usize) {
        let Ends { head, tail } = core::mem::replace(
            &mut self.queues[from],
            Ends {
                head: ptr::null(),
                tail: ptr::null(),
            },
        );
        if head.is_null() {
            return;
        }
        let mut node = head;
        while !node.is_null() {
            // SAFETY: the lock is held and what is in a queue is alive.
            let (at, link) = unsafe { (&(*node).at, Node::link(node)) };
            at.store(to as u32 + 1, Ordering::Relaxed);
            node = link.next;
        }
        let ends = &mut self.queues[to];
        // SAFETY: as above; the two ends are different nodes.
        unsafe { Node::link(head) }.prev = ends.tail;
        if ends.tail.is_null() {
            ends.head = head;
        } else {
            // SAFETY: as above.
            unsafe { Node::link(ends.tail) }.next = head;
        }
        ends.tail = tail;
    }

    /// Links `node` behind all whose key is not greater.
    #[inline]
    pub fn insert(&mut self, node: &Node, queue: Queue, key: u64, waker: Waker) {
        let ends = &mut self.queues[queue as usize];
        let mut before = ends.tail;
        // SAFETY: the lock is held and what is in a queue is alive.
        while !before.is_null() && unsafe { Node::link(before) }.key > key {
            // SAFETY: as above.
            before = unsafe { Node::link(before) }.prev;
        }
        let after = if before.is_null() {
            core::mem::replace(&mut ends.head, node)
        } else {
            // SAFETY: as above.
            core::mem::replace(&mut unsafe { Node::link(before) }.next, node)
        };
        if after.is_null() {
            ends.tail = node;
        } else {
            // SAFETY: as above.
            unsafe { Node::link(after) }.prev = node;
        }
        self.total += 1;
        let link = Link {
            prev: before,
            next: after,
            waker: Some(waker),
            key,
        };
        // SAFETY: the node is the caller's, pinned, not linked; the lock is held. What is written over holds no waker.
        node.link.with_mut(|place| unsafe { (*place).write(link) });
        node.at.store(queue as u32 + 1, Ordering::Relaxed);
    }
}
