//! [`Pending`]: how many timers there are, for those who ask without the lock of the timers.

use super::waiters::sync::{AtomicUsize, Ordering, const_unless_loom, fence};

/// A count that is changed under a lock and read without it.
///
/// Who waits announces that and then reads the count; who makes an earliest timer counts it, [announces](Pending::announce) it, and then looks whether
/// somebody waits. Of the two, at least one sees the other. A timer that is not the earliest finds one that was announced.
pub struct Pending(AtomicUsize);

impl Pending {
    const_unless_loom! {
        /// None.
        pub fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    /// Under the lock: so many more.
    #[inline(always)]
    pub fn more(&self, count: usize) {
        let before = self.0.load(Ordering::Relaxed);
        self.0.store(before + count, Ordering::Relaxed);
    }

    /// Under the lock: so many fewer.
    #[inline(always)]
    pub fn fewer(&self, count: usize) {
        let before = self.0.load(Ordering::Relaxed);
        self.0.store(before - count, Ordering::Relaxed);
    }

    /// Whoever announces a wait from here on sees what was counted before; whose wait was announced before is seen by the next look.
    #[inline(always)]
    pub fn announce(&self) {
        fence(Ordering::SeqCst);
    }

    /// How many.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
