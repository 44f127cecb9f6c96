//! [`Timeout`].

use core::fmt;
use core::future::Future;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use super::sleep::{Sleep, sleep, sleep_in, sleep_until};
use crate::aio::handle::IoDriverHandle;
use crate::error::Error;
use crate::time::Instant;

/// The time ran out before the future had ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time has run out")
    }
}

impl core::error::Error for Elapsed {}

impl From<Elapsed> for Error {
    fn from(_: Elapsed) -> Self {
        Self::TIMEOUT
    }
}

/// What [`timeout()`] answers.
pub type Timeout<T> = Result<T, Elapsed>;

/// Gives `future` at most `duration`, through the [`current`](crate::aio::current()) driver; then it is dropped.
///
/// # Errors
///
/// [`Elapsed`].
pub fn timeout<F: Future>(
    duration: Duration,
    future: F,
) -> impl Future<Output = Timeout<F::Output>> {
    either(future, sleep(duration))
}

/// Gives `future` until `deadline`.
///
/// # Errors
///
/// [`Elapsed`].
pub fn timeout_at<F: Future>(
    deadline: Instant,
    future: F,
) -> impl Future<Output = Timeout<F::Output>> {
    either(future, sleep_until(deadline))
}

/// Gives `future` at most `duration`, through this driver.
///
/// # Errors
///
/// [`Elapsed`].
pub fn timeout_in<F: Future>(
    handle: IoDriverHandle,
    duration: Duration,
    future: F,
) -> impl Future<Output = Timeout<F::Output>> {
    either(future, sleep_in(handle, duration))
}

async fn either<F: Future>(future: F, sleep: Sleep) -> Timeout<F::Output> {
    let mut future = pin!(future);
    let mut sleep = pin!(sleep);
    core::future::poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        sleep.as_mut().poll(cx).map(|()| Err(Elapsed))
    })
    .await
}
