//! Every kind of error that a network can bring about, over real sockets, by its kind; and no signal.

mod sockets;

use std::net::SocketAddr;
use std::time::Duration;

use ptk_core::ErrorKind;
use ptk_core::net::{
    Datagram, Half, ListenOptions, Received, Sent, TcpListener, TcpStream, UdpSocket, UnixAddress,
    UnixListener, UnixStream,
};
use sockets::*;

/// An address that nobody listens on: the port of a listener that is gone.
fn nobody() -> SocketAddr {
    TcpListener::bind(HERE).unwrap().local_addr().unwrap()
}

#[test]
fn refused() {
    // FreeBSD tells at once over loopback, others when the descriptor becomes writable.
    let error = match TcpStream::connect(nobody()) {
        Err(error) => error,
        Ok(stream) => connected(&stream).unwrap_err(),
    };
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_ne!(error.errno(), 0);
}

#[test]
fn reset_by_a_peer_that_lingers_for_no_time() {
    let (client, server) = tcp_pair();
    server.set_linger(Some(Duration::ZERO)).unwrap();
    drop(server);
    assert_eq!(error_of_receive(&client).kind(), ErrorKind::Reset);
}

#[test]
fn sending_to_a_peer_that_is_gone_is_an_error_and_no_signal() {
    let (client, server) = tcp_pair();
    server.set_linger(Some(Duration::ZERO)).unwrap();
    drop(server);
    readable(&client);
    // The first send may still find the reset (ECONNRESET); the next one finds no connection (EPIPE). Neither kills the process.
    let error = (0..2)
        .map(|_| client.send(b"anybody?"))
        .find_map(Result::err)
        .expect("a connection that was reset takes nothing");
    assert!(
        matches!(error.kind(), ErrorKind::Reset | ErrorKind::BrokenPipe),
        "{error}"
    );
    for _ in 0..3 {
        let error = client.send(b"anybody?").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
    }
}

#[test]
fn broken_pipe_after_the_own_shutdown() {
    let (client, _server) = tcp_pair();
    client.shutdown(Half::Send).unwrap();
    assert_eq!(client.send(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    let slices = [std::io::IoSlice::new(b"x")];
    assert_eq!(
        client.send_vectored(&slices).unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
}

#[test]
fn not_connected() {
    let socket = UdpSocket::bind(HERE).unwrap();
    assert_eq!(
        socket.send(b"to whom?").unwrap_err().kind(),
        ErrorKind::NotConnected
    );
    assert_eq!(
        socket.peer_addr().unwrap_err().kind(),
        ErrorKind::NotConnected
    );

    let listener = std::net::TcpListener::bind(HERE).unwrap();
    let listening = TcpStream::try_from(std::os::fd::OwnedFd::from(listener)).unwrap();
    assert_eq!(
        listening.receive(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::NotConnected
    );
}

#[test]
fn address_in_use() {
    let listener = TcpListener::bind(HERE).unwrap();
    let taken = listener.local_addr().unwrap();
    assert_eq!(
        TcpListener::bind(taken).unwrap_err().kind(),
        ErrorKind::AddressInUse
    );
    let options = ListenOptions::new().reuse_address(false);
    assert_eq!(
        TcpListener::bind_with(taken, &options).unwrap_err().kind(),
        ErrorKind::AddressInUse
    );

    let socket = UdpSocket::bind(HERE).unwrap();
    let taken = socket.local_addr().unwrap();
    assert_eq!(
        UdpSocket::bind(taken).unwrap_err().kind(),
        ErrorKind::AddressInUse
    );
}

#[test]
fn address_not_available() {
    // 192.0.2.0/24 is for documentation (RFC 5737): no host has it.
    let elsewhere: SocketAddr = "192.0.2.1:0".parse().unwrap();
    assert_eq!(
        TcpListener::bind(elsewhere).unwrap_err().kind(),
        ErrorKind::AddressNotAvailable
    );
    assert_eq!(
        UdpSocket::bind(elsewhere).unwrap_err().kind(),
        ErrorKind::AddressNotAvailable
    );
}

#[test]
fn message_too_large() {
    let socket = UdpSocket::bind(HERE).unwrap();
    let to = socket.local_addr().unwrap();
    let error = socket.send_to(&vec![0; 70_000], to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MessageTooLarge);
    // And the socket goes on.
    assert_eq!(socket.send_to(b"short", to), Ok(Sent::All(5)));
    readable(&socket);
    let answer = Datagram::Data {
        length: 5,
        truncated: false,
    };
    assert_eq!(socket.receive(&mut [0; 16]), Ok(answer));
}

#[test]
fn an_icmp_refusal_is_told_once_and_the_socket_goes_on() {
    let nobody = UdpSocket::bind(HERE).unwrap().local_addr().unwrap();
    let socket = UdpSocket::bind(HERE).unwrap();
    socket.connect(nobody).unwrap();
    assert_eq!(socket.send(b"anybody?"), Ok(Sent::All(8)));
    readable(&socket);
    let error = socket.receive(&mut [0; 16]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(socket.receive(&mut [0; 16]), Ok(Datagram::WouldBlock));

    // Somebody comes to live there, and datagrams flow both ways on the same socket.
    let somebody = UdpSocket::bind(nobody).unwrap();
    assert_eq!(socket.send(b"now?"), Ok(Sent::All(4)));
    readable(&somebody);
    assert_eq!(
        somebody.receive(&mut [0; 16]),
        Ok(Datagram::Data {
            length: 4,
            truncated: false
        })
    );
    assert_eq!(
        somebody.send_to(b"yes", socket.local_addr().unwrap()),
        Ok(Sent::All(3))
    );
    readable(&socket);
    assert_eq!(
        socket.receive(&mut [0; 16]),
        Ok(Datagram::Data {
            length: 3,
            truncated: false
        })
    );
}

#[test]
fn an_icmp_refusal_does_not_stop_an_unconnected_socket() {
    let nobody = UdpSocket::bind(HERE).unwrap().local_addr().unwrap();
    let (socket, other) = (
        UdpSocket::bind(HERE).unwrap(),
        UdpSocket::bind(HERE).unwrap(),
    );
    for _ in 0..3 {
        assert_eq!(socket.send_to(b"anybody?", nobody), Ok(Sent::All(8)));
    }
    assert_eq!(
        other.send_to(b"me", socket.local_addr().unwrap()),
        Ok(Sent::All(2))
    );
    readable(&socket);
    assert_eq!(
        socket.receive(&mut [0; 16]),
        Ok(Datagram::Data {
            length: 2,
            truncated: false
        })
    );
}

#[test]
fn broadcast_needs_permission() {
    let socket = UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    assert!(!socket.broadcast().unwrap());
    let everybody: SocketAddr = "127.255.255.255:9".parse().unwrap();
    // Linux says so; the BSDs do not take 127.255.255.255 for a broadcast address and find no route or send it.
    if let Err(error) = socket.send_to(b"?", everybody) {
        assert!(matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::Unreachable | ErrorKind::AddressNotAvailable
        ));
    }
    socket.set_broadcast(true).unwrap();
    assert!(socket.broadcast().unwrap());
}

#[test]
fn unix_not_found_refused_in_use() {
    let path = std::env::temp_dir().join(format!("ptk-errors-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let address = UnixAddress::from_path(&path).unwrap();
    assert_eq!(
        UnixStream::connect(&address).unwrap_err().kind(),
        ErrorKind::NotFound
    );

    let listener = UnixListener::bind(&address).unwrap();
    assert_eq!(
        UnixListener::bind(&address).unwrap_err().kind(),
        ErrorKind::AddressInUse
    );
    drop(listener);
    assert_eq!(
        UnixStream::connect(&address).unwrap_err().kind(),
        ErrorKind::Refused
    );
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn unix_broken_pipe_and_no_signal() {
    let (one, other) = UnixStream::pair().unwrap();
    drop(other);
    for _ in 0..2 {
        let kind = one.send(b"x").unwrap_err().kind();
        assert!(
            matches!(kind, ErrorKind::BrokenPipe | ErrorKind::Reset),
            "{kind:?}"
        );
    }
    assert_eq!(one.receive(&mut [0; 4]), Ok(Received::EndOfStream));
}

#[test]
fn three_thousand_connections_leak_nothing() {
    let listener = TcpListener::bind(HERE).unwrap();
    let address = listener.local_addr().unwrap();
    // Far more than the process may have descriptors at once.
    for _ in 0..3_000 {
        let client = TcpStream::connect(address).unwrap();
        let (server, _) = accept(&listener);
        // Without TIME_WAIT, so that ports last.
        server.set_linger(Some(Duration::ZERO)).unwrap();
        drop((server, client));
    }
}
