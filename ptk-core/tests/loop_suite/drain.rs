//! The orderly end: listeners rest, what is under way is finished, the deadline holds.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream as StdStream};
use std::time::Duration;

use ptk_core::event_loop::{Context, Ended, Event, EventLoop, Handler, Kind, SourceId, Watch};
use ptk_core::net::{Half, Received, TcpListener};

use super::LONG;

/// Counts what it receives; when the loop drains it ends its side of each connection.
#[derive(Default)]
struct Server {
    listener: Option<SourceId>,
    connections: Vec<SourceId>,
    received: usize,
    drains: u32,
    stop_after: usize,
}

impl Handler for Server {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match event.kind {
            Kind::Readable(source) if Some(source) == self.listener => {
                assert!(!cx.is_draining(), "a listener rests while the loop drains");
                while let Ok(Some((socket, _))) = cx.accept(source) {
                    self.connections
                        .push(cx.attach(socket, Watch::all()).expect("room"));
                }
                if self.connections.len() == self.stop_after {
                    cx.stop();
                }
            }
            Kind::Readable(source) => {
                let mut buffer = [0; 64];
                if let Ok(Received::Data(count)) = cx.receive(source, &mut buffer) {
                    self.received += count;
                }
            }
            Kind::Closed(source) | Kind::Failed(source, _) => {
                cx.close(source).expect("attached");
                self.connections.retain(|id| *id != source);
            }
            _ => {}
        }
    }

    fn on_drain(&mut self, cx: &mut Context) {
        self.drains += 1;
        for &connection in &self.connections {
            cx.shutdown(connection, Half::Send).expect("attached");
        }
    }
}

/// A loop that has accepted `clients` connections.
fn with_clients(clients: usize) -> (EventLoop, Server, Vec<StdStream>, std::net::SocketAddr) {
    let mut event_loop = EventLoop::new().expect("a kqueue");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let address = listener.local_addr().expect("bound");
    let listener = event_loop
        .context()
        .attach(listener, Watch::all())
        .expect("room");
    let mut server = Server {
        listener: Some(listener),
        stop_after: clients,
        ..Server::default()
    };
    let streams: Vec<StdStream> = (0..clients)
        .map(|_| StdStream::connect(address).expect("listening"))
        .collect();
    if clients > 0 {
        let ended = event_loop.run_for(&mut server, LONG);
        assert_eq!(ended, Ok(Ended::Stopped));
    }
    (event_loop, server, streams, address)
}

#[test]
fn without_connections_a_drain_ends_without_a_wait() {
    let (mut event_loop, mut server, _, _) = with_clients(0);
    assert_eq!(event_loop.drain(&mut server, LONG), Ok(true));
    assert_eq!(server.drains, 1);
    assert_eq!(event_loop.counters().turns, 0);
}

#[test]
fn a_drain_ends_with_the_last_connection_and_finishes_what_is_under_way() {
    let (mut event_loop, mut server, streams, address) = with_clients(3);
    let clients = std::thread::spawn(move || {
        for mut stream in streams {
            stream.write_all(b"last").expect("open");
            let mut rest = Vec::new();
            // To the end of the stream: the server ends its side, then ours ends.
            stream.read_to_end(&mut rest).expect("ends in order");
        }
    });
    let drained = event_loop.drain(&mut server, LONG);
    assert_eq!(drained, Ok(true), "all connections ended");
    assert_eq!(server.drains, 1);
    assert!(server.connections.is_empty());
    assert_eq!(server.received, 3 * b"last".len(), "what was under way");
    clients.join().expect("clients end");
    assert_eq!(
        event_loop.counters().sources,
        1,
        "the listener is still attached"
    );

    // Who calls while the loop drains, or after, waits: nobody was accepted.
    let _late = StdStream::connect(address).expect("the backlog takes it");
    assert_eq!(event_loop.drain(&mut server, LONG), Ok(true));
    assert_eq!(event_loop.counters().accepted, 3);
}

#[test]
fn a_peer_that_never_ends_does_not_outlast_the_deadline() {
    let (mut event_loop, mut server, streams, _) = with_clients(2);
    let drained = event_loop.drain(&mut server, Duration::from_millis(20));
    assert_eq!(drained, Ok(false), "the peers keep their connections open");
    assert_eq!(server.connections.len(), 2);
    let turns = event_loop.counters().turns;
    assert!(
        turns < 20,
        "waiting for the deadline is no spinning: {turns} turns"
    );
    drop(streams);
}
