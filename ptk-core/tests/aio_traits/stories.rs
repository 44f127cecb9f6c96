//! What is told through every trait.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use ptk_core::aio::Notify;
use ptk_core::aio::net::{TcpListener, TcpStream};

/// More than the buffers of two sockets hold.
pub const LARGE: usize = 16 << 20;

/// Bytes that show when some are lost, doubled or exchanged.
pub fn pattern(length: usize) -> Vec<u8> {
    let mut bytes = (0..251).collect::<Vec<u8>>().repeat(length / 251 + 1);
    bytes.truncate(length);
    bytes
}

/// Tells `blocked` whenever the future has to wait.
pub async fn watched<F: Future>(future: F, blocked: &Notify) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        let poll = future.as_mut().poll(cx);
        if poll.is_pending() {
            blocked.notify_one();
        }
        poll
    })
    .await
}

/// The second one begins when the first has had to wait.
pub async fn second_begins_late<A: Future, B: Future>(
    first: A,
    second: B,
) -> (A::Output, B::Output) {
    let blocked = Notify::new();
    crate::util::join(watched(first, &blocked), async {
        blocked.notified().await;
        second.await
    })
    .await
}

/// Two ends of a TCP connection.
pub async fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    (client, listener.accept().await.unwrap().0)
}

/// One end of a TCP connection whose other end has reset it.
pub async fn reset() -> TcpStream {
    let (one, other) = tcp().await;
    other.set_linger(Some(Duration::ZERO)).unwrap();
    drop(other);
    one
}

/// An address where nobody listens: there was somebody just now.
pub fn refusing() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Every kind of a stream's two directions, through a function for both and one for halves, each with the trait at hand:
/// `both(one, other)`, `halves(reading, writing)`.
macro_rules! through_all {
    ($both:ident, $halves:ident) => {
        ptk_core::aio::block_on($crate::util::driver!(), async {
            use ptk_core::aio::net::UnixStream;

            let (one, other) = $crate::stories::tcp().await;
            $both(one, other).await;
            let (one, other) = UnixStream::pair().unwrap();
            $both(one, other).await;
            let (one, other) = $crate::stories::tcp().await;
            let (_, write) = one.into_split().unwrap();
            let (read, _other) = other.into_split().unwrap();
            $halves(read, write).await;
            let (mut one, mut other) = UnixStream::pair().unwrap();
            let ((_, write), (read, _)) = (one.split(), other.split());
            $halves(read, write).await;
        })
        .unwrap()
    };
}
pub(crate) use through_all;
