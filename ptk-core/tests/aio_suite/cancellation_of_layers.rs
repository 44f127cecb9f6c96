//! Dropped after k polls, for every k: what lies under the streams (registrations, descriptors), beside them (Unix listeners, the rest of the
//! datagram sockets) and over them (halves, the traits of [`ptk_core::aio::io`], a loop as a task).

use std::cell::{Cell, RefCell};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::AsFd;
use std::time::Duration;

use ptk_core::aio::io::{AsyncReadExt, AsyncWriteExt};
use ptk_core::aio::net::{UdpSocket, UnixDatagram, UnixListener, UnixStream};
use ptk_core::aio::time::{interval_at, now, sleep, sleep_until, timeout, timeout_at, timeout_in};
use ptk_core::aio::two_faces::attend;
use ptk_core::aio::{AsyncRegistration, BridgedFd, IoEventInterest, enter};
use ptk_core::event_loop::{Context, Event, EventLoop};
use ptk_core::net::{self, UnixAddress};

use crate::cancellation::{drop_after_every_poll, run};
use crate::util::{driver, join};

const READABLE: IoEventInterest = IoEventInterest::READABLE;
const SOON: Duration = Duration::from_millis(1);

/// A path that is removed in the end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> (Self, UnixAddress) {
        let path = std::env::temp_dir().join(format!("ptk-aio-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let address = UnixAddress::from_path(&path).unwrap();
        (Self(path), address)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// After a while, something.
async fn soon<T>(action: impl FnOnce() -> T) -> T {
    sleep(SOON).await;
    action()
}

#[test]
fn unix_accept_and_connect() {
    let driver = driver!(64, 8);
    let _entered = enter(driver).unwrap();
    let (_scratch, address) = Scratch::new("accept");
    let listener = UnixListener::bind(&address).unwrap();
    let used = driver.usage().0;
    let clients = RefCell::new(Vec::new());
    let come = |mark: &[u8]| {
        let client = net::UnixStream::connect(&address).unwrap();
        assert_eq!(client.send(mark).unwrap(), net::Sent::All(1));
        clients.borrow_mut().push(client);
    };
    // Whom no dropped future has taken is still in line, before one who comes last.
    let in_line = || {
        come(b"l");
        for others in 0.. {
            let (stream, _) = run(driver, listener.accept()).unwrap();
            let mut mark = [0; 1];
            run(driver, stream.read_exact(&mut mark)).unwrap();
            if &mark == b"l" {
                return others;
            }
        }
        unreachable!()
    };
    // A client is there already.
    drop_after_every_poll(driver, || {
        come(b"c");
        listener.accept()
    });
    // The last one of them was accepted by the future that ended.
    let came = clients.take().len();
    assert_eq!(in_line(), came - 1);
    // A client comes while it waits.
    drop_after_every_poll(driver, || async {
        join(listener.accept(), soon(|| come(b"c")))
            .await
            .0
            .unwrap();
    });
    in_line();
    drop_after_every_poll(driver, || UnixStream::connect(&address));
    assert_eq!(driver.usage().0, used);
    drop(listener);
    assert_eq!(driver.usage().0, used - 1);
}

#[test]
fn registrations_and_bridged_descriptors() {
    let driver = driver!(8, 8);
    let _entered = enter(driver).unwrap();
    let (one, other) = net::UnixStream::pair().unwrap();
    let registration = AsyncRegistration::new(driver.handle(), one.as_fd()).unwrap();
    drop_after_every_poll(driver, || async {
        let seen = join(
            registration.request_readiness(READABLE),
            soon(|| other.send(b"x").unwrap()),
        )
        .await
        .0;
        assert!(seen.ready().is_readable());
        registration.clear_readiness(seen);
    });
    driver
        .handle()
        .remove_io_source(one.as_fd(), registration.id());
    let bridged = BridgedFd::new(driver.handle(), one).unwrap();
    drop_after_every_poll(driver, || async {
        join(bridged.ready(READABLE), soon(|| other.send(b"x").unwrap()))
            .await
            .0
            .unwrap();
    });
    drop_after_every_poll(driver, || async {
        let mut buffer = [0; 64];
        // What has come so far is taken first, so that the call finds nothing and waits.
        while let Ok(net::Received::Data(_)) = bridged.receive(&mut buffer) {}
        let receive = |socket: &net::UnixStream| match socket.receive(&mut buffer)? {
            net::Received::Data(length) => Ok(length),
            net::Received::EndOfStream => Ok(0),
            net::Received::WouldBlock => Err(ptk_core::ErrorKind::WouldBlock.into()),
        };
        let call = bridged.async_call(READABLE, receive);
        join(call, soon(|| other.send(b"x").unwrap()))
            .await
            .0
            .unwrap();
    });
    drop(bridged);
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn datagrams_that_are_looked_at_and_addressed() {
    let driver = driver!(8, 8);
    let _entered = enter(driver).unwrap();
    let one = run(driver, UdpSocket::bind("127.0.0.1:0")).unwrap();
    let other = run(driver, UdpSocket::bind("127.0.0.1:0")).unwrap();
    let to = other.local_addr().unwrap();
    drop_after_every_poll(driver, || UdpSocket::bind("127.0.0.1:0"));
    drop_after_every_poll(driver, || other.readable());
    drop_after_every_poll(driver, || one.writable());
    drop_after_every_poll(driver, || one.send_to(b"x", to));
    drop_after_every_poll(driver, || async {
        let mut buffer = [0; 8];
        let tell = async {
            sleep(SOON).await;
            one.send_to(b"x", to).await
        };
        let (length, sent) = join(other.peek(&mut buffer), tell).await;
        assert_eq!((length, sent), (Ok(1), Ok(1)));
    });

    let (_scratch, address) = Scratch::new("datagram");
    let named = UnixDatagram::bind(&address).unwrap();
    let sender =
        UnixDatagram::from_socket(driver.handle(), net::UnixDatagram::unbound().unwrap()).unwrap();
    drop_after_every_poll(driver, || async {
        let mut buffer = [0; 8];
        let tell = async {
            sleep(SOON).await;
            sender.send_to(b"x", &address).await
        };
        let (length, sent) = join(named.recv_from(&mut buffer), tell).await;
        assert_eq!((length.unwrap().0, sent), (1, Ok(1)));
    });
    drop((one, other, named, sender));
    assert_eq!(driver.usage().0, 0);
}

/// Reading and writing by code that does not care what: every method, each waiting at least once.
async fn by_trait(mut from: impl AsyncReadExt, mut to: impl AsyncWriteExt) {
    let mut buffer = [0; 4];
    let write = async {
        sleep(SOON).await;
        to.write(b"ping").await.unwrap();
        to.flush().await.unwrap();
        sleep(SOON).await;
        to.write_all(b"pong").await.unwrap();
        to.shutdown().await.unwrap();
    };
    let read = async {
        assert_ne!(from.read(&mut buffer[..1]).await.unwrap(), 0);
        from.read_exact(&mut buffer[..3]).await.unwrap();
        from.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"pong");
        assert_eq!(from.read(&mut buffer).await.unwrap(), 0);
    };
    join(read, write).await;
}

#[test]
fn by_the_traits_and_by_halves() {
    let driver = driver!(8, 8);
    let _entered = enter(driver).unwrap();
    drop_after_every_poll(driver, || async {
        let (one, other) = UnixStream::pair().unwrap();
        by_trait(one, other).await;
    });
    assert_eq!(driver.usage().0, 0);
    drop_after_every_poll(driver, || async {
        let (mut one, mut other) = UnixStream::pair().unwrap();
        let ((read, _), (_, write)) = (one.split(), other.split());
        by_trait(read, write).await;
    });
    assert_eq!(driver.usage().0, 0);
    drop_after_every_poll(driver, || async {
        let (one, other) = UnixStream::pair().unwrap();
        let ((read, _one), (_other, write)) =
            (one.into_split().unwrap(), other.into_split().unwrap());
        by_trait(read, write).await;
    });
    assert_eq!(driver.usage().0, 0);
    drop_after_every_poll(driver, || async {
        let (one, other) = UnixStream::pair().unwrap();
        let ((read, _one), (_other, write)) =
            (one.into_split().unwrap(), other.into_split().unwrap());
        let (mut first, mut second) = ([0; 1], [0; 3]);
        let tell = async {
            sleep(SOON).await;
            let slices = [IoSlice::new(b"pi"), IoSlice::new(b"ng")];
            write.write_vectored(&slices).await.unwrap()
        };
        let mut buffers = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        let look = async {
            read.readable().await.unwrap();
            read.read_vectored(&mut buffers).await.unwrap()
        };
        assert_eq!(join(look, tell).await, (4, 4));
    });
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn deadlines() {
    let driver = driver!(4, 1);
    let _entered = enter(driver).unwrap();
    let soon = || now().saturating_add(SOON);
    let never = std::future::pending::<()>;
    drop_after_every_poll(driver, || sleep_until(soon()));
    drop_after_every_poll(driver, || timeout_at(soon(), never()));
    drop_after_every_poll(driver, || timeout_in(driver.handle(), SOON, never()));
    // One in the other, with one slot.
    drop_after_every_poll(driver, || timeout(SOON * 3, timeout(SOON, never())));
    drop_after_every_poll(driver, || async {
        let mut ticks = interval_at(soon(), SOON);
        ticks.tick().await;
        ticks.tick().await
    });
    assert_eq!(driver.timers(), 0);
}

#[test]
fn a_loop_as_a_task() {
    let driver = driver!(8, 8);
    let _entered = enter(driver).unwrap();
    drop_after_every_poll(driver, || async {
        let mut event_loop: EventLoop<4, 4> = EventLoop::new().unwrap();
        event_loop.context().start_periodic(SOON, 0, 0_u16).unwrap();
        let ticks = Cell::new(0);
        let mut handler = |_: &mut Context<'_>, _: Event| ticks.set(ticks.get() + 1);
        attend(driver.handle(), &mut event_loop, &mut handler, |_, _| {
            ticks.get() >= 3
        })
        .await
        .unwrap();
    });
    assert_eq!((driver.usage().0, driver.timers()), (0, 0));
}
