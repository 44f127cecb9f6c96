//! The server's connection: how bytes, time and peers that behave badly reach it.

use ptk_modbus::codec::{
    ExceptionCode, Framing, FramingError, Registers, Request, Response, mbap, rtu,
};
use ptk_modbus::server::{
    Access, AnyUnit, CloseReason, Config, Connection, Device, OneUnit, RegisterBlock, TableMap,
    UnitTable, UnitZero, Units, UnknownUnit,
};
use ptk_modbus::{MILLISECOND, SECOND};

fn frame(id: u16, unit: u8, request: &Request<'_>) -> Vec<u8> {
    let mut bytes = [0; mbap::MAX_FRAME];
    let length = mbap::encode(&mut bytes, id, unit, |pdu| request.encode(pdu)).unwrap();
    bytes[..length].to_vec()
}

fn read(id: u16, quantity: u16) -> Vec<u8> {
    frame(
        id,
        1,
        &Request::ReadHoldingRegisters {
            address: 0,
            quantity,
        },
    )
}

/// Runs `test` with a device of 200 holding registers, each its own address.
fn with_device(test: impl FnOnce(&mut Device<OneUnit<TableMap<'_>>>)) {
    let mut values: Vec<u16> = (0..200).collect();
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    test(&mut Device::new(OneUnit::new(
        1,
        TableMap::new().holding_registers(&mut blocks),
    )));
}

/// Takes everything that is to be sent.
fn drain<const I: usize, const O: usize>(connection: &mut Connection<I, O>, now: u64) -> Vec<u8> {
    let bytes = connection.poll_transmit().to_vec();
    connection.transmitted(bytes.len(), now);
    bytes
}

/// The transaction ids of the frames in `bytes`, all of them whole.
fn ids(mut bytes: &[u8]) -> Vec<u16> {
    let mut ids = Vec::new();
    while let Ok(Some(header)) = mbap::Header::parse(bytes) {
        ids.push(header.transaction_id);
        bytes = &bytes[header.frame_length()..];
    }
    assert!(bytes.is_empty());
    ids
}

#[test]
fn a_request_split_at_every_byte() {
    with_device(|device| {
        let request = read(7, 10);
        let mut whole: Connection = Connection::new(Config::default(), 0);
        whole.handle_input(0, &request);
        whole.serve(0, device);
        let expected = drain(&mut whole, 0);
        for cut in 1..request.len() {
            let mut connection: Connection = Connection::new(Config::default(), 0);
            connection.handle_input(0, &request[..cut]);
            assert_eq!(connection.serve(0, device), 0);
            assert_eq!(connection.poll_transmit(), &[] as &[u8]);
            connection.handle_input(1, &request[cut..]);
            assert_eq!(connection.serve(1, device), 1);
            assert_eq!(drain(&mut connection, 1), expected, "cut at {cut}");
        }
        let mut connection: Connection = Connection::new(Config::default(), 0);
        for byte in &request {
            connection.handle_input(0, &[*byte]);
            connection.serve(0, device);
        }
        assert_eq!(drain(&mut connection, 0), expected);
    });
}

#[test]
fn sixty_four_requests_in_one_segment() {
    with_device(|device| {
        let segment: Vec<u8> = (0..64).flat_map(|id| read(id, 10)).collect();
        let mut connection: Connection = Connection::new(Config::default(), 0);
        assert_eq!(connection.handle_input(0, &segment), segment.len());
        assert_eq!(connection.serve(0, device), 64);
        // One segment in, one segment out.
        let replies = drain(&mut connection, 0);
        assert_eq!(ids(&replies), (0..64).collect::<Vec<_>>());
        assert_eq!(replies.len(), 64 * 29);
        assert!(connection.poll_transmit().is_empty());
    });
}

#[test]
fn sixty_four_requests_through_the_smallest_buffers() {
    with_device(|device| {
        let mut segment: Vec<u8> = (0..64).flat_map(|id| read(id, 125)).collect();
        let mut connection: Connection<260, 260> = Connection::new(Config::default(), 0);
        let mut replies = Vec::new();
        let mut turns = 0;
        while ids(&replies).len() < 64 {
            turns += 1;
            assert!(turns < 1000, "no progress");
            let taken = connection.handle_input(0, &segment);
            segment.drain(..taken);
            connection.serve(0, device);
            replies.extend(drain(&mut connection, 0));
            while connection.wants_serve() {
                connection.serve(0, device);
                replies.extend(drain(&mut connection, 0));
            }
        }
        assert_eq!(ids(&replies), (0..64).collect::<Vec<_>>());
        assert_eq!(device.statistics.requests, 64);
    });
}

#[test]
fn a_peer_that_does_not_read_stops_being_read_and_is_closed_in_the_end() {
    with_device(|device| {
        let mut connection: Connection = Connection::new(Config::default(), 0);
        let mut sent = 0;
        for id in 0..1000 {
            let request = read(id, 125);
            if connection.handle_input(0, &request) < request.len() {
                break;
            }
            connection.serve(0, device);
            sent += 1;
        }
        assert!(sent < 100, "no back-pressure");
        assert!(connection.receive_buffer().is_empty());
        let unsent = connection.poll_transmit().len();
        // It takes one byte now and then, and is given time again.
        for second in 1..=3 {
            connection.transmitted(1, second * 9 * SECOND);
            connection.handle_timeout(second * 9 * SECOND);
            assert_eq!(connection.poll_close(), None);
        }
        let due = connection.poll_timeout().unwrap();
        assert_eq!(due, 37 * SECOND);
        connection.handle_timeout(due - 1);
        assert_eq!(connection.poll_close(), None);
        connection.handle_timeout(due);
        let reason = CloseReason::PeerNotReading { unsent: unsent - 3 };
        assert_eq!(connection.poll_close(), Some(reason));
        assert_eq!(connection.poll_timeout(), None);
    });
}

#[test]
fn headers_that_are_none_close_after_what_came_before_is_answered() {
    use mbap::HeaderError::{Length, Protocol};
    let cases = [
        ([0, 9, 0, 1, 0, 6], Protocol(1)),
        ([0, 9, 0xFF, 0xFF, 0, 6], Protocol(0xFFFF)),
        ([0, 9, 0, 0, 0, 0], Length(0)),
        ([0, 9, 0, 0, 0, 1], Length(1)),
        ([0, 9, 0, 0, 0, 255], Length(255)),
        ([0, 9, 0, 0, 0xFF, 0xFF], Length(65535)),
    ];
    for (bytes, error) in cases {
        with_device(|device| {
            let mut connection: Connection = Connection::new(Config::default(), 0);
            connection.handle_input(0, &[&read(3, 1)[..], &bytes].concat());
            assert_eq!(connection.serve(0, device), 1);
            assert_eq!(connection.poll_close(), None, "before the answer is out");
            assert!(connection.receive_buffer().is_empty());
            assert_eq!(ids(&drain(&mut connection, 0)), [3]);
            let reason = CloseReason::Framing(FramingError::Header(error));
            assert_eq!(connection.poll_close(), Some(reason));
            assert_eq!(device.statistics.framing_errors, 1);
        });
    }
    let text = CloseReason::Framing(FramingError::Header(Length(65535))).to_string();
    assert_eq!(
        text,
        "not Modbus: frame length 65535 is not within 2 to 254"
    );
}

#[test]
fn half_a_frame_is_given_so_long_and_a_trickle_no_longer() {
    with_device(|device| {
        let request = read(1, 1);
        let mut connection: Connection = Connection::new(Config::default(), 0);
        assert_eq!(connection.poll_timeout(), None);
        // A byte each second: the deadline is the first one's.
        for (second, byte) in request[..4].iter().enumerate() {
            let now = (10 + second as u64) * SECOND;
            connection.handle_input(now, &[*byte]);
            connection.serve(now, device);
            assert_eq!(connection.poll_timeout(), Some(15 * SECOND));
        }
        connection.handle_timeout(15 * SECOND);
        assert_eq!(
            connection.poll_close(),
            Some(CloseReason::FrameTimeout { received: 4 })
        );
    });
}

#[test]
fn a_frame_that_follows_a_finished_one_has_its_own_time() {
    with_device(|device| {
        let request = read(1, 1);
        let mut connection: Connection = Connection::new(Config::default(), 0);
        connection.handle_input(0, &request[..5]);
        connection.serve(0, device);
        connection.handle_input(4 * SECOND, &[&request[5..], &request[..3]].concat());
        assert_eq!(connection.serve(4 * SECOND, device), 1);
        drain(&mut connection, 4 * SECOND);
        assert_eq!(connection.poll_timeout(), Some(9 * SECOND));
        connection.handle_input(8 * SECOND, &request[3..]);
        connection.serve(8 * SECOND, device);
        drain(&mut connection, 8 * SECOND);
        assert_eq!(connection.poll_timeout(), None);
    });
}

#[test]
fn idle_connections_are_evicted() {
    with_device(|device| {
        let config = Config {
            idle_timeout: Some(60 * SECOND),
            ..Config::default()
        };
        let mut connection: Connection = Connection::new(config, 5 * SECOND);
        assert_eq!(connection.poll_timeout(), Some(65 * SECOND));
        connection.handle_input(30 * SECOND, &read(1, 1));
        connection.serve(30 * SECOND, device);
        drain(&mut connection, 30 * SECOND);
        assert_eq!(connection.poll_timeout(), Some(90 * SECOND));
        connection.handle_timeout(90 * SECOND);
        assert_eq!(connection.poll_close(), Some(CloseReason::Idle));
    });
}

#[test]
fn the_end_of_the_stream_waits_for_answers() {
    with_device(|device| {
        let request = read(5, 1);
        let mut connection: Connection = Connection::new(Config::default(), 0);
        connection.handle_input(0, &request);
        // Told before the request is served: it is served all the same.
        connection.handle_end_of_stream(0);
        assert_eq!(connection.poll_close(), None);
        assert!(connection.wants_serve());
        assert_eq!(connection.serve(0, device), 1);
        assert_eq!(connection.poll_close(), None);
        assert_eq!(ids(&drain(&mut connection, 0)), [5]);
        assert_eq!(connection.poll_close(), Some(CloseReason::PeerClosed));

        let mut connection: Connection = Connection::new(Config::default(), 0);
        connection.handle_input(0, &request[..9]);
        connection.serve(0, device);
        connection.handle_end_of_stream(0);
        let reason = CloseReason::PeerClosedMidFrame { received: 9 };
        assert_eq!(connection.poll_close(), Some(reason));

        let mut connection: Connection = Connection::new(Config::default(), 0);
        connection.handle_input(0, &request);
        connection.serve(0, device);
        connection.handle_reset();
        assert_eq!(connection.poll_close(), Some(CloseReason::Reset));
        assert!(connection.poll_transmit().is_empty());
    });
}

#[test]
fn shutting_down_finishes_what_is_begun() {
    with_device(|device| {
        let mut connection: Connection = Connection::new(Config::default(), 0);
        connection.handle_input(0, &read(1, 1));
        connection.serve(0, device);
        connection.shut_down();
        assert_eq!(connection.poll_close(), None);
        assert!(!connection.wants_input());
        drain(&mut connection, 0);
        assert_eq!(connection.poll_close(), Some(CloseReason::Shutdown));
    });
}

fn one_reply<U: Units>(config: Config, device: &mut Device<U>, bytes: &[u8]) -> Vec<u8> {
    let mut connection: Connection = Connection::new(config, 0);
    connection.handle_input(0, bytes);
    assert_eq!(connection.serve(0, device), 1);
    drain(&mut connection, 0)
}

#[test]
fn unknown_units() {
    with_device(|device| {
        let request = frame(
            1,
            9,
            &Request::ReadHoldingRegisters {
                address: 0,
                quantity: 1,
            },
        );
        let reply = one_reply(Config::default(), device, &request);
        assert_eq!(reply, [0, 1, 0, 0, 0, 3, 9, 0x83, 0x0B]);
        let config = Config {
            unknown_unit: UnknownUnit::Silent,
            ..Config::default()
        };
        assert!(one_reply(config, device, &request).is_empty());
        let code = ExceptionCode::GatewayPathUnavailable;
        let config = Config {
            unknown_unit: UnknownUnit::Exception(code),
            ..Config::default()
        };
        assert_eq!(one_reply(config, device, &request)[7..], [0x83, 0x0A]);
        assert_eq!(device.statistics.unanswered, 1);
        assert_eq!(device.diagnostics.server_messages, 0);
    });
}

#[test]
fn unit_0_and_unit_255() {
    with_device(|device| {
        let to = |unit| {
            frame(
                1,
                unit,
                &Request::WriteSingleRegister {
                    address: 3,
                    value: 77,
                },
            )
        };
        for unit in [0, 255] {
            assert_eq!(
                one_reply(Config::default(), device, &to(unit)),
                to(unit),
                "an echo"
            );
        }
        let config = Config {
            unit_zero: UnitZero::Ordinary,
            unit_255_is_direct: false,
            ..Config::default()
        };
        for unit in [0, 255] {
            assert_eq!(one_reply(config, device, &to(unit))[7..], [0x86, 0x0B]);
        }
    });
    // A broadcast reaches every unit and is not answered.
    let (mut first, mut second) = ([0; 4], [0; 4]);
    let mut first = [RegisterBlock::new(0, &mut first, Access::ReadWrite)];
    let mut second = [RegisterBlock::new(0, &mut second, Access::ReadWrite)];
    let mut table = [
        (1, TableMap::new().holding_registers(&mut first)),
        (2, TableMap::new().holding_registers(&mut second)),
    ];
    let mut device = Device::new(UnitTable(&mut table));
    let config = Config {
        unit_zero: UnitZero::Broadcast,
        ..Config::default()
    };
    let write = frame(
        1,
        0,
        &Request::WriteSingleRegister {
            address: 3,
            value: 77,
        },
    );
    assert!(one_reply(config, &mut device, &write).is_empty());
    let read = Request::ReadHoldingRegisters {
        address: 3,
        quantity: 1,
    };
    assert!(one_reply(config, &mut device, &frame(1, 0, &read)).is_empty());
    for unit in [1, 2] {
        let reply = one_reply(config, &mut device, &frame(1, unit, &read));
        let expected = Response::ReadHoldingRegisters(Registers::from_words(&[77]));
        assert_eq!(Response::decode(&reply[7..]), Ok(expected));
    }
    assert_eq!(device.statistics.unanswered, 2);
}

#[test]
fn rtu_frames_over_tcp() {
    let mut values = [5; 4];
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let mut device = Device::new(AnyUnit(TableMap::new().holding_registers(&mut blocks)));
    let config = Config {
        framing: Framing::Rtu,
        ..Config::default()
    };
    let mut request = [0; rtu::MAX_FRAME];
    let read = Request::ReadHoldingRegisters {
        address: 0,
        quantity: 2,
    };
    let length = rtu::encode(&mut request, 17, |pdu| read.encode(pdu)).unwrap();
    let reply = one_reply(config, &mut device, &request[..length]);
    assert_eq!(reply[..7], [17, 3, 4, 0, 5, 0, 5]);
    assert_eq!(rtu::crc(&reply[..7]).to_le_bytes(), reply[7..]);

    request[2] ^= 1;
    let mut connection: Connection = Connection::new(config, 0);
    connection.handle_input(0, &request[..length]);
    connection.serve(0, &mut device);
    assert_eq!(
        connection.poll_close(),
        Some(CloseReason::Framing(FramingError::Checksum))
    );
}

#[test]
fn timers_do_no_harm_when_called_early() {
    with_device(|device| {
        let config = Config {
            idle_timeout: Some(SECOND),
            ..Config::default()
        };
        let mut connection: Connection = Connection::new(config, 0);
        for now in 0..10 {
            connection.handle_timeout(now * MILLISECOND);
        }
        connection.handle_input(0, &read(1, 1));
        assert_eq!(connection.serve(0, device), 1);
        assert_eq!(connection.poll_close(), None);
    });
}
