//! Unix sockets: streams, datagrams, names.

mod sockets;

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use ptk_core::ErrorKind;
use ptk_core::net::{
    Accepted, Connection, Datagram, Half, Received, Sent, UdpSocket, UnixAddress, UnixDatagram,
    UnixDatagramFrom, UnixListener, UnixStream,
};
use sockets::*;

/// A path of its own for each test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> (Scratch, UnixAddress) {
        let path = std::env::temp_dir().join(format!("ptk-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let address = UnixAddress::from_path(&path).unwrap();
        (Scratch(path), address)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_conversation_over_a_path() {
    let (_scratch, address) = Scratch::new("stream");
    let listener = UnixListener::bind(&address).unwrap();
    assert_eq!(listener.local_addr().unwrap(), address);
    assert!(matches!(listener.accept(), Ok(Accepted::WouldBlock)));

    let client = UnixStream::connect(&address).unwrap();
    readable(&listener);
    let Ok(Accepted::Connection(server, peer)) = listener.accept() else {
        panic!()
    };
    assert!(peer.is_unnamed() || peer.path_bytes().is_none());
    assert_eq!(client.connect_result(), Ok(Connection::Established));
    assert_eq!(client.peer_addr().unwrap(), address);
    assert_eq!(server.local_addr().unwrap(), address);

    let mut buffer = [0; 16];
    assert_eq!(server.receive(&mut buffer), Ok(Received::WouldBlock));
    assert_eq!(
        client.send_vectored(&[IoSlice::new(b"he"), IoSlice::new(b"llo")]),
        Ok(Sent::All(5))
    );
    readable(&server);
    assert_eq!(server.peek(&mut buffer), Ok(Received::Data(5)));
    let mut slices = [IoSliceMut::new(&mut buffer)];
    assert_eq!(server.receive_vectored(&mut slices), Ok(Received::Data(5)));
    client.shutdown(Half::Send).unwrap();
    readable(&server);
    assert_eq!(server.receive(&mut buffer), Ok(Received::EndOfStream));
    assert_eq!(server.send(b"bye"), Ok(Sent::All(3)));
    assert_eq!(client.take_error(), Ok(None));
}

#[test]
fn a_partial_send_is_visible() {
    let (one, other) = UnixStream::pair().unwrap();
    one.set_send_buffer_size(8_192).unwrap();
    let bytes = vec![7; 4_000_000];
    let mut sent = one.send(&bytes).unwrap().bytes();
    assert!(sent > 0 && sent < bytes.len());
    assert_eq!(one.send(&bytes[sent..]), Ok(Sent::WouldBlock));

    let mut received = 0;
    let mut buffer = vec![0; 65_536];
    while received < bytes.len() {
        readable(&other);
        let Ok(Received::Data(length)) = other.receive(&mut buffer) else {
            panic!()
        };
        received += length;
        if sent < bytes.len() {
            sent += one.send(&bytes[sent..]).unwrap().bytes();
        }
    }
    assert_eq!((received, sent), (bytes.len(), bytes.len()));
}

#[test]
fn datagrams_keep_boundaries_senders_and_order() {
    let (_first, here) = Scratch::new("dgram-a");
    let (_second, there) = Scratch::new("dgram-b");
    let one = UnixDatagram::bind(&here).unwrap();
    let other = UnixDatagram::bind(&there).unwrap();
    assert_eq!(one.local_addr().unwrap(), here);
    let mut buffer = [0; 4];
    assert_eq!(
        other.receive_from(&mut buffer),
        Ok(UnixDatagramFrom::WouldBlock)
    );

    assert_eq!(one.send_to(b"abc", &there), Ok(Sent::All(3)));
    readable(&other);
    let answer = UnixDatagramFrom::Data {
        length: 3,
        from: here.clone(),
    };
    assert_eq!(other.receive_from(&mut buffer), Ok(answer));

    other.connect(&here).unwrap();
    assert_eq!(other.send(b"abcdef"), Ok(Sent::All(6)));
    readable(&one);
    assert_eq!(
        one.receive(&mut buffer),
        Ok(Datagram::Data {
            length: 4,
            truncated: true
        })
    );

    let nameless = UnixDatagram::unbound().unwrap();
    assert_eq!(nameless.send_to(b"x", &here), Ok(Sent::All(1)));
    readable(&one);
    let Ok(UnixDatagramFrom::Data { length: 1, from }) = one.receive_from(&mut buffer) else {
        panic!()
    };
    assert_eq!(from.path_bytes(), None);
    assert_eq!(
        nameless.send(b"to whom?").unwrap_err().kind(),
        ErrorKind::NotConnected
    );
    assert_eq!(one.take_error(), Ok(None));
}

#[test]
fn a_full_receiver_makes_the_sender_wait_and_loses_nothing() {
    let (one, other) = UnixDatagram::pair().unwrap();
    let mut sent = 0_u32;
    while let Sent::All(_) = one.send(&sent.to_ne_bytes()).unwrap() {
        sent += 1;
        assert!(sent < 1_000_000);
    }
    assert!(sent > 0);
    let mut buffer = [0; 4];
    for number in 0..sent {
        assert_eq!(
            other.receive(&mut buffer),
            Ok(Datagram::Data {
                length: 4,
                truncated: false
            })
        );
        assert_eq!(u32::from_ne_bytes(buffer), number);
    }
    assert_eq!(other.receive(&mut buffer), Ok(Datagram::WouldBlock));
    assert_eq!(one.send(b"on we go"), Ok(Sent::All(8)));
}

#[test]
fn names_that_cannot_be_are_refused() {
    for path in ["", &"x".repeat(200), &"x".repeat(5_000), "a\0b"] {
        let error = UnixAddress::from_path(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{path:?}");
    }
    let (one, _other) = UnixStream::pair().unwrap();
    let unnamed = one.local_addr().unwrap();
    assert_eq!(unnamed.to_string(), "(unnamed)");
    assert_eq!(
        UnixListener::bind(&unnamed).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert_eq!(
        UnixAddress::from_path("/tmp/x").unwrap().to_string(),
        "/tmp/x"
    );
}

#[test]
fn to_and_from_the_standard_types() {
    let (_scratch, address) = Scratch::new("std");
    let listener = std::os::unix::net::UnixListener::from(UnixListener::bind(&address).unwrap());
    let listener = UnixListener::try_from(listener).unwrap();
    let client =
        UnixStream::try_from(std::os::unix::net::UnixStream::connect(&_scratch.0).unwrap())
            .unwrap();
    assert_eq!(client.receive(&mut [0; 1]), Ok(Received::WouldBlock));
    readable(&listener);
    assert!(listener.accept().unwrap().connection().is_some());
    let _std = std::os::unix::net::UnixStream::from(client);

    let (one, _other) = std::os::unix::net::UnixDatagram::pair().unwrap();
    let one = UnixDatagram::try_from(one).unwrap();
    assert_eq!(one.receive(&mut [0; 1]), Ok(Datagram::WouldBlock));
    assert!(UnixStream::try_from(OwnedFd::from(one)).is_err());
    assert!(UnixStream::try_from(OwnedFd::from(UdpSocket::bind(HERE).unwrap())).is_err());
}
