//! The async face when its system calls fail, are interrupted, or do less than was asked: nothing is lost, nothing is leaked, nothing hangs.
#![cfg(not(loom))]

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use ptk_core::aio::net::Stream;
use ptk_core::aio::{IoDriver, IoSlots, block_on};
use ptk_core::net::{Half, IoSlice, IoSliceMut, UnixStream};
use ptk_core::testing::{Call, FaultyStream};
use ptk_core::{Error, ErrorKind};

/// A driver with room for two sources, in a static of the test's own.
macro_rules! driver {
    () => {{
        static SLOTS: IoSlots<2> = IoSlots::new();
        IoDriver::new(&SLOTS).unwrap()
    }};
}

/// A stream with a script, and its peer, which never waits for long: what is sent here fits the socket.
fn streams(driver: &'static IoDriver) -> (Stream<FaultyStream<UnixStream>>, Stream<UnixStream>) {
    let (near, far) = UnixStream::pair().unwrap();
    let near = Stream::from_socket(driver.handle(), FaultyStream::new(near)).unwrap();
    let far = Stream::from_socket(driver.handle(), far).unwrap();
    (near, far)
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted)
}

/// What a signal does, or a kernel that is short of something, or a peer that is gone.
const KINDS: [ErrorKind; 4] = [
    ErrorKind::OutOfMemory,
    ErrorKind::Reset,
    ErrorKind::Timeout,
    ErrorKind::Unreachable,
];

#[test]
fn an_interrupted_call_is_made_again() {
    let driver = driver!();
    let (near, far) = streams(driver);
    block_on(driver, async {
        for times in 1..4 {
            for _ in 0..times {
                near.fail_next(Call::Receive, interrupted());
                near.fail_next(Call::Send, interrupted());
                near.fail_next(Call::AtEnd, interrupted());
            }
            let mut buffer = [0; 8];
            far.write_all(b"here").await.unwrap();
            assert_eq!(near.peek(&mut buffer).await.unwrap(), 4);
            assert_eq!(near.read(&mut buffer).await.unwrap(), 4);
            assert_eq!(&buffer[..4], b"here");
            near.write_all(b"there").await.unwrap();
            far.read_exact(&mut buffer[..5]).await.unwrap();
            assert_eq!(&buffer[..5], b"there");
            assert_eq!(near.failures_left(), 0);
        }
    })
    .unwrap();
}

#[test]
fn vectored_calls_are_made_again_as_well() {
    let driver = driver!();
    let (near, far) = streams(driver);
    block_on(driver, async {
        near.fail_next(Call::Send, interrupted());
        let slices = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
        assert_eq!(near.write_vectored(&slices).await.unwrap(), 4);
        far.write_all(b"wxyz").await.unwrap();
        near.fail_next(Call::Receive, interrupted());
        let (mut one, mut other) = ([0; 3], [0; 3]);
        let mut slices = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
        assert_eq!(near.read_vectored(&mut slices).await.unwrap(), 4);
        assert_eq!((&one, other[0]), (b"wxy", b'z'));
        let mut buffer = [0; 4];
        far.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"abcd");
        assert_eq!(near.failures_left(), 0);
    })
    .unwrap();
}

#[test]
fn an_error_is_told_once_and_loses_no_byte() {
    let driver = driver!();
    let (near, far) = streams(driver);
    block_on(driver, async {
        let mut buffer = [0; 8];
        for kind in KINDS {
            far.write_all(b"here").await.unwrap();
            near.fail_next(Call::AtEnd, Error::new(kind));
            assert_eq!(near.peek(&mut buffer).await.unwrap_err().kind(), kind);
            near.fail_next(Call::Receive, Error::new(kind));
            assert_eq!(near.read(&mut buffer).await.unwrap_err().kind(), kind);
            near.fail_next(Call::Receive, Error::new(kind));
            let exact = near.read_exact(&mut buffer[..4]).await;
            assert_eq!(exact.unwrap_err().kind(), kind);
            // The bytes are still there, and the stream still knows.
            near.read_exact(&mut buffer[..4]).await.unwrap();
            assert_eq!(&buffer[..4], b"here");

            near.fail_next(Call::Send, Error::new(kind));
            assert_eq!(near.write(b"there").await.unwrap_err().kind(), kind);
            near.fail_next(Call::Send, Error::new(kind));
            assert_eq!(near.write_all(b"there").await.unwrap_err().kind(), kind);
            near.fail_next(Call::Send, Error::new(kind));
            let slices = [IoSlice::new(b"th"), IoSlice::new(b"ere")];
            let vectored = near.write_vectored(&slices).await;
            assert_eq!(vectored.unwrap_err().kind(), kind);
            near.write_all(b"there").await.unwrap();
            far.read_exact(&mut buffer[..5]).await.unwrap();
            assert_eq!(&buffer[..5], b"there");
            assert_eq!(near.failures_left(), 0);
        }
    })
    .unwrap();
}

/// More than any socket holds, and no two places that are alike nearby.
fn long_message() -> Vec<u8> {
    (0..4_u32 << 20).map(|at| (at % 251) as u8).collect()
}

#[test]
fn what_the_kernel_did_not_take_is_sent_behind_it_through_interruptions() {
    let driver = driver!();
    let (near, far) = streams(driver);
    let message = long_message();
    let mut got = vec![0; message.len()];
    let mut parts = 0;
    block_on(driver, async {
        let mut reading = pin!(far.read_exact(&mut got));
        let mut writing = pin!(near.write_all(&message));
        let mut written = false;
        poll_fn(|cx| {
            if !written {
                // Each part meets a signal first; then it fills the socket, or is the last.
                near.fail_next(Call::Send, interrupted());
                parts += 1;
                if let Poll::Ready(sent) = writing.as_mut().poll(cx) {
                    sent.unwrap();
                    written = true;
                }
            }
            reading.as_mut().poll(cx)
        })
        .await
        .unwrap();
        assert!(written);
    })
    .unwrap();
    assert!(parts > 1, "the message fitted the socket");
    assert!(got == message);
}

#[test]
fn an_error_in_the_middle_of_a_message_says_so_and_the_peer_has_the_part_before() {
    let driver = driver!();
    let (near, far) = streams(driver);
    let message = long_message();
    let got = block_on(driver, async {
        let mut writing = Box::pin(near.write_all(&message));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(writing.as_mut().poll(&mut cx).is_pending(), "it fitted");
        near.fail_next(Call::Send, Error::new(ErrorKind::Reset));
        // Once the peer has read, there is room, and the next part is tried.
        let mut got = vec![0; message.len()];
        let mut length = far.read(&mut got).await.unwrap();
        assert_eq!(writing.await.unwrap_err().kind(), ErrorKind::Reset);
        near.shutdown().await.unwrap();
        loop {
            match far.read(&mut got[length..]).await.unwrap() {
                0 => break,
                more => length += more,
            }
        }
        got.truncate(length);
        got
    })
    .unwrap();
    assert!(got.len() < message.len() && message.starts_with(&got));
}

#[test]
fn the_poll_functions_meet_the_same_faults() {
    let driver = driver!();
    let (near, far) = streams(driver);
    let mut cx = Context::from_waker(Waker::noop());
    near.fail_next(Call::Send, interrupted());
    assert_eq!(near.poll_write(&mut cx, b"abc"), Poll::Ready(Ok(3)));
    near.fail_next(Call::Send, Error::new(ErrorKind::OutOfMemory));
    let refused = near.poll_write(&mut cx, b"abc");
    assert_eq!(
        refused.map_err(|error| error.kind()),
        Poll::Ready(Err(ErrorKind::OutOfMemory))
    );
    assert_eq!(far.try_write(b"xyz"), Ok(3));
    near.fail_next(Call::Receive, interrupted());
    near.fail_next(Call::Receive, Error::new(ErrorKind::Reset));
    let mut buffer = [0; 3];
    let refused = near.poll_read(&mut cx, &mut buffer);
    assert_eq!(
        refused.map_err(|error| error.kind()),
        Poll::Ready(Err(ErrorKind::Reset))
    );
    assert_eq!(near.poll_read(&mut cx, &mut buffer), Poll::Ready(Ok(3)));
    assert_eq!(&buffer, b"xyz");
    assert_eq!(near.failures_left(), 0);
}

#[test]
fn a_refused_shutdown_is_told_and_can_be_asked_for_again() {
    let driver = driver!();
    let (near, far) = streams(driver);
    block_on(driver, async {
        near.fail_next(Call::Shutdown, Error::new(ErrorKind::OutOfMemory));
        let refused = near.shutdown().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::OutOfMemory);
        near.write_all(b"still open").await.unwrap();
        near.shutdown_half(Half::Send).unwrap();
        let mut got = [0; 16];
        assert_eq!(far.read(&mut got).await.unwrap(), 10);
        assert_eq!(far.read(&mut got).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn a_stream_that_failed_gives_its_slot_back() {
    let driver = driver!();
    for round in 0..100 {
        // Two slots are all there are.
        let (near, far) = streams(driver);
        near.fail_next(Call::Receive, Error::new(ErrorKind::Reset));
        block_on(driver, async {
            far.write_all(b"x").await.unwrap();
            let mut buffer = [0; 4];
            let mut reading = pin!(near.read(&mut buffer));
            let failed = reading.as_mut().await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::Reset, "round {round}");
        })
        .unwrap();
    }
}
