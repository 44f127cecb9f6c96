//! [`Held`]: a value that belongs to whoever has the access.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

use crate::aio::access::AccessWord;

/// A value and the word that says who may touch it.
#[repr(C)]
pub struct Held<T: ?Sized + 'static> {
    pub access: AccessWord,
    value: UnsafeCell<&'static mut T>,
}

// SAFETY: the value is reached through guards only, of which `access` admits one at a time; it goes from thread to thread, for which it is `Send`.
unsafe impl<T: ?Sized + Send> Sync for Held<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Send for Held<T> {}

impl<T: ?Sized> Held<T> {
    /// Nobody has it.
    pub const fn new(value: &'static mut T) -> Self {
        Self {
            access: AccessWord::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, unless somebody has it.
    #[inline]
    pub fn try_take(&'static self) -> Option<HeldGuard<T>> {
        // Not `then_some`: a guard that is made and dropped gives away what another one has.
        self.access.try_take().then(|| HeldGuard {
            held: self,
            in_batch: false,
        })
    }

    /// The same for a wait that begins at once, and how long it may last: as `alone` says if nobody wants anything, else as `besides` says, which is told
    /// whether it was unparked before.
    #[inline(always)]
    pub fn try_take_to_wait<W>(
        &'static self,
        alone: impl FnOnce() -> W,
        besides: impl FnOnce(bool) -> W,
    ) -> Option<(WaitGuard<T>, W)> {
        let limit = if self.access.try_take_to_wait() {
            alone()
        } else {
            self.try_take_besides(besides)?
        };
        Some((WaitGuard { held: self }, limit))
    }

    #[cold]
    #[inline(never)]
    fn try_take_besides<W>(&self, besides: impl FnOnce(bool) -> W) -> Option<W> {
        self.access
            .try_take()
            .then(|| besides(self.access.begin_wait()))
    }
}

/// The access to a [`Held`] value for one wait and its batch; dropping it gives it back.
pub struct WaitGuard<T: ?Sized + 'static> {
    held: &'static Held<T>,
}

impl<T: ?Sized> Deref for WaitGuard<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: as for `HeldGuard`: there is one guard of either kind at a time.
        unsafe { &**self.held.value.get() }
    }
}

impl<T: ?Sized> DerefMut for WaitGuard<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed uniquely.
        unsafe { &mut **self.held.value.get() }
    }
}

impl<T: ?Sized> Drop for WaitGuard<T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.held.access.release_after_batch();
    }
}

/// The access to a [`Held`] value; dropping it gives it back.
pub struct HeldGuard<T: ?Sized + 'static> {
    held: &'static Held<T>,
    /// Whether a batch goes on until it is given back.
    in_batch: bool,
}

impl<T: ?Sized> HeldGuard<T> {
    /// From here on a batch goes on until the access is given back. True if the wait must not last: it was unparked before.
    #[inline]
    pub fn begin_wait(&mut self) -> bool {
        self.in_batch = true;
        self.held.access.begin_wait()
    }

    /// The batch is over, and the access kept.
    #[inline]
    pub fn end_batch(&mut self) {
        self.in_batch = false;
        self.held.access.end_batch();
    }
}

impl<T: ?Sized> Deref for HeldGuard<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: this guard is the only one, and is borrowed for as long as the reference lives.
        unsafe { &**self.held.value.get() }
    }
}

impl<T: ?Sized> DerefMut for HeldGuard<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed uniquely.
        unsafe { &mut **self.held.value.get() }
    }
}

impl<T: ?Sized> Drop for HeldGuard<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.in_batch {
            self.held.access.release_after_batch();
        } else {
            self.held.access.release();
        }
    }
}
