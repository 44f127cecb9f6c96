//! Every name of the second ancestor's networking, called with the types that its users know: what goes away or changes fails to compile here.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ptk_core::aio::net::{TcpListener, TcpStream, UdpSocket};
use ptk_core::aio::{
    AsyncRegistration, BridgedFd, IoDriver, IoDriverAccess, IoDriverHandle, IoDriverUnparker,
    IoEventInterest, IoSlots, Ready, ReadyEvent, RegistrationInfo, SourceId, block_on,
};
use ptk_core::{Error, ErrorKind, Result, net};

use crate::util::{driver, poll_once};

const BOTH: IoEventInterest = IoEventInterest::BOTH;

#[test]
fn io_driver_handle_and_unparker() {
    static SLOTS: IoSlots<4, 1> = IoSlots::new();
    let driver: &'static IoDriver = IoDriver::new(&SLOTS).unwrap();
    let handle: IoDriverHandle = driver.handle();
    let unparker: IoDriverUnparker = driver.get_unparker();
    let mut access: IoDriverAccess = driver.try_get_access().unwrap();
    assert!(driver.try_get_access().is_none());

    // Told before the wait: it does not wait.
    unparker.unpark().unwrap();
    driver.process_io(&mut access, None).unwrap();

    let (one, other) = net::UnixStream::pair().unwrap();
    let (source, info): (SourceId, &'static RegistrationInfo) = handle
        .add_io_source(one.as_fd(), IoEventInterest::READABLE, Ready::EMPTY)
        .unwrap();
    assert_eq!(driver.usage().0, 1);
    assert_eq!(other.send(b"x").unwrap(), net::Sent::All(1));
    driver
        .process_io(&mut access, Some(Duration::from_secs(60)))
        .unwrap();
    assert!(format!("{info:?}").contains("READABLE"), "{info:?}");
    handle.remove_io_source(one.as_fd(), source);
    // Once more does nothing.
    handle.remove_io_source(one.as_fd(), source);
    drop(access);
    assert!(driver.try_get_access().is_some());
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn async_registration() {
    let driver = driver!();
    let (one, other) = net::UnixStream::pair().unwrap();
    let new: fn(IoDriverHandle, std::os::fd::BorrowedFd<'_>) -> Result<AsyncRegistration> =
        AsyncRegistration::new;
    let writes = new(driver.handle(), one.as_fd()).unwrap();
    let reads = AsyncRegistration::new_with_interest(
        driver.handle(),
        other.as_fd(),
        IoEventInterest::READABLE,
    )
    .unwrap();
    block_on(driver, async {
        let seen: ReadyEvent = writes.request_readiness(IoEventInterest::WRITABLE).await;
        assert!(seen.ready().is_writable());
        assert_eq!(one.send(b"x").unwrap(), net::Sent::All(1));
        let seen: ReadyEvent =
            poll_fn(|cx| reads.poll_readiness(cx, IoEventInterest::READABLE)).await;
        assert!(seen.ready().is_readable());
        let cleared: bool = reads.clear_readiness(seen);
        assert!(cleared, "nothing came since");
        let mut cx = Context::from_waker(Waker::noop());
        assert!(
            reads
                .poll_readiness(&mut cx, IoEventInterest::READABLE)
                .is_pending()
        );
    })
    .unwrap();
    driver.handle().remove_io_source(one.as_fd(), writes.id());
    driver.handle().remove_io_source(other.as_fd(), reads.id());
    assert_eq!(driver.usage().0, 0);
}

fn receive(socket: &net::UnixStream, buffer: &mut [u8]) -> Result<usize> {
    match socket.receive(buffer)? {
        net::Received::Data(length) => Ok(length),
        net::Received::EndOfStream => Ok(0),
        net::Received::WouldBlock => Err(Error::from(ErrorKind::WouldBlock)),
    }
}

fn send(socket: &net::UnixStream, bytes: &[u8]) -> Result<usize> {
    match socket.send(bytes)? {
        net::Sent::All(length) | net::Sent::Partial(length) => Ok(length),
        net::Sent::WouldBlock => Err(Error::from(ErrorKind::WouldBlock)),
    }
}

#[test]
fn bridged_fd() {
    let driver = driver!();
    let (one, other) = net::UnixStream::pair().unwrap();
    let one: BridgedFd<net::UnixStream> = BridgedFd::new(driver.handle(), one).unwrap();
    let other = BridgedFd::new_with_interest(driver.handle(), other, BOTH).unwrap();
    block_on(driver, async {
        let seen: ReadyEvent = one.ready(IoEventInterest::WRITABLE).await.unwrap();
        assert!(seen.ready().is_writable());
        let written: usize = one
            .async_call(IoEventInterest::WRITABLE, |socket| send(socket, b"ab"))
            .await
            .unwrap();
        assert_eq!(written, 2);
        let mut buffer = [0; 1];
        let read: Result<usize> =
            poll_fn(|cx| other.poll_read(cx, |socket| receive(socket, &mut buffer))).await;
        assert_eq!((read, buffer), (Ok(1), *b"a"));
        let read = other
            .async_call(IoEventInterest::READABLE, |socket| {
                receive(socket, &mut buffer)
            })
            .await;
        assert_eq!((read, buffer), (Ok(1), *b"b"));
        let written: Result<usize> =
            poll_fn(|cx| other.poll_write(cx, |socket| send(socket, b"c"))).await;
        assert_eq!(written, Ok(1));
    })
    .unwrap();
    // Dropping it takes the registration back.
    drop((one, other));
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn tcp_listener_and_stream() {
    let driver = driver!();
    block_on(driver, async {
        let listener: TcpListener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        listener.set_ttl(33).unwrap();
        let hops: u32 = listener.ttl().unwrap();
        assert_eq!(hops, 33);
        let client: TcpStream = TcpStream::connect(address).await.unwrap();
        let (server, from): (TcpStream, SocketAddr) = listener.accept().await.unwrap();
        let local: SocketAddr = client.local_addr().unwrap();
        assert_eq!((local, address), (from, client.peer_addr().unwrap()));
        assert_eq!(server.peer_addr().unwrap(), local);
        client.set_ttl(44).unwrap();
        assert_eq!(client.ttl().unwrap(), 44);
        let seen: ReadyEvent = client.ready(IoEventInterest::WRITABLE).await.unwrap();
        assert!(seen.ready().is_writable());
        client.write_all(b"hello").await.unwrap();
        let mut buffer = [0; 5];
        server.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"hello");
    })
    .unwrap();
}

#[test]
fn udp_socket() {
    let driver = driver!();
    block_on(driver, async {
        let one: UdpSocket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let to: SocketAddr = other.local_addr().unwrap();
        one.set_ttl(55).unwrap();
        assert_eq!(one.ttl().unwrap(), 55);
        let sent: usize = one.send_to(b"hello", to).await.unwrap();
        let mut buffer = [0; 8];
        let (length, from): (usize, SocketAddr) = other.recv_from(&mut buffer).await.unwrap();
        assert_eq!((sent, length, from), (5, 5, one.local_addr().unwrap()));
        other.connect(from).await.unwrap();
        one.connect(to).await.unwrap();
        assert_eq!(other.send(b"you too").await, Ok(7));
        assert_eq!(one.recv(&mut buffer).await, Ok(7));
        let error: Option<Error> = one.take_error().unwrap();
        assert_eq!(error, None);
        let waits = pin!(one.recv(&mut buffer));
        assert!(matches!(poll_once(waits), Poll::Pending));
    })
    .unwrap();
}
