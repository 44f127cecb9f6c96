//! A wait, and what becomes of its events.

use core::sync::atomic::Ordering;
use core::task::Waker;
use core::time::Duration;

use kqueue_safe::{Event, EventFlags, EventView, Filter};

use super::{AfterBatch, FACE, IoDriver, IoDriverAccess, UNPARK, belongs_to_driver, now, system};
use crate::aio::access::Seat;
use crate::aio::readiness::Ready;
use crate::aio::registration_info::RegistrationInfo;
use crate::error::{Error, Result};

impl IoDriver {
    /// Waits for events, at most for `timeout` (`None`: for ever) or until the next timer, and wakes the tasks that wait for them: one `kevent(2)`.
    ///
    /// Returns early when [unparked](crate::aio::IoDriverUnparker::unpark), also by an unpark that came before the call; and when a signal handler
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
        self.after_batch();
        result.map(|()| count)
    }

    /// The same without a limit, on behalf of the worker in this seat, and the access is given back. `begin` announces the wait in the seat: true if it must not
    /// last. The wakers of those that stand at the front of a source go to `wake`. False if another thread has the access.
    #[inline(always)]
    pub(in crate::aio) fn process_io_for(
        &'static self,
        seat: &Seat,
        begin: impl Fn() -> bool,
        wake: &mut impl FnMut(Waker),
    ) -> Result<bool> {
        let _after = AfterBatch(self);
        // The deadline is read after the wait is announced: who arms an earlier one later sees the announcement and ends the wait.
        let limit = |at_once| {
            if at_once {
                Some(Duration::ZERO)
            } else {
                self.until_deadline(None)
            }
        };
        let taken = self
            .held
            .try_take_to_wait(|| limit(begin()), |unparked| limit(begin() | unparked));
        let Some((mut events, timeout)) = taken else {
            return Ok(false);
        };
        self.wait(&mut events, timeout, || seat.end_wait(), wake, |_| {})?;
        Ok(true)
    }

    /// Announces a wait that another face makes on this kqueue, on behalf of the worker in this seat. How long it may last at most.
    pub(in crate::aio) fn begin_wait_of_both(
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
    pub(in crate::aio) fn end_wait_of_both(
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
        self.after_batch();
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
        let batch = match waited {
            Ok(batch) => batch,
            Err(error) => {
                if !self.timers.is_empty() {
                    told(self.expire_timers());
                }
                return failure(error);
            }
        };
        for event in batch {
            told(usize::from(self.dispatch_to(event, wake)));
        }
        if !self.timers.is_empty() {
            told(self.expire_timers());
        }
        Ok(())
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
        // Without the bit it is beyond every slot.
        let index = (token.slot() as i32 as isize).wrapping_sub(FACE as i32 as isize);
        let Some(slot) = self.slots.get(index as usize) else {
            return token.slot() == UNPARK.slot();
        };
        if is_usual(event) {
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

    /// A batch is over: what was retired meanwhile becomes free.
    #[inline(always)]
    pub(super) fn after_batch(&self) {
        if self.table.has_retired() {
            self.release_retired();
        }
    }

    #[cold]
    #[inline(never)]
    fn release_retired(&self) {
        self.table.after_batch(self.slots, &self.held.access);
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
        self.after_batch();
    }
}

/// Whether it says "readable" and no more. On Linux in one comparison: the flags are those of the registration, and no others.
#[inline(always)]
fn is_usual(event: &Event) -> bool {
    if cfg!(not(any(target_os = "linux", target_os = "android"))) {
        return event.filter() == Filter::READ && !event.is_eof() && !event.is_error();
    }
    // Filter and flags lie side by side: put together they are one load.
    let (read, filter) = (Filter::READ.raw(), event.filter().raw());
    let bits = 8 * size_of_val(&filter) as u32;
    let mask = u64::MAX >> (u64::BITS - bits);
    let what = filter as u64 & mask | (event.flags().bits() as u64) << bits;
    let flags = EventFlags::CLEAR | EventFlags::RECEIPT;
    what == read as u64 & mask | (flags.bits() as u64) << bits
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
