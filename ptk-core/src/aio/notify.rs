//! [`Notify`]: a word from one task, thread or signal handler to another.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll};

use super::waiters::{Queue, Queues, WaitList, Waiter, project};

/// Wakes tasks, of any driver and any executor, from any thread. Needs no descriptor and no system call but the one that ends a wait.
///
/// ```
/// use ptk_core::aio::{self, IoDriver, IoSlots, Notify};
///
/// static SLOTS: IoSlots<4> = IoSlots::new();
/// static DONE: Notify = Notify::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// let thread = std::thread::spawn(|| DONE.notify_one());
/// aio::block_on(driver, DONE.notified())?;
/// # thread.join().unwrap();
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct Notify {
    /// Bit 0: a notification that nobody has taken. Above: how often all were notified.
    state: AtomicUsize,
    waiters: WaitList,
}

const STORED: usize = 1;
const ROUND: usize = 2;

impl Notify {
    /// Nobody waits, nothing is stored.
    pub const fn new() -> Self {
        Self {
            state: AtomicUsize::new(0),
            waiters: WaitList::new(),
        }
    }

    /// Ends one wait: the one that has waited longest, or else the next that begins. Notifications that nobody waits for merge into one.
    pub fn notify_one(&self) {
        self.state.fetch_or(STORED, Ordering::SeqCst);
        self.waiters.wake_one();
    }

    /// Ends the waits of all that wait now; nothing is stored.
    pub fn notify_waiters(&self) {
        self.state.fetch_add(ROUND, Ordering::SeqCst);
        self.waiters.wake(Queues::ALL);
    }

    /// Waits for a notification. A wait begins when it is made, not when it is first polled.
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            notify: self,
            round: self.state.load(Ordering::SeqCst) & !STORED,
            done: false,
            waiter: Waiter::new(&self.waiters),
        }
    }

    fn take(&self, round: usize) -> bool {
        let state = self.state.load(Ordering::SeqCst);
        state & !STORED != round
            || state & STORED != 0 && self.state.fetch_and(!STORED, Ordering::SeqCst) & STORED != 0
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify")
            .field("waiting", &self.waiters.len())
            .finish_non_exhaustive()
    }
}

/// The future of [`Notify::notified`]. Dropping it after it was woken and before it was polled passes the notification on.
#[must_use = "futures do nothing unless awaited"]
pub struct Notified<'n> {
    notify: &'n Notify,
    round: usize,
    done: bool,
    waiter: Waiter<'n>,
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (notify, round, done, mut waiter) = project!(self, notify, round; mut done; waiter);
        if *done {
            return Poll::Ready(());
        }
        let waits = waiter
            .as_mut()
            .enqueue(Queue::Read, cx.waker(), || notify.take(round));
        if waits {
            return Poll::Pending;
        }
        *done = true;
        waiter.cancel();
        Poll::Ready(())
    }
}

impl Drop for Notified<'_> {
    fn drop(&mut self) {
        self.waiter.unlink();
        // It may have been the one that was woken for a notification which is still stored: somebody else has to hear of it.
        if !self.done && self.notify.state.load(Ordering::SeqCst) & STORED != 0 {
            self.notify.waiters.wake_one();
        }
    }
}
