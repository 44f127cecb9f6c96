//! Two futures side by side.

use core::future::Future;
use core::pin::pin;
use core::task::Poll;

/// What ended first.
pub(super) enum First<A, B> {
    One(A),
    Other(B),
}

/// Polls both, `one` first, until one of them ends; the other is dropped.
pub(super) async fn first<A: Future, B: Future>(one: A, other: B) -> First<A::Output, B::Output> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    core::future::poll_fn(|cx| {
        if let Poll::Ready(output) = one.as_mut().poll(cx) {
            return Poll::Ready(First::One(output));
        }
        other.as_mut().poll(cx).map(First::Other)
    })
    .await
}
