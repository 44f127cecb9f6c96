//! [`block_on`]: a future to its end, on this thread.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};

use super::current::enter;
use super::driver::IoDriver;
use super::worker::Worker;
use crate::error::Result;

/// Runs `future` to its end on this thread, and the driver's events with it. Nothing is allocated.
///
/// Several threads may do so with the same driver: one of them processes events, the others sleep until their future is woken or the access to the
/// driver is free. While this runs, `driver` is the [`current`](super::current()) one of the thread.
///
/// # Errors
///
/// Those of [`IoDriver::process_io`]; [`TableFull`](crate::ErrorKind::TableFull) when [`MAX_WORKERS`](super::MAX_WORKERS) threads run
/// futures already.
///
/// ```
/// use core::time::Duration;
/// use ptk_core::aio::{self, IoDriver, IoSlots, time};
///
/// static SLOTS: IoSlots<4> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// let answer = aio::block_on(driver, async {
///     time::sleep(Duration::from_millis(1)).await;
///     42
/// })?;
/// assert_eq!(answer, 42);
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub fn block_on<F: Future>(driver: &'static IoDriver, future: F) -> Result<F::Output> {
    let worker = Worker::claim(driver)?;
    let _entered = enter(driver)?;
    let waker = worker.waker();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
        worker.rest()?;
    }
}
