//! The second ancestor's sharp edges, one test each, named after them.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use ptk_core::aio::net::{TcpListener, TcpStream, UdpSocket};
use ptk_core::aio::time::{sleep, sleep_in, timeout};
use ptk_core::aio::{AsyncRegistration, BridgedFd, IoEventInterest, Ready, block_on};
use ptk_core::net::{Received, UnixStream};
use ptk_core::{Error, ErrorKind, Table};

use crate::util::{Count, driver, poll_once};

const READ: IoEventInterest = IoEventInterest::READABLE;

#[test]
fn edge_1_a_woken_waiter_that_lost_the_race_hears_the_next_event() {
    let driver = driver!();
    let (near, far) = UnixStream::pair().unwrap();
    let near = BridgedFd::new(driver.handle(), near).unwrap();
    let mut access = driver.try_get_access().unwrap();
    let (count, waker) = Count::waker();
    let mut cx = Context::from_waker(&waker);
    let mut waiting = pin!(near.registration().request_readiness(READ));
    assert!(waiting.as_mut().poll_pending(&mut cx));
    for round in 1..=3 {
        let _ = far.send(b"x").unwrap();
        while count.get() < round {
            driver.process_io(&mut access, None).unwrap();
        }
        // Another task is faster: it takes the byte and the readiness.
        let seen = near.registration().look(READ);
        assert_eq!(near.receive(&mut [0; 8]), Ok(Received::Data(1)));
        assert!(near.registration().clear_readiness(seen));
        assert!(waiting.as_mut().poll_pending(&mut cx));
    }
}

trait PollPending {
    fn poll_pending(self, cx: &mut Context<'_>) -> bool;
}

impl<F: Future> PollPending for std::pin::Pin<&mut F> {
    fn poll_pending(self, cx: &mut Context<'_>) -> bool {
        self.poll(cx).is_pending()
    }
}

#[test]
fn edge_2_after_a_refusal_a_udp_socket_goes_on() {
    let driver = driver!();
    block_on(driver, async {
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = gone.local_addr().unwrap();
        drop(gone);
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(address).await.unwrap();
        let mut buffer = [0; 16];
        socket.send(b"anybody?").await.unwrap();
        // The refusal is reported once, by whichever call comes first.
        let refused = match timeout(Duration::from_secs(2), socket.recv(&mut buffer)).await {
            Ok(result) => result.unwrap_err().kind() == ErrorKind::Refused,
            Err(_) => false,
        };
        assert!(refused);
        let back = UdpSocket::bind(address).await.unwrap();
        for round in 0..3_u8 {
            back.send_to(&[round], socket.local_addr().unwrap())
                .await
                .unwrap();
            assert_eq!(socket.recv(&mut buffer).await.unwrap(), 1);
            assert_eq!(buffer[0], round);
            socket.send(b"still here").await.unwrap();
            assert_eq!(back.recv(&mut buffer).await.unwrap(), 10);
        }
    })
    .unwrap();
}

#[test]
fn edge_3_a_registration_neither_ends_nor_restarts_a_wait() {
    let driver = driver!(64, 8);
    let done = Arc::new(AtomicBool::new(false));
    let registrar = {
        let done = done.clone();
        thread::spawn(move || {
            let mut rounds = 0;
            while !done.load(Ordering::SeqCst) && rounds < 1_000_000 {
                let (near, _far) = UnixStream::pair().unwrap();
                let handle = driver.handle();
                if let Ok(registration) =
                    AsyncRegistration::new_with_interest(handle, near_fd(&near), READ)
                {
                    handle.remove_io_source(near_fd(&near), registration.id());
                }
                rounds += 1;
            }
        })
    };
    let mut access = driver.try_get_access().unwrap();
    // Restarted waits would never end while the other thread registers.
    driver
        .process_io(&mut access, Some(Duration::from_millis(50)))
        .unwrap();
    done.store(true, Ordering::SeqCst);
    registrar.join().unwrap();
}

fn near_fd(socket: &UnixStream) -> std::os::fd::BorrowedFd<'_> {
    use std::os::fd::AsFd;
    socket.as_fd()
}

#[test]
fn edge_4_a_wait_below_a_millisecond_is_no_busy_loop() {
    let driver = driver!();
    let mut access = driver.try_get_access().unwrap();
    let mut sleep = pin!(sleep_in(driver.handle(), Duration::from_micros(900)));
    let (count, waker) = Count::waker();
    let mut cx = Context::from_waker(&waker);
    let mut waits = 0;
    while sleep.as_mut().poll(&mut cx).is_pending() {
        driver.process_io(&mut access, None).unwrap();
        waits += 1;
    }
    assert_eq!(count.get(), 1);
    assert!(waits <= 2, "{waits} waits for one sleep");
}

#[test]
fn edge_5_a_would_block_registers_nothing_and_writability_stays_silent() {
    let driver = driver!();
    let (near, far) = UnixStream::pair().unwrap();
    let near = BridgedFd::new(driver.handle(), near).unwrap();
    let mut access = driver.try_get_access().unwrap();
    let now = Some(Duration::ZERO);
    // The first look tells of the room that is there; from then on nothing happens.
    driver.process_io(&mut access, now).unwrap();
    for _ in 0..10 {
        let mut buffer = [0; 8];
        let mut read = pin!(
            near.async_call(READ, |socket| match socket.receive(&mut buffer)? {
                Received::WouldBlock => Err(Error::WOULD_BLOCK),
                _ => Ok(()),
            })
        );
        assert!(poll_once(read.as_mut()).is_pending());
        assert_eq!(driver.process_io(&mut access, now).unwrap(), 0);
    }
    drop(far);
}

#[test]
fn edge_6_connect_does_not_block_the_worker() {
    let driver = driver!();
    block_on(driver, async {
        // A listener that accepts nobody: its backlog fills, and further connects hang.
        let options = ptk_core::net::ListenOptions::new().backlog(1);
        let listener = TcpListener::bind_in(driver.handle(), "127.0.0.1:0", &options).unwrap();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        for _ in 0..8 {
            match timeout(Duration::from_millis(20), TcpStream::connect(address)).await {
                Ok(stream) => held.push(stream),
                // The worker was free to see that time ran out.
                Err(_) => return,
            }
        }
    })
    .unwrap();
}

#[test]
fn edge_7_a_full_table_is_an_error() {
    let driver = driver!(2, 1);
    let handle = driver.handle();
    let (one, other) = UnixStream::pair().unwrap();
    let one = BridgedFd::new(handle, one).unwrap();
    let other = BridgedFd::new(handle, other).unwrap();
    let (third, _fourth) = UnixStream::pair().unwrap();
    let error = AsyncRegistration::new(handle, near_fd(&third)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TableFull(Table::Sources));
    drop(one);
    let third = BridgedFd::new(handle, third).unwrap();
    drop((other, third));
    assert_eq!(driver.usage(), (0, 2));
    // Of timers there may be more than slots: they wait in line.
    block_on(driver, async {
        crate::util::join(
            sleep(Duration::from_millis(2)),
            sleep(Duration::from_millis(1)),
        )
        .await;
    })
    .unwrap();
    assert_eq!((driver.timer_overflows(), driver.timers()), (1, 0));
}

#[test]
fn edge_8_ids_are_slot_and_generation() {
    let driver = driver!(1, 1);
    let handle = driver.handle();
    let (one, other) = UnixStream::pair().unwrap();
    let first = AsyncRegistration::new(handle, near_fd(&one)).unwrap();
    handle.remove_io_source(near_fd(&one), first.id());
    let second = AsyncRegistration::new(handle, near_fd(&other)).unwrap();
    assert_eq!(first.id().slot(), second.id().slot());
    assert_ne!(first.id().generation(), second.id().generation());
    // An id of the past does nothing.
    handle.remove_io_source(near_fd(&one), first.id());
    assert_eq!(driver.usage().0, 1);
    handle.remove_io_source(near_fd(&other), second.id());
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn edge_9_the_end_of_the_stream_errors_and_shutdown_have_bits() {
    let driver = driver!();
    let (near, far) = UnixStream::pair().unwrap();
    let near = BridgedFd::new(driver.handle(), near).unwrap();
    drop(far);
    let mut access = driver.try_get_access().unwrap();
    let closed = |bit| {
        near.registration()
            .look(IoEventInterest::BOTH)
            .ready()
            .contains(bit)
    };
    while !closed(Ready::READ_CLOSED) {
        driver.process_io(&mut access, None).unwrap();
    }
    drop(access);
    driver.shutdown();
    assert!(closed(Ready::SHUTDOWN));
    let (quiet, _far) = UnixStream::pair().unwrap();
    let quiet = BridgedFd::new(driver.handle(), quiet).unwrap();
    driver.shutdown();
    let waits = async {
        quiet
            .async_call(READ, |_| Err::<(), _>(Error::WOULD_BLOCK))
            .await
    };
    assert_eq!(
        block_on(driver, waits).unwrap().unwrap_err().kind(),
        ErrorKind::Aborted
    );
}

#[test]
fn edge_10_a_dropped_sleep_gives_its_slot_back_at_once() {
    let driver = driver!(4, 2);
    for _ in 0..100 {
        let mut slept = pin!(sleep_in(driver.handle(), Duration::from_secs(3600)));
        assert_eq!(poll_once(slept.as_mut()), Poll::Pending);
        assert_eq!(driver.timers(), 1);
    }
    assert_eq!((driver.timers(), driver.timer_overflows()), (0, 0));
    assert_eq!(driver.next_deadline(), None);
}

// 11 (no split, nodelay, peek, vectored, UDP local address, broadcast, multicast): see `net.rs`, and here the socket options.
#[test]
fn edge_11_broadcast_and_multicast_are_there() {
    let driver = driver!();
    block_on(driver, async {
        let socket = UdpSocket::bind("0.0.0.0:0").await.unwrap();
        socket.set_broadcast(true).unwrap();
        assert!(socket.broadcast().unwrap());
        socket.set_multicast_ttl(1).unwrap();
        assert_ne!(socket.local_addr().unwrap().port(), 0);
    })
    .unwrap();
}

#[test]
fn edge_12_a_wait_costs_what_happened_and_not_what_is_registered() {
    let driver = driver!(128, 1);
    let pairs: Vec<_> = (0..100)
        .map(|_| {
            let (near, far) = UnixStream::pair().unwrap();
            let near = BridgedFd::new_with_interest(driver.handle(), near, READ).unwrap();
            (near, far)
        })
        .collect();
    let mut access = driver.try_get_access().unwrap();
    let now = Some(Duration::ZERO);
    while driver.process_io(&mut access, now).unwrap() > 0 {}
    let _ = pairs[42].1.send(b"x").unwrap();
    assert_eq!(driver.process_io(&mut access, None).unwrap(), 1);
    let ready = pairs
        .iter()
        .filter(|(near, _)| !near.registration().look(READ).ready().is_empty());
    assert_eq!(ready.count(), 1);
}
