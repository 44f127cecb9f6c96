//! A futex mutex that knows its owner.
//!
//! One atomic exchange to take it and one to give it back while nobody else wants it. A thread that finds it taken sleeps in the
//! kernel. The word holds the owner's identity, because `kevent` may be called from a signal handler that interrupted the owner: the handler
//! learns so from [`Lock::acquire`] and leaves its trigger in a mailbox instead of waiting for itself.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::sys;

/// Somebody sleeps on the word.
const CONTENDED: u32 = 1 << 31;

/// The mutex. All zero is free.
pub(crate) struct Lock {
    word: AtomicU32,
}

/// The calling thread already holds the lock: a signal handler interrupted it.
#[derive(Debug)]
pub(crate) struct Reentered;

impl Lock {
    /// A free lock.
    pub(crate) const fn new() -> Self {
        Self {
            word: AtomicU32::new(0),
        }
    }

    /// Takes the lock, sleeping while another thread has it.
    #[inline(always)]
    pub(crate) fn acquire(&self) -> Result<(), Reentered> {
        let me = sys::thread_identity();
        match self
            .word
            .compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed)
        {
            Ok(_) => Ok(()),
            Err(seen) => self.acquire_slowly(me, seen),
        }
    }

    #[cold]
    fn acquire_slowly(&self, me: u32, mut seen: u32) -> Result<(), Reentered> {
        loop {
            if seen & !CONTENDED == me {
                return Err(Reentered);
            }
            if seen == 0 {
                // Others may sleep still: whoever comes this way keeps the mark, at the price of one wake too many.
                match self.word.compare_exchange(
                    0,
                    me | CONTENDED,
                    Ordering::Acquire,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => return Ok(()),
                    Err(other) => seen = other,
                }
                continue;
            }
            if seen & CONTENDED == 0 {
                match self.word.compare_exchange(
                    seen,
                    seen | CONTENDED,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => seen |= CONTENDED,
                    Err(other) => {
                        seen = other;
                        continue;
                    }
                }
            }
            sys::futex_wait(&self.word, seen);
            seen = self.word.load(Ordering::Relaxed);
        }
    }

    /// Gives the lock back.
    #[inline(always)]
    pub(crate) fn release(&self) {
        if self.word.swap(0, Ordering::Release) & CONTENDED != 0 {
            sys::futex_wake(&self.word);
        }
    }

    /// Forgets any owner: for the child of a fork, in which the owner does not exist.
    pub(crate) fn reset(&self) {
        self.word.store(0, Ordering::Relaxed);
    }
}
