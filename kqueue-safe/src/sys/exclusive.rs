//! [`Exclusive`]: a value in a `static` that one borrower at a time may change, without `static mut` and without a lock that waits.

use core::cell::UnsafeCell;
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering};

/// A `static`'s value, borrowed by one at a time.
///
/// ```
/// use kqueue_safe::{EventBuffer, Exclusive};
///
/// static EVENTS: Exclusive<EventBuffer> = Exclusive::new(EventBuffer::new());
///
/// let first = EVENTS.try_borrow().expect("nobody has it");
/// assert!(EVENTS.try_borrow().is_none());
/// drop(first);
/// assert!(EVENTS.try_borrow().is_some());
/// ```
pub struct Exclusive<T: ?Sized> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `try_borrow` gives at most one guard at a time, so the value is never seen by two threads at once; going from thread to
// thread it needs `Send`.
unsafe impl<T: ?Sized + Send> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Exclusive<T> {
    /// The value, unless somebody has it already; it is given back when the guard is dropped. Never waits.
    pub fn try_borrow(&self) -> Option<ExclusiveGuard<'_, T>> {
        if self.taken.swap(true, Ordering::Acquire) {
            None
        } else {
            Some(ExclusiveGuard { owner: self })
        }
    }

    /// The value, without a check: a unique borrow is proof enough.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: ?Sized> fmt::Debug for Exclusive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exclusive")
            .field("taken", &self.taken.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

/// The right to use what is in an [`Exclusive`]; dropping it gives the value back.
pub struct ExclusiveGuard<'e, T: ?Sized> {
    owner: &'e Exclusive<T>,
}

impl<'e, T: ?Sized> ExclusiveGuard<'e, T> {
    /// Gives the value to the caller for as long as the [`Exclusive`] lives: it is never given back.
    ///
    /// ```
    /// use kqueue_safe::{EventBuffer, Exclusive, ExclusiveGuard};
    ///
    /// static EVENTS: Exclusive<EventBuffer<8>> = Exclusive::new(EventBuffer::new());
    ///
    /// let events: &'static mut EventBuffer<8> = ExclusiveGuard::leak(EVENTS.try_borrow().unwrap());
    /// assert_eq!(events.capacity(), 8);
    /// assert!(EVENTS.try_borrow().is_none());
    /// ```
    pub fn leak(guard: Self) -> &'e mut T {
        let owner = guard.owner;
        core::mem::forget(guard);
        // SAFETY: the guard was the only one; forgotten, it never lets another one in, so this reference is the only one as long as `owner` is borrowed.
        unsafe { &mut *owner.value.get() }
    }
}

// SAFETY: sharing a guard shares `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for ExclusiveGuard<'_, T> {}

impl<T: ?Sized> Deref for ExclusiveGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard is the only one (see `try_borrow`), and it is borrowed for as long as the reference lives.
        unsafe { &*self.owner.value.get() }
    }
}

impl<T: ?Sized> DerefMut for ExclusiveGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed uniquely.
        unsafe { &mut *self.owner.value.get() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ExclusiveGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized> Drop for ExclusiveGuard<'_, T> {
    fn drop(&mut self) {
        self.owner.taken.store(false, Ordering::Release);
    }
}
