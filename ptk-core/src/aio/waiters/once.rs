//! [`Once`]: a place in a `static` that is filled at most once and read by everybody.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, Ordering};

const EMPTY: u8 = 0;
const BUSY: u8 = 1;
const FULL: u8 = 2;

/// Empty until [`fill`](Once::fill) succeeds, the same value from then on. What it holds is never dropped: it belongs into a `static`.
pub struct Once<T> {
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value is written by the one thread that moved the state from EMPTY to BUSY, before anybody may read, and is only shared
// after that.
unsafe impl<T: Send + Sync> Sync for Once<T> {}

impl<T> Once<T> {
    pub const fn new() -> Self {
        Self {
            state: AtomicU8::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The value, if there is one.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        if self.state.load(Ordering::Acquire) == FULL {
            // SAFETY: FULL is stored after the value was written, and nothing writes after it.
            Some(unsafe { (*self.value.get()).assume_init_ref() })
        } else {
            None
        }
    }

    /// Makes the value, unless there is one or another thread is making it (`None`).
    pub fn fill<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Option<Result<&T, E>> {
        self.state
            .compare_exchange(EMPTY, BUSY, Ordering::Acquire, Ordering::Relaxed)
            .ok()?;
        match make() {
            Ok(value) => {
                // SAFETY: this thread moved the state to BUSY, so it alone is here, and nobody reads before FULL.
                unsafe { (*self.value.get()).write(value) };
                self.state.store(FULL, Ordering::Release);
                self.get().map(Ok)
            }
            Err(error) => {
                self.state.store(EMPTY, Ordering::Release);
                Some(Err(error))
            }
        }
    }
}
