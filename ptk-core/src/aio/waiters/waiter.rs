//! [`Waiter`]: a task's place in a [`WaitList`].

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::task::Waker;

use super::list::{Inner, WaitList};
use super::node::Node;
use super::queues::Queue;

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
            node: Node::new(),
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
            inner.tickets += 1;
            self.ticket.set(inner.tickets);
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
