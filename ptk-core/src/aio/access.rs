//! [`AccessWord`] and [`Seat`]: who may process events, who sleeps meanwhile, and how neither a wake nor the access is lost between them.
//!
//! ```text
//!                 1 try_take                 2 begin_wait                    3 end_wait
//!   FREE ─────────────────────► HELD ─────────────────────► HELD WAITING ───────────────► HELD
//!    ▲ └── 1 and 2: try_take_to_wait, when nobody wants anything ───►└                      │ 4 release
//!    └──────────────────────────────────────────────────────────────────────────────────────┘
//!                                   SLEEPERS and not CALLED: 5 call_next
//!                                     │  the first of the line leaves it; CALLED until it arrives
//!                                     ▼
//!   a worker that found it HELD:  6 sleep: stands in line, PARKED ──► CALLED: 7 arrives: tries again (1)
//!                                                            └──────► NOTIFIED: its future was woken. If it had been called as well,
//!                                                                     8 it passes the call on: it may never come back for the access
//! ```
//!
//! Arrow 8 is the one that matters most: a worker that is called while its own future ends leaves for good, and without it the others would sleep for
//! ever, with the access free. `tests/loom_access.rs` models all of this.
//!
//! All state of the access is one word, so that exchanges of it come one after the other: either the release comes first, and the sleeper finds the
//! access free before it parks, or the sleeper comes first, and the release sees it.

use core::pin::pin;
use core::task::Waker;

use super::waiters::sync::{AtomicUsize, Ordering, const_unless_loom, load_after_exchange};
use super::waiters::{Queue, WaitList, Waiter};

/// Somebody has the access.
const HELD: usize = 1;
/// Who has it waits in the kernel, or is about to.
const WAITING: usize = 1 << 1;
/// Somebody wants the current wait, or else the next one, to end at once.
const UNPARKED: usize = 1 << 2;
/// Workers stand in line.
const SLEEPERS: usize = 1 << 3;
/// One of them has been called and has not arrived: calling another one would be in vain.
const CALLED: usize = 1 << 4;
/// Events are being collected or processed: they may name slots that are given up meanwhile.
const BATCH: usize = 1 << 5;

/// The access of one driver.
#[repr(C)]
pub struct AccessWord {
    word: AtomicUsize,
    line: WaitList,
}

impl AccessWord {
    const_unless_loom! {
        /// Nobody has it.
        pub fn new() -> Self {
            Self {
                word: AtomicUsize::new(0),
                line: WaitList::new(),
            }
        }
    }

    /// Takes the access, unless somebody has it.
    #[inline]
    pub fn try_take(&self) -> bool {
        self.word.fetch_or(HELD, Ordering::SeqCst) & HELD == 0
    }

    /// Takes the access and begins a batch and its wait, if nobody has it, no unpark came before, and nobody stands in line.
    #[inline(always)]
    pub fn try_take_to_wait(&self) -> bool {
        self.word
            .compare_exchange(
                0,
                HELD | WAITING | BATCH,
                Ordering::SeqCst,
                Ordering::Relaxed,
            )
            .is_ok()
    }

    /// Its holder begins a batch, and is about to wait for it. True if the wait must not last: it was unparked before.
    #[inline]
    pub fn begin_wait(&self) -> bool {
        self.word.fetch_or(WAITING | BATCH, Ordering::SeqCst) & UNPARKED != 0
    }

    /// The wait is over.
    #[inline(always)]
    pub fn end_wait(&self) {
        self.word.fetch_and(!(WAITING | UNPARKED), Ordering::SeqCst);
    }

    /// A batch begins that somebody else collects.
    #[inline]
    pub fn begin_batch(&self) {
        self.word.fetch_or(BATCH, Ordering::SeqCst);
    }

    /// The batch has been processed.
    #[inline]
    pub fn end_batch(&self) {
        self.word.fetch_and(!BATCH, Ordering::SeqCst);
    }

    /// Whether events may be under way that name slots of before.
    #[inline]
    pub fn is_in_batch(&self) -> bool {
        load_after_exchange(&self.word) & BATCH != 0
    }

    /// Gives the access back, and calls a sleeper.
    #[inline(always)]
    pub fn release(&self) {
        if self.word.fetch_sub(HELD, Ordering::SeqCst) != HELD {
            self.after_release();
        }
    }

    /// The same, and the batch that had begun has been processed.
    #[inline(always)]
    pub fn release_after_batch(&self) {
        if self.word.fetch_sub(HELD | BATCH, Ordering::SeqCst) != HELD | BATCH {
            self.after_release();
        }
    }

    /// Somebody wanted something when the access was given back. A call is never wrong, and if there is nobody to call any more, he has been called since.
    #[cold]
    #[inline(never)]
    fn after_release(&self) {
        if load_after_exchange(&self.word) & (SLEEPERS | CALLED) == SLEEPERS {
            self.call_next();
        }
    }

    /// Calls the first of the line.
    #[cold]
    fn call_next(&self) {
        self.line.wake_one_and(
            |none_left| {
                if self.word.fetch_or(CALLED, Ordering::SeqCst) & CALLED != 0 {
                    return false;
                }
                if none_left {
                    self.word.fetch_and(!SLEEPERS, Ordering::SeqCst);
                }
                true
            },
            || {
                // Nobody stands there: whoever set the bit has left.
                self.word.fetch_and(!SLEEPERS, Ordering::SeqCst);
            },
        );
    }

    /// Ends the current wait, or the next. True if the kernel has to be told.
    #[inline]
    pub fn unpark(&self) -> bool {
        self.word.fetch_or(UNPARKED, Ordering::SeqCst) & (WAITING | UNPARKED) == WAITING
    }

    /// Whether somebody waits in the kernel now: what the caller has changed before this, he will not see without being told.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        load_after_exchange(&self.word) & WAITING != 0
    }

    /// Sleeps until `seat` is notified or the access may be free: `wait` sleeps until the seat's bed is woken, and may return for no reason.
    /// True if the seat was notified.
    ///
    /// # Errors
    ///
    /// Those of `wait`; the place in line is given up.
    #[cold]
    pub fn sleep<E>(
        &self,
        seat: &Seat,
        call: &Waker,
        mut wait: impl FnMut() -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut waiter = pin!(Waiter::new(&self.line));
        let stands = waiter.as_mut().enqueue(Queue::Read, call, || {
            self.word.fetch_or(SLEEPERS, Ordering::SeqCst) & HELD == 0
        });
        if !stands {
            return Ok(false);
        }
        let mut result = Ok(());
        let mut before = seat.state.fetch_or(PARKED, Ordering::SeqCst);
        while before & (NOTIFIED | SUMMONED) == 0 && result.is_ok() {
            result = wait();
            before = load_after_exchange(&seat.state);
        }
        seat.state.fetch_and(!(PARKED | SUMMONED), Ordering::SeqCst);
        // Whoever called this worker took it out of the line first. A summons that comes later than this is for nobody.
        let called = !waiter.as_mut().cancel();
        let notified = seat.is_notified();
        if called {
            let before = self.word.fetch_and(!CALLED, Ordering::SeqCst);
            if (notified || result.is_err()) && before & (HELD | SLEEPERS) == SLEEPERS {
                self.call_next();
            }
        }
        result.map(|()| notified)
    }
}

impl Default for AccessWord {
    fn default() -> Self {
        Self::new()
    }
}

/// Its future was woken.
const NOTIFIED: usize = 1;
/// It sleeps in its bed, or is about to.
const PARKED: usize = 1 << 1;
/// It has been called for the access.
const SUMMONED: usize = 1 << 2;
/// It does not wait in the kernel for its driver's events, nor is about to.
const RUNS: usize = 1 << 3;

/// Where a wake has to go besides the seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rouse {
    /// The worker runs and will see it, or has been told before.
    Nobody,
    /// The worker sleeps in its bed.
    Bed,
    /// The worker waits in the kernel, for its driver.
    Driver,
}

/// A worker's state: what became of its future, and where it sleeps.
pub struct Seat {
    state: AtomicUsize,
}

impl Seat {
    const_unless_loom! {
        /// It runs, and nobody has woken it.
        pub fn new() -> Self {
            Self {
                state: AtomicUsize::new(RUNS),
            }
        }
    }

    /// Its future was woken.
    #[inline(always)]
    pub fn notify(&self) -> Rouse {
        // What it did until now goes: whoever has been told that its future was woken needs to know no more.
        let before = self.state.swap(RUNS | NOTIFIED, Ordering::SeqCst);
        if before & !NOTIFIED == RUNS {
            return Rouse::Nobody;
        }
        Self::rouse(before)
    }

    #[cold]
    fn rouse(before: usize) -> Rouse {
        if before & NOTIFIED != 0 {
            Rouse::Nobody
        } else if before & RUNS == 0 {
            // Whatever else: a summons of before may have come too late.
            Rouse::Driver
        } else if before & (PARKED | SUMMONED) == PARKED {
            Rouse::Bed
        } else {
            Rouse::Nobody
        }
    }

    /// It is about to wait in the kernel. True if its future was woken, so that the wait must not last; who wakes it from now on ends the wait.
    #[inline(always)]
    pub fn begin_wait(&self) -> bool {
        // Compared so, the exchange's own flags tell. A summons that came too late is no reason.
        self.state.fetch_and(!RUNS, Ordering::SeqCst) & !RUNS != 0 && self.is_notified()
    }

    /// The wait is over.
    #[inline(always)]
    pub fn end_wait(&self) {
        self.state.fetch_or(RUNS, Ordering::SeqCst);
    }

    /// The access may be free. True if the bed has to be woken.
    #[cold]
    pub fn summon(&self) -> bool {
        let before = self.state.fetch_or(SUMMONED, Ordering::SeqCst);
        before & (PARKED | NOTIFIED | SUMMONED) == PARKED
    }

    /// Whether its future was woken.
    #[inline]
    pub fn is_notified(&self) -> bool {
        load_after_exchange(&self.state) & NOTIFIED != 0
    }

    /// The same, and from now on it was not: its future is about to be polled.
    #[inline]
    pub fn take_notified(&self) -> bool {
        // A summons that came too late goes with it.
        self.state.swap(RUNS, Ordering::SeqCst) & NOTIFIED != 0
    }
}

impl Default for Seat {
    fn default() -> Self {
        Self::new()
    }
}
