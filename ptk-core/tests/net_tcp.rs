//! TCP over loopback: from connect to both ends of a conversation.

mod sockets;

use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use ptk_core::ErrorKind;
use ptk_core::net::{
    Accepted, Half, KeepAlive, ListenOptions, Received, Sent, TcpListener, TcpStream, UdpSocket,
};
use sockets::*;

fn assert_nonblocking_and_close_on_exec(fd: &impl AsFd) {
    let flags = OFlag::from_bits_retain(fcntl(fd.as_fd(), FcntlArg::F_GETFL).unwrap());
    assert!(flags.contains(OFlag::O_NONBLOCK));
    let flags = FdFlag::from_bits_retain(fcntl(fd.as_fd(), FcntlArg::F_GETFD).unwrap());
    assert!(flags.contains(FdFlag::FD_CLOEXEC));
}

#[test]
fn a_conversation() {
    let (client, server) = tcp_pair();
    let mut buffer = [0; 16];
    assert_eq!(client.receive(&mut buffer), Ok(Received::WouldBlock));
    assert_eq!(client.send(b"question"), Ok(Sent::All(8)));

    readable(&server);
    assert_eq!(server.peek(&mut buffer), Ok(Received::Data(8)));
    receive_exactly(&server, &mut buffer[..8]);
    assert_eq!(&buffer[..8], b"question");
    assert_eq!(server.receive(&mut buffer), Ok(Received::WouldBlock));
}

#[test]
fn the_three_answers_are_three() {
    let (client, server) = tcp_pair();
    let mut buffer = [0; 4];
    assert_eq!(server.receive(&mut buffer), Ok(Received::WouldBlock));
    assert_eq!(server.receive(&mut []), Ok(Received::Data(0)));
    assert_eq!(
        server.receive_vectored(&mut [IoSliceMut::new(&mut [])]),
        Ok(Received::Data(0))
    );
    assert_eq!(client.send(b""), Ok(Sent::All(0)));

    drop(client);
    assert_eq!(receive(&server, &mut buffer), Ok(Received::EndOfStream));
    assert_eq!(server.receive(&mut []), Ok(Received::Data(0)));
}

#[test]
fn half_close_leaves_the_other_half() {
    let (client, server) = tcp_pair();
    let mut buffer = [0; 16];
    assert_eq!(client.send(b"last words"), Ok(Sent::All(10)));
    client.shutdown(Half::Send).unwrap();

    receive_exactly(&server, &mut buffer[..10]);
    assert_eq!(receive(&server, &mut buffer), Ok(Received::EndOfStream));
    assert_eq!(server.send(b"heard"), Ok(Sent::All(5)));
    receive_exactly(&client, &mut buffer[..5]);
    assert_eq!(&buffer[..5], b"heard");
    assert_eq!(client.send(b"!").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_partial_send_is_visible_and_nothing_is_lost() {
    let (client, server) = tcp_pair();
    client.set_send_buffer_size(8 * 1024).unwrap();
    let bytes: Vec<u8> = (0..1_500_000_u32)
        .map(|index| (index % 251) as u8)
        .collect();

    let Sent::Partial(mut sent) = client.send(&bytes).unwrap() else {
        panic!("1.5 MB in one go")
    };
    let mut received = Vec::new();
    let mut buffer = vec![0; 65_536];
    while received.len() < bytes.len() {
        // What the peer has read frees the sender's buffer only with its acknowledgement: wait for either end.
        either(&server, (sent < bytes.len()).then_some(&client));
        if sent < bytes.len() {
            sent += client.send(&bytes[sent..]).unwrap().bytes();
        }
        match server.receive(&mut buffer).unwrap() {
            Received::Data(length) => received.extend_from_slice(&buffer[..length]),
            Received::WouldBlock => {}
            Received::EndOfStream => panic!("the end after {} bytes", received.len()),
        }
    }
    assert!(received == bytes);
}

#[test]
fn vectored_sends_and_receives_keep_the_order() {
    let (client, server) = tcp_pair();
    let slices = [
        IoSlice::new(b"one "),
        IoSlice::new(b""),
        IoSlice::new(b"two"),
    ];
    assert_eq!(client.send_vectored(&slices), Ok(Sent::All(7)));
    assert_eq!(client.send_vectored(&[]), Ok(Sent::All(0)));

    readable(&server);
    let (mut head, mut tail) = ([0; 3], [0; 8]);
    let mut buffers = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
    assert_eq!(server.receive_vectored(&mut buffers), Ok(Received::Data(7)));
    assert_eq!((&head, &tail[..4]), (b"one", &b" two"[..]));

    let mut buffers = [IoSliceMut::new(&mut head)];
    assert_eq!(
        server.receive_vectored(&mut buffers),
        Ok(Received::WouldBlock)
    );
    drop(client);
    readable(&server);
    assert_eq!(
        server.receive_vectored(&mut buffers),
        Ok(Received::EndOfStream)
    );
}

#[test]
fn descriptors_are_nonblocking_and_close_on_exec() {
    let listener = TcpListener::bind(HERE).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = accept(&listener);
    assert_nonblocking_and_close_on_exec(&listener);
    assert_nonblocking_and_close_on_exec(&client);
    assert_nonblocking_and_close_on_exec(&server);
    assert_nonblocking_and_close_on_exec(&UdpSocket::bind(HERE).unwrap());
}

#[test]
fn addresses_of_both_ends() {
    for local in [HERE, HERE_V6] {
        if local.is_ipv6() && !has_ipv6() {
            continue;
        }
        let listener = TcpListener::bind(local).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, peer) = accept(&listener);
        connected(&client).unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        assert_eq!(server.peer_addr().unwrap(), peer);
        assert_eq!(server.local_addr().unwrap(), listener.local_addr().unwrap());
        assert_eq!(client.peer_addr().unwrap(), listener.local_addr().unwrap());
    }
}

#[test]
fn a_client_may_choose_its_address() {
    let listener = TcpListener::bind(HERE).unwrap();
    let client = TcpStream::connect_from(HERE, listener.local_addr().unwrap()).unwrap();
    let (_server, peer) = accept(&listener);
    connected(&client).unwrap();
    assert_eq!(peer.ip(), HERE.ip());
    assert_eq!(peer, client.local_addr().unwrap());
}

#[test]
fn options_are_kept() {
    let (client, server) = tcp_pair();
    client.set_nodelay(true).unwrap();
    assert!(client.nodelay().unwrap() && !server.nodelay().unwrap());

    client.set_ttl(42).unwrap();
    assert_eq!(client.ttl(), Ok(42));
    assert_eq!(
        client.set_ttl(0).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert_eq!(
        client.set_ttl(256).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );

    assert_eq!(client.linger(), Ok(None));
    client
        .set_linger(Some(Duration::from_millis(2_500)))
        .unwrap();
    assert_eq!(client.linger(), Ok(Some(Duration::from_secs(3))));
    client.set_linger(None).unwrap();
    assert_eq!(client.linger(), Ok(None));

    client.set_receive_buffer_size(16_384).unwrap();
    client.set_send_buffer_size(16_384).unwrap();
    let (receive, send) = client.buffer_sizes().unwrap();
    assert!(receive >= 16_384 && send >= 16_384);
    assert_eq!(client.take_error(), Ok(None));

    if has_ipv6() {
        let (client, _server) = tcp_pair_at(HERE_V6);
        client.set_ttl(7).unwrap();
        assert_eq!(client.ttl(), Ok(7));
    }
}

#[test]
fn keep_alive_times_or_an_honest_no() {
    let (client, _server) = tcp_pair();
    assert!(!client.keep_alive().unwrap());
    let times = KeepAlive::new(Duration::from_millis(9_500), Duration::from_secs(2), 3).unwrap();
    assert_eq!(
        (times.idle_seconds(), times.silence()),
        (10, Duration::from_secs(16))
    );
    match client.set_keep_alive(Some(&times)) {
        Ok(()) => assert!(client.keep_alive().unwrap()),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
    }
    client.set_keep_alive_of_system(true).unwrap();
    assert!(client.keep_alive().unwrap());
    client.set_keep_alive(None).unwrap();
    assert!(!client.keep_alive().unwrap());

    for (idle, interval, count) in [(0, 1, 1), (1, 0, 1), (1, 1, 0), (40_000, 1, 1), (1, 1, 128)] {
        let (idle, interval) = (Duration::from_secs(idle), Duration::from_secs(interval));
        assert!(KeepAlive::new(idle, interval, count).is_err());
    }
}

#[test]
fn a_listener_that_nobody_calls_says_so() {
    let listener = TcpListener::bind_with(HERE, &ListenOptions::new().backlog(3)).unwrap();
    assert!(matches!(listener.accept(), Ok(Accepted::WouldBlock)));
    assert_eq!(listener.take_error(), Ok(None));
    listener.set_ttl(9).unwrap();
    assert_eq!(listener.ttl(), Ok(9));
    assert!(listener.accept().unwrap().connection().is_none());
}

#[test]
fn two_listeners_share_a_port() {
    let options = ListenOptions::new().share_port(true);
    let first = TcpListener::bind_with(HERE, &options).unwrap();
    let address = first.local_addr().unwrap();
    let second = TcpListener::bind_with(address, &options).unwrap();
    let clients: Vec<TcpStream> = (0..16)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    for client in &clients {
        connected(client).unwrap();
    }
    let mut accepted = 0;
    while accepted < clients.len() {
        // Whichever of the two has them; a connection that counts as established may need a moment to reach its backlog.
        for listener in [&first, &second] {
            accepted += usize::from(listener.accept().unwrap().connection().is_some());
        }
    }
}

#[test]
fn a_listener_for_ipv6_alone_leaves_the_port_to_ipv4() {
    if !has_ipv6() {
        return;
    }
    let any: SocketAddr = "[::]:0".parse().unwrap();
    let v6 = TcpListener::bind_with(any, &ListenOptions::new().only_v6(true)).unwrap();
    let port = v6.local_addr().unwrap().port();
    let v4 = TcpListener::bind(SocketAddr::new(HERE.ip(), port)).unwrap();
    let client = TcpStream::connect(v4.local_addr().unwrap()).unwrap();
    let (_stream, _) = accept(&v4);
    connected(&client).unwrap();
    assert!(matches!(v6.accept(), Ok(Accepted::WouldBlock)));
}

#[test]
fn to_and_from_the_standard_types() {
    let listener = std::net::TcpListener::bind(HERE).unwrap();
    let listener = TcpListener::try_from(listener).unwrap();
    assert_nonblocking_and_close_on_exec(&listener);
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = accept(&listener);

    let client = TcpStream::try_from(client).unwrap();
    assert_nonblocking_and_close_on_exec(&client);
    let mut client = std::net::TcpStream::from(client);
    client.set_nonblocking(false).unwrap();
    client.write_all(b"there").unwrap();
    let mut buffer = [0; 5];
    receive_exactly(&server, &mut buffer);

    let server = TcpStream::try_from(OwnedFd::from(server)).unwrap();
    assert_eq!(server.send(b"and back"), Ok(Sent::All(8)));
    drop(server);
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert_eq!((&buffer, &text[..]), (b"there", "and back"));

    let listener = std::net::TcpListener::from(listener);
    assert!(TcpListener::try_from(OwnedFd::from(listener)).is_ok());
}

#[test]
fn what_is_no_tcp_socket_is_refused() {
    let datagram = OwnedFd::from(UdpSocket::bind(HERE).unwrap());
    assert_eq!(
        TcpStream::try_from(datagram).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let stream = OwnedFd::from(tcp_pair().0);
    assert_eq!(
        UdpSocket::try_from(stream).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    assert!(TcpStream::try_from(OwnedFd::from(one)).is_err());
}

#[test]
fn what_a_peer_sent_before_it_closed_is_received() {
    let listener = TcpListener::bind(HERE).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    connected(&client).unwrap();
    assert_eq!(client.send(b"and gone"), Ok(Sent::All(8)));
    drop(client);
    let (server, _) = accept(&listener);
    let mut buffer = [0; 8];
    receive_exactly(&server, &mut buffer);
    assert_eq!(&buffer, b"and gone");
    assert_eq!(receive(&server, &mut buffer), Ok(Received::EndOfStream));
}
