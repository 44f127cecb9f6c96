//! Every call of `net` and `buffer`, in a program whose allocator aborts once `main` has begun: what `nix` and `std` do below these calls
//! counts as well. (No test harness, which allocates. It prints its own result line.)
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, poll};
use ptk_core::buffer::{FrameBuffer, LengthPrefixed, SendQueue};
use ptk_core::net::{
    Accepted, BindOptions, Connection, Datagram, DatagramAt, DatagramFrom, Half, KeepAlive,
    ListenOptions, Received, Sent, SpareDescriptor, TcpListener, TcpStream, UdpSocket, UnixAddress,
    UnixDatagram, UnixDatagramFrom, UnixListener, UnixStream, interface_index,
};
use ptk_core::{Error, ErrorKind, Result};

struct Aborting;

static ARMED: AtomicBool = AtomicBool::new(false);

// SAFETY: hands everything to the system's allocator, whose contract is the same, or aborts.
unsafe impl GlobalAlloc for Aborting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Ordering::Relaxed) {
            std::process::abort();
        }
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`, which is passed on unchanged.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller got `pointer` from `alloc` above with this layout, and so from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Aborting = Aborting;

const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const HERE_V6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0);
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 192, 77, 2);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0x70, 0x746c);

fn main() {
    let mut names = Names::new();
    let (stream_name, datagram_name) = (names.next("s"), names.next("d"));
    ARMED.store(true, Ordering::Relaxed);
    let result = run(&stream_name, &datagram_name);
    ARMED.store(false, Ordering::Relaxed);
    let _ = std::fs::remove_file(&stream_name);
    let _ = std::fs::remove_file(&datagram_name);
    result.unwrap();
    println!("every call of net and buffer without the heap");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}

struct Names(std::path::PathBuf);

impl Names {
    fn new() -> Names {
        Names(std::env::temp_dir())
    }

    fn next(&mut self, kind: &str) -> String {
        let path = self
            .0
            .join(format!("ptk-heap-{kind}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path.to_str().unwrap().to_owned()
    }
}

fn run(stream_name: &str, datagram_name: &str) -> Result<()> {
    tcp(HERE)?;
    udp(HERE, "0.0.0.0:0".parse().unwrap())?;
    if TcpListener::bind(HERE_V6).is_ok() {
        tcp(HERE_V6)?;
        udp(HERE_V6, "[::]:0".parse().unwrap())?;
    }
    unix(stream_name, datagram_name)?;
    errors();
    Ok(())
}

fn wait(fd: &impl AsFd, flags: PollFlags) {
    let mut fds = [PollFd::new(fd.as_fd(), flags)];
    assert_eq!(poll(&mut fds, 20_000_u16), Ok(1));
}

fn tcp(local: SocketAddr) -> Result<()> {
    let options = ListenOptions::new()
        .backlog(8)
        .share_port(true)
        .only_v6(true);
    let listener = TcpListener::bind_with(local, &options)?;
    let mut spare = SpareDescriptor::for_listener(&listener)?;
    assert!(!spare.turn_away(&listener)?);
    listener.set_ttl(64)?;
    assert_eq!(listener.ttl()?, 64);
    let mut from = local;
    from.set_port(0);
    let client = TcpStream::connect_from(from, listener.local_addr()?)?;
    wait(&listener, PollFlags::POLLIN);
    let Accepted::Connection(server, _) = listener.accept()? else {
        return Err(Error::INVALID_INPUT);
    };
    wait(&client, PollFlags::POLLOUT);
    assert_eq!(client.connect_result()?, Connection::Established);

    client.set_nodelay(true)?;
    client.set_linger(Some(Duration::ZERO))?;
    client.set_ttl(3)?;
    client.set_send_buffer_size(8_192)?;
    client.set_receive_buffer_size(8_192)?;
    let times = KeepAlive::new(Duration::from_secs(5), Duration::from_secs(1), 3)?;
    let _ = client.set_keep_alive(Some(&times));
    let _ = (
        client.nodelay()?,
        client.linger()?,
        client.ttl()?,
        client.keep_alive()?,
    );
    let _ = (
        client.buffer_sizes()?,
        client.peer_addr()?,
        client.local_addr()?,
        client.take_error()?,
    );

    let (mut sending, mut receiving) = ([0; 64], [0; 64]);
    let mut queue = SendQueue::with_reserve(&mut sending, 16);
    let mut frames = FrameBuffer::new(&mut receiving);
    let mut framer = LengthPrefixed::big_endian(0, 2);
    for round in 0..100_u8 {
        queue.push(&[0, 3, round, round, round])?;
        assert_eq!(queue.flush(|bytes| client.send(bytes))?, Sent::All(5));
        wait(&server, PollFlags::POLLIN);
        assert_eq!(
            frames.fill(|bytes| server.receive(bytes))?,
            Received::Data(5)
        );
        assert_eq!(
            frames.next_frame(&mut framer)?,
            Some(&mut [0, 3, round, round, round][..])
        );
    }
    assert_eq!(
        client.send_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"c")])?,
        Sent::All(3)
    );
    wait(&server, PollFlags::POLLIN);
    let mut buffer = [0; 8];
    assert_eq!(server.peek(&mut buffer)?, Received::Data(3));
    assert_eq!(
        server.receive_vectored(&mut [IoSliceMut::new(&mut buffer)])?,
        Received::Data(3)
    );
    assert_eq!(server.receive(&mut buffer)?, Received::WouldBlock);
    server.shutdown(Half::Send)?;
    wait(&client, PollFlags::POLLIN);
    assert_eq!(client.receive(&mut buffer)?, Received::EndOfStream);

    let client = TcpStream::try_from(OwnedFd::from(client))?;
    let client = TcpStream::try_from(std::net::TcpStream::from(client))?;
    drop(client);
    let listener = TcpListener::try_from(OwnedFd::from(listener))?;
    let _ = TcpListener::try_from(std::net::TcpListener::from(listener))?;
    Ok(())
}

fn udp(local: SocketAddr, any: SocketAddr) -> Result<()> {
    let options = BindOptions::new()
        .reuse_address(true)
        .share_port(true)
        .only_v6(true);
    let receiver = UdpSocket::bind_with(any, &options)?;
    let sender = UdpSocket::bind(local)?;
    let to = SocketAddr::new(local.ip(), receiver.local_addr()?.port());
    let mut buffer = [0; 8];

    assert_eq!(sender.send_to(b"12345", to)?, Sent::All(5));
    wait(&receiver, PollFlags::POLLIN);
    assert!(matches!(
        receiver.receive_from(&mut buffer)?,
        DatagramFrom::Data { length: 5, .. }
    ));
    assert_eq!(
        receiver.receive_from(&mut buffer)?,
        DatagramFrom::WouldBlock
    );

    receiver.set_tell_arrival(true)?;
    assert_eq!(sender.send_to(b"too long for it", to)?, Sent::All(15));
    wait(&receiver, PollFlags::POLLIN);
    let DatagramAt::Data {
        to: Some(arrived),
        interface: Some(_),
        truncated: true,
        ..
    } = receiver.receive_at(&mut buffer)?
    else {
        return Err(Error::INVALID_INPUT);
    };
    assert_eq!(arrived, local.ip());
    assert_eq!(receiver.receive_at(&mut buffer)?, DatagramAt::WouldBlock);

    sender.connect(to)?;
    assert_eq!(sender.send(b"x")?, Sent::All(1));
    wait(&receiver, PollFlags::POLLIN);
    assert!(matches!(
        receiver.peek(&mut buffer)?,
        Datagram::Data { length: 1, .. }
    ));
    assert!(matches!(
        receiver.receive(&mut buffer)?,
        Datagram::Data { length: 1, .. }
    ));

    sender.set_broadcast(true)?;
    sender.set_ttl(9)?;
    sender.set_multicast_ttl(2)?;
    sender.set_multicast_loop(true)?;
    sender.set_receive_buffer_size(16_384)?;
    let _ = (
        sender.broadcast()?,
        sender.ttl()?,
        sender.multicast_ttl()?,
        sender.multicast_loop()?,
    );
    let _ = (sender.peer_addr()?, sender.take_error()?);
    if local.is_ipv6() {
        let interface = interface_index("lo").or_else(|_| interface_index("lo0"))?;
        sender.set_multicast_interface_v6(interface)?;
        receiver.join_multicast_v6(GROUP_V6, interface)?;
        receiver.leave_multicast_v6(GROUP_V6, interface)?;
    } else {
        sender.set_multicast_interface_v4(Ipv4Addr::LOCALHOST)?;
        receiver.join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)?;
        receiver.leave_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)?;
    }
    let sender = UdpSocket::try_from(OwnedFd::from(sender))?;
    let _ = UdpSocket::try_from(std::net::UdpSocket::from(sender))?;
    Ok(())
}

fn unix(stream_name: &str, datagram_name: &str) -> Result<()> {
    let address = UnixAddress::from_path(stream_name)?;
    let listener = UnixListener::bind(&address)?;
    let client = UnixStream::connect(&address)?;
    wait(&listener, PollFlags::POLLIN);
    let Accepted::Connection(server, _) = listener.accept()? else {
        return Err(Error::INVALID_INPUT);
    };
    let _ = (
        client.local_addr()?,
        client.peer_addr()?,
        listener.local_addr()?,
        client.connect_result()?,
    );
    assert_eq!(client.send(b"hello")?, Sent::All(5));
    wait(&server, PollFlags::POLLIN);
    assert_eq!(server.receive(&mut [0; 8])?, Received::Data(5));
    client.shutdown(Half::Both)?;
    assert_eq!(server.receive(&mut [0; 8])?, Received::EndOfStream);
    let mut spare = SpareDescriptor::for_listener(&listener)?;
    assert!(!spare.turn_away_unix(&listener)?);

    let address = UnixAddress::from_path(datagram_name)?;
    let receiver = UnixDatagram::bind(&address)?;
    let sender = UnixDatagram::unbound()?;
    assert_eq!(sender.send_to(b"one", &address)?, Sent::All(3));
    wait(&receiver, PollFlags::POLLIN);
    assert!(matches!(
        receiver.receive_from(&mut [0; 8])?,
        UnixDatagramFrom::Data { length: 3, .. }
    ));
    sender.connect(&address)?;
    assert_eq!(sender.send(b"two")?, Sent::All(3));
    wait(&receiver, PollFlags::POLLIN);
    assert_eq!(
        receiver.receive(&mut [0; 2])?,
        Datagram::Data {
            length: 2,
            truncated: true
        }
    );
    let (one, _other) = UnixDatagram::pair()?;
    let _ = (one.local_addr()?, one.take_error()?);
    assert!(UnixStream::try_from(OwnedFd::from(one)).is_err());
    Ok(())
}

/// Text of a fixed size.
struct Line([u8; 128], usize);

impl std::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.1 + text.len();
        self.0
            .get_mut(self.1..end)
            .ok_or(std::fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.1 = end;
        Ok(())
    }
}

fn errors() {
    let long = [b'x'; 2_000];
    let long = std::str::from_utf8(&long).unwrap();
    assert!(UnixAddress::from_path(long).is_err() && interface_index(long).is_err());
    assert!(interface_index("no-such-if").is_err());

    let listener = TcpListener::bind(HERE).unwrap();
    let taken = listener.local_addr().unwrap();
    let error = TcpListener::bind(taken).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressInUse);
    let mut line = Line([0; 128], 0);
    write!(line, "{error} {error:?}").unwrap();
    assert!(line.0.starts_with(b"address already in use (errno "));

    drop(listener);
    let refused = TcpStream::connect(taken).and_then(|stream| {
        wait(&stream, PollFlags::POLLOUT);
        stream.connect_result()
    });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Refused);
}
