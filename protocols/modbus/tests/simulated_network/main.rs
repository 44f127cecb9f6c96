//! Client and server machine, a network between them, a virtual clock: cut, delayed, reset in every state.

mod random;
#[path = "../sim/mod.rs"]
mod sim;

use ptk_modbus::client::{self, Action, Client, DisconnectReason, Event, Failure, RequestError};
use ptk_modbus::codec::{Registers, Request, Response};
use ptk_modbus::server::{
    self, Access, CloseReason, Connection, Device, OneUnit, RegisterBlock, TableMap,
};
use ptk_modbus::{MILLISECOND, SECOND};
use sim::{Pipe, Random};

/// What became of the requests, in the order in which it was told.
#[derive(Debug, PartialEq, Eq, Clone)]
enum Told {
    Connected,
    Disconnected(DisconnectReason),
    Values(u64, Vec<u16>),
    Other(u64),
    Failed(u64, Failure),
}

/// How the listener treats a connection attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Listener {
    Accepts,
    Refuses,
    Ignores,
}

struct Network<'a> {
    now: u64,
    random: Random,
    client: Client,
    device: Device<OneUnit<TableMap<'a>>>,
    server: Option<Connection>,
    /// When the attempt under way is decided.
    connecting: Option<u64>,
    listener: Listener,
    to_server: Pipe,
    to_client: Pipe,
    /// When the client learns that the server's end is closed.
    client_sees_end: Option<u64>,
    server_sees_end: Option<u64>,
    told: Vec<Told>,
    closed: Vec<CloseReason>,
}

impl<'a> Network<'a> {
    fn new(
        blocks: &'a mut [RegisterBlock<'a>],
        client: client::Config,
        seed: u64,
        latency: u64,
        piece: usize,
    ) -> Self {
        Self {
            now: 0,
            random: Random(seed),
            client: Client::new(client, seed, 0),
            device: Device::new(OneUnit::new(1, TableMap::new().holding_registers(blocks))),
            server: None,
            connecting: None,
            listener: Listener::Accepts,
            to_server: Pipe::new(latency, latency / 2, piece),
            to_client: Pipe::new(latency, latency / 2, piece),
            client_sees_end: None,
            server_sees_end: None,
            told: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// Does everything that can be done without time passing.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            if !self.turn() {
                return;
            }
        }
        panic!("the machines never come to rest");
    }

    fn turn(&mut self) -> bool {
        let now = self.now;
        let mut busy = false;
        if self.connecting.is_some_and(|at| at <= now) {
            self.connecting = None;
            busy = true;
            match self.listener {
                Listener::Accepts => {
                    self.server = Some(Connection::new(server::Config::default(), now));
                    self.client.handle_connected(now);
                }
                Listener::Refuses => self.client.handle_connect_failed(now),
                Listener::Ignores => {}
            }
        }
        let count = self.to_client.receive(now, self.client.receive_buffer());
        self.client.received(count, now);
        busy |= count > 0;
        if self.client_sees_end.is_some_and(|at| at <= now) && !self.to_client.readable(now) {
            self.client_sees_end = None;
            self.collect();
            self.client.handle_closed(now);
            busy = true;
        }
        self.client.handle_timeout(now);
        busy |= self.collect();
        while let Some(action) = self.client.poll_action(now) {
            busy = true;
            match action {
                Action::Connect => self.connecting = Some(now + self.to_server.latency),
                Action::Close => {
                    self.connecting = None;
                    self.to_client.clear();
                    self.client_sees_end = None;
                    if self.server.is_some() {
                        self.server_sees_end = Some(now + self.to_server.latency);
                    }
                }
            }
        }
        if self.client.is_connected() {
            let bytes = self.client.poll_transmit();
            let count = self.to_server.send(now, bytes, &mut self.random);
            self.client.transmitted(count, now);
            busy |= count > 0;
        }
        busy | self.turn_server()
    }

    fn turn_server(&mut self) -> bool {
        let now = self.now;
        let Some(server) = &mut self.server else {
            return false;
        };
        let mut busy = false;
        let count = self.to_server.receive(now, server.receive_buffer());
        server.received(count, now);
        busy |= server.serve(now, &mut self.device) > 0 || count > 0;
        server.handle_timeout(now);
        if self.server_sees_end.is_some_and(|at| at <= now) && !self.to_server.readable(now) {
            self.server_sees_end = None;
            server.handle_end_of_stream(now);
            // Nobody is there to read what is left.
            server.handle_reset();
            busy = true;
        }
        let count = self
            .to_client
            .send(now, server.poll_transmit(), &mut self.random);
        server.transmitted(count, now);
        busy |= count > 0;
        if let Some(reason) = server.poll_close() {
            self.closed.push(reason);
            self.server = None;
            self.to_server.clear();
            self.server_sees_end = None;
            if self.client.is_connected() {
                self.client_sees_end = Some(now + self.to_client.latency);
            }
            busy = true;
        }
        busy
    }

    fn collect(&mut self) -> bool {
        let before = self.told.len();
        while let Some(event) = self.client.poll_event(self.now) {
            self.told.push(match event {
                Event::Connected => Told::Connected,
                Event::Disconnected(reason) => Told::Disconnected(reason),
                Event::Failed { token, failure } => Told::Failed(token, failure),
                Event::Reply {
                    token, response, ..
                } => match response {
                    Response::ReadHoldingRegisters(values) => {
                        Told::Values(token, values.iter().collect())
                    }
                    _ => Told::Other(token),
                },
            });
        }
        self.told.len() > before
    }

    /// The reset of a router that has forgotten the connection: both sides learn it at once.
    fn reset(&mut self) {
        self.to_client.clear();
        self.to_server.clear();
        self.client_sees_end = None;
        self.server_sees_end = None;
        if let Some(mut server) = self.server.take() {
            server.handle_reset();
            self.closed.push(server.poll_close().unwrap());
        }
        self.client.handle_reset(self.now);
    }

    /// Lets time pass up to the next thing that happens, but not beyond `until`. False if nothing happens before.
    fn step(&mut self, until: u64) -> bool {
        self.settle();
        let server = self
            .server
            .as_ref()
            .and_then(|server| server.poll_timeout());
        let next = [
            self.connecting,
            self.client_sees_end,
            self.server_sees_end,
            self.to_client.next_arrival(),
            self.to_server.next_arrival(),
            self.client.poll_timeout(),
            server,
        ];
        let next = next.into_iter().flatten().filter(|at| *at > self.now).min();
        match next {
            Some(at) if at <= until => {
                self.now = at;
                self.settle();
                true
            }
            _ => {
                self.now = until;
                self.settle();
                false
            }
        }
    }

    fn run(&mut self, nanoseconds: u64) {
        let until = self.now + nanoseconds;
        let mut steps = 0;
        while self.step(until) {
            steps += 1;
            assert!(steps < 100_000, "time does not pass");
        }
    }
}

fn registers(count: u16) -> Vec<u16> {
    (0..count).map(|address| address * 3).collect()
}

fn read(address: u16, quantity: u16) -> Request<'static> {
    Request::ReadHoldingRegisters { address, quantity }
}

#[test]
fn a_thousand_requests_pipelined_through_single_bytes() {
    let mut values = registers(200);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    // Pieces of one byte: every reply and every request is cut everywhere.
    let config = client::Config {
        request_timeout: 60 * SECOND,
        ..client::Config::default()
    };
    let mut network = Network::new(&mut blocks, config, 3, MILLISECOND, 1);
    network.run(SECOND);
    let mut made = 0_u64;
    while made < 1000 {
        while made < 1000 && network.client.ready(network.now).is_ok() {
            let request = read((made % 190) as u16, 10);
            network
                .client
                .request(network.now, 1, &request, made)
                .unwrap();
            made += 1;
        }
        network.run(MILLISECOND);
    }
    network.run(SECOND);
    assert_eq!(network.told.len(), 1 + 1000);
    for (token, told) in network.told[1..].iter().enumerate() {
        let address = token as u16 % 190;
        let expected = (address..address + 10).map(|address| address * 3).collect();
        assert_eq!(*told, Told::Values(token as u64, expected));
    }
    assert_eq!(network.device.statistics.requests, 1000);
}

#[test]
fn a_refusing_and_a_silent_listener() {
    let mut values = registers(10);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let config = client::Config::default();
    let mut network = Network::new(&mut blocks, config, 3, MILLISECOND, 100);
    network.listener = Listener::Refuses;
    network.run(60 * SECOND);
    let refused = network.told.len();
    // About a dozen attempts in a minute: 0.1, 0.2, 0.4 ... 10 s, less the jitter.
    assert!((8..=24).contains(&refused), "{refused}");
    network.listener = Listener::Ignores;
    network.run(60 * SECOND);
    let last = network.told.last();
    assert_eq!(
        last,
        Some(&Told::Disconnected(DisconnectReason::ConnectTimedOut))
    );
    network.listener = Listener::Accepts;
    network.run(20 * SECOND);
    assert_eq!(network.told.last(), Some(&Told::Connected));
    network
        .client
        .request(network.now, 1, &read(1, 1), 7)
        .unwrap();
    network.run(SECOND);
    assert_eq!(network.told.last(), Some(&Told::Values(7, vec![3])));
}

#[test]
fn a_reset_in_every_state() {
    let mut values = registers(10);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let config = client::Config::default();
    let mut network = Network::new(&mut blocks, config, 11, 8 * MILLISECOND, 3);
    // One exchange takes about 50 ms here; a reset hits at each of 120 moments of it.
    for moment in 0..120 {
        network.run(15 * SECOND);
        assert!(
            network.client.is_connected(),
            "moment {moment}: {:?}",
            network.told.last()
        );
        network.told.clear();
        network
            .client
            .request(network.now, 1, &read(2, 1), moment)
            .unwrap();
        network.run(moment * MILLISECOND / 2);
        network.reset();
        network.run(0);
        let told: Vec<Told> = network.told.drain(..).collect();
        let reset = Told::Disconnected(DisconnectReason::Reset);
        let lost = Told::Failed(moment, Failure::Disconnected(DisconnectReason::Reset));
        let replied = Told::Values(moment, vec![6]);
        assert!(
            told == [reset.clone(), lost] || told == [replied, reset],
            "moment {moment}: {told:?}"
        );
    }
    assert_eq!(network.closed.len(), 120);
}

#[test]
fn a_line_that_loses_a_twentieth_of_its_segments() {
    let mut values = registers(200);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let config = client::Config {
        request_timeout: 500 * MILLISECOND,
        ..client::Config::default()
    };
    let mut network = Network::new(&mut blocks, config, 9, 5 * MILLISECOND, 40);
    network.to_server.loss = 5;
    network.to_client.loss = 5;
    network.run(SECOND);
    let mut made = 0_u64;
    for _ in 0..3000 {
        let address = (made % 190) as u16;
        let request = network
            .client
            .request(network.now, 1, &read(address, 10), made);
        made += u64::from(request.is_ok());
        network.run(20 * MILLISECOND);
    }
    network.client.stop(network.now);
    network.run(60 * SECOND);
    // Each request ended once, and a reply is that of its own request, however many came late.
    let mut ends = vec![0; made as usize];
    let mut replies = 0;
    for told in &network.told {
        match told {
            Told::Values(token, values) => {
                ends[*token as usize] += 1;
                replies += 1;
                let first = (*token % 190) as u16;
                let expected = (first..first + 10).map(|address| address * 3);
                assert!(values.iter().copied().eq(expected), "{token}");
            }
            Told::Failed(token, _) => ends[*token as usize] += 1,
            _ => {}
        }
    }
    assert!(ends.iter().all(|ends| *ends == 1));
    let statistics = network.client.statistics();
    assert!(replies > made / 2, "{replies} of {made}: {statistics:?}");
    assert!(statistics.late_replies > 0 && statistics.timeouts > 0);
    assert_eq!(statistics.bad_replies, 0);
}

#[test]
fn a_line_that_is_cut_is_noticed_by_both_ends() {
    let mut values = registers(10);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let config = client::Config {
        keepalive: Some(client::Keepalive {
            after: 2 * SECOND,
            unit: 1,
            address: 0,
        }),
        ..client::Config::default()
    };
    let mut network = Network::new(&mut blocks, config, 5, MILLISECOND, 64);
    network.run(10 * SECOND);
    assert_eq!(network.told, [Told::Connected]);
    assert!(network.client.statistics().keepalives >= 4);
    // From now on nothing arrives, and nobody is told.
    for pipe in [&mut network.to_server, &mut network.to_client] {
        pipe.latency = 1_000_000 * SECOND;
    }
    network.listener = Listener::Ignores;
    network.run(30 * SECOND);
    // Nobody asked for anything: the keepalive found out.
    let reason = DisconnectReason::NoReplies;
    assert_eq!(network.told[1], Told::Disconnected(reason));
    assert!(!network.client.is_connected());
}

#[test]
fn a_server_that_goes_away_and_comes_back() {
    let mut values = registers(10);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let config = client::Config::default();
    let mut network = Network::new(&mut blocks, config, 5, MILLISECOND, 64);
    network.run(SECOND);
    // Its process ends: the peer sees the end of the stream, and nobody listens.
    network.server.as_mut().unwrap().shut_down();
    network.listener = Listener::Refuses;
    network.run(10 * SECOND);
    assert_eq!(network.closed, [CloseReason::Shutdown]);
    assert!(
        network
            .told
            .contains(&Told::Disconnected(DisconnectReason::PeerClosed))
    );
    assert_eq!(
        network.client.request(network.now, 1, &read(0, 1), 0),
        Err(RequestError::NotConnected)
    );
    network.listener = Listener::Accepts;
    network.run(11 * SECOND);
    assert!(network.client.is_connected());
}
