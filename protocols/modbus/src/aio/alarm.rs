//! A sleep whose deadline moves.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use ptk_core::aio::time::Sleep;
use ptk_core::time::Instant;

/// Keeps a [`Sleep`] no later than a deadline. One that is too early costs one look, so a deadline that only moves further away, as
/// it does with every request, costs nothing.
pub(super) struct Alarm<'s> {
    sleep: Pin<&'s mut Sleep>,
    armed: Option<u64>,
}

impl<'s> Alarm<'s> {
    /// Nothing is armed, whatever the deadline that `sleep` was made with.
    pub(super) const fn new(sleep: Pin<&'s mut Sleep>) -> Self {
        Self { sleep, armed: None }
    }

    /// Wakes the task at `deadline`, or earlier. Whether it is time to look.
    pub(super) fn rings(&mut self, cx: &mut Context<'_>, deadline: Option<u64>) -> bool {
        let Some(deadline) = deadline else {
            return false;
        };
        if self.armed.is_none_or(|armed| armed > deadline) {
            self.sleep.as_mut().reset(Instant::from_nanos(deadline));
            self.armed = Some(deadline);
        }
        let rings = self.sleep.as_mut().poll(cx).is_ready();
        if rings {
            self.armed = None;
        }
        rings
    }
}
