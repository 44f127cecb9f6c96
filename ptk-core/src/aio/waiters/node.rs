//! [`Node`]: where a waiter is linked into a list.

use core::mem::MaybeUninit;
use core::task::Waker;

use super::sync::{AtomicU32, Ordering, UnsafeCell};

/// A waiter's place in a queue. Every field is touched under the list's lock only.
pub(super) struct Link {
    pub prev: *const Node,
    pub next: *const Node,
    pub waker: Option<Waker>,
    pub key: u64,
}

pub(super) struct Node {
    /// Written by the first `insert`, and only read after that. The waker is there while the node stands in a queue and no longer: whoever takes it out
    /// takes the waker, too, so there is nothing to drop.
    pub link: UnsafeCell<MaybeUninit<Link>>,
    /// The queue that it stands in, + 1; 0: in none. Changes under the lock; the last change of whoever takes it out, so that its owner needs no lock
    /// to see that nobody will touch it any more.
    pub at: AtomicU32,
}

impl Node {
    /// A node that stands in no queue.
    #[inline]
    pub fn new() -> Self {
        Self {
            link: UnsafeCell::new(MaybeUninit::uninit()),
            at: AtomicU32::new(0),
        }
    }

    /// The queue that it stands in.
    #[inline]
    pub fn queue(&self) -> Option<usize> {
        (self.at.load(Ordering::Acquire) as usize).checked_sub(1)
    }

    /// # Safety
    ///
    /// The caller holds the lock of the list that this node belongs to, the node is alive and has stood in a queue, and no reference to its link is.
    #[inline]
    pub unsafe fn link<'a>(node: *const Self) -> &'a mut Link {
        // SAFETY: the node is alive, and its link was written when it was put into a queue; the lock makes this the only reference.
        unsafe { (*node).link.with_mut(|link| (*link).assume_init_mut()) }
    }
}
