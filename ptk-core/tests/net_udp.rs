//! UDP over loopback: datagrams, where they arrive, groups of both families.

mod sockets;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::poll::PollFlags;
use ptk_core::ErrorKind;
use ptk_core::net::{
    BindOptions, Datagram, DatagramAt, DatagramFrom, Sent, UdpSocket, interface_index,
};
use sockets::*;

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 192, 77, 1);
/// Interface-local scope: never leaves the host.
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0x70, 0x746b);

fn receive_from(socket: &UdpSocket, buffer: &mut [u8]) -> DatagramFrom {
    until(socket, PollFlags::POLLIN, || {
        match socket.receive_from(buffer).unwrap() {
            DatagramFrom::WouldBlock => None,
            answer => Some(answer),
        }
    })
}

fn receive_at(socket: &UdpSocket, buffer: &mut [u8]) -> DatagramAt {
    until(socket, PollFlags::POLLIN, || {
        match socket.receive_at(buffer).unwrap() {
            DatagramAt::WouldBlock => None,
            answer => Some(answer),
        }
    })
}

/// The loopback interface, by its usual names.
fn loopback() -> u32 {
    ["lo0", "lo"]
        .into_iter()
        .find_map(|name| interface_index(name).ok())
        .expect("a loopback interface")
}

#[test]
fn datagrams_keep_their_boundaries_and_their_senders() {
    for local in [HERE, HERE_V6] {
        if local.is_ipv6() && !has_ipv6() {
            continue;
        }
        let (one, other) = (
            UdpSocket::bind(local).unwrap(),
            UdpSocket::bind(local).unwrap(),
        );
        let (from, to) = (one.local_addr().unwrap(), other.local_addr().unwrap());
        let mut buffer = [0; 8];
        assert_eq!(
            other.receive_from(&mut buffer),
            Ok(DatagramFrom::WouldBlock)
        );

        assert_eq!(one.send_to(b"a", to), Ok(Sent::All(1)));
        assert_eq!(one.send_to(b"", to), Ok(Sent::All(0)));
        assert_eq!(one.send_to(b"longer than eight", to), Ok(Sent::All(17)));
        let expected = [(1, false), (0, false), (8, true)];
        for (length, truncated) in expected {
            let answer = DatagramFrom::Data {
                length,
                from,
                truncated,
            };
            assert_eq!(receive_from(&other, &mut buffer), answer);
        }
        assert_eq!(&buffer, b"longer t");
        assert_eq!(
            other.receive_from(&mut buffer),
            Ok(DatagramFrom::WouldBlock)
        );
    }
}

#[test]
fn a_connected_socket_hears_its_peer_only() {
    let (one, peer, stranger) = (
        UdpSocket::bind(HERE).unwrap(),
        UdpSocket::bind(HERE).unwrap(),
        UdpSocket::bind(HERE).unwrap(),
    );
    let local = one.local_addr().unwrap();
    one.connect(peer.local_addr().unwrap()).unwrap();
    assert_eq!(one.peer_addr(), peer.local_addr());

    assert_eq!(stranger.send_to(b"hello?", local), Ok(Sent::All(6)));
    assert_eq!(peer.send_to(b"it's me", local), Ok(Sent::All(7)));
    readable(&one);
    let mut buffer = [0; 16];
    let answer = Datagram::Data {
        length: 7,
        truncated: false,
    };
    assert_eq!(one.peek(&mut buffer), Ok(answer));
    assert_eq!(one.receive(&mut buffer), Ok(answer));
    assert_eq!(one.receive(&mut buffer), Ok(Datagram::WouldBlock));
    assert_eq!(one.send(b"answer"), Ok(Sent::All(6)));
    readable(&peer);
    assert_eq!(
        peer.receive(&mut buffer[..3]),
        Ok(Datagram::Data {
            length: 3,
            truncated: true
        })
    );
}

#[test]
fn where_a_datagram_arrived() {
    for (any, here) in [("0.0.0.0:0", HERE.ip()), ("[::]:0", HERE_V6.ip())] {
        if here.is_ipv6() && !has_ipv6() {
            continue;
        }
        let socket = UdpSocket::bind(any.parse().unwrap()).unwrap();
        let here = SocketAddr::new(here, socket.local_addr().unwrap().port());
        let mut buffer = [0; 16];

        // Not asked for: not told.
        assert_eq!(socket.send_to(b"1", here), Ok(Sent::All(1)));
        let DatagramAt::Data { to, interface, .. } = receive_at(&socket, &mut buffer) else {
            unreachable!()
        };
        assert_eq!((to, interface), (None, None));

        socket.set_tell_arrival(true).unwrap();
        assert_eq!(
            socket.send_to(b"twenty-three characters", here),
            Ok(Sent::All(23))
        );
        let DatagramAt::Data {
            length,
            from,
            to,
            interface,
            truncated,
        } = receive_at(&socket, &mut buffer)
        else {
            unreachable!()
        };
        assert_eq!((length, truncated, from.port()), (16, true, here.port()));
        assert_eq!(to, Some(here.ip()));
        assert_eq!(interface, Some(loopback()));
        assert_eq!(socket.receive_at(&mut buffer), Ok(DatagramAt::WouldBlock));
    }
}

#[test]
fn a_group_over_ipv4() {
    let options = BindOptions::new().reuse_address(true).share_port(true);
    let first = UdpSocket::bind_with("0.0.0.0:0".parse().unwrap(), &options).unwrap();
    let port = first.local_addr().unwrap().port();
    let second = UdpSocket::bind_with(
        SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port),
        &options,
    )
    .unwrap();
    let sender = UdpSocket::bind(HERE).unwrap();
    sender
        .set_multicast_interface_v4(Ipv4Addr::LOCALHOST)
        .unwrap();
    assert_eq!(sender.multicast_ttl(), Ok(1));
    sender.set_multicast_ttl(0).unwrap();
    assert_eq!(
        (sender.multicast_ttl(), sender.multicast_loop()),
        (Ok(0), Ok(true))
    );

    for receiver in [&first, &second] {
        receiver
            .join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)
            .unwrap();
        receiver.set_tell_arrival(true).unwrap();
    }
    let again = first
        .join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)
        .unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AddressInUse);

    let group = SocketAddr::new(GROUP.into(), port);
    assert_eq!(sender.send_to(b"all of you", group), Ok(Sent::All(10)));
    for receiver in [&first, &second] {
        let DatagramAt::Data {
            length, to, from, ..
        } = receive_at(receiver, &mut [0; 32])
        else {
            unreachable!()
        };
        assert_eq!((length, to), (10, Some(IpAddr::V4(GROUP))));
        assert_eq!(from, sender.local_addr().unwrap());
    }

    // Left by one, still received by the other; then looped back to nobody.
    first
        .leave_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)
        .unwrap();
    let gone = first
        .leave_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)
        .unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::AddressNotAvailable);
    assert_eq!(sender.send_to(b"who is left", group), Ok(Sent::All(11)));
    assert!(matches!(
        receive_at(&second, &mut [0; 32]),
        DatagramAt::Data { length: 11, .. }
    ));
}

#[test]
fn a_group_hears_nothing_without_the_loop() {
    let receiver = UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    receiver
        .join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)
        .unwrap();
    let port = receiver.local_addr().unwrap().port();
    let sender = UdpSocket::bind(HERE).unwrap();
    sender
        .set_multicast_interface_v4(Ipv4Addr::LOCALHOST)
        .unwrap();
    sender.set_multicast_loop(true).unwrap();
    assert_eq!(sender.multicast_loop(), Ok(true));
    sender.set_multicast_loop(false).unwrap();
    assert_eq!(sender.multicast_loop(), Ok(false));
    assert_eq!(
        sender.send_to(b"hidden", SocketAddr::new(GROUP.into(), port)),
        Ok(Sent::All(6))
    );
    // On a loopback interface some systems deliver what is sent "to the network" as well. What must hold everywhere: the unicast
    // datagram behind it arrives.
    assert_eq!(
        sender.send_to(b"open", SocketAddr::new(HERE.ip(), port)),
        Ok(Sent::All(4))
    );
    let mut buffer = [0; 16];
    loop {
        match receive_from(&receiver, &mut buffer) {
            DatagramFrom::Data { length: 4, .. } => break,
            DatagramFrom::Data { length: 6, .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_group_over_ipv6() {
    if !has_ipv6() {
        return;
    }
    // Linux gives its loopback interface no route for groups. Then any other interface: scope ff01 and a hop limit of 0 keep the
    // datagrams on this host all the same.
    let loopback = loopback();
    let others = (1..=16).filter(|index| *index != loopback);
    let delivered = [loopback].into_iter().chain(others).any(group_over_ipv6);
    if !delivered {
        eprintln!("no interface here has a route for IPv6 groups, this part is left out");
    }
}

/// `false` when the interface does not exist or has no route for groups.
fn group_over_ipv6(interface: u32) -> bool {
    let any: SocketAddr = "[::]:0".parse().unwrap();
    let (receiver, sender) = (UdpSocket::bind(any).unwrap(), UdpSocket::bind(any).unwrap());
    let port = receiver.local_addr().unwrap().port();
    if sender.set_multicast_interface_v6(interface).is_err() {
        return false;
    }
    assert_eq!(
        (sender.multicast_ttl(), sender.multicast_loop()),
        (Ok(1), Ok(true))
    );
    sender.set_multicast_ttl(0).unwrap();
    sender.set_multicast_loop(false).unwrap();
    assert_eq!(
        (sender.multicast_ttl(), sender.multicast_loop()),
        (Ok(0), Ok(false))
    );
    sender.set_multicast_loop(true).unwrap();

    if receiver.join_multicast_v6(GROUP_V6, interface).is_err() {
        return false;
    }
    let again = receiver.join_multicast_v6(GROUP_V6, interface).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AddressInUse);
    receiver.set_tell_arrival(true).unwrap();

    let sent = sender.send_to(b"all of you", SocketAddr::new(GROUP_V6.into(), port));
    if sent == Ok(Sent::All(10)) {
        let DatagramAt::Data { length, to, .. } = receive_at(&receiver, &mut [0; 32]) else {
            unreachable!()
        };
        assert_eq!((length, to), (10, Some(IpAddr::V6(GROUP_V6))));
    }
    receiver.leave_multicast_v6(GROUP_V6, interface).unwrap();
    let gone = receiver
        .leave_multicast_v6(GROUP_V6, interface)
        .unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::AddressNotAvailable);
    sent.is_ok()
}

#[test]
fn what_is_no_group_is_refused() {
    let socket = UdpSocket::bind(HERE).unwrap();
    let error = socket
        .join_multicast_v4(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = socket
        .join_multicast_v6(Ipv6Addr::LOCALHOST, 0)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(interface_index("").is_err() && interface_index(&"x".repeat(2_000)).is_err());
    assert!(interface_index("no-such-if").is_err() && interface_index("a\0b").is_err());
}

#[test]
fn options_are_kept() {
    let socket = UdpSocket::bind(HERE).unwrap();
    socket.set_ttl(5).unwrap();
    assert_eq!(socket.ttl(), Ok(5));
    socket.set_receive_buffer_size(65_536).unwrap();
    assert_eq!(socket.take_error(), Ok(None));
    let socket = std::net::UdpSocket::from(socket);
    assert_eq!(socket.ttl().unwrap(), 5);
    let socket = UdpSocket::try_from(socket).unwrap();
    assert_eq!(socket.ttl(), Ok(5));
    if has_ipv6() {
        let socket = UdpSocket::bind(HERE_V6).unwrap();
        socket.set_ttl(6).unwrap();
        assert_eq!(socket.ttl(), Ok(6));
    }
}

#[test]
fn more_than_the_buffer_is_dropped_and_the_rest_arrives_whole() {
    let (one, other) = (
        UdpSocket::bind(HERE).unwrap(),
        UdpSocket::bind(HERE).unwrap(),
    );
    other.set_receive_buffer_size(16_384).unwrap();
    let to = other.local_addr().unwrap();
    let mut sent = 0;
    for number in 0..2_000_u32 {
        let mut bytes = [0; 512];
        bytes[..4].copy_from_slice(&number.to_ne_bytes());
        match one.send_to(&bytes, to) {
            Ok(Sent::All(_)) => sent += 1,
            Ok(Sent::WouldBlock) => {}
            // macOS and the BSDs when a queue on the way is full.
            Err(error) => assert_eq!(error.kind(), ErrorKind::OutOfMemory),
            other => panic!("{other:?}"),
        }
    }
    let mut buffer = [0; 1024];
    let (mut received, mut last) = (0, None);
    readable(&other);
    while let Datagram::Data { length, truncated } = other.receive(&mut buffer).unwrap() {
        assert_eq!((length, truncated), (512, false));
        let number = u32::from_ne_bytes(*buffer.first_chunk().unwrap());
        assert!(last < Some(number), "in order");
        last = Some(number);
        received += 1;
    }
    assert!(received >= 1 && received <= sent);
}
