//! [`ReadyQueue`]: which tasks have been woken, by any thread, for the one that polls them.
//!
//! ```text
//!  any thread                                   the thread that polls
//!  1 mark the task: was it marked before? done  3 take the whole stack
//!  2 push it; the stack was empty? tell         4 of each task: unmark, then poll: a wake from here on pushes it again
//! ```

use core::ptr;

use super::sync::{AtomicBool, AtomicPtr, Ordering, const_unless_loom};

/// A task's place in the queue.
pub struct Ready {
    /// Whether it is in the queue, or about to be.
    marked: AtomicBool,
    /// The next of the stack. Written by whoever has marked it, read by the thread that took the stack.
    next: AtomicPtr<Ready>,
}

impl Ready {
    const_unless_loom! {
        /// A task that has not been woken.
        pub fn new() -> Self {
            Self {
                marked: AtomicBool::new(false),
                next: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }
}

impl Default for Ready {
    fn default() -> Self {
        Self::new()
    }
}

/// The woken tasks of one thread; tasks live for ever (in a model: as long as the queue).
pub struct ReadyQueue {
    head: AtomicPtr<Ready>,
}

impl ReadyQueue {
    const_unless_loom! {
        /// Nobody has been woken.
        pub fn new() -> Self {
            Self {
                head: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    /// A task was woken. True if the thread that polls has to be told.
    ///
    /// # Safety
    ///
    /// `task` lives for as long as this queue, and is pushed to no other.
    #[inline(always)]
    pub unsafe fn push(&self, task: *const Ready) -> bool {
        let new = task.cast_mut();
        // SAFETY: it is alive, as the caller promises.
        let task = unsafe { &*task };
        if task.marked.swap(true, Ordering::AcqRel) {
            return false;
        }
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            task.next.store(head, Ordering::Relaxed);
            match self
                .head
                .compare_exchange_weak(head, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return head.is_null(),
                Err(now) => head = now,
            }
        }
    }

    /// Hands out those that were woken until now, each unmarked before `poll` gets it. If there are any, `begin` comes first: whoever pushes after it either
    /// is among them, or tells.
    #[inline(always)]
    pub fn drain(&self, begin: impl FnOnce(), poll: impl FnMut(*const Ready)) {
        if !self.head.load(Ordering::Relaxed).is_null() {
            begin();
            self.drain_all(poll);
        }
    }

    #[inline(never)]
    fn drain_all(&self, mut poll: impl FnMut(*const Ready)) {
        let mut task = self.head.swap(ptr::null_mut(), Ordering::AcqRel);
        while !task.is_null() {
            // SAFETY: what is in the queue lives for as long as the queue, as `push` was promised.
            let ready = unsafe { &*task };
            let next = ready.next.load(Ordering::Relaxed);
            ready.marked.swap(false, Ordering::AcqRel);
            poll(task);
            task = next;
        }
    }
}

impl Default for ReadyQueue {
    fn default() -> Self {
        Self::new()
    }
}
