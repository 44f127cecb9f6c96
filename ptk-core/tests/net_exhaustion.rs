//! No descriptor left: `EMFILE` is an answer, the connection waits, and the spare descriptor turns it away.
//!
//! One test in a process of its own, since it takes every descriptor that there is.

mod sockets;

use std::os::fd::OwnedFd;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use ptk_core::ErrorKind;
use ptk_core::net::{
    Accepted, Received, SpareDescriptor, TcpListener, TcpStream, UdpSocket, UnixStream,
};
use sockets::*;

#[test]
fn without_descriptors_nothing_is_lost_and_nobody_waits_for_ever() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 64.min(hard), hard).unwrap();

    let listener = TcpListener::bind(HERE).unwrap();
    let mut spare = SpareDescriptor::for_listener(&listener).unwrap();
    let first = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let second = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    connected(&first).unwrap();
    connected(&second).unwrap();
    readable(&listener);

    let mut taken: Vec<OwnedFd> = Vec::new();
    while let Ok(fd) = another_descriptor(&listener) {
        taken.push(fd);
    }
    assert!(!taken.is_empty());

    // Accepting says what is missing, as often as it is asked, and the connection is not lost by it.
    for _ in 0..3 {
        let Ok(Accepted::Exhausted(error)) = listener.accept() else {
            panic!()
        };
        assert_eq!(error.kind(), ErrorKind::DescriptorsExhausted);
        assert!(error.is_transient());
    }
    let no_room = ErrorKind::DescriptorsExhausted;
    assert_eq!(
        TcpStream::connect(listener.local_addr().unwrap())
            .unwrap_err()
            .kind(),
        no_room
    );
    assert_eq!(TcpListener::bind(HERE).unwrap_err().kind(), no_room);
    assert_eq!(UdpSocket::bind(HERE).unwrap_err().kind(), no_room);
    assert_eq!(UnixStream::pair().unwrap_err().kind(), no_room);
    assert_eq!(
        SpareDescriptor::for_listener(&listener).unwrap_err().kind(),
        no_room
    );

    // The spare descriptor tells the first peer that nobody has time for it.
    assert!(spare.turn_away(&listener).unwrap());
    assert!(spare.is_held());
    match receive(&first, &mut [0; 4]) {
        Ok(Received::EndOfStream) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::Reset),
        other => panic!("{other:?}"),
    }

    // With a descriptor free again, the second peer is served.
    taken.pop();
    let (server, peer) = accept(&listener);
    assert_eq!(peer, second.local_addr().unwrap());
    drop(server);
    assert_eq!(receive(&second, &mut [0; 4]), Ok(Received::EndOfStream));
    assert!(
        !spare.turn_away(&listener).unwrap(),
        "nobody waits any more"
    );
    assert!(spare.is_held());
}

fn another_descriptor(listener: &TcpListener) -> std::io::Result<OwnedFd> {
    use std::os::fd::AsFd;
    listener.as_fd().try_clone_to_owned()
}
