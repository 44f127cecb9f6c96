//! A thread that runs futures: how it sleeps, and how it is woken. What is kept in words, and why no wake is lost, is in [`super::access`].
//!
//! ```text
//!            wake                         wake: ends the driver's wait
//!  runs ──────────► notified ◄────────────────── waits         has the access, waits in the kernel
//!     ▲                │  ▲
//!     └────────────────┘  └───────────────────── parked        another worker has the access; sleeps in a kqueue of its own
//!        poll again         wake: wakes that kqueue
//! ```
//!
//! Wakers are made of places in a static table, so they cost two words and no counting, and may outlive the call that made them: a wake that
//! comes late wakes whoever has the place now for nothing.

use core::sync::atomic::{AtomicBool, Ordering};
use core::task::Waker;

use kqueue_safe::{EventBuffer, Kqueue, Token};

use super::access::{Rouse, Seat};
use super::driver::{IoDriver, system};
use super::waiters::{Lock, Once, Wake, waker_for};
use crate::error::{Error, Result, Table};

/// How many threads can run futures at the same time.
pub const MAX_WORKERS: usize = 128;

static WORKERS: [Worker; MAX_WORKERS] = {
    let mut workers = [const { Worker::new() }; MAX_WORKERS];
    let mut at = 0;
    while at < MAX_WORKERS {
        workers[at].bell.number = at + 1;
        at += 1;
    }
    workers
};

/// A place for a thread that runs futures.
pub(crate) struct Worker {
    taken: AtomicBool,
    seat: Seat,
    bell: Bell,
    /// The driver in whose wait it sleeps.
    driver: Lock<Option<&'static IoDriver>>,
    /// Where it sleeps when it has not got the access; made when first needed.
    bed: Once<(Kqueue, kqueue_safe::Waker)>,
}

/// What stands in the line for the access on behalf of a worker: waking it summons the worker, and its future is not polled for that.
struct Bell {
    /// The worker's number, from 1.
    number: usize,
}

impl Worker {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            seat: Seat::new(),
            bell: Bell { number: 0 },
            driver: Lock::new(None),
            bed: Once::new(),
        }
    }

    /// A place, for as long as the guard lives.
    pub fn claim(driver: &'static IoDriver) -> Result<WorkerGuard> {
        for worker in &WORKERS {
            if !worker.taken.swap(true, Ordering::Acquire) {
                worker.driver.with(|place| *place = Some(driver));
                worker.seat.take_notified();
                return Ok(WorkerGuard { worker, driver });
            }
        }
        Err(Error::table_full(Table::Waiters))
    }

    /// Poll again, as soon as possible.
    #[inline]
    pub fn notify(&'static self) {
        match self.seat.notify() {
            Rouse::Nobody => {}
            Rouse::Bed => self.wake_bed(),
            Rouse::Driver => self.end_wait(),
        }
    }

    #[cold]
    fn end_wait(&self) {
        if let Some(driver) = self.driver.with(|driver| *driver) {
            driver.end_wait();
        }
    }

    #[cold]
    fn wake_bed(&self) {
        if let Some((_, waker)) = self.bed.get() {
            // It fails in the child of a fork only.
            let _ = waker.wake();
        }
    }
}

impl Wake for Worker {
    #[inline]
    fn wake(&'static self) {
        self.notify();
    }
}

impl Wake for Bell {
    fn wake(&'static self) {
        let worker = &WORKERS[self.number - 1];
        if worker.seat.summon() {
            worker.wake_bed();
        }
    }
}

pub(crate) struct WorkerGuard {
    worker: &'static Worker,
    driver: &'static IoDriver,
}

impl WorkerGuard {
    pub fn waker(&self) -> Waker {
        waker_for(self.worker)
    }

    /// What it is woken by.
    pub const fn seat(&self) -> &'static Seat {
        &self.worker.seat
    }

    /// Whether it has been woken since the last time that this was asked.
    pub fn take_notified(&self) -> bool {
        self.worker.seat.take_notified()
    }

    pub fn place(&self) -> &'static Worker {
        self.worker
    }

    /// Processes events or sleeps, until the waker is woken. What was woken since the last call returns at once, after a look at the events that
    /// are there: a future that always wakes itself does not keep others from theirs.
    #[inline]
    pub fn rest(&self) -> Result<()> {
        let seat = &self.worker.seat;
        loop {
            let began = self
                .driver
                .process_io_for(seat, || seat.begin_wait(), &mut Waker::wake)?;
            let woken = if began {
                seat.take_notified()
            } else {
                self.sleep_until_called()?
            };
            if woken {
                return Ok(());
            }
        }
    }

    /// Processes events once, or sleeps until there is a reason not to, on behalf of tasks that are told of by a [queue](super::waiters::TaskRoom), which is to be
    /// looked at after this: a wake before this is spent. The wakers of the tasks that stand at the front of a source with an event go to `wake`.
    #[inline(always)]
    pub fn rest_of_room(&self, wake: &mut impl FnMut(Waker)) -> Result<()> {
        let seat = &self.worker.seat;
        if !self
            .driver
            .process_io_for(seat, || self.begin_wait_of_room(), wake)?
        {
            self.sleep_until_called()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn begin_wait_of_room(&self) -> bool {
        let seat = &self.worker.seat;
        seat.begin_wait() && {
            self.take_notified();
            true
        }
    }

    #[cold]
    #[inline(never)]
    fn sleep_until_called(&self) -> Result<bool> {
        let woken = self.sleep()?;
        if woken {
            self.worker.seat.take_notified();
        }
        Ok(woken)
    }

    /// Sleeps until woken, or until the access is free. True if the future was woken.
    fn sleep(&self) -> Result<bool> {
        let bed = match self.worker.bed.get() {
            Some(bed) => bed,
            None => match self.worker.bed.fill(|| {
                let kq = Kqueue::new()?;
                let waker = kq.waker(0, Token::new(0, 0))?;
                Ok((kq, waker))
            }) {
                Some(bed) => bed.map_err(system)?,
                None => return Ok(false),
            },
        };
        let seat = &self.worker.seat;
        self.driver
            .access()
            .sleep(seat, &waker_for(&self.worker.bell), || {
                let mut events = EventBuffer::<1>::new();
                match bed.0.wait(&mut events, None) {
                    Ok(_) | Err(kqueue_safe::Error::Interrupted) => Ok(()),
                    Err(error) => Err(system(error)),
                }
            })
    }
}

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        self.worker.driver.with(|driver| *driver = None);
        self.worker.taken.store(false, Ordering::Release);
    }
}
