//! [`WakeBatch`]: wakers that were taken under a lock and are woken without it.

use core::mem::MaybeUninit;
use core::task::Waker;

/// How many tasks are taken at a time.
const MOST: usize = 32;

/// A few wakers, woken in the order in which they came; also when one of them panics, or the batch is dropped: nobody else knows of them any more.
pub struct WakeBatch {
    wakers: [MaybeUninit<Waker>; MOST],
    /// Those from here on have not been woken.
    first: usize,
    /// Those from here on are not there.
    end: usize,
}

impl WakeBatch {
    /// Nobody.
    #[inline]
    pub const fn new() -> Self {
        Self {
            wakers: [const { MaybeUninit::uninit() }; MOST],
            first: 0,
            end: 0,
        }
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.end
    }

    /// Whether one more fits.
    #[inline]
    pub const fn has_room(&self) -> bool {
        self.end < MOST
    }

    /// One more. One that does not fit is handed back.
    #[inline]
    pub fn push(&mut self, waker: Waker) -> Option<Waker> {
        let Some(place) = self.wakers.get_mut(self.end) else {
            return Some(waker);
        };
        place.write(waker);
        self.end += 1;
        None
    }

    /// Wakes them all.
    #[inline]
    pub fn wake(mut self) {
        self.wake_rest();
    }

    #[inline]
    fn wake_rest(&mut self) {
        while self.first < self.end {
            let at = self.first;
            self.first += 1;
            // SAFETY: what lies from `first` to before `end` was written by `push`; `first` has just gone past this one, so it is read once.
            let waker = unsafe { self.wakers[at].assume_init_read() };
            waker.wake();
        }
    }
}

impl Drop for WakeBatch {
    #[inline]
    fn drop(&mut self) {
        self.wake_rest();
    }
}
