//! A thread that runs futures: how it sleeps, and how it is woken.
//!
//! ```text
//!            wake                         wake: interrupts the driver's wait
//!  RUNNING ───────► NOTIFIED ◄────────────────── IN_DRIVER   has the access, waits in the kernel
//!     ▲                │  ▲
//!     └────────────────┘  └───────────────────── PARKED      another worker has the access; sleeps in a kqueue of its own
//!        poll again         wake: wakes that kqueue
//! ```
//!
//! Wakers are made of places in a static table, so they cost two words and no counting, and may outlive the call that made them: a wake that
//! comes late wakes whoever has the place now for nothing.

use core::pin::pin;
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use core::task::Waker;

use kqueue_safe::{EventBuffer, Kqueue, Token};

use super::driver::{IoDriver, system};
use super::waiters::{Lock, Once, Waiter, Wake, waker_for};
use crate::error::{Error, Result, Table};

/// How many threads can run futures at the same time.
pub const MAX_WORKERS: usize = 128;

const RUNNING: u8 = 0;
const NOTIFIED: u8 = 1;
const IN_DRIVER: u8 = 2;
const PARKED: u8 = 3;

static WORKERS: [Worker; MAX_WORKERS] = [const { Worker::new() }; MAX_WORKERS];
/// Places from here on were never taken.
static TOUCHED: AtomicUsize = AtomicUsize::new(0);

/// A place for a thread that runs futures.
pub(crate) struct Worker {
    taken: AtomicBool,
    state: AtomicU8,
    /// The driver in whose wait it sleeps.
    driver: Lock<Option<&'static IoDriver>>,
    /// Where it sleeps when it has not got the access; made when first needed.
    bed: Once<(Kqueue, kqueue_safe::Waker)>,
}

impl Worker {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            state: AtomicU8::new(RUNNING),
            driver: Lock::new(None),
            bed: Once::new(),
        }
    }

    /// A place, for as long as the guard lives.
    pub fn claim(driver: &'static IoDriver) -> Result<WorkerGuard> {
        for (at, worker) in WORKERS.iter().enumerate() {
            if !worker.taken.swap(true, Ordering::Acquire) {
                TOUCHED.fetch_max(at + 1, Ordering::Relaxed);
                worker.driver.with(|place| *place = Some(driver));
                worker.state.store(RUNNING, Ordering::SeqCst);
                return Ok(WorkerGuard { worker, driver });
            }
        }
        Err(Error::table_full(Table::Waiters))
    }

    /// Poll again, as soon as possible.
    #[inline]
    pub fn notify(&'static self) {
        match self.state.swap(NOTIFIED, Ordering::SeqCst) {
            IN_DRIVER => {
                let driver = self.driver.with(|driver| *driver);
                if let Some(driver) = driver {
                    driver.interrupt();
                }
            }
            PARKED => {
                if let Some((_, waker)) = self.bed.get() {
                    // It fails in the child of a fork only.
                    let _ = waker.wake();
                }
            }
            _ => {}
        }
    }
}

impl Wake for Worker {
    #[inline]
    fn wake(&'static self) {
        self.notify();
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

    #[cfg(feature = "embassy")]
    pub fn place(&self) -> &'static Worker {
        self.worker
    }

    /// Processes events or sleeps, until the waker is woken. What was woken since the last call returns at once, after a look at the events that
    /// are there: a future that always wakes itself does not keep others from theirs.
    #[inline]
    pub fn rest(&self) -> Result<()> {
        let state = &self.worker.state;
        loop {
            if let Some(mut access) = self.driver.try_get_access() {
                let woken = state.swap(IN_DRIVER, Ordering::SeqCst) == NOTIFIED;
                let result = self.driver.process_io_unless(&mut access, None, || {
                    woken || state.load(Ordering::SeqCst) == NOTIFIED
                });
                let woken = state.swap(RUNNING, Ordering::SeqCst) == NOTIFIED || woken;
                result?;
                if woken {
                    return Ok(());
                }
            } else if self.sleep()? {
                return Ok(());
            }
        }
    }

    /// Sleeps until woken, or until the access is free. True if the future was woken.
    #[cold]
    fn sleep(&self) -> Result<bool> {
        let state = &self.worker.state;
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
        let mut waiter = pin!(Waiter::new(&self.driver.idle));
        self.driver.wait_for_access(waiter.as_mut(), &self.waker());
        // Given back before this stood in line: nobody would wake it.
        if self.driver.try_get_access().is_some() {
            return Ok(state.swap(RUNNING, Ordering::SeqCst) == NOTIFIED);
        }
        if state
            .compare_exchange(RUNNING, PARKED, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
        {
            let mut events = EventBuffer::<1>::new();
            match bed.0.wait(&mut events, None) {
                Ok(_) | Err(kqueue_safe::Error::Interrupted) => {}
                Err(error) => return Err(system(error)),
            }
        }
        state.store(RUNNING, Ordering::SeqCst);
        Ok(true)
    }
}

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        self.worker.driver.with(|driver| *driver = None);
        self.worker.taken.store(false, Ordering::Release);
    }
}
