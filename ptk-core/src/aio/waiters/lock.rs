//! [`Lock`]: a value that one thread at a time may touch, for a handful of instructions.
//!
//! Under loom it is a mutex of loom's, since no model checker can follow a spin to its end: what the models check is what is done under it.

use super::sync::UnsafeCell;
#[cfg(not(loom))]
use super::sync::{AtomicBool, Ordering, pause};

/// A spinning lock. Held for a few dozen instructions and never across a call to foreign code: no waker is woken, cloned or dropped
/// under it.
pub struct Lock<T: ?Sized> {
    #[cfg(not(loom))]
    held: AtomicBool,
    #[cfg(loom)]
    held: loom::sync::Mutex<()>,
    value: UnsafeCell<T>,
}

// SAFETY: `with` lets one thread at a time at the value, and the release store of one is acquired by the next; `Send` is what the
// value needs to be touched by one thread after another.
unsafe impl<T: ?Sized + Send> Sync for Lock<T> {}
// SAFETY: owning the lock is owning the value.
unsafe impl<T: ?Sized + Send> Send for Lock<T> {}

impl<T> Lock<T> {
    #[cfg(not(loom))]
    pub const fn new(value: T) -> Self {
        Self {
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    #[cfg(loom)]
    pub fn new(value: T) -> Self {
        Self {
            held: loom::sync::Mutex::new(()),
            value: UnsafeCell::new(value),
        }
    }
}

/// Opens the lock again, also when the closure panics.
#[cfg(not(loom))]
struct Release<'l>(&'l AtomicBool);

#[cfg(not(loom))]
impl Drop for Release<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T: ?Sized> Lock<T> {
    /// Runs `f` on the value, alone. `f` must not come back to this lock: it would wait for itself.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        #[cfg(not(loom))]
        let _release = {
            if self.held.swap(true, Ordering::Acquire) {
                self.wait();
            }
            Release(&self.held)
        };
        #[cfg(loom)]
        let _release = self.held.lock();
        self.value.with_mut(|value| {
            // SAFETY: `held` was false and this thread made it true (or has the mutex), so no other thread is between here and the release; the reference
            // ends before that.
            f(unsafe { &mut *value })
        })
    }

    #[cfg(not(loom))]
    #[cold]
    fn wait(&self) {
        let mut turn = 0;
        while self.held.swap(true, Ordering::Acquire) {
            pause(turn);
            turn = turn.saturating_add(1);
        }
    }
}
