//! What is done with arbitrary bytes: the bodies of the fuzz targets, which `tests/bytes.rs` runs with bytes of a fixed
//! generator.
#![allow(dead_code)]

use ptk_modbus::SECOND;
use ptk_modbus::client::{self, Client, Event, Failure};
use ptk_modbus::codec::{ExceptionCode, Framing, Registers, Request, Response, Side, limits, mbap};
use ptk_modbus::poller::{Area, Group, Limits, Poller, Quality, Tag};
use ptk_modbus::server::{self, Access, Connection, Device, OneUnit, RegisterBlock, TableMap};
use ptk_modbus::value::Kind;

/// Takes operations and their arguments off the front of arbitrary bytes.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte().unwrap_or(0), self.byte().unwrap_or(0)])
    }

    fn run(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte().unwrap_or(0)).min(self.0.len());
        let (run, rest) = self.0.split_at(count);
        self.0 = rest;
        run
    }
}

/// Decodes `data` as every thing that the codec knows; what is accepted is written again and means the same.
pub fn codec(data: &[u8]) {
    let mut out = [0; limits::MAX_PDU];
    if let Ok(request) = Request::decode(data) {
        let length = request
            .encode(&mut out)
            .expect("what was decoded can be encoded");
        assert_eq!(length, data.len());
        assert_eq!(Request::decode(&out[..length]), Ok(request));
    }
    if let Ok(response) = Response::decode(data) {
        let length = response
            .encode(&mut out)
            .expect("what was decoded can be encoded");
        assert_eq!(length, data.len());
        assert_eq!(Response::decode(&out[..length]), Ok(response));
        let _ = format!("{response:?}");
    }
    for framing in [Framing::Mbap, Framing::Rtu] {
        for side in [Side::Request, Side::Response] {
            let mut whole = None;
            // Once there is an answer, more bytes do not change it.
            for have in 0..=data.len().min(600) {
                let found = framing.frame_length(side, &data[..have]);
                match whole {
                    None if found != Ok(None) => whole = Some(found),
                    None => {}
                    Some(first) => assert_eq!(found, first),
                }
                if let Ok(Some(length)) = found {
                    assert!(length <= have && length <= framing.max_frame());
                }
            }
        }
    }
}

/// A register map for the machines: two ranges with a hole between them.
fn with_map(run: impl FnOnce(TableMap<'_>)) {
    let (mut first, mut second): ([u16; 40], [u16; 40]) = (
        core::array::from_fn(|at| at as u16),
        core::array::from_fn(|at| at as u16 + 100),
    );
    let mut blocks = [
        RegisterBlock::new(0, &mut first, Access::ReadWrite),
        RegisterBlock::new(100, &mut second, Access::ReadOnly),
    ];
    run(TableMap::new().holding_registers(&mut blocks));
}

/// Feeds a server connection: the first byte chooses the framing, the rest are operations.
pub fn server(data: &[u8]) {
    let mut data = Bytes(data);
    let framing = if data.byte().unwrap_or(0) & 1 == 0 {
        Framing::Mbap
    } else {
        Framing::Rtu
    };
    let config = server::Config {
        framing,
        idle_timeout: Some(60 * SECOND),
        allow_listen_only: true,
        ..server::Config::default()
    };
    with_map(|map| {
        let mut device = Device::new(OneUnit::new(1, map));
        let mut connection: Connection<260, 300> = Connection::new(config, 0);
        let mut now = 0;
        let mut sent = Vec::new();
        while let Some(operation) = data.byte() {
            match operation % 8 {
                0..=3 => {
                    let mut rest = data.run();
                    while !rest.is_empty() {
                        let taken = connection.handle_input(now, rest);
                        rest = &rest[taken..];
                        connection.serve(now, &mut device);
                        if taken == 0 {
                            break;
                        }
                    }
                }
                4 => {
                    let count = usize::from(data.word()).min(connection.poll_transmit().len());
                    sent.extend_from_slice(&connection.poll_transmit()[..count]);
                    connection.transmitted(count, now);
                    if connection.wants_serve() {
                        connection.serve(now, &mut device);
                    }
                }
                5 => now += u64::from(data.word()) * 1_000_000,
                6 => connection.handle_timeout(now),
                _ if data.byte() == Some(0) => connection.handle_end_of_stream(now),
                _ => {}
            }
        }
        // Whatever was done: it can be brought to an end.
        connection.handle_end_of_stream(now);
        for _ in 0..1000 {
            if connection.poll_close().is_some() {
                break;
            }
            connection.serve(now, &mut device);
            sent.extend_from_slice(connection.poll_transmit());
            connection.transmitted(connection.poll_transmit().len(), now);
        }
        assert!(connection.poll_close().is_some(), "{connection:?}");
        assert_eq!(connection.poll_timeout(), None);
        if framing == Framing::Mbap {
            whole_replies(&sent);
        }
    });
}

/// Only whole frames with valid replies in them; the last may be cut where the peer stopped taking.
fn whole_replies(mut sent: &[u8]) {
    while let Some(header) = mbap::Header::parse(sent).expect("a server sends sound headers") {
        let Some(frame) = sent.get(..header.frame_length()) else {
            return;
        };
        let pdu = mbap::Packet::new(frame).pdu();
        let exception_of_nothing = pdu[0] == 0x80;
        assert!(
            exception_of_nothing || Response::decode(pdu).is_ok(),
            "{pdu:x?}"
        );
        sent = &sent[header.frame_length()..];
    }
}

fn a_request(selector: u8, data: &mut Bytes<'_>) -> Request<'static> {
    let (address, quantity) = (data.word() % 160, 1 + data.word() % 12);
    match selector % 4 {
        0 => Request::ReadHoldingRegisters { address, quantity },
        1 => Request::ReadCoils { address, quantity },
        2 => Request::WriteSingleRegister {
            address,
            value: quantity,
        },
        _ => Request::MaskWriteRegister {
            address,
            and_mask: quantity,
            or_mask: address,
        },
    }
}

/// Counts how each request ended.
struct Ends(Vec<u8>);

impl Ends {
    fn note(&mut self, event: &Event<'_>) {
        if let Event::Reply { token, .. } | Event::Failed { token, .. } = event {
            self.0[*token as usize] += 1;
        }
    }

    fn assert_each_once(&self) {
        assert!(self.0.iter().all(|ends| *ends == 1), "{:?}", self.0);
    }
}

/// Drives a client with arbitrary bytes from the peer and arbitrary operations of its owner.
pub fn client(data: &[u8]) {
    let mut data = Bytes(data);
    let framing = if data.byte().unwrap_or(0) & 1 == 0 {
        Framing::Mbap
    } else {
        Framing::Rtu
    };
    let config = client::Config {
        framing,
        ..client::Config::default()
    };
    let mut client: Client<4, 300, 300> = Client::new(config, 1, 0);
    let mut ends = Ends(Vec::new());
    let mut now = 0;
    while let Some(operation) = data.byte() {
        match operation % 16 {
            0..=3 => _ = client.handle_input(now, data.run()),
            4..=6 => {
                let request = a_request(operation >> 4, &mut data);
                if client
                    .request(now, 1, &request, ends.0.len() as u64)
                    .is_ok()
                {
                    ends.0.push(0);
                }
            }
            7 => now += u64::from(data.word()) * 1_000_000,
            8 => client.handle_timeout(now),
            9 => client.transmitted(
                usize::from(data.word()).min(client.poll_transmit().len()),
                now,
            ),
            10 => _ = client.poll_action(now),
            11 => client.handle_connected(now),
            12 if data.byte() == Some(0) => client.handle_closed(now),
            13 if data.byte() == Some(0) => client.handle_reset(now),
            14 if data.byte() == Some(0) => client.stop(now),
            15 => client.restart(now),
            _ => {}
        }
        if operation & 0x80 == 0 {
            while let Some(event) = client.poll_event(now) {
                ends.note(&event);
            }
        }
        assert!(client.in_flight() <= 4);
    }
    client.stop(now);
    while let Some(event) = client.poll_event(now) {
        ends.note(&event);
    }
    ends.assert_each_once();
    assert_eq!(client.in_flight(), 0);
}

/// Both machines and a network that loses nothing: a read never brings what the device does not have.
pub fn both(data: &[u8]) {
    let mut data = Bytes(data);
    with_map(|map| {
        let mut device = Device::new(OneUnit::new(1, map));
        let mut connection: Connection<260, 260> = Connection::new(server::Config::default(), 0);
        let mut client: Client<8, 260, 260> = Client::new(client::Config::default(), 1, 0);
        client.poll_action(0);
        client.handle_connected(0);
        let mut ends = Ends(Vec::new());
        let mut addresses = Vec::new();
        let mut now = 0;
        let mut take = |client: &mut Client<8, 260, 260>, addresses: &[u16], now| {
            while let Some(event) = client.poll_event(now) {
                ends.note(&event);
                if let Event::Reply {
                    token,
                    response: Response::ReadHoldingRegisters(values),
                    ..
                } = event
                {
                    let first = addresses[token as usize];
                    let expected = (first..).take(values.len());
                    assert!(values.iter().eq(expected), "{values:?} at {first}");
                }
            }
            ends.0.resize(addresses.len().max(ends.0.len()), 0);
        };
        while let Some(operation) = data.byte() {
            match operation % 8 {
                0..=2 => {
                    let address = data.word() % 150;
                    let quantity = 1 + u16::from(operation >> 3);
                    let request = Request::ReadHoldingRegisters { address, quantity };
                    if client
                        .request(now, 1, &request, addresses.len() as u64)
                        .is_ok()
                    {
                        addresses.push(address);
                    }
                }
                3 => {
                    let count = usize::from(data.word()).min(client.poll_transmit().len());
                    let taken = connection.handle_input(now, &client.poll_transmit()[..count]);
                    client.transmitted(taken, now);
                    connection.serve(now, &mut device);
                }
                4 | 5 => {
                    let count = usize::from(data.word()).min(connection.poll_transmit().len());
                    let taken = client.handle_input(now, &connection.poll_transmit()[..count]);
                    connection.transmitted(taken, now);
                    if connection.wants_serve() {
                        connection.serve(now, &mut device);
                    }
                }
                6 => {
                    // Not so long that a half frame ends the connection.
                    now += u64::from(data.word() % 512) * 1_000_000;
                    client.handle_timeout(now);
                }
                _ => {}
            }
            take(&mut client, &addresses, now);
            if !client.is_connected() || connection.poll_close().is_some() {
                break;
            }
        }
        client.stop(now);
        take(&mut client, &addresses, now);
        ends.assert_each_once();
    });
}

/// Drives a poller with arbitrary answers at arbitrary times: every tag stays in one group, groups read what their tags need, and the phase
/// stays what it was.
pub fn poller(data: &[u8]) {
    const PERIOD: u64 = 1000;
    let mut data = Bytes(data);
    let count = 1 + usize::from(data.byte().unwrap_or(0) % 24);
    let room = count - usize::from(data.byte().unwrap_or(0)) % count;
    let mut tags: Vec<Tag> = (0..count)
        .map(|id| {
            let kind = [Kind::U16, Kind::U32, Kind::U64][usize::from(data.byte().unwrap_or(0) % 3)];
            let address = data.word() % 64;
            Tag::register(1, Area::HoldingRegisters, address, kind, PERIOD).with_id(id as u32)
        })
        .collect();
    let mut groups = vec![Group::EMPTY; room];
    let limits = Limits {
        registers: 4 + u16::from(data.byte().unwrap_or(0) % 122),
        ..Limits::default()
    };
    let Ok(mut poller) = Poller::new(&mut tags, &mut groups, limits, 0) else {
        return;
    };
    let mut now = 0;
    let mut under_way = Vec::new();
    while let Some(operation) = data.byte() {
        match operation % 8 {
            0..=2 => {
                if let Some(read) = poller.poll_request(now) {
                    poller.started(now, &read, &mut ());
                    under_way.push(read);
                }
            }
            3 => {
                if let Some(read) = poller.poll_request(now) {
                    let cause = ptk_modbus::poller::Cause::NotConnected;
                    poller.skip(now, &read, cause, &mut ());
                }
            }
            4 => now += u64::from(data.word()),
            5 if under_way.is_empty() => {
                poller.handle_event(now, &Event::Connected, &mut ());
            }
            _ if under_way.is_empty() => {}
            kind => {
                let read =
                    under_way.swap_remove(usize::from(data.byte().unwrap_or(0)) % under_way.len());
                let Request::ReadHoldingRegisters { address, quantity } = read.request else {
                    panic!("{read:?}");
                };
                let words: Vec<u16> = (address..address + quantity).collect();
                let refused = Response::Exception {
                    function: 3,
                    code: ExceptionCode::from(data.byte().unwrap_or(2) % 5),
                };
                let response = match kind {
                    5 | 6 => refused,
                    _ => Response::ReadHoldingRegisters(Registers::from_words(&words)),
                };
                let event = match operation {
                    0xF0.. => Event::Failed {
                        token: read.token,
                        failure: Failure::TimedOut,
                    },
                    _ => Event::Reply {
                        token: read.token,
                        unit: 1,
                        response,
                        requested: now,
                    },
                };
                assert!(poller.handle_event(now, &event, &mut ()));
            }
        }
        sound(&poller, PERIOD, room, under_way.len());
    }
    for tag in poller.tags() {
        if tag.quality == Quality::Good {
            let registers = usize::from(tag.points());
            let words: Vec<u16> = (tag.address..).take(registers).collect();
            let expected = tag.kind.read(tag.order, Registers::from_words(&words));
            assert_eq!(tag.value(), expected.map(ptk_modbus::poller::Value::Number));
        }
    }
}

/// What holds for a poller at any time.
fn sound(poller: &Poller<'_>, period: u64, room: usize, under_way: usize) {
    assert!(poller.groups().len() <= room);
    let in_flight = poller.groups().iter().filter(|group| group.in_flight);
    assert_eq!(in_flight.count(), under_way);
    let mut owners = vec![0; poller.tags().len()];
    for group in poller.groups() {
        assert_eq!(group.due % period, 0);
        assert!(group.tags > 0);
        let own = group.first_tag..group.first_tag + group.tags;
        for (tag, owners) in poller.tags()[own.clone()].iter().zip(&mut owners[own]) {
            *owners += 1;
            assert!(tag.address >= group.address);
            assert!(tag.address + tag.points() <= group.address + group.quantity);
        }
    }
    assert!(owners.iter().all(|owners| *owners == 1), "{owners:?}");
}
