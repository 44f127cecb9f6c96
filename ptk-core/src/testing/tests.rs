//! The simulated world tested on itself: an echo server and a client, through every fault.

use alloc::vec;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::time::Duration;

use super::{Faults, Host, Network, Seat};
use crate::error::Error;
use crate::event_loop::{Context, Event, EventLoop, Handler, Kind, SourceId, Watch};
use crate::net::{Received, Sent};

mod faults;

const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

/// Sends back what it receives; what does not fit waits.
#[derive(Default)]
struct Echo {
    listener: Option<SourceId>,
    behind: Vec<(SourceId, Vec<u8>)>,
    failures: Vec<Error>,
}

impl Echo {
    fn flush(&mut self, cx: &mut Context<'_, Host>, source: SourceId) {
        let Some((_, waiting)) = self.behind.iter_mut().find(|(id, _)| *id == source) else {
            return;
        };
        while !waiting.is_empty() {
            match cx.send(source, waiting) {
                Ok(Sent::WouldBlock) => return,
                Ok(sent) => drop(waiting.drain(..sent.bytes())),
                Err(_) => {
                    waiting.clear();
                    let _ = cx.close(source);
                    return;
                }
            }
        }
    }
}

impl Handler<Host> for Echo {
    fn on_event(&mut self, cx: &mut Context<'_, Host>, event: Event) {
        match event.kind {
            Kind::Readable(source) if Some(source) == self.listener => loop {
                match cx.accept(source) {
                    Ok(Some((socket, _))) => {
                        let id = cx
                            .attach(socket, Watch::all())
                            .expect("room for a connection");
                        self.behind.push((id, Vec::new()));
                    }
                    Ok(None) => return,
                    Err(error) => {
                        self.failures.push(error);
                        return;
                    }
                }
            },
            Kind::Readable(source) => {
                let mut buffer = [0; 512];
                if let Ok(Received::Data(count)) = cx.receive(source, &mut buffer) {
                    if let Some((_, waiting)) = self.behind.iter_mut().find(|(id, _)| *id == source)
                    {
                        waiting.extend_from_slice(&buffer[..count]);
                    }
                    self.flush(cx, source);
                }
            }
            Kind::Writable(source) => self.flush(cx, source),
            Kind::Closed(source) | Kind::Failed(source, _) => {
                self.behind.retain(|(id, _)| *id != source);
                cx.close(source).expect("attached");
            }
            _ => {}
        }
    }
}

/// Sends `outgoing` and gathers what comes back.
#[derive(Default)]
struct Client {
    outgoing: Vec<u8>,
    sent: usize,
    returned: Vec<u8>,
    outcome: Vec<Kind>,
}

impl Client {
    fn push(&mut self, cx: &mut Context<'_, Host>, source: SourceId) {
        while self.sent < self.outgoing.len() {
            match cx.send(source, &self.outgoing[self.sent..]) {
                Ok(Sent::WouldBlock) | Err(_) => return,
                Ok(sent) => self.sent += sent.bytes(),
            }
        }
    }
}

impl Handler<Host> for Client {
    fn on_event(&mut self, cx: &mut Context<'_, Host>, event: Event) {
        match event.kind {
            Kind::Connected(source) | Kind::Writable(source) => self.push(cx, source),
            Kind::Readable(source) => {
                let mut buffer = [0; 300];
                if let Ok(Received::Data(count)) = cx.receive(source, &mut buffer) {
                    self.returned.extend_from_slice(&buffer[..count]);
                    if self.returned.len() == self.outgoing.len() {
                        cx.close(source).expect("attached");
                    }
                }
            }
            Kind::Closed(source) | Kind::Failed(source, _) => {
                self.outcome.push(event.kind);
                cx.close(source).expect("attached");
            }
            _ => {}
        }
    }
}

type Seated<H> = Seat<H, 8, 4, 4>;

fn world(seed: u64, faults: Faults, bytes: usize) -> (Network, Seated<Echo>, Seated<Client>) {
    let network = Network::new(seed);
    network.set_faults(faults);
    let server = network.host(SERVER);
    let client = network.host(CLIENT);
    let listener = server.listen(7).expect("free port");
    let mut echo = Seat {
        event_loop: EventLoop::on(server),
        handler: Echo::default(),
    };
    let id = echo
        .event_loop
        .context()
        .attach(listener, Watch::all())
        .expect("room for the listener");
    echo.handler.listener = Some(id);
    let mut client = Seat {
        event_loop: EventLoop::on(client),
        handler: Client {
            outgoing: (0..bytes).map(|n| n as u8).collect(),
            ..Client::default()
        },
    };
    client
        .event_loop
        .context()
        .connect(SocketAddr::new(SERVER, 7), Watch::all())
        .expect("room for the client");
    (network, echo, client)
}

#[test]
fn every_byte_returns_in_order_through_delay_loss_and_short_transfers() {
    for seed in 0..40 {
        let faults = Faults {
            jitter: Duration::from_millis(5),
            loss_per_mille: 100,
            short_read_per_mille: 500,
            short_write_per_mille: 500,
            interrupted_per_mille: 100,
            window: 1000,
            ..Faults::default()
        };
        let (network, mut echo, mut client) = world(seed, faults, 20_000);
        network
            .run(&mut [&mut echo, &mut client], Duration::from_secs(600))
            .expect("no wait fails");
        assert_eq!(
            client.handler.returned, client.handler.outgoing,
            "seed {seed}"
        );
        assert_eq!(
            network.open_sockets(),
            1,
            "only the listener is left, seed {seed}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let faults = Faults {
            loss_per_mille: 200,
            jitter: Duration::from_millis(3),
            ..Faults::default()
        };
        let (network, mut echo, mut client) = world(seed, faults, 5_000);
        let turns = network
            .run(&mut [&mut echo, &mut client], Duration::from_secs(60))
            .expect("no wait fails");
        (turns, network.now(), client.event_loop.counters())
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

#[test]
fn a_reset_in_any_state_is_told_and_leaks_nothing() {
    let mut resets = 0;
    for seed in 0..60 {
        let faults = Faults {
            reset_per_mille: 30,
            window: 600,
            ..Faults::default()
        };
        let (network, mut echo, mut client) = world(seed, faults, 20_000);
        network
            .run(&mut [&mut echo, &mut client], Duration::from_secs(60))
            .expect("no wait fails");
        resets += client.handler.outcome.len();
        assert_eq!(network.open_sockets(), 1, "seed {seed}");
        assert_eq!(client.event_loop.counters().sources, 0, "seed {seed}");
        assert_eq!(echo.event_loop.counters().sources, 1, "seed {seed}");
    }
    assert!(resets > 10, "the fault was exercised: {resets}");
}

#[test]
fn a_cut_stands_still_and_heals_without_loss() {
    let faults = Faults {
        window: 500,
        ..Faults::default()
    };
    let (network, mut echo, mut client) = world(1, faults, 20_000);
    let (one, other) = (0, 1);
    network
        .run(&mut [&mut echo, &mut client], Duration::from_millis(1))
        .expect("no wait fails");
    network.cut_indices(one, other);
    network
        .run(&mut [&mut echo, &mut client], Duration::from_secs(5))
        .expect("no wait fails");
    let before = client.handler.returned.len();
    assert!(before < 20_000);
    network.heal();
    network
        .run(&mut [&mut echo, &mut client], Duration::from_secs(60))
        .expect("no wait fails");
    assert_eq!(client.handler.returned, client.handler.outgoing);
}

#[test]
fn a_refused_connection_is_told_with_its_error() {
    let network = Network::new(0);
    let _server = network.host(SERVER);
    let mut client: Seated<Client> = Seat {
        event_loop: EventLoop::on(network.host(CLIENT)),
        handler: Client::default(),
    };
    let source = client
        .event_loop
        .context()
        .connect(SocketAddr::new(SERVER, 9), Watch::all())
        .expect("room");
    network
        .run(&mut [&mut client], Duration::from_secs(1))
        .expect("no wait fails");
    assert_eq!(
        client.handler.outcome,
        vec![Kind::Failed(source, Error::REFUSED)]
    );
}
