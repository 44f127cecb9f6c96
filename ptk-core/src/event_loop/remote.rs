//! What other threads may do to a loop: stop it, and raise its user events.

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence};

use kqueue_safe::{Exclusive, Waker};

use super::slot::NO_SLOT;
use crate::error::Error;

/// The default number of user events of a [`Remote`].
pub const PTK_MAX_USER_EVENTS: usize = 16;

/// One user event.
pub struct UserCell {
    /// Generation (31 bits), raised (1 bit), payload (32 bits) in one word, so that a raise and a detach can never be torn apart.
    word: AtomicU64,
    /// The loop's slot, for the loop's own eyes.
    slot: AtomicU32,
}

const RAISED: u64 = 1 << 32;
const GENERATION_SHIFT: u32 = 33;
const GENERATION_LIMIT: u32 = u32::MAX >> 1;

impl UserCell {
    const fn empty() -> Self {
        Self {
            word: AtomicU64::new(0),
            slot: AtomicU32::new(NO_SLOT),
        }
    }
}

/// The face of a loop that other threads see, in memory that outlives the loop: usually a `static`.
///
/// ```
/// use ptk_core::event_loop::Remote;
///
/// static REMOTE: Remote = Remote::new();
/// REMOTE.stop(); // harmless while no loop is attached
/// ```
pub type Remote<const USER_EVENTS: usize = PTK_MAX_USER_EVENTS> =
    RemoteCells<[UserCell; USER_EVENTS]>;

/// [`Remote`] with its capacity as a type, so that a reference to it need not name the number.
pub struct RemoteCells<C: ?Sized> {
    waker: Exclusive<Option<Waker>>,
    /// A wake-up is owed: whoever holds the waker pays it before or after letting go.
    wake_owed: AtomicBool,
    taken: AtomicBool,
    stop: AtomicBool,
    /// Some cell may be raised: looked at once a turn.
    raised: AtomicBool,
    cells: C,
}

impl<const USER_EVENTS: usize> Default for RemoteCells<[UserCell; USER_EVENTS]> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const USER_EVENTS: usize> RemoteCells<[UserCell; USER_EVENTS]> {
    /// A remote that no loop has taken yet. Zero capacity does not compile.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(
                USER_EVENTS > 0,
                "a Remote needs room for at least one user event"
            )
        };
        Self {
            waker: Exclusive::new(None),
            wake_owed: AtomicBool::new(false),
            taken: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            raised: AtomicBool::new(false),
            cells: [const { UserCell::empty() }; USER_EVENTS],
        }
    }

    /// Asks the loop to stop after the events it is handling. May be called from any thread and from a signal handler; asking twice,
    /// or with no loop attached, is harmless.
    pub fn stop(&'static self) {
        Stopper { remote: self }.stop();
    }

    /// A copyable handle that stops the loop.
    #[must_use]
    pub fn stopper(&'static self) -> Stopper {
        Stopper { remote: self }
    }
}

/// A remote of any capacity.
pub(crate) type AnyRemote = RemoteCells<[UserCell]>;

impl AnyRemote {
    /// Takes the remote for one loop.
    pub(crate) fn take(&self) -> Result<(), Error> {
        if self.taken.swap(true, Ordering::AcqRel) {
            return Err(Error::INVALID_INPUT);
        }
        self.stop.store(false, Ordering::Release);
        Ok(())
    }

    /// Lets raises and stops wake the loop through `waker`.
    pub(crate) fn connect(&self, waker: Waker) {
        self.replace_waker(Some(waker));
    }

    /// Gives it back; every raise from now on answers [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub(crate) fn release(&self) {
        for index in 0..self.cells.len() {
            self.retire(index);
        }
        self.replace_waker(None);
        self.taken.store(false, Ordering::Release);
    }

    /// Only a loop calls this, and never from a signal handler: whoever holds the waker lets go after one system call.
    fn replace_waker(&self, waker: Option<Waker>) {
        loop {
            if let Some(mut place) = self.waker.try_borrow() {
                *place = waker;
                return;
            }
            core::hint::spin_loop();
        }
    }

    /// Wakes the loop, from any thread or a signal handler. If another thread holds the waker, that thread wakes it once more.
    fn wake(&self) -> Result<(), Error> {
        self.wake_owed.store(true, Ordering::Relaxed);
        loop {
            // Between "owed" and the look at the holder, here; between letting go and the look at "owed", below: one of the two sees
            // the other.
            fence(Ordering::SeqCst);
            let Some(waker) = self.waker.try_borrow() else {
                return Ok(());
            };
            let mut outcome = Ok(());
            if self.wake_owed.swap(false, Ordering::AcqRel)
                && let Some(waker) = &*waker
            {
                outcome = waker.wake().map_err(Error::from);
            }
            drop(waker);
            fence(Ordering::SeqCst);
            if !self.wake_owed.load(Ordering::Relaxed) {
                return outcome;
            }
        }
    }

    /// Whether some cell may have been raised since the last call.
    #[inline]
    pub(crate) fn take_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire) && self.raised.swap(false, Ordering::AcqRel)
    }

    #[inline]
    pub(crate) fn stop_asked(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub(crate) fn clear_stop(&self) {
        self.stop.store(false, Ordering::Release);
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell that nobody has.
    pub(crate) fn free_cell(&self) -> Option<usize> {
        (0..self.cells.len()).find(|cell| self.slot_of(*cell) == NO_SLOT)
    }

    /// The slot that cell `index` belongs to.
    pub(crate) fn slot_of(&self, index: usize) -> u32 {
        self.cells[index].slot.load(Ordering::Relaxed)
    }

    /// Gives cell `index` to a slot.
    pub(crate) fn assign(&self, index: usize, slot: u32) {
        self.cells[index].slot.store(slot, Ordering::Relaxed);
    }

    /// The handle that raises cell `index` in its present generation.
    pub(crate) fn raiser(&'static self, index: usize) -> Raiser {
        let word = self.cells[index].word.load(Ordering::Acquire);
        Raiser {
            remote: self,
            index: index as u32,
            generation: (word >> GENERATION_SHIFT) as u32,
        }
    }

    /// What was raised since the last call, if anything.
    pub(crate) fn collect(&self, index: usize) -> Option<u32> {
        let cell = &self.cells[index].word;
        let mut word = cell.load(Ordering::Acquire);
        while word & RAISED != 0 {
            let generation = word >> GENERATION_SHIFT << GENERATION_SHIFT;
            match cell.compare_exchange_weak(word, generation, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Some(word as u32),
                Err(seen) => word = seen,
            }
        }
        None
    }

    /// Moves the cell to its next generation: older handles are stale from now on, and what they raised is forgotten.
    pub(crate) fn retire(&self, index: usize) {
        self.assign(index, NO_SLOT);
        let cell = &self.cells[index].word;
        let mut word = cell.load(Ordering::Acquire);
        loop {
            let generation = ((word >> GENERATION_SHIFT) as u32 + 1) & GENERATION_LIMIT;
            let next = u64::from(generation) << GENERATION_SHIFT;
            match cell.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(seen) => word = seen,
            }
        }
    }
}

/// Raises one user event, from any thread or from a signal handler.
#[derive(Clone, Copy)]
pub struct Raiser {
    remote: &'static AnyRemote,
    index: u32,
    generation: u32,
}

impl core::fmt::Debug for Raiser {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Raiser")
            .field("index", &self.index)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl Raiser {
    /// Raises the event. Raises that the loop has not told yet merge into one, their payloads or-ed together: use the payload for
    /// flags, and a [mailbox](crate::mailbox) for what must not merge.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale) if the user event was detached or its loop is gone; the system's error if the kernel refuses the wake-up.
    pub fn raise(&self, payload: u32) -> Result<(), Error> {
        let cell = &self.remote.cells[self.index as usize].word;
        let mut word = cell.load(Ordering::Acquire);
        loop {
            if (word >> GENERATION_SHIFT) as u32 != self.generation {
                return Err(Error::STALE);
            }
            let next = word | RAISED | u64::from(payload);
            match cell.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(seen) => word = seen,
            }
        }
        if word & RAISED == 0 {
            self.remote.raised.store(true, Ordering::Release);
            self.remote.wake()?;
        }
        Ok(())
    }
}

/// Stops the loop that took a [`Remote`], from any thread or from a signal handler.
#[derive(Clone, Copy)]
pub struct Stopper {
    remote: &'static AnyRemote,
}

impl core::fmt::Debug for Stopper {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Stopper").finish_non_exhaustive()
    }
}

impl Stopper {
    /// Asks the loop to stop after the events it is handling. Asking twice, or with no loop attached, is harmless.
    pub fn stop(&self) {
        if !self.remote.stop.swap(true, Ordering::AcqRel) {
            // A refused wake-up leaves the flag set: the loop sees it at its next turn.
            let _ = self.remote.wake();
        }
    }
}
