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
//!  2 wake       under the lock: unlink, take the waker; without the lock: wake; next
//!  3 enqueue    of a woken one that found nothing: links again where its ticket belongs, before those that came later
//!  4 drop       under the lock: unlink
//! ```

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;
use core::task::Waker;

use super::lock::Lock;
use super::sync::{UnsafeCell, const_unless_loom};

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

const QUEUES: usize = 3;

/// A waiter's place in a queue. Every field is touched under the list's lock only.
struct Link {
    prev: *const Node,
    next: *const Node,
    waker: Option<Waker>,
    key: u64,
    queue: Option<Queue>,
}

struct Node(UnsafeCell<Link>);

impl Node {
    /// # Safety
    ///
    /// The caller holds the lock of the list that this node belongs to, the node is alive, and no reference to its link is.
    #[inline]
    unsafe fn link<'a>(node: *const Self) -> &'a mut Link {
        // SAFETY: the node is alive; the lock makes this the only reference.
        unsafe { (*node).0.with_mut(|link| &mut *link) }
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
        let (first, mut left) = self.inner.with(|inner| {
            if inner.total == 0 {
                return (None, 0);
            }
            (inner.pop(queues), inner.total)
        });
        let Some(waker) = first else { return };
        waker.wake();
        while left > 0 {
            let Some(waker) = self.inner.with(|inner| inner.pop(queues)) else {
                break;
            };
            waker.wake();
            left -= 1;
        }
    }

    /// Wakes the one that has waited longest, of any queue.
    pub fn wake_one(&self) {
        if let Some(waker) = self.inner.with(|inner| inner.pop(Queues::ALL)) {
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
        for at in 0..QUEUES {
            if queues.has(at) {
                if !self.queues[at].head.is_null() {
                    return self.pop_queue(at);
                }
                if at < 2 && self.polled[at].is_some() {
                    self.total -= 1;
                    return self.polled[at].take();
                }
            }
        }
        None
    }

    #[inline]
    fn pop_queue(&mut self, at: usize) -> Option<Waker> {
        let head = self.queues[at].head;
        if head.is_null() {
            return None;
        }
        // SAFETY: the caller holds the lock (it has the inner value), and what is in a queue is alive.
        let link = unsafe { Node::link(head) };
        let waker = link.waker.take();
        self.unlink(link, at);
        waker
    }

    /// Takes a linked node out of its queue.
    #[inline]
    fn unlink(&mut self, link: &mut Link, at: usize) {
        let ends = &mut self.queues[at];
        if link.prev.is_null() {
            ends.head = link.next;
        } else {
            // SAFETY: the lock is held; a neighbour is linked, so it is alive, and it is not this node.
            unsafe { Node::link(link.prev) }.next = link.next;
        }
        if link.next.is_null() {
            ends.tail = link.prev;
        } else {
            // SAFETY: as above.
            unsafe { Node::link(link.next) }.prev = link.prev;
        }
        self.total -= 1;
        link.prev = ptr::null();
        link.next = ptr::null();
        link.queue = None;
    }

    /// Links `node` behind all whose key is not greater.
    #[inline]
    fn insert(&mut self, node: *const Node, queue: Queue, key: u64, waker: Waker) {
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
        // SAFETY: the node is the caller's, pinned, not linked; the lock is held.
        let link = unsafe { Node::link(node) };
        link.prev = before;
        link.next = after;
        link.key = key;
        link.queue = Some(queue);
        link.waker = Some(waker);
    }
}

/// One task's place in a [`WaitList`]: lives in the future, pinned, and unlinks itself when dropped.
pub struct Waiter<'l> {
    list: &'l WaitList,
    node: Node,
    /// Whether it was ever linked; while it was not, dropping it needs no lock.
    used: Cell<bool>,
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
            node: Node(UnsafeCell::new(Link {
                prev: ptr::null(),
                next: ptr::null(),
                waker: None,
                key: 0,
                queue: None,
            })),
            used: Cell::new(false),
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
        // Cloned before and dropped after the lock: both may run foreign code.
        let fresh = waker.clone();
        let (waits, _unused) = this.list.inner.with(|inner| {
            // SAFETY: the lock of the node's list is held; the node is alive, being borrowed.
            let link = unsafe { Node::link(&raw const this.node) };
            if ready() {
                if let Some(old) = link.queue {
                    inner.unlink(link, old as usize);
                }
                return (false, (link.waker.take(), Some(fresh)));
            }
            match link.queue {
                Some(old) if old == queue => (true, (link.waker.replace(fresh), None)),
                old => {
                    let stale = link.waker.take();
                    if let Some(old) = old {
                        inner.unlink(link, old as usize);
                    }
                    if this.ticket.get() == 0 {
                        this.ticket.set(inner.next_ticket);
                        inner.next_ticket += 1;
                    }
                    this.used.set(true);
                    let key = key.unwrap_or(this.ticket.get());
                    inner.insert(&raw const this.node, queue, key, fresh);
                    (true, (stale, None))
                }
            }
        });
        waits
    }

    /// Whether it stands in a queue: false when it was woken, or never waited.
    pub fn is_waiting(self: Pin<&mut Self>) -> bool {
        self.used.get()
            && self.list.inner.with(|_| {
                // SAFETY: the lock is held; the node is alive.
                unsafe { Node::link(&raw const self.node) }.queue.is_some()
            })
    }

    /// Ends the wait and gives up the place in the order: the next `enqueue` begins a new wait.
    #[inline]
    pub fn cancel(self: Pin<&mut Self>) {
        self.as_ref().get_ref().leave();
    }

    /// The same for a waiter that is about to be dropped.
    #[inline]
    pub(crate) fn unlink(&mut self) {
        self.leave();
    }

    #[inline]
    fn leave(&self) {
        self.ticket.set(0);
        if self.used.replace(false) {
            let _waker = self.list.inner.with(|inner| {
                // SAFETY: the lock is held; the node is alive.
                let link = unsafe { Node::link(&raw const self.node) };
                if let Some(queue) = link.queue {
                    inner.unlink(link, queue as usize);
                }
                link.waker.take()
            });
        }
    }
}

impl Drop for Waiter<'_> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}
