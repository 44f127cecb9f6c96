//! Which driver is meant when none is named.
//!
//! A thread's driver is kept in a static table by the thread's number and not in a thread-local: those allocate on systems without native ones.

use core::marker::PhantomData;
use core::sync::atomic::{AtomicUsize, Ordering};

use nix::sys::pthread::pthread_self;

use super::driver::IoDriver;
use super::handle::IoDriverHandle;
use super::waiters::{Lock, Once};
use super::worker::MAX_WORKERS;
use crate::error::{Error, Result, Table};

struct Entry {
    thread: usize,
    driver: &'static IoDriver,
}

static ENTRIES: [Lock<Option<Entry>>; MAX_WORKERS] = [const { Lock::new(None) }; MAX_WORKERS];
/// Places from here on were never taken.
static TOUCHED: AtomicUsize = AtomicUsize::new(0);
static FIRST: Once<&'static IoDriver> = Once::new();

fn this_thread() -> usize {
    pthread_self() as usize
}

/// The first driver of the process is everybody's, unless told otherwise.
pub(super) fn offer(driver: &'static IoDriver) {
    let _ = FIRST.fill(|| Ok::<_, core::convert::Infallible>(driver));
}

/// Makes `driver` the current one of this thread for as long as the answer lives. Entering again hides the one before.
///
/// # Errors
///
/// [`TableFull`](crate::ErrorKind::TableFull) when there are [`MAX_WORKERS`] entries already.
pub fn enter(driver: &'static IoDriver) -> Result<Entered> {
    let thread = this_thread();
    // The places of a thread are found from the highest down, so the latest must be the highest: search above its own.
    let mut start = 0;
    for (at, place) in ENTRIES
        .iter()
        .enumerate()
        .take(TOUCHED.load(Ordering::SeqCst))
    {
        if place.with(|entry| entry.as_ref().is_some_and(|entry| entry.thread == thread)) {
            start = at + 1;
        }
    }
    for (at, place) in ENTRIES.iter().enumerate().skip(start) {
        let taken = place.with(|entry| {
            if entry.is_some() {
                return false;
            }
            *entry = Some(Entry { thread, driver });
            true
        });
        if taken {
            TOUCHED.fetch_max(at + 1, Ordering::SeqCst);
            return Ok(Entered {
                at,
                _thread: PhantomData,
            });
        }
    }
    Err(Error::table_full(Table::Waiters))
}

/// The driver that this thread has [entered](enter), else the first of the process.
pub fn current() -> Option<IoDriverHandle> {
    let thread = this_thread();
    let touched = TOUCHED.load(Ordering::SeqCst);
    ENTRIES[..touched]
        .iter()
        .rev()
        .find_map(|place| {
            place.with(|entry| {
                entry
                    .as_ref()
                    .filter(|entry| entry.thread == thread)
                    .map(|entry| entry.driver)
            })
        })
        .or_else(|| FIRST.get().copied())
        .map(IoDriver::handle)
}

/// The thread's driver is the current one while this lives.
#[derive(Debug)]
#[must_use = "the driver is left when this is dropped"]
pub struct Entered {
    at: usize,
    /// It belongs to the thread that made it.
    _thread: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTRIES[self.at].with(|entry| *entry = None);
    }
}
