//! [`IoDriver`]: one kqueue, its registrations, its timers.

use core::sync::atomic::{AtomicUsize, Ordering};

use kqueue_safe::{ChangeList, EventBuffer, EventView, ExclusiveGuard, Kqueue, Read, Token, Write};

use super::access::AccessWord;
use super::handle::{IoDriverHandle, IoDriverUnparker};
use super::readiness::{IoEventInterest, Ready};
use super::registration_info::{RegistrationInfo, SlotTable};
use super::waiters::{Held, HeldGuard};
use crate::error::{Error, Result, Table};
use crate::os::BorrowedFd;
use crate::time::Instant;

mod clock;
mod process;
mod storage;
mod timers;

pub(crate) use clock::{has_come, now};
pub use storage::IoSlots;
pub(crate) use timers::TimerQueue;

/// The bit of a token's slot that says "the async face's": the callback face never sets it.
const FACE: u32 = 1 << (Token::SLOT_BITS - 1);
/// Slots from here on are not registrations. The very last is left to the callback face, which wakes itself with it.
const FIRST_RESERVED: u32 = FACE - 2;
const UNPARK: Token = Token::new(FACE | FIRST_RESERVED, 0);
/// The user event of the unparker, unlikely to be a number of the callback face's.
const UNPARK_IDENT: usize = FACE as usize;

/// The driver: lets tasks wait until a descriptor is ready or a time has come.
///
/// It lives in the [`IoSlots`] that it was made from, for ever; sources and futures refer to it by a [handle](IoDriverHandle) that can be copied.
/// One thread at a time processes events: whoever gets the [access](IoDriver::try_get_access). See the [module](crate::aio) for the
/// sequences.
///
/// ```
/// use core::time::Duration;
/// use ptk_core::aio::{IoDriver, IoSlots};
///
/// static SLOTS: IoSlots<4> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// let mut access = driver.try_get_access().expect("nobody else has it");
/// assert!(driver.try_get_access().is_none());
/// assert_eq!(driver.process_io(&mut access, Some(Duration::ZERO))?, 0);
/// # Ok::<(), ptk_core::Error>(())
/// ```
#[repr(C)]
pub struct IoDriver {
    /// Room for the events of a wait, and who processes them, and which workers sleep because another one does. First: its word has the driver's address.
    held: Held<EventView>,
    kq: Kqueue,
    waker: kqueue_safe::Waker,
    slots: &'static [RegistrationInfo],
    table: &'static SlotTable,
    pub(crate) timers: TimerQueue,
    stale: AtomicUsize,
}

/// The right to process events; giving it back (dropping it) wakes a worker that sleeps for want of it.
pub struct IoDriverAccess {
    // In this order: what was retired meanwhile becomes free when the access has been given back.
    events: HeldGuard<EventView>,
    after: AfterBatch,
}

/// Frees the slots that were given up during a batch, when it is over.
struct AfterBatch(&'static IoDriver);

impl Drop for AfterBatch {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.after_batch();
    }
}

impl IoDriver {
    /// Makes the driver that lives in `slots`, with a kqueue of its own.
    ///
    /// The first driver of a process is the one that [`current`](super::current()) answers with on threads that have entered no other.
    ///
    /// # Errors
    ///
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse) when the slots have a driver already; the system's error for the kqueue (`EMFILE`, `ENFILE`,
    /// `ENOMEM`).
    pub fn new<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize>(
        slots: &'static IoSlots<SOURCES, TIMERS, EVENTS>,
    ) -> Result<&'static Self> {
        Self::on_queue(slots, Kqueue::new)
    }

    /// The same on a kqueue that is shared with the callback face: `queue` makes or duplicates it.
    ///
    /// # Errors
    ///
    /// As for [`new`](IoDriver::new).
    pub fn on_queue<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize>(
        slots: &'static IoSlots<SOURCES, TIMERS, EVENTS>,
        queue: impl FnOnce() -> core::result::Result<Kqueue, kqueue_safe::Error>,
    ) -> Result<&'static Self> {
        let made = slots.driver.fill(|| {
            let kq = queue().map_err(system)?;
            let waker = kq.waker(UNPARK_IDENT, UNPARK).map_err(system)?;
            // Nothing fails from here on, and only one driver is made of the slots: nobody has borrowed the room.
            let events = slots.events.try_borrow().ok_or(Error::INVALID_INPUT)?;
            let events: &'static mut EventBuffer<EVENTS> = ExclusiveGuard::leak(events);
            let timers = slots.timers.try_borrow().ok_or(Error::INVALID_INPUT)?;
            Ok(Self {
                kq,
                waker,
                held: Held::new(events),
                slots: &slots.registrations,
                table: &slots.table,
                timers: TimerQueue::new(ExclusiveGuard::leak(timers).view()),
                stale: AtomicUsize::new(0),
            })
        });
        match made {
            Some(Ok(driver)) => {
                super::current::offer(driver);
                Ok(driver)
            }
            Some(Err(error)) => Err(error),
            None => Err(Error::new(crate::ErrorKind::AddressInUse)),
        }
    }

    /// What sources are registered through: a copyable reference to this driver.
    #[inline]
    pub const fn handle(&'static self) -> IoDriverHandle {
        IoDriverHandle::new(self)
    }

    /// What ends a wait from another thread or from a signal handler.
    #[inline]
    pub const fn get_unparker(&'static self) -> IoDriverUnparker {
        IoDriverUnparker::new(self)
    }

    /// The right to process events, unless another thread has it.
    #[inline]
    pub fn try_get_access(&'static self) -> Option<IoDriverAccess> {
        self.held.try_take().map(|events| IoDriverAccess {
            events,
            after: AfterBatch(self),
        })
    }

    /// When [`expire`](IoDriver::expire) is due.
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.timers.next_deadline()
    }

    /// Wakes the tasks whose time has come; how many.
    pub fn expire(&self, now: Instant) -> usize {
        if self.timers.is_empty() {
            0
        } else {
            self.timers.expire(now)
        }
    }

    /// Wakes every waiter with the shutdown bit: what waits for a descriptor ends with an error, now and from now on.
    ///
    /// Sources that are registered later are not affected. Timers go on.
    pub fn shutdown(&self) {
        for slot in self.slots {
            let generation = slot.gate.generation();
            slot.wake(generation, Ready::SHUTDOWN);
        }
    }

    /// How many sources fit.
    pub const fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// How many sources are registered, and the most that ever were at once.
    pub fn usage(&self) -> (usize, usize) {
        self.table.usage()
    }

    /// How many timers are armed.
    pub fn timers(&self) -> usize {
        self.timers.len()
    }

    /// How often a sleep found every timer slot taken and waited in line instead.
    pub fn timer_overflows(&self) -> usize {
        self.timers.overflows()
    }

    /// How many events came for registrations that were gone.
    pub fn stale_events(&self) -> usize {
        self.stale.load(Ordering::Relaxed)
    }

    /// Ends the current wait, or the next.
    pub(super) fn unpark(&self) -> Result<()> {
        if self.held.access.unpark() {
            self.waker.wake().map_err(system)?;
        }
        Ok(())
    }

    /// Ends the current wait, if there is one; the next is not affected.
    pub(crate) fn interrupt(&self) {
        if self.held.access.is_waiting() {
            self.end_wait();
        }
    }

    /// Ends the current wait, which the caller has seen.
    #[cold]
    pub(super) fn end_wait(&self) {
        // It fails in the child of a fork only, where the wait fails as well.
        let _ = self.waker.wake();
    }

    pub(super) fn add(
        &'static self,
        fd: BorrowedFd<'_>,
        interest: IoEventInterest,
        ready: Ready,
        lazily: bool,
    ) -> Result<(&'static RegistrationInfo, Token)> {
        let Some((index, generation)) = self.table.take(self.slots, ready) else {
            if self.table.has_retired() {
                // They become free when the thread that waits comes round.
                let _ = self.unpark();
            }
            return Err(Error::table_full(Table::Sources));
        };
        let token = Token::new(FACE | index, generation);
        let slot = &self.slots[index as usize];
        slot.unasked.store(lazily, Ordering::Relaxed);
        let mut changes = ChangeList::<2>::new();
        if interest.contains(IoEventInterest::READABLE) {
            let _ = changes.push(Read::new(fd).without_count().clear().add(token));
        }
        if interest.contains(IoEventInterest::WRITABLE) && !lazily {
            let _ = changes.push(Write::new(fd).without_count().clear().add(token));
        }
        let refused = match self.kq.apply(&mut changes) {
            Ok(receipts) => receipts
                .first_failure()
                .and_then(|receipt| receipt.result().err())
                .map(|errno| Error::from_errno(errno.raw())),
            Err(error) => Some(system(error)),
        };
        match refused {
            None => Ok((slot, token)),
            Some(error) => {
                self.remove(fd, interest, token);
                Err(error)
            }
        }
    }

    /// Asks about writability, too: from now on, and by an event at once if there is room.
    pub(super) fn ask_writable(&self, fd: BorrowedFd<'_>, token: Token) -> Result<()> {
        let add = Write::new(fd).without_count().clear().add(token);
        self.kq.apply_one(add).map_err(system)
    }

    /// Forgets a source: the kernel first, then the slot.
    pub(super) fn remove(&self, fd: BorrowedFd<'_>, interest: IoEventInterest, token: Token) {
        let unasked = self
            .slots
            .get((token.slot() & !FACE) as usize)
            .is_some_and(|slot| slot.unasked.load(Ordering::Relaxed));
        let mut changes = ChangeList::<2>::new();
        if interest.contains(IoEventInterest::READABLE) {
            let _ = changes.push(Read::new(fd).delete());
        }
        if interest.contains(IoEventInterest::WRITABLE) && !unasked {
            let _ = changes.push(Write::new(fd).delete());
        }
        // What the kernel has forgotten by itself (ENOENT, EBADF) is what was asked for.
        let _ = self.kq.apply(&mut changes);
        self.table
            .retire(self.slots, token.slot() & !FACE, &self.held.access);
    }

    /// Whether the slot still belongs to the token's owner.
    pub(super) fn is_current(&self, token: Token) -> bool {
        self.slots
            .get((token.slot() & !FACE) as usize)
            .is_some_and(|slot| slot.gate.generation() == token.generation())
    }

    /// Who processes events.
    #[inline]
    pub(super) const fn access(&self) -> &AccessWord {
        &self.held.access
    }

    /// The kqueue, to wait on or to register other filters.
    pub(crate) fn queue(&self) -> &Kqueue {
        &self.kq
    }

    /// A slot without a descriptor, for another filter (signals).
    pub(super) fn take_slot(&'static self) -> Result<(&'static RegistrationInfo, Token)> {
        let (index, generation) = self
            .table
            .take(self.slots, Ready::EMPTY)
            .ok_or(Error::table_full(Table::Sources))?;
        Ok((
            &self.slots[index as usize],
            Token::new(FACE | index, generation),
        ))
    }

    pub(super) fn give_slot_back(&self, token: Token) {
        self.table
            .retire(self.slots, token.slot() & !FACE, &self.held.access);
    }
}

impl core::fmt::Debug for IoDriver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IoDriver")
            .field("capacity", &self.capacity())
            .field("usage", &self.usage())
            .field("timers", &self.timers())
            .finish_non_exhaustive()
    }
}

impl core::fmt::Debug for IoDriverAccess {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IoDriverAccess").finish_non_exhaustive()
    }
}

/// Whether this is a token of the async face's. The last slot of all is the callback face's waker.
pub(super) const fn belongs_to_driver(token: Token) -> bool {
    token.slot() & FACE != 0 && token.slot() != Token::MAX_SLOT
}

/// A kqueue error in this crate's terms.
#[cold]
pub(crate) fn system(error: kqueue_safe::Error) -> Error {
    match error.errno() {
        Some(errno) => Error::from_errno(errno.raw()),
        None => Error::INVALID_INPUT,
    }
}
