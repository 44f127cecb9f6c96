//! [`Registered`]: something with a descriptor, and its registration, which goes first.

use core::mem::ManuallyDrop;

use crate::aio::registration::AsyncRegistration;
use crate::os::AsFd;

/// Both, until they are dropped or taken apart.
///
/// An `Option` would do the same, and be looked at by every call.
pub struct Registered<T: AsFd> {
    registration: AsyncRegistration,
    inner: ManuallyDrop<T>,
}

impl<T: AsFd> Registered<T> {
    pub const fn new(registration: AsyncRegistration, inner: T) -> Self {
        Self {
            registration,
            inner: ManuallyDrop::new(inner),
        }
    }

    #[inline(always)]
    pub const fn registration(&self) -> &AsyncRegistration {
        &self.registration
    }

    #[inline(always)]
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Both, still registered.
    pub fn into_parts(self) -> (AsyncRegistration, T) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not touched after this, not even dropped.
        let inner = unsafe { ManuallyDrop::take(&mut this.inner) };
        (this.registration.hand_over(), inner)
    }
}

impl<T: AsFd> Drop for Registered<T> {
    #[inline(never)]
    fn drop(&mut self) {
        self.registration.deregister(self.inner.as_fd());
        // SAFETY: dropped once, here: whoever takes it away forgets all of this.
        unsafe { ManuallyDrop::drop(&mut self.inner) };
    }
}
