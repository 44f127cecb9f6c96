//! A [`Waker`] out of something that lives for ever.

use core::task::{RawWaker, RawWakerVTable, Waker};

/// Something in a `static` that a waker wakes.
pub trait Wake: Sync + Sized + 'static {
    /// What `Waker::wake` does. Called from any thread.
    fn wake(&'static self);

    /// The functions behind the waker of this type.
    const VTABLE: RawWakerVTable =
        RawWakerVTable::new(clone::<Self>, wake::<Self>, wake::<Self>, |_| {});
}

/// A waker for `target`. Cloning it copies two words; dropping it does nothing.
pub fn waker_for<T: Wake>(target: &'static T) -> Waker {
    // SAFETY: the functions of the vtable get this pointer and no other; it is valid for ever and shared by `Sync`.
    unsafe { Waker::from_raw(raw(target)) }
}

#[inline]
fn raw<T: Wake>(target: &'static T) -> RawWaker {
    RawWaker::new((&raw const *target).cast(), &T::VTABLE)
}

/// # Safety
///
/// None is needed to copy two words; the type of the vtable's field asks for `unsafe`.
unsafe fn clone<T: Wake>(data: *const ()) -> RawWaker {
    RawWaker::new(data, &T::VTABLE)
}

/// # Safety
///
/// `data` comes from `raw`, as the vtable guarantees.
unsafe fn wake<T: Wake>(data: *const ()) {
    // SAFETY: `data` comes from `raw`, a reference to a `T` that lives for ever.
    T::wake(unsafe { &*data.cast::<T>() });
}
