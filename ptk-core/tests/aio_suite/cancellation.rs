//! Every public future is dropped after k polls, for every k until it ends: nothing leaks, nothing is lost, and the next one works.

use std::future::Future;
use std::io::{IoSlice, IoSliceMut};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ptk_core::aio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixStream};
use ptk_core::aio::signal::signal;
use ptk_core::aio::time::{interval, sleep, timeout};
use ptk_core::aio::{IoDriver, IoEventInterest, Notify, enter};

use crate::util::{driver, join};

/// Drops what `make` makes after 0, 1, 2, … polls, a wait between two polls, until it ends before it is dropped.
pub fn drop_after_every_poll<F: Future>(driver: &'static IoDriver, mut make: impl FnMut() -> F) {
    let mut cx = Context::from_waker(Waker::noop());
    for polls in 0..100 {
        let timers = driver.timers();
        {
            let mut future = pin!(make());
            for _ in 0..polls {
                if future.as_mut().poll(&mut cx).is_ready() {
                    return;
                }
                let mut access = driver.try_get_access().unwrap();
                driver
                    .process_io(&mut access, Some(Duration::from_millis(20)))
                    .unwrap();
            }
        }
        assert_eq!(
            driver.timers(),
            timers,
            "a timer is left after {polls} polls"
        );
    }
    panic!("it does not end");
}

/// Both, until either has ended.
async fn race<A: Future, B: Future>(a: A, b: B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    std::future::poll_fn(|cx| {
        if a.as_mut().poll(cx).is_ready() || b.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}

pub fn run<F: Future>(driver: &'static IoDriver, future: F) -> F::Output {
    let mut cx = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        let mut access = driver.try_get_access().unwrap();
        driver
            .process_io(&mut access, Some(Duration::from_millis(20)))
            .unwrap();
    }
}

#[test]
fn connect_and_accept() {
    let driver = driver!(64, 8);
    let _entered = enter(driver).unwrap();
    drop_after_every_poll(driver, || TcpListener::bind("127.0.0.1:0"));
    let listener = run(driver, TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let used = driver.usage().0;
    drop_after_every_poll(driver, || TcpStream::connect(address));
    assert_eq!(driver.usage().0, used);
    let clients = std::cell::RefCell::new(Vec::new());
    drop_after_every_poll(driver, || {
        clients
            .borrow_mut()
            .push(std::net::TcpStream::connect(address).unwrap());
        listener.accept()
    });
    assert_eq!(driver.usage().0, used);
}

#[test]
fn reads_and_writes() {
    let driver = driver!(64, 8);
    let _entered = enter(driver).unwrap();
    let (one, mut other) = UnixStream::pair().unwrap();
    let buffer = || [0_u8; 4];
    drop_after_every_poll(driver, || async {
        let mut buffer = buffer();
        let write = async {
            sleep(Duration::from_millis(1)).await;
            one.write_all(b"ping").await
        };
        join(other.read(&mut buffer), write).await.0.unwrap()
    });
    drop_after_every_poll(driver, || async {
        let mut buffer = buffer();
        let write = async {
            one.write_all(b"pi").await.unwrap();
            sleep(Duration::from_millis(1)).await;
            one.write_all(b"ng").await
        };
        join(other.read_exact(&mut buffer), write).await.0.unwrap()
    });
    drop_after_every_poll(driver, || async {
        let mut buffer = buffer();
        join(other.peek(&mut buffer), one.write(b"x"))
            .await
            .0
            .unwrap()
    });
    drop_after_every_poll(driver, || async {
        join(other.readable(), one.write(b"x")).await.0.unwrap()
    });
    drop_after_every_poll(driver, || one.writable());
    drop_after_every_poll(driver, || one.ready(IoEventInterest::BOTH));
    drop_after_every_poll(driver, || one.flush());
    // A write that waits for room, again and again.
    let large = vec![0; 1 << 20];
    drop_after_every_poll(driver, || async {
        let drain = async {
            let mut buffer = vec![0; 1 << 18];
            while other.read(&mut buffer).await.is_ok() {}
        };
        race(one.write_all(&large), drain).await;
    });
    let (reader, writer) = other.split();
    drop_after_every_poll(driver, || writer.write(b"x"));
    drop_after_every_poll(driver, || reader.readable_or(&one));
    drop_after_every_poll(driver, || one.shutdown());
}

trait ReadableOr {
    fn readable_or(&self, one: &UnixStream) -> impl Future<Output = ()>;
}

impl ReadableOr for ptk_core::aio::net::ReadHalf<'_, ptk_core::net::UnixStream> {
    async fn readable_or(&self, one: &UnixStream) {
        let (readable, written) = join(self.readable(), one.write(b"x")).await;
        readable.unwrap();
        written.unwrap();
    }
}

#[test]
fn vectored_calls_and_owned_halves() {
    let driver = driver!(64, 8);
    let _entered = enter(driver).unwrap();
    let (one, other) = UnixStream::pair().unwrap();
    drop_after_every_poll(driver, || async {
        let (mut first, mut second) = ([0_u8; 1], [0_u8; 3]);
        let write = async {
            sleep(Duration::from_millis(1)).await;
            let slices = [IoSlice::new(b"pi"), IoSlice::new(b"ng")];
            one.write_vectored(&slices).await.unwrap()
        };
        let mut buffers = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        join(other.read_vectored(&mut buffers), write)
            .await
            .0
            .unwrap()
    });
    let used = driver.usage().0;
    let (reader, writer) = other.into_split().map_err(|(_, error)| error).unwrap();
    drop_after_every_poll(driver, || async {
        let mut buffer = [0; 4];
        let write = async {
            sleep(Duration::from_millis(1)).await;
            one.write_all(b"ping").await.unwrap();
        };
        join(reader.read(&mut buffer), write).await.0.unwrap()
    });
    drop_after_every_poll(driver, || writer.writable());
    drop_after_every_poll(driver, || writer.write_all(b"pong"));
    drop_after_every_poll(driver, || writer.shutdown());
    drop((reader, writer));
    assert_eq!(driver.usage().0, used - 1);
}

#[test]
fn signals() {
    let driver = driver!(8, 8);
    let _entered = enter(driver).unwrap();
    // One that is ignored unless somebody asks: the process goes on when it comes to another thread.
    let number = nix::sys::signal::Signal::SIGWINCH;
    let signals = signal(number as i32).unwrap();
    drop_after_every_poll(driver, || async {
        let tell = async {
            sleep(Duration::from_millis(1)).await;
            nix::sys::signal::raise(number).unwrap();
        };
        join(signals.recv(), tell).await.0.unwrap();
    });
    drop(signals);
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn datagrams() {
    let driver = driver!(64, 8);
    let _entered = enter(driver).unwrap();
    let one = run(driver, UdpSocket::bind("127.0.0.1:0")).unwrap();
    let other = run(driver, UdpSocket::bind("127.0.0.1:0")).unwrap();
    let to = other.local_addr().unwrap();
    drop_after_every_poll(driver, || async {
        let mut buffer = [0; 8];
        let send = async {
            sleep(Duration::from_millis(1)).await;
            one.send_to(b"x", to).await
        };
        join(other.recv_from(&mut buffer), send).await.0.unwrap()
    });
    drop_after_every_poll(driver, || one.connect(to));
    drop_after_every_poll(driver, || one.send(b"x"));
    drop_after_every_poll(driver, || async { other.recv(&mut [0; 8]).await });
    let (one, other) = UnixDatagram::pair().unwrap();
    drop_after_every_poll(driver, || async {
        let mut buffer = [0; 8];
        join(other.recv(&mut buffer), one.send(b"x"))
            .await
            .0
            .unwrap()
    });
}

#[test]
fn time_and_notifications() {
    let driver = driver!(4, 1);
    let _entered = enter(driver).unwrap();
    // With one slot, the second sleep of each pair waits in line.
    drop_after_every_poll(driver, || {
        join(
            sleep(Duration::from_millis(2)),
            sleep(Duration::from_millis(1)),
        )
    });
    drop_after_every_poll(driver, || {
        timeout(Duration::from_millis(2), std::future::pending::<()>())
    });
    drop_after_every_poll(driver, || async {
        let mut ticks = interval(Duration::from_millis(1));
        ticks.tick().await;
        ticks.tick().await
    });
    let notify = Notify::new();
    drop_after_every_poll(driver, || async {
        let tell = async {
            sleep(Duration::from_millis(1)).await;
            notify.notify_one();
        };
        join(notify.notified(), tell).await;
    });
    // Nothing that was told to a dropped waiter stays stored twice.
    let one = notify.notified();
    notify.notify_one();
    drop(one);
    run(driver, notify.notified());
    assert_eq!(driver.timers(), 0);
}
