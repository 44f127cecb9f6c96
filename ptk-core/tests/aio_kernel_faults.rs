//! Listeners, connects, datagrams and the wait itself when the kernel refuses or is interrupted: what failed is told once, nothing is lost, nothing
//! stays open, and it works when asked again.
//!
//! `cargo test -p ptk-core --features kqueue-linux/fault-injection --test aio_kernel_faults`. Sockets fail in front of the C library (`interposed`), the
//! kqueue in kqueue-linux's own calls: Linux only. Streams are in `aio_faults`.
#![cfg(all(target_os = "linux", not(loom)))]

mod interposed;

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use interposed::{fail, left};
use kqueue_linux::fault::{self, Call};
use nix::errno::Errno;
use ptk_core::aio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram};
use ptk_core::aio::{IoDriver, IoSlots, block_on};
use ptk_core::{ErrorKind, Result};

/// A test has the process to itself: kqueue-linux's faults and the table of descriptors are the process's.
struct Alone(#[expect(dead_code)] MutexGuard<'static, ()>);

impl Alone {
    fn new() -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        let alone = Self(ONE.lock().unwrap_or_else(PoisonError::into_inner));
        fault::clear();
        alone
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        fault::clear();
    }
}

/// A driver with room for `$slots` sources, in a static of the test's own.
macro_rules! driver {
    ($slots:literal) => {{
        static SLOTS: IoSlots<$slots> = IoSlots::new();
        IoDriver::new(&SLOTS).expect("a driver")
    }};
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("the list")
        .count()
}

fn kind_of<T>(result: Result<T>) -> ErrorKind {
    result.map(|_| ()).expect_err("it was made to fail").kind()
}

/// Each of the other's messages arrives.
async fn talk(one: &TcpStream, other: &TcpStream) {
    let mut buffer = [0; 4];
    one.write_all(b"ping").await.expect("written");
    other.read_exact(&mut buffer).await.expect("read");
    other.write_all(&buffer).await.expect("written");
    one.read_exact(&mut buffer).await.expect("read");
    assert_eq!(&buffer, b"ping");
}

#[test]
fn a_connection_that_could_not_be_taken_waits_for_the_next_accept() {
    let _alone = Alone::new();
    let driver = driver!(3);
    block_on(driver, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let before = open_descriptors();
        for (errno, kind) in [
            (Errno::EMFILE, ErrorKind::DescriptorsExhausted),
            (Errno::ENFILE, ErrorKind::DescriptorsExhausted),
            (Errno::ENOBUFS, ErrorKind::OutOfMemory),
            (Errno::ENOMEM, ErrorKind::OutOfMemory),
        ] {
            let client = TcpStream::connect(address).await.expect("connected");
            fail(c"accept4", errno, 2);
            assert_eq!(kind_of(listener.accept().await), kind);
            assert_eq!(kind_of(listener.accept().await), kind);
            assert_eq!(left(), 0);
            let (server, peer) = listener.accept().await.expect("the same connection");
            assert_eq!(peer, client.local_addr().expect("an address"));
            talk(&client, &server).await;
            drop((client, server));
            assert_eq!(open_descriptors(), before, "{errno}");
        }
    })
    .expect("the driver goes on");
}

#[test]
fn connections_that_were_given_up_are_passed_over_and_signals_do_not_count() {
    let _alone = Alone::new();
    let driver = driver!(4);
    block_on(driver, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        for errno in [
            Errno::EINTR,
            Errno::ECONNABORTED,
            Errno::EPROTO,
            Errno::ENETDOWN,
        ] {
            let client = TcpStream::connect(address).await.expect("connected");
            fail(c"accept4", errno, 3);
            let (server, _) = listener.accept().await.expect("a connection");
            assert_eq!(left(), 0);
            talk(&client, &server).await;
        }
        // Too many in a row are told, so that others have their turn; the connection is still there.
        let client = TcpStream::connect(address).await.expect("connected");
        fail(c"accept4", Errno::ECONNABORTED, u32::MAX);
        assert_eq!(kind_of(listener.accept().await), ErrorKind::Aborted);
        assert!(left() < u32::MAX);
        let (server, _) = listener.accept().await.expect("a connection");
        talk(&client, &server).await;
        drop((client, server));
        // One that cannot be made non-blocking is closed and passed over like those.
        let before = open_descriptors();
        let lost = TcpStream::connect(address).await.expect("connected");
        let client = TcpStream::connect(address).await.expect("connected");
        fail(c"ioctl", Errno::ENOMEM, 1);
        let (server, peer) = listener.accept().await.expect("the second connection");
        assert_eq!(left(), 0);
        assert_eq!(peer, client.local_addr().expect("an address"));
        talk(&client, &server).await;
        let end = lost.read(&mut [0; 1]).await;
        assert!(matches!(end, Ok(0) | Err(_)), "the connection is open");
        drop((lost, client, server));
        assert_eq!(open_descriptors(), before);
    })
    .expect("the driver goes on");
}

#[test]
fn a_connection_that_could_not_be_registered_is_closed_and_the_next_one_served() {
    let _alone = Alone::new();
    let driver = driver!(3);
    block_on(driver, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let before = open_descriptors();
        for errno in [Errno::ENOMEM, Errno::ENOSPC] {
            let client = TcpStream::connect(address).await.expect("connected");
            fault::set(Call::EpollCtl, 0, errno as i32);
            let refused = listener.accept().await;
            fault::clear();
            let refused = refused.map(|_| ()).expect_err("it was made to fail");
            assert_eq!(refused.errno(), errno as i32);
            let mut buffer = [0; 1];
            let end = client.read(&mut buffer).await;
            assert!(matches!(end, Ok(0) | Err(_)), "the connection is open");
            drop(client);
            assert_eq!(open_descriptors(), before, "{errno}");
            let client = TcpStream::connect(address).await.expect("connected");
            let (server, _) = listener.accept().await.expect("a connection");
            talk(&client, &server).await;
        }
    })
    .expect("the driver goes on");
}

#[test]
fn a_connect_that_fails_gives_everything_back() {
    let _alone = Alone::new();
    let driver = driver!(3);
    block_on(driver, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let before = open_descriptors();
        for round in 0..20 {
            for (name, errno, kind) in [
                (c"socket", Errno::EMFILE, ErrorKind::DescriptorsExhausted),
                (c"socket", Errno::ENOBUFS, ErrorKind::OutOfMemory),
                (c"connect", Errno::ECONNREFUSED, ErrorKind::Refused),
                (c"connect", Errno::ENETUNREACH, ErrorKind::Unreachable),
                (
                    c"connect",
                    Errno::EADDRNOTAVAIL,
                    ErrorKind::AddressNotAvailable,
                ),
                (c"getsockopt", Errno::ENOBUFS, ErrorKind::OutOfMemory),
            ] {
                fail(name, errno, 1);
                let refused = TcpStream::connect(address).await;
                assert_eq!(left(), 0, "{name:?} is not called");
                assert_eq!(kind_of(refused), kind, "{name:?}, round {round}");
                assert_eq!(open_descriptors(), before, "{name:?}");
                if name == c"getsockopt" {
                    // The connection had been made; the listener finds it gone or ended.
                    let _ = listener.accept().await;
                }
            }
            fault::set(Call::EpollCtl, 0, Errno::ENOSPC as i32);
            let refused = TcpStream::connect(address).await;
            fault::clear();
            assert_eq!(
                refused.map(|_| ()).expect_err("refused").errno(),
                Errno::ENOSPC as i32
            );
            let _ = listener.accept().await;
            assert_eq!(open_descriptors(), before);
        }
        let client = TcpStream::connect(address).await.expect("connected");
        let (server, _) = listener.accept().await.expect("a connection");
        talk(&client, &server).await;
    })
    .expect("the driver goes on");
}

/// The story of a receiver whose calls are the function `$receive` of the C library: `$call` makes one, `$next` gives it a datagram of five bytes.
macro_rules! receives {
    ($receive:literal, $call:expr, $next:expr) => {{
        fail($receive, Errno::EINTR, 3);
        $next;
        assert_eq!($call.expect("received"), 5);
        assert_eq!(left(), 0, "{:?} is not called", $receive);
        // Something that the system says of the socket is told once, and the datagram is still there.
        for (errno, kind) in [
            (Errno::ECONNREFUSED, ErrorKind::Refused),
            (Errno::EHOSTUNREACH, ErrorKind::Unreachable),
            (Errno::ENOMEM, ErrorKind::OutOfMemory),
        ] {
            $next;
            fail($receive, errno, 1);
            assert_eq!(kind_of($call), kind);
            assert_eq!($call.expect("received"), 5);
        }
    }};
}

/// The same of a sender by `sendto`: `$call` sends five bytes, `$receive` receives them.
macro_rules! sends {
    ($call:expr, $receive:expr) => {{
        fail(c"sendto", Errno::EINTR, 3);
        assert_eq!($call.expect("sent"), 5);
        assert_eq!(left(), 0, "sendto is not called");
        assert_eq!($receive.expect("received"), 5);
        for (errno, kind) in [
            (Errno::EHOSTUNREACH, ErrorKind::Unreachable),
            (Errno::EPERM, ErrorKind::PermissionDenied),
            (Errno::ENOMEM, ErrorKind::OutOfMemory),
        ] {
            fail(c"sendto", errno, 1);
            assert_eq!(kind_of($call), kind);
            assert_eq!($call.expect("sent"), 5);
            // Once, not twice: what was refused has not been sent.
            assert_eq!($receive.expect("received"), 5);
        }
    }};
}

#[test]
fn a_udp_socket_tells_an_error_once_and_loses_no_datagram() {
    let _alone = Alone::new();
    let driver = driver!(3);
    block_on(driver, async {
        let one = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
        let other = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
        let (from, to) = (one.local_addr(), other.local_addr());
        let (from, to) = (from.expect("an address"), to.expect("an address"));
        let mut buffer = [0; 16];
        receives!(
            c"recvmsg",
            other.recv(&mut buffer).await,
            one.send_to(b"hello", to).await.expect("sent")
        );
        receives!(
            c"recvmsg",
            other.recv_from(&mut buffer).await.map(|(length, peer)| {
                assert_eq!(peer, from);
                length
            }),
            one.send_to(b"hello", to).await.expect("sent")
        );
        sends!(
            one.send_to(b"hello", to).await,
            other.recv(&mut buffer).await
        );
        // The kernel's own refusals, of a connected socket: too large, and nobody there.
        one.connect(to).await.expect("connected");
        let long = vec![0; 1 << 17];
        assert_eq!(kind_of(one.send(&long).await), ErrorKind::MessageTooLarge);
        assert_eq!(one.send(b"after").await.expect("sent"), 5);
        assert_eq!(other.recv(&mut buffer).await.expect("received"), 5);
        drop(other);
        let _ = one.send(b"nobody").await;
        assert_eq!(kind_of(one.recv(&mut buffer).await), ErrorKind::Refused);
    })
    .expect("the driver goes on");
}

#[test]
fn a_unix_datagram_socket_tells_an_error_once_and_loses_no_datagram() {
    let _alone = Alone::new();
    let driver = driver!(3);
    let name = std::env::temp_dir().join(format!("ptk-faults-{}", std::process::id()));
    let _ = std::fs::remove_file(&name);
    let address = ptk_core::net::UnixAddress::from_path(&name).expect("a short name");
    block_on(driver, async {
        let (one, other) = UnixDatagram::pair().expect("a pair");
        let mut buffer = [0; 16];
        receives!(
            c"recvmsg",
            other.recv(&mut buffer).await,
            one.send(b"hello").await.expect("sent")
        );
        receives!(
            c"recvfrom",
            other.recv_from(&mut buffer).await.map(|(length, _)| length),
            one.send(b"hello").await.expect("sent")
        );
        let named = UnixDatagram::bind(&address).expect("bound");
        sends!(
            one.send_to(b"hello", &address).await,
            named.recv(&mut buffer).await
        );
    })
    .expect("the driver goes on");
    std::fs::remove_file(&name).expect("it was bound");
}

#[test]
fn an_interrupted_wait_goes_on() {
    let _alone = Alone::new();
    let driver = driver!(2);
    block_on(driver, async {
        let (one, other) = UnixDatagram::pair().expect("a pair");
        let mut buffer = [0; 16];
        for _ in 0..3 {
            fault::set_times(Call::EpollWait, 0, Errno::EINTR as i32, 5);
            let mut receiving = pin!(other.recv(&mut buffer));
            let mut waited = false;
            let length = poll_fn(|cx| {
                let polled = receiving.as_mut().poll(cx);
                if !waited {
                    assert!(polled.is_pending());
                    waited = true;
                    let sent = ptk_core::net::UnixDatagram::send(&one, b"hello");
                    assert_eq!(sent.expect("sent"), ptk_core::net::Sent::All(5));
                }
                polled
            });
            assert_eq!(length.await.expect("received"), 5);
        }
    })
    .expect("the driver goes on");
    // Those that failed are counted as well.
    assert!(fault::count(Call::EpollWait) >= 18);
}

#[test]
fn a_wait_that_fails_is_told_and_what_was_to_come_is_there_afterwards() {
    let _alone = Alone::new();
    let driver = driver!(2);
    let (one, other) = block_on(driver, async { UnixDatagram::pair() })
        .expect("the driver goes on")
        .expect("a pair");
    let mut buffer = [0; 16];
    for errno in [Errno::ENOMEM, Errno::EBADF, Errno::EFAULT] {
        fault::set(Call::EpollWait, 0, errno as i32);
        let failed = block_on(driver, other.recv(&mut buffer));
        fault::clear();
        let failed = failed.map(|_| ()).expect_err("the wait was made to fail");
        assert_eq!(failed.errno(), errno as i32);
        // The receiver was dropped while it waited; another one gets what comes.
        let received = block_on(driver, async {
            one.send(b"hello").await?;
            other.recv(&mut buffer).await
        });
        assert_eq!(received.expect("the driver goes on").expect("received"), 5);
    }
}

#[test]
fn a_driver_that_could_not_be_made_leaves_nothing_and_its_slots_can_be_used() {
    /// A driver keeps its slots for ever: so many may be made.
    static SLOTS: [IoSlots<2>; 16] = [const { IoSlots::new() }; 16];
    let _alone = Alone::new();
    let mut slots = SLOTS.iter();
    let first = IoDriver::new(slots.next().expect("slots"));
    first.expect("no call fails");
    let made: Vec<(Call, u32)> = Call::ALL
        .iter()
        .map(|&call| (call, fault::count(call)))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert!(made.iter().any(|(call, _)| *call == Call::EpollCreate));
    let mut refused = 0;
    let mut room = slots.next().expect("slots");
    for (call, count) in made {
        for place in 0..count {
            let before = open_descriptors();
            fault::set(call, place, Errno::ENOMEM as i32);
            let driver = IoDriver::new(room);
            fault::clear();
            match driver {
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), ErrorKind::OutOfMemory);
                    assert_eq!(open_descriptors(), before, "{call:?} at place {place}");
                }
                // It could do without.
                Ok(_) => room = slots.next().expect("slots"),
            }
        }
    }
    assert!(refused > 1, "{refused} calls mattered");
    let driver = IoDriver::new(room).expect("the slots are as they were");
    block_on(driver, async {
        let (one, other) = UnixDatagram::pair().expect("a pair");
        one.send(b"hello").await.expect("sent");
        assert_eq!(other.recv(&mut [0; 16]).await.expect("received"), 5);
    })
    .expect("the driver goes on");
}

#[test]
fn a_registration_that_cannot_be_taken_back_gives_its_slot_back_all_the_same() {
    let _alone = Alone::new();
    let driver = driver!(2);
    block_on(driver, async {
        let before = open_descriptors();
        for round in 0..50 {
            let (one, other) = UnixDatagram::pair().expect("two slots are free");
            one.send(b"hello").await.expect("sent");
            fault::set_times(Call::EpollCtl, 0, Errno::ENOMEM as i32, u32::MAX);
            drop((one, other));
            fault::clear();
            assert_eq!(open_descriptors(), before, "round {round}");
        }
        let (one, other) = UnixDatagram::pair().expect("two slots are free");
        one.send(b"hello").await.expect("sent");
        let mut buffer = [0; 16];
        assert_eq!(other.recv(&mut buffer).await.expect("received"), 5);
    })
    .expect("the driver goes on");
}
