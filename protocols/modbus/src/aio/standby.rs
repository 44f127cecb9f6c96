//! A notification that ends something else, and changes a flag as well.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Waker};

use ptk_core::aio::Notified;

/// Keeps a task among those that a [`Notify`](ptk_core::aio::Notify) wakes. What was notified is told by a flag of the notifier's, set before; so
/// the wait need not be looked at each time that the task is polled, only when its waker is another one.
pub(super) struct Standby<'s, 'n> {
    notified: Pin<&'s mut Notified<'n>>,
    waker: Option<Waker>,
}

impl<'s, 'n> Standby<'s, 'n> {
    /// Stands by from the first [`keep`](Self::keep) on.
    pub(super) const fn new(notified: Pin<&'s mut Notified<'n>>) -> Self {
        let waker = None;
        Self { notified, waker }
    }

    /// From here on a notification wakes this task. Call it before the flag is looked at.
    #[inline]
    pub(super) fn keep(&mut self, cx: &mut Context<'_>) {
        let same = |waker: &Waker| waker.will_wake(cx.waker());
        if !self.waker.as_ref().is_some_and(same) {
            self.wait_with(cx);
        }
    }

    #[cold]
    fn wait_with(&mut self, cx: &mut Context<'_>) {
        self.waker = Some(cx.waker().clone());
        let _ = self.notified.as_mut().poll(cx);
    }
}
