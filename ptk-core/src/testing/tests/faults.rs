//! Each call that a loop makes, made to fail: told where it belongs, nothing leaks, nothing spins, the others go on.

use core::time::Duration;

use nix::errno::Errno;

use super::super::{Call, Faults, Network, Seat};
use super::{CLIENT, Client, Echo, SERVER, Seated, world};
use crate::error::{Error, ErrorKind};
use crate::event_loop::{Context, Event, EventLoop, Handler, Kind, Remote, SourceId, Watch};
use crate::net::{Datagram, Half, Sent};
use crate::testing::Host;

const WHILE: Duration = Duration::from_secs(5);

fn error(errno: Errno) -> Error {
    Error::from_errno(errno as i32)
}

/// Which host's call fails.
const ON_SERVER: usize = 0;
const ON_CLIENT: usize = 1;

/// An exchange of 100 bytes during which one call fails. Afterwards nothing is left that should not be, and nobody spins.
fn exchange_with(host: usize, call: Call, error: Error) -> (Network, Seated<Echo>, Seated<Client>) {
    let (network, mut echo, mut client) = world(3, Faults::default(), 100);
    network.world_mut().failures.push_back((host, call, error));
    network
        .run(&mut [&mut echo, &mut client], WHILE)
        .expect("no wait fails");
    assert!(
        network.world_mut().failures.is_empty(),
        "{call:?} was called"
    );
    for turns in [
        echo.event_loop.counters().turns,
        client.event_loop.counters().turns,
    ] {
        assert!(turns < 100, "{call:?} does not spin: {turns} turns");
    }
    (network, echo, client)
}

/// The server is there for the next client.
fn still_serves(network: &Network, echo: &mut Seated<Echo>) {
    let mut next: Seated<Client> = Seat {
        event_loop: EventLoop::on(network.host("10.0.0.3".parse().expect("an address"))),
        handler: Client {
            outgoing: alloc::vec![9; 50],
            ..Client::default()
        },
    };
    next.event_loop
        .context()
        .connect((SERVER, 7).into(), Watch::all())
        .expect("room");
    network
        .run(&mut [echo, &mut next], WHILE)
        .expect("no wait fails");
    assert_eq!(next.handler.returned, next.handler.outgoing);
}

#[test]
fn accept_that_finds_no_descriptor_or_an_aborted_connection_loses_nobody() {
    for errno in [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::ENOBUFS] {
        let (network, mut echo, client) = exchange_with(ON_SERVER, Call::Accept, error(errno));
        assert_eq!(echo.event_loop.counters().accept_rests, 1, "{errno}");
        assert_eq!(echo.handler.failures, [error(errno)], "told, not dropped");
        assert_eq!(client.handler.returned, client.handler.outgoing, "{errno}");
        still_serves(&network, &mut echo);
    }
    let (network, mut echo, client) =
        exchange_with(ON_SERVER, Call::Accept, error(Errno::ECONNABORTED));
    assert_eq!(echo.event_loop.counters().accepts_aborted, 1);
    assert_eq!(client.handler.returned, client.handler.outgoing);
    still_serves(&network, &mut echo);
}

/// The ninth sharp edge of the C toolkit that came before: there a registration counted as done before the kernel accepted it.
#[test]
fn edge_09_a_registration_that_the_system_refuses_is_told_and_its_socket_closed() {
    for errno in [Errno::ENOMEM, Errno::ENOSPC] {
        let (network, mut echo, client) = exchange_with(ON_CLIENT, Call::Change, error(errno));
        let told = client.handler.outcome.first();
        assert!(
            matches!(told, Some(Kind::Failed(_, told)) if *told == error(errno)),
            "{told:?}"
        );
        assert_eq!(client.event_loop.counters().sources, 0);
        still_serves(&network, &mut echo);
    }
}

#[test]
fn receive_and_send_that_fail_end_one_connection_only() {
    for call in [Call::Receive, Call::Send] {
        for errno in [Errno::ECONNRESET, Errno::ETIMEDOUT, Errno::ENOBUFS] {
            for host in [ON_SERVER, ON_CLIENT] {
                let (network, mut echo, _client) = exchange_with(host, call, error(errno));
                still_serves(&network, &mut echo);
            }
        }
    }
}

#[test]
fn a_look_at_the_end_that_fails_is_a_failure_of_the_source() {
    let (network, mut echo, _) = exchange_with(ON_SERVER, Call::AtEnd, Error::RESET);
    assert_eq!(
        echo.event_loop.counters().sources,
        1,
        "closed by its handler"
    );
    still_serves(&network, &mut echo);
}

#[test]
fn a_connection_attempt_that_failed_is_told_with_its_error() {
    for errno in [Errno::ECONNREFUSED, Errno::ENETUNREACH, Errno::ETIMEDOUT] {
        let (network, mut echo, client) = exchange_with(ON_CLIENT, Call::TakeError, error(errno));
        let told = client.handler.outcome.first();
        assert!(
            matches!(told, Some(Kind::Failed(_, told)) if *told == error(errno)),
            "{told:?}"
        );
        assert_eq!(client.event_loop.counters().sources, 0);
        assert_eq!(network.open_sockets(), 1, "the listener");
        still_serves(&network, &mut echo);
    }
}

/// A loop on a host of its own, and the network.
fn alone() -> (Network, EventLoop<8, 4, 4, Host>) {
    let network = Network::new(1);
    let _server = network.host(SERVER);
    let event_loop = EventLoop::on(network.host(CLIENT));
    (network, event_loop)
}

fn fail(network: &Network, host: usize, call: Call, error: Error) {
    network.world_mut().failures.push_back((host, call, error));
}

#[test]
fn connect_that_fails_at_once_takes_no_slot() {
    let (network, mut event_loop) = alone();
    for errno in [Errno::EMFILE, Errno::ENETUNREACH, Errno::EADDRNOTAVAIL] {
        fail(&network, 1, Call::Connect, error(errno));
        let outcome = event_loop
            .context()
            .connect((SERVER, 7).into(), Watch::all());
        assert_eq!(outcome, Err(error(errno)));
    }
    assert_eq!(event_loop.counters().sources, 0);
    assert_eq!(network.open_sockets(), 0);
}

#[test]
fn options_and_signals_that_are_refused_change_nothing() {
    let (network, mut event_loop) = alone();
    let mut cx = event_loop.context();
    let source = cx.connect((SERVER, 7).into(), Watch::all()).expect("room");
    fail(&network, 1, Call::SetNodelay, error(Errno::EINVAL));
    assert_eq!(cx.set_nodelay(source, true), Err(error(Errno::EINVAL)));
    assert_eq!(cx.set_nodelay(source, true), Ok(()));
    fail(&network, 1, Call::Shutdown, error(Errno::ENOTCONN));
    assert_eq!(cx.shutdown(source, Half::Both), Err(error(Errno::ENOTCONN)));
    fail(&network, 1, Call::WatchSignal, error(Errno::EINVAL));
    assert_eq!(cx.attach_signal(999, 0, 1u16), Err(error(Errno::EINVAL)));
    assert_eq!(event_loop.counters().sources, 1, "the slot was given back");
}

#[test]
fn a_remote_whose_waker_is_refused_is_free_for_another_loop() {
    static REMOTE: Remote = Remote::new();
    let (network, mut event_loop) = alone();
    fail(&network, 1, Call::Waker, error(Errno::EMFILE));
    assert_eq!(event_loop.set_remote(&REMOTE), Err(error(Errno::EMFILE)));
    assert_eq!(event_loop.set_remote(&REMOTE), Ok(()));
}

#[test]
fn a_wait_that_fails_is_the_programs_to_know_and_an_interrupted_one_is_not() {
    let (network, mut echo, mut client) = world(3, Faults::default(), 100);
    fail(&network, ON_CLIENT, Call::Wait, error(Errno::ENOMEM));
    let outcome = network.run(&mut [&mut echo, &mut client], WHILE);
    assert_eq!(outcome, Err(error(Errno::ENOMEM)));
    // Nothing was lost by it: the loops go on.
    network
        .run(&mut [&mut echo, &mut client], WHILE)
        .expect("no wait fails");
    assert_eq!(client.handler.returned, client.handler.outgoing);

    let faults = Faults {
        interrupted_per_mille: 500,
        ..Faults::default()
    };
    let (network, mut echo, mut client) = world(3, faults, 100);
    network
        .run(&mut [&mut echo, &mut client], WHILE)
        .expect("an interrupted wait is a wait without answers");
    assert_eq!(client.handler.returned, client.handler.outgoing);
}

/// Sends datagrams to itself: each error of the network is told once, and the socket goes on.
#[derive(Default)]
struct Echoed {
    received: usize,
    errors: alloc::vec::Vec<ErrorKind>,
}

impl Handler<Host> for Echoed {
    fn on_event(&mut self, cx: &mut Context<'_, Host>, event: Event) {
        let Kind::Readable(source) = event.kind else {
            return;
        };
        match cx.receive_from(source, &mut [0; 64]) {
            Ok((Datagram::Data { length, .. }, _)) => self.received += length,
            Ok(_) => {}
            Err(error) => self.errors.push(error.kind()),
        }
    }
}

#[test]
fn datagrams_survive_a_failed_call() {
    let network = Network::new(1);
    let host = network.host(SERVER);
    let socket = host.datagram(9).expect("free");
    let mut seat: Seat<Echoed, 8, 4, 4> = Seat {
        event_loop: EventLoop::on(host),
        handler: Echoed::default(),
    };
    let source: SourceId = seat
        .event_loop
        .context()
        .attach(socket, Watch::all())
        .map_err(|(error, _)| error)
        .expect("room");
    let send = |seat: &mut Seat<Echoed, 8, 4, 4>| {
        let mut cx = seat.event_loop.context();
        cx.send_to(source, b"datagram", (SERVER, 9).into())
    };
    for errno in [Errno::ECONNREFUSED, Errno::ENOBUFS, Errno::EHOSTUNREACH] {
        fail(&network, 0, Call::SendTo, error(errno));
        assert_eq!(send(&mut seat), Err(error(errno)));
        assert_eq!(send(&mut seat), Ok(Sent::All(8)));
        fail(&network, 0, Call::ReceiveFrom, error(errno));
        network.run(&mut [&mut seat], WHILE).expect("no wait fails");
        assert_eq!(
            seat.handler.errors.last(),
            Some(&error(errno).kind()),
            "told, once"
        );
    }
    assert_eq!(seat.handler.errors.len(), 3);
    assert_eq!(seat.handler.received, 3 * 8, "no datagram was lost by it");
    assert!(seat.event_loop.counters().turns < 100);
}
