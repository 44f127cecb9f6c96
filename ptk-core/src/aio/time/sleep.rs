//! [`Sleep`].

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use crate::aio::driver::{IoDriver, has_come, now};
use crate::aio::handle::IoDriverHandle;
use crate::aio::waiters::{Waiter, project};
use crate::time::Instant;
use crate::timer::TimerId;

/// Waits for at least `duration`, through the [`current`](crate::aio::current()) driver.
pub fn sleep(duration: Duration) -> Sleep {
    sleep_until(now().saturating_add(duration))
}

/// Waits until `deadline`, through the [`current`](crate::aio::current()) driver.
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(None, deadline)
}

/// Waits for at least `duration`, through this driver.
pub fn sleep_in(handle: IoDriverHandle, duration: Duration) -> Sleep {
    sleep_until_in(handle, now().saturating_add(duration))
}

/// Waits until `deadline`, through this driver.
pub fn sleep_until_in(handle: IoDriverHandle, deadline: Instant) -> Sleep {
    Sleep::new(Some(handle.driver()), deadline)
}

enum State {
    /// Not yet polled.
    New,
    /// In a slot of the driver.
    Slot(TimerId),
    /// In the driver's line, by the waiter of this future.
    Line,
    /// The deadline has come.
    Done,
}

/// The future of [`sleep`]. Dropping it gives its timer slot back at once.
// In this order: what a sleep without a place in line touches lies side by side.
#[must_use = "futures do nothing unless awaited"]
#[repr(C)]
pub struct Sleep {
    driver: Option<&'static IoDriver>,
    deadline: Instant,
    state: State,
    /// Only there when no slot was free.
    waiter: Option<Waiter<'static>>,
}

impl Sleep {
    fn new(driver: Option<&'static IoDriver>, deadline: Instant) -> Self {
        Self {
            driver,
            deadline,
            state: State::New,
            waiter: None,
        }
    }

    /// When it ends.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether it has ended.
    pub fn is_elapsed(&self) -> bool {
        match (&self.state, self.driver) {
            (State::Done, _) => true,
            (State::Slot(id), Some(driver)) => !driver.timers.is_armed(*id),
            _ => false,
        }
    }

    /// Gives the deadline another time; the sleep begins anew when it is polled.
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let (driver, place, state, waiter) = project!(self, driver; mut deadline, state; waiter);
        leave(driver, state, waiter);
        *place = deadline;
    }
}

/// Back to the beginning: the slot or the place in line is given back.
fn leave(
    driver: Option<&'static IoDriver>,
    state: &mut State,
    waiter: Pin<&mut Option<Waiter<'static>>>,
) {
    match (core::mem::replace(state, State::New), driver) {
        (State::Slot(id), Some(driver)) => driver.timers.cancel(id),
        (State::Line, Some(driver)) => {
            if let Some(waiter) = waiter.as_pin_mut() {
                driver.timers.leave(waiter);
            }
        }
        _ => {}
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (deadline, place, state, mut waiter) =
            project!(self, deadline; mut driver, state; waiter);
        let driver = match *place {
            Some(driver) => driver,
            None => {
                let current = crate::aio::current()
                    .expect("a sleep without a driver: enter one, or use `sleep_in`");
                *place.insert(current.driver())
            }
        };
        match state {
            State::Done => return Poll::Ready(()),
            State::Slot(id) => {
                if driver.timers.poll(*id, cx.waker()) {
                    return Poll::Pending;
                }
            }
            State::Line => {
                if let Some(mut waiter) = waiter.as_mut().as_pin_mut() {
                    if waiter.as_mut().is_waiting() {
                        waiter.enqueue_by(
                            crate::aio::waiters::Queue::Read,
                            deadline.as_nanos(),
                            cx.waker(),
                            || false,
                        );
                        return Poll::Pending;
                    }
                    driver.timers.leave(waiter);
                }
            }
            State::New => {
                // A wait of nothing ends at once, and yields to nobody: as tokio's does.
                if has_come(deadline) {
                    *state = State::Done;
                    return Poll::Ready(());
                }
                let earliest = match driver.timers.insert(deadline, cx.waker()) {
                    Some((id, earliest)) => {
                        *state = State::Slot(id);
                        earliest
                    }
                    None => {
                        waiter.set(Some(Waiter::new(&driver.timers.line)));
                        *state = State::Line;
                        match waiter.as_pin_mut() {
                            Some(waiter) => driver.timers.stand(waiter, deadline, cx.waker()),
                            None => false,
                        }
                    }
                };
                if earliest {
                    // Whoever waits in the kernel waits for a later deadline.
                    driver.interrupt();
                }
                return Poll::Pending;
            }
        }
        *state = State::Done;
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        match (&self.state, self.driver) {
            (State::Slot(id), Some(driver)) => driver.timers.cancel(*id),
            (State::Line, Some(driver)) => driver.timers.left(),
            _ => {}
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .field("elapsed", &self.is_elapsed())
            .finish_non_exhaustive()
    }
}
