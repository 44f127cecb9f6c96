//! [`IoDriver`]: one kqueue, its registrations, its timers.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::Waker;
use core::time::Duration;

use kqueue_safe::{
    ChangeList, Event, EventBuffer, EventView, ExclusiveGuard, Filter, Kqueue, Read, Token, Write,
};

use super::access::{AccessWord, Seat};
use super::handle::{IoDriverHandle, IoDriverUnparker};
use super::readiness::{IoEventInterest, Ready};
use super::registration_info::{RegistrationInfo, SlotTable};
use super::waiters::{Held, HeldGuard};
use crate::error::{Error, Result, Table};
use crate::os::BorrowedFd;
use crate::time::Instant;

mod clock;
mod storage;
mod timers;

pub(crate) use clock::now;
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
pub struct IoDriver {
    kq: Kqueue,
    waker: kqueue_safe::Waker,
    /// Room for the events of a wait, and who processes them, and which workers sleep because another one does.
    held: Held<EventView>,
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
        self.0.table.after_batch(self.0.slots, &self.0.held.access);
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
            Ok(Self {
                kq,
                waker,
                held: Held::new(events),
                slots: &slots.registrations,
                table: &slots.table,
                timers: TimerQueue::new(&slots.timers),
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

    /// Waits for events, at most for `timeout` (`None`: for ever) or until the next timer, and wakes the tasks that wait for them: one `kevent(2)`.
    ///
    /// Returns early when [unparked](IoDriverUnparker::unpark), also by an unpark that came before the call; and when a signal handler
    /// ran. Registering a source does not end or restart the wait. Answers how many events there were, timers included.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for the access of another driver. The system's: `EBADF` in the child after a `fork`.
    #[inline]
    pub fn process_io(
        &self,
        access: &mut IoDriverAccess,
        timeout: Option<Duration>,
    ) -> Result<usize> {
        if !core::ptr::eq(access.after.0, self) {
            return Err(Error::INVALID_INPUT);
        }
        let unparked = access.events.begin_wait();
        let timeout = if unparked {
            Some(Duration::ZERO)
        } else {
            self.until_deadline(timeout)
        };
        let mut count = 0;
        let result = self.wait(
            &mut access.events,
            timeout,
            || {},
            &mut Waker::wake,
            |told| count += told,
        );
        access.events.end_batch();
        self.table.after_batch(self.slots, &self.held.access);
        result.map(|()| count)
    }

    /// The same without a limit, on behalf of the worker in this seat, and the access is given back. The wakers of those that stand at the front of a
    /// source go to `wake`. False if another thread has the access.
    #[inline(always)]
    pub(super) fn process_io_for(
        &'static self,
        seat: &Seat,
        wake: &mut impl FnMut(Waker),
    ) -> Result<bool> {
        let (events, unparked) = match self.held.try_take_to_wait() {
            Some(events) => (events, false),
            None => match self.held.try_take() {
                Some(mut events) => {
                    let unparked = events.begin_wait();
                    (events, unparked)
                }
                None => return Ok(false),
            },
        };
        let mut access = IoDriverAccess {
            events,
            after: AfterBatch(self),
        };
        // The deadline is read after the wait is announced: who arms an earlier one later sees the announcement and ends the wait.
        let timeout = if seat.begin_wait() || unparked {
            Some(Duration::ZERO)
        } else {
            self.until_deadline(None)
        };
        self.wait(
            &mut access.events,
            timeout,
            || seat.end_wait(),
            wake,
            |_| {},
        )?;
        Ok(true)
    }

    /// Announces a wait that another face makes on this kqueue, on behalf of the worker in this seat. How long it may last at most.
    pub(super) fn begin_wait_of_both(
        &self,
        access: &mut IoDriverAccess,
        seat: &Seat,
        timeout: Option<Duration>,
    ) -> Option<Duration> {
        let unparked = access.events.begin_wait();
        // The deadline is read after the wait is announced, as above.
        if seat.begin_wait() || unparked {
            Some(Duration::ZERO)
        } else {
            self.until_deadline(timeout)
        }
    }

    /// That wait is over, with these events. How many of them are not this driver's.
    pub(super) fn end_wait_of_both(
        &self,
        access: &mut IoDriverAccess,
        seat: &Seat,
        events: &[Event],
    ) -> usize {
        self.held.access.end_wait();
        seat.end_wait();
        let mut others = 0;
        for event in events {
            if belongs_to_driver(event.token()) {
                self.dispatch(event);
            } else {
                others += 1;
            }
        }
        access.events.end_batch();
        self.table.after_batch(self.slots, &self.held.access);
        if !self.timers.is_empty() {
            self.expire_timers();
        }
        others
    }

    /// One wait that has been announced, and what comes of it; `over` when it is over, `told` how many events and timers there were.
    #[inline(always)]
    fn wait(
        &self,
        events: &mut EventView,
        timeout: Option<Duration>,
        over: impl FnOnce(),
        wake: &mut impl FnMut(Waker),
        mut told: impl FnMut(usize),
    ) -> Result<()> {
        let waited = self.kq.wait(events, timeout);
        self.held.access.end_wait();
        over();
        let failed = match waited {
            Ok(batch) => {
                for event in batch {
                    told(usize::from(self.dispatch_to(event, wake)));
                }
                None
            }
            Err(error) => Some(error),
        };
        if !self.timers.is_empty() {
            told(self.expire_timers());
        }
        failed.map_or(Ok(()), failure)
    }

    #[cold]
    #[inline(never)]
    fn expire_timers(&self) -> usize {
        self.timers.expire(now())
    }

    #[inline]
    fn until_deadline(&self, timeout: Option<Duration>) -> Option<Duration> {
        if self.timers.is_empty() {
            return timeout;
        }
        self.until_timer(timeout)
    }

    #[cold]
    #[inline(never)]
    fn until_timer(&self, timeout: Option<Duration>) -> Option<Duration> {
        match self.timers.next_deadline() {
            None => timeout,
            Some(deadline) => {
                let left = deadline.wait_from(now());
                Some(timeout.map_or(left, |timeout| timeout.min(left)))
            }
        }
    }

    /// Handles an event that somebody else collected from the same kqueue. False if it belongs to another face, or to nobody.
    ///
    /// Who collects must bracket a batch by [`begin_batch`](IoDriver::begin_batch) and [`end_batch`](IoDriver::end_batch).
    #[inline]
    pub fn dispatch(&self, event: &Event) -> bool {
        self.dispatch_to(event, &mut Waker::wake)
    }

    #[inline(always)]
    fn dispatch_to(&self, event: &Event, wake: &mut impl FnMut(Waker)) -> bool {
        let token = event.token();
        if token.slot() & FACE == 0 {
            return false;
        }
        let Some(slot) = self.slots.get((token.slot() & !FACE) as usize) else {
            return token.slot() == UNPARK.slot();
        };
        if event.filter() == Filter::READ && !event.is_eof() && !event.is_error() {
            if !slot.gate.wake(token.generation(), Ready::READABLE, wake) {
                self.stale();
            }
        } else {
            self.dispatch_rare(event, slot);
        }
        true
    }

    /// An event that is not just "readable".
    #[inline(never)]
    fn dispatch_rare(&self, event: &Event, slot: &RegistrationInfo) {
        if !slot.wake(event.token().generation(), ready_of(event)) {
            self.stale();
        }
    }

    #[cold]
    #[inline(never)]
    fn stale(&self) {
        self.stale.fetch_add(1, Ordering::Relaxed);
    }

    /// A batch of events is about to be collected: slots that are given up from now on stay reserved until the batch ends.
    #[inline]
    pub fn begin_batch(&self) {
        self.held.access.begin_batch();
    }

    /// The batch has been processed.
    #[inline]
    pub fn end_batch(&self) {
        self.held.access.end_batch();
        self.table.after_batch(self.slots, &self.held.access);
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

/// What an event says about its source.
#[inline]
fn ready_of(event: &Event) -> Ready {
    let filter = event.filter();
    let (open, closed) = if filter == Filter::READ {
        (Ready::READABLE, Ready::READ_CLOSED)
    } else if filter == Filter::WRITE {
        (Ready::WRITABLE, Ready::WRITE_CLOSED)
    } else {
        (Ready::PRIORITY, Ready::EMPTY)
    };
    if !event.is_eof() && !event.is_error() {
        return open;
    }
    if event.errno().is_some() {
        open | closed | Ready::ERROR
    } else {
        open | closed
    }
}

/// What a wait that failed means: a signal handler ends it like anything else.
#[cold]
fn failure(error: kqueue_safe::Error) -> Result<()> {
    match error {
        kqueue_safe::Error::Interrupted => Ok(()),
        error => Err(system(error)),
    }
}

/// A kqueue error in this crate's terms.
#[cold]
pub(crate) fn system(error: kqueue_safe::Error) -> Error {
    match error.errno() {
        Some(errno) => Error::from_errno(errno.raw()),
        None => Error::INVALID_INPUT,
    }
}
