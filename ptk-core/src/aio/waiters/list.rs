//! [`WaitList`] and [`Waiter`]: any number of tasks waiting for one thing, without memory of its own.
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

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr;
use core::task::Waker;

use super::lock::Lock;
use super::sync::{AtomicU32, Ordering, UnsafeCell, const_unless_loom};

/// Which of a list's queues a waiter stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Queue {
    /// Those that wait to read.
    Read = 0,
    /// Those that wait to write.
    Write = 1,
    /// Those that wait for something else, or for more than one thing: every wake wakes them.
    Any = 2,
}

/// Queues to wake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queues(u8);

impl Queues {
    /// The readers.
    pub const READ: Self = Self(1);
    /// The writers.
    pub const WRITE: Self = Self(2);
    /// Everybody.
    pub const ALL: Self = Self(3);
    /// Nobody in particular.
    pub const NONE: Self = Self(0);

    /// Both.
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    const fn has(self, queue: usize) -> bool {
        queue == Queue::Any as usize || self.0 & 1 << queue != 0
    }
}

const QUEUES: usize = 4;
/// The queue of those that are being woken.
const WAKING: usize = 3;

/// A waiter's place in a queue. Every field is touched under the list's lock only.
struct Link {
    prev: *const Node,
    next: *const Node,
    waker: Option<Waker>,
    key: u64,
}

struct Node {
    /// Written by the first `insert`, and only read after that. The waker is there while the node stands in a queue and no longer: whoever takes it out
    /// takes the waker, too, so there is nothing to drop.
    link: UnsafeCell<MaybeUninit<Link>>,
    /// The queue that it stands in, + 1; 0: in none. Changes under the lock; the last change of whoever takes it out, so that its owner needs no lock
    /// to see that nobody will touch it any more.
    at: AtomicU32,
}

impl Node {
    /// The queue that it stands in.
    #[inline]
    fn queue(&self) -> Option<usize> {
        (self.at.load(Ordering::Acquire) as usize).checked_sub(1)
    }

    /// # Safety
    ///
    /// The caller holds the lock of the list that this node belongs to, the node is alive and has stood in a queue, and no reference to its link is.
    #[inline]
    unsafe fn link<'a>(node: *const Self) -> &'a mut Link {
        // SAFETY: the node is alive, and its link was written when it was put into a queue; the lock makes this the only reference.
        unsafe { (*node).link.with_mut(|link| (*link).assume_init_mut()) }
    }
}

struct Ends {
    head: *const Node,
    tail: *const Node,
}

struct Inner {
    queues: [Ends; QUEUES],
    /// The wakers of `poll_*` calls, which have no place of their own: one reader, one writer.
    polled: [Option<Waker>; 2],
    /// Waiters of all queues, polled ones too.
    total: usize,
    next_ticket: u64,
}

// SAFETY: the pointers lead to nodes whose links are touched under the lock that this value is in, by whichever thread holds it; a
// node unlinks itself before it goes.
unsafe impl Send for Inner {}

/// Tasks that wait.
pub struct WaitList {
    inner: Lock<Inner>,
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
                    next_ticket: 1,
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
        let polled = self.inner.with(|inner| {
            for at in 0..WAKING {
                if queues.has(at) {
                    inner.move_all(at, WAKING);
                }
            }
            [inner.take_polled(queues, 0), inner.take_polled(queues, 1)]
        });
        polled.into_iter().flatten().for_each(Waker::wake);
        while let Some(waker) = self.inner.with(|inner| inner.pop_queue(WAKING)) {
            waker.wake();
        }
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

    /// How many waiters there are.
    pub fn len(&self) -> usize {
        self.inner.with(|inner| inner.total)
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

    /// Takes a linked node out of its queue. From here on it is its owner's alone, and may be gone.
    #[inline]
    fn unlink(&mut self, node: *const Node, at: usize) {
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
    fn insert(&mut self, node: &Node, queue: Queue, key: u64, waker: Waker) {
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

/// One task's place in a [`WaitList`]: lives in the future, pinned, and unlinks itself when dropped.
pub struct Waiter<'l> {
    list: &'l WaitList,
    node: Node,
    /// When this wait began, among the waits of the list; 0 before it did.
    ticket: Cell<u64>,
    _pinned: PhantomPinned,
}

// SAFETY: the link is touched under the list's lock; the cells are touched by the owner only, through a pinned unique reference or a
// drop. A waker is `Send` and `Sync`.
unsafe impl Send for Waiter<'_> {}
// SAFETY: no method that takes a shared reference touches the cells or the link, see `enqueue` and `cancel`.
unsafe impl Sync for Waiter<'_> {}

impl<'l> Waiter<'l> {
    /// A waiter that does not wait yet.
    #[inline]
    pub fn new(list: &'l WaitList) -> Self {
        Self {
            list,
            node: Node {
                link: UnsafeCell::new(MaybeUninit::uninit()),
                at: AtomicU32::new(0),
            },
            ticket: Cell::new(0),
            _pinned: PhantomPinned,
        }
    }

    /// Waits in `queue`, unless `ready` says, under the lock, that there is nothing to wait for. Answers whether it waits.
    ///
    /// Who waits already gets the new waker and keeps its place. Who was woken and comes back stands where its first `enqueue` put it,
    /// before those that came later.
    #[inline]
    pub fn enqueue(
        self: Pin<&mut Self>,
        queue: Queue,
        waker: &Waker,
        ready: impl FnOnce() -> bool,
    ) -> bool {
        self.enqueue_with(queue, None, waker, ready)
    }

    /// The same in an order of the caller's: the smallest key stands first.
    pub fn enqueue_by(
        self: Pin<&mut Self>,
        queue: Queue,
        key: u64,
        waker: &Waker,
        ready: impl FnOnce() -> bool,
    ) -> bool {
        self.enqueue_with(queue, Some(key), waker, ready)
    }

    #[inline]
    fn enqueue_with(
        self: Pin<&mut Self>,
        queue: Queue,
        key: Option<u64>,
        waker: &Waker,
        ready: impl FnOnce() -> bool,
    ) -> bool {
        let this = self.as_ref().get_ref();
        let node = &this.node;
        if node.queue().is_some() {
            return this.enqueue_again(queue, key, waker, ready);
        }
        // Cloned before and dropped after the lock: both may run foreign code.
        let fresh = waker.clone();
        let unused = this.list.inner.with(|inner| {
            if ready() {
                return Some(fresh);
            }
            let key = key.unwrap_or_else(|| this.ticket(inner));
            inner.insert(node, queue, key, fresh);
            None
        });
        unused.is_none()
    }

    /// The same for one that stands in a queue, unless it has been woken meanwhile.
    fn enqueue_again(
        &self,
        queue: Queue,
        key: Option<u64>,
        waker: &Waker,
        ready: impl FnOnce() -> bool,
    ) -> bool {
        let node = &self.node;
        let fresh = waker.clone();
        let (waits, _unused) = self.list.inner.with(|inner| {
            let old = node.queue();
            let ready = ready();
            if !ready && old == Some(queue as usize) {
                // SAFETY: the lock of the node's list is held; the node is alive, being borrowed.
                let link = unsafe { Node::link(node) };
                return (true, (link.waker.replace(fresh), None));
            }
            if let Some(old) = old {
                inner.unlink(node, old);
            }
            // SAFETY: as above; it has stood in a queue, or this function would not have been called.
            let stale = unsafe { Node::link(node) }.waker.take();
            if ready {
                return (false, (stale, Some(fresh)));
            }
            let key = key.unwrap_or_else(|| self.ticket(inner));
            inner.insert(node, queue, key, fresh);
            (true, (stale, None))
        });
        waits
    }

    /// The place in the order, drawn by the first `enqueue` of a wait.
    #[inline]
    fn ticket(&self, inner: &mut Inner) -> u64 {
        if self.ticket.get() == 0 {
            self.ticket.set(inner.next_ticket);
            inner.next_ticket += 1;
        }
        self.ticket.get()
    }

    /// Whether it stands in a queue: false when it was woken, or never waited.
    #[inline]
    pub fn is_waiting(self: Pin<&mut Self>) -> bool {
        self.node.queue().is_some()
    }

    /// Ends the wait and gives up the place in the order: the next `enqueue` begins a new wait. Answers whether it still stood in a queue; if it did
    /// not and had queued, it was woken.
    #[inline]
    pub fn cancel(self: Pin<&mut Self>) -> bool {
        self.as_ref().get_ref().leave()
    }

    /// The same for a waiter that is about to be dropped.
    #[inline]
    pub(crate) fn unlink(&mut self) {
        self.leave();
    }

    #[inline(always)]
    fn leave(&self) -> bool {
        self.ticket.set(0);
        // Nobody but the owner, who is here, puts it into a queue.
        self.node.queue().is_some() && self.leave_queue()
    }

    #[cold]
    fn leave_queue(&self) -> bool {
        let (stood, _waker) = self.list.inner.with(|inner| {
            let queue = self.node.queue();
            if let Some(queue) = queue {
                inner.unlink(&raw const self.node, queue);
            }
            // SAFETY: the lock is held; the node is alive and has stood in a queue.
            let waker = unsafe { Node::link(&raw const self.node) }.waker.take();
            (queue.is_some(), waker)
        });
        stood
    }
}

impl Drop for Waiter<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.leave();
    }
}
