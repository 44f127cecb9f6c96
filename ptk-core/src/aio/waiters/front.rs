//! [`Place`]: where the first of a gate's waiters stands, for each direction.

use core::mem::MaybeUninit;
use core::task::Waker;

use super::sync::{UnsafeCell, const_unless_loom};

/// Who waits at a front place.
pub(super) struct Front {
    pub waker: Waker,
    owner: *const (),
    /// When its wait began, see `GateWaiter`.
    pub ticket: usize,
}

/// The owner of a `poll_*` call's waker: nobody who would leave.
pub(super) const POLLED: *const () = core::ptr::dangling();

pub(super) struct Place(UnsafeCell<MaybeUninit<Front>>);

// SAFETY: the front is touched under the gate's lock only; the owner's address is compared and never followed.
unsafe impl Sync for Place {}
// SAFETY: as above; a waker is `Send`.
unsafe impl Send for Place {}

impl Place {
    const_unless_loom! {
        pub fn new() -> Self {
            Self(UnsafeCell::new(MaybeUninit::uninit()))
        }
    }

    /// # Safety
    ///
    /// The gate is locked by the caller, and the place is free.
    #[inline(always)]
    pub unsafe fn fill(&self, waker: Waker, owner: *const (), ticket: usize) {
        let front = Front {
            waker,
            owner,
            ticket,
        };
        // SAFETY: the lock makes this the only reference.
        self.0.with_mut(|place| unsafe { (*place).write(front) });
    }

    /// # Safety
    ///
    /// The gate is locked by the caller, and the place is taken; it is free after this.
    #[inline(always)]
    pub unsafe fn take(&self) -> Front {
        // SAFETY: the lock makes this the only reference; a taken place has been filled.
        self.0
            .with_mut(|place| unsafe { (*place).assume_init_read() })
    }

    /// # Safety
    ///
    /// The gate is locked by the caller, and the place is taken.
    pub unsafe fn is_of(&self, owner: *const ()) -> bool {
        // SAFETY: as in `take`.
        self.0
            .with_mut(|place| unsafe { core::ptr::eq((*place).assume_init_ref().owner, owner) })
    }

    /// # Safety
    ///
    /// The gate is locked by the caller, and the place is taken.
    pub unsafe fn replace(&self, waker: Waker) -> Waker {
        self.0.with_mut(|place| {
            // SAFETY: as in `take`.
            let front = unsafe { (*place).assume_init_mut() };
            core::mem::replace(&mut front.waker, waker)
        })
    }
}
