//! The client machine, byte by byte: every fault that a server can show, deadlines, reconnecting, limits.

use ptk_modbus::client::{
    Action, Backoff, Client, Config, DisconnectReason, Event, Failure, Keepalive, RequestError,
};
use ptk_modbus::codec::{
    Bits, Error, ExceptionCode, Framing, FramingError, Registers, Request, Response, mbap, rtu,
};
use ptk_modbus::{MILLISECOND, SECOND};

const READ: Request<'static> = Request::ReadHoldingRegisters {
    address: 0,
    quantity: 2,
};
/// The right reply to [`READ`], but for its transaction id.
const VALUES: [u8; 6] = [3, 4, 0, 1, 0, 2];

fn reply(id: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut bytes = [0; mbap::MAX_FRAME];
    let length = mbap::encode(&mut bytes, id, unit, |out| {
        out[..pdu.len()].copy_from_slice(pdu);
        Ok(pdu.len())
    })
    .unwrap();
    bytes[..length].to_vec()
}

fn connected(config: Config) -> Client {
    let mut client: Client = Client::new(config, 1, 0);
    connect(&mut client, 0);
    client
}

fn connect(client: &mut Client, now: u64) {
    assert_eq!(client.poll_action(now), Some(Action::Connect));
    client.handle_connected(now);
    assert_eq!(client.poll_event(now), Some(Event::Connected));
}

/// Sends everything.
fn flush(client: &mut Client) -> Vec<u8> {
    let bytes = client.poll_transmit().to_vec();
    client.transmitted(bytes.len(), 0);
    bytes
}

fn good(token: u64) -> Option<Event<'static>> {
    let response = Response::ReadHoldingRegisters(Registers::from_words(&[1, 2]));
    Some(Event::Reply {
        token,
        unit: 1,
        response,
        requested: 0,
    })
}

fn failed(token: u64, failure: Failure) -> Option<Event<'static>> {
    Some(Event::Failed { token, failure })
}

#[test]
fn a_reply_split_at_every_byte() {
    let bytes = reply(1, 1, &VALUES);
    for cut in 0..=bytes.len() {
        let mut client = connected(Config::default());
        client.request(0, 1, &READ, 9).unwrap();
        flush(&mut client);
        client.handle_input(0, &bytes[..cut]);
        if cut < bytes.len() {
            assert_eq!(client.poll_event(0), None);
        }
        client.handle_input(0, &bytes[cut..]);
        assert_eq!(client.poll_event(0), good(9), "cut at {cut}");
        assert_eq!(client.poll_event(0), None);
        assert_eq!(client.in_flight(), 0);
    }
}

#[test]
fn replies_in_any_order() {
    let mut client = connected(Config::default());
    for token in 1..=16 {
        client.request(0, 1, &READ, token).unwrap();
    }
    assert_eq!(
        client.request(0, 1, &READ, 17),
        Err(RequestError::TooManyInFlight)
    );
    assert_eq!(flush(&mut client).len(), 16 * 12);
    let bytes: Vec<u8> = (1..=16)
        .rev()
        .flat_map(|id| reply(id, 1, &VALUES))
        .collect();
    client.handle_input(0, &bytes);
    for token in (1..=16).rev() {
        assert_eq!(client.poll_event(0), good(token));
    }
    assert_eq!(client.poll_event(0), None);
    assert_eq!(client.request(0, 1, &READ, 17), Ok(()));
}

#[test]
fn replies_that_do_not_fit() {
    let cases: [(&str, Vec<u8>, Failure); 9] = [
        (
            "wrong unit",
            reply(1, 2, &VALUES),
            Failure::WrongUnit { answered: 2 },
        ),
        (
            "wrong function",
            reply(1, 1, &[4, 4, 0, 1, 0, 2]),
            Failure::WrongFunction { answered: 4 },
        ),
        (
            "exception of another function",
            reply(1, 1, &[0x84, 2]),
            Failure::WrongFunction { answered: 4 },
        ),
        (
            "too few values",
            reply(1, 1, &[3, 2, 0, 1]),
            Failure::Mismatch,
        ),
        (
            "too many values",
            reply(1, 1, &[3, 6, 0, 1, 0, 2, 0, 3]),
            Failure::Mismatch,
        ),
        (
            "short",
            reply(1, 1, &[3, 4, 0, 1, 0]),
            Failure::Malformed(Error::ByteCount(4)),
        ),
        (
            "bare function",
            reply(1, 1, &[3]),
            Failure::Malformed(Error::Truncated),
        ),
        (
            "bare exception",
            reply(1, 1, &[0x83]),
            Failure::Malformed(Error::Truncated),
        ),
        (
            "unknown function",
            reply(1, 1, &[9, 0]),
            Failure::Malformed(Error::UnknownFunction(9)),
        ),
    ];
    for (name, bytes, failure) in cases {
        let mut client = connected(Config::default());
        client.request(0, 1, &READ, 5).unwrap();
        client.request(0, 1, &READ, 6).unwrap();
        flush(&mut client);
        client.handle_input(0, &bytes);
        assert_eq!(client.poll_event(0), failed(5, failure), "{name}");
        // The stream is sound, and so is the next transaction.
        client.handle_input(0, &reply(2, 1, &VALUES));
        assert_eq!(client.poll_event(0), good(6), "{name}");
        assert_eq!(client.statistics().bad_replies, 1);
    }
}

#[test]
fn a_unit_of_its_own_is_taken_when_told_to() {
    let mut client = connected(Config {
        check_unit: false,
        ..Config::default()
    });
    client.request(0, 1, &READ, 5).unwrap();
    client.handle_input(0, &reply(1, 255, &VALUES));
    assert_eq!(client.poll_event(0), good(5));
}

#[test]
fn exceptions_are_replies() {
    let mut client = connected(Config::default());
    client.request(0, 1, &READ, 5).unwrap();
    client.handle_input(0, &reply(1, 1, &[0x83, 6]));
    let response = Response::Exception {
        function: 3,
        code: ExceptionCode::ServerDeviceBusy,
    };
    let expected = Event::Reply {
        token: 5,
        unit: 1,
        response,
        requested: 0,
    };
    assert_eq!(client.poll_event(0), Some(expected));
    assert_eq!(client.statistics().exceptions, 1);
}

#[test]
fn bits_are_cut_to_what_was_asked() {
    let mut client = connected(Config::default());
    client
        .request(
            0,
            1,
            &Request::ReadCoils {
                address: 0,
                quantity: 3,
            },
            5,
        )
        .unwrap();
    client.handle_input(0, &reply(1, 1, &[1, 1, 0b1111_1101]));
    match client.poll_event(0) {
        Some(Event::Reply {
            response: Response::ReadCoils(bits),
            ..
        }) => {
            assert_eq!(bits, Bits::from_bools(&[true, false, true]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn echoes_are_checked() {
    let write = Request::WriteSingleRegister {
        address: 3,
        value: 9,
    };
    for (pdu, fits) in [
        ([6, 0, 3, 0, 9], true),
        ([6, 0, 4, 0, 9], false),
        ([6, 0, 3, 0, 8], false),
    ] {
        let mut client = connected(Config::default());
        client.request(0, 1, &write, 5).unwrap();
        client.handle_input(0, &reply(1, 1, &pdu));
        let event = client.poll_event(0);
        assert_eq!(
            matches!(event, Some(Event::Reply { .. })),
            fits,
            "{event:?}"
        );
    }
}

#[test]
fn a_wrong_transaction_id_is_nobodys_reply() {
    let mut client = connected(Config::default());
    client.request(0, 1, &READ, 5).unwrap();
    client.handle_input(0, &reply(77, 1, &VALUES));
    assert_eq!(client.poll_event(0), None);
    assert_eq!(client.statistics().late_replies, 1);
    assert_eq!(client.in_flight(), 1);
    client.handle_timeout(SECOND);
    assert_eq!(client.poll_event(SECOND), failed(5, Failure::TimedOut));
}

#[test]
fn a_late_reply_does_not_poison_the_next_read() {
    let mut client = connected(Config::default());
    client.request(0, 1, &READ, 5).unwrap();
    client.handle_timeout(SECOND);
    assert_eq!(client.poll_event(SECOND), failed(5, Failure::TimedOut));
    client.request(SECOND, 1, &READ, 6).unwrap();
    // The late one with other values, then the right one.
    let late = reply(1, 1, &[3, 4, 0xDE, 0xAD, 0xBE, 0xEF]);
    client.handle_input(SECOND, &[late, reply(2, 1, &VALUES)].concat());
    let response = Response::ReadHoldingRegisters(Registers::from_words(&[1, 2]));
    let expected = Event::Reply {
        token: 6,
        unit: 1,
        response,
        requested: SECOND,
    };
    assert_eq!(client.poll_event(SECOND), Some(expected));
    assert_eq!(client.poll_event(SECOND), None);
    assert_eq!(client.statistics().late_replies, 1);
    assert_eq!(client.statistics().timeouts, 1);
    assert!(client.is_connected());
}

#[test]
fn a_second_reply_to_the_same_request_is_thrown_away() {
    let mut client = connected(Config::default());
    client.request(0, 1, &READ, 5).unwrap();
    client.handle_input(0, &[reply(1, 1, &VALUES), reply(1, 1, &VALUES)].concat());
    assert_eq!(client.poll_event(0), good(5));
    assert_eq!(client.poll_event(0), None);
    assert_eq!(client.statistics().late_replies, 1);
}

#[test]
fn headers_that_are_none_cost_the_connection() {
    use mbap::HeaderError::{Length, Protocol};
    let cases = [
        ([0, 1, 0, 9, 0, 3], Protocol(9)),
        ([0, 1, 0, 0, 0, 0], Length(0)),
        ([0, 1, 0, 0, 0, 1], Length(1)),
        ([0, 1, 0, 0, 1, 0], Length(256)),
        ([0, 1, 0, 0, 0xFF, 0xFF], Length(65535)),
    ];
    for (bytes, error) in cases {
        let mut client = connected(Config::default());
        client.request(0, 1, &READ, 5).unwrap();
        client.handle_input(0, &bytes);
        let reason = DisconnectReason::Framing(FramingError::Header(error));
        assert_eq!(client.poll_event(0), Some(Event::Disconnected(reason)));
        assert_eq!(
            client.poll_event(0),
            failed(5, Failure::Disconnected(reason))
        );
        assert_eq!(client.poll_event(0), None);
        assert_eq!(client.poll_action(0), Some(Action::Close));
        assert_eq!(client.poll_action(0), None);
        assert_eq!(
            client.request(0, 1, &READ, 6),
            Err(RequestError::NotConnected)
        );
        // And then comes back, with nothing left of the old stream.
        let again = client.poll_timeout().unwrap();
        connect(&mut client, again);
        client.request(again, 1, &READ, 7).unwrap();
        client.handle_input(again, &reply(2, 1, &VALUES));
        assert!(matches!(
            client.poll_event(again),
            Some(Event::Reply { token: 7, .. })
        ));
    }
}

#[test]
fn half_a_reply_costs_the_connection_in_the_end() {
    let mut client = connected(Config::default());
    client.request(0, 1, &READ, 5).unwrap();
    // A length that announces more than comes.
    client.handle_input(SECOND / 2, &[0, 1, 0, 0, 0, 99, 1, 3, 4, 0, 1]);
    assert_eq!(client.poll_event(SECOND / 2), None);
    client.handle_timeout(SECOND);
    assert_eq!(client.poll_event(SECOND), failed(5, Failure::TimedOut));
    assert_eq!(client.poll_timeout(), Some(5 * SECOND / 2));
    client.handle_timeout(5 * SECOND / 2);
    let expected = Event::Disconnected(DisconnectReason::FrameTimeout);
    assert_eq!(client.poll_event(5 * SECOND / 2), Some(expected));
}

#[test]
fn a_silent_peer_is_given_up() {
    let mut client = connected(Config::default());
    for second in 0..3 {
        client.request(second * SECOND, 1, &READ, second).unwrap();
        flush(&mut client);
        client.handle_timeout((second + 1) * SECOND);
        if second < 2 {
            let event = client.poll_event((second + 1) * SECOND);
            assert_eq!(event, failed(second, Failure::TimedOut));
            assert!(client.is_connected());
        }
    }
    let expected = Event::Disconnected(DisconnectReason::NoReplies);
    assert_eq!(client.poll_event(3 * SECOND), Some(expected));
    assert_eq!(client.poll_event(3 * SECOND), failed(2, Failure::TimedOut));
    assert_eq!(client.poll_action(3 * SECOND), Some(Action::Close));
}

#[test]
fn one_stall_with_many_in_flight_is_one_stall() {
    let mut client = connected(Config::default());
    for token in 0..16 {
        client.request(0, 1, &READ, token).unwrap();
    }
    flush(&mut client);
    client.handle_timeout(SECOND);
    assert!(client.is_connected());
    for token in 0..16 {
        assert_eq!(client.poll_event(SECOND), failed(token, Failure::TimedOut));
    }
    assert_eq!(client.statistics().timeouts, 16);
}

#[test]
fn connecting_has_a_deadline_and_backs_off() {
    let backoff = Backoff {
        first: SECOND,
        most: 4 * SECOND,
        jitter_percent: 0,
    };
    let config = Config {
        backoff,
        start_delay: 5 * SECOND,
        ..Config::default()
    };
    let mut client: Client = Client::new(config, 1, 0);
    let mut now = 5 * SECOND;
    assert_eq!(client.poll_timeout(), Some(now));
    assert_eq!(client.poll_action(now - 1), None);
    for wait in [1, 2, 4, 4] {
        assert_eq!(client.poll_action(now), Some(Action::Connect));
        assert_eq!(client.poll_action(now), None);
        let deadline = now + 3 * SECOND;
        assert_eq!(client.poll_timeout(), Some(deadline));
        client.handle_timeout(deadline - 1);
        assert_eq!(client.poll_event(now), None);
        client.handle_timeout(deadline);
        let expected = Event::Disconnected(DisconnectReason::ConnectTimedOut);
        assert_eq!(client.poll_event(deadline), Some(expected));
        assert_eq!(client.poll_action(deadline), Some(Action::Close));
        assert_eq!(client.poll_timeout(), Some(deadline + wait * SECOND));
        now = deadline + wait * SECOND;
    }
    // Coming up is no success yet: a server that takes connections and drops them is not asked faster.
    connect(&mut client, now);
    client.handle_closed(now);
    assert_eq!(client.poll_timeout(), Some(now + 4 * SECOND));
    now += 4 * SECOND;
    assert_eq!(
        client.poll_event(now),
        Some(Event::Disconnected(DisconnectReason::PeerClosed))
    );
    assert_eq!(client.poll_action(now), Some(Action::Close));
    // A reply is.
    connect(&mut client, now);
    client.request(now, 1, &READ, 1).unwrap();
    client.handle_input(now, &reply(1, 1, &VALUES));
    assert!(matches!(client.poll_event(now), Some(Event::Reply { .. })));
    client.handle_reset(now);
    assert_eq!(client.poll_timeout(), Some(now + SECOND));
}

#[test]
fn failing_to_connect_at_once() {
    let mut client: Client = Client::new(Config::default(), 1, 0);
    assert_eq!(client.poll_action(0), Some(Action::Connect));
    client.handle_connect_failed(0);
    assert_eq!(
        client.poll_event(0),
        Some(Event::Disconnected(DisconnectReason::ConnectFailed))
    );
    assert_eq!(client.poll_action(0), Some(Action::Close));
    let again = client.poll_timeout().unwrap();
    assert!((50 * MILLISECOND..=100 * MILLISECOND).contains(&again));
}

#[test]
fn a_delay_between_requests_and_a_limit_in_flight() {
    let config = Config {
        request_delay: 10 * MILLISECOND,
        max_in_flight: 2,
        ..Config::default()
    };
    let mut client = connected(config);
    client.request(0, 1, &READ, 1).unwrap();
    let until = 10 * MILLISECOND;
    assert_eq!(
        client.request(0, 1, &READ, 2),
        Err(RequestError::TooSoon { until })
    );
    client.request(until, 1, &READ, 2).unwrap();
    assert_eq!(
        client.request(SECOND / 2, 1, &READ, 3),
        Err(RequestError::TooManyInFlight)
    );
}

#[test]
fn invalid_requests_are_not_sent() {
    let mut client = connected(Config::default());
    let request = Request::ReadCoils {
        address: 0,
        quantity: 2001,
    };
    let error = RequestError::Invalid(Error::Quantity(2001));
    assert_eq!(client.request(0, 1, &request, 1), Err(error));
    assert!(client.poll_transmit().is_empty());
    assert_eq!(client.in_flight(), 0);
}

#[test]
fn a_peer_that_does_not_read_gets_no_more() {
    let config = Config {
        request_timeout: 100 * SECOND,
        ..Config::default()
    };
    let mut client: Client<128, 1024, 1024> = Client::new(config, 1, 0);
    client.poll_action(0);
    client.handle_connected(0);
    let taken = (0..128)
        .take_while(|token| client.request(0, 1, &READ, *token).is_ok())
        .count();
    assert_eq!(taken, (1024 - 260) / 12 + 1);
    assert_eq!(client.request(0, 1, &READ, 99), Err(RequestError::NoRoom));
    client.transmitted(12, 0);
    assert_eq!(client.request(0, 1, &READ, 99), Ok(()));
}

#[test]
fn keepalives_ask_when_nobody_else_does() {
    let keepalive = Keepalive {
        after: 10 * SECOND,
        unit: 1,
        address: 0,
    };
    let mut client = connected(Config {
        keepalive: Some(keepalive),
        ..Config::default()
    });
    assert_eq!(client.poll_timeout(), Some(10 * SECOND));
    client.handle_timeout(10 * SECOND);
    assert_eq!(flush(&mut client), [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1]);
    client.handle_input(10 * SECOND, &reply(1, 1, &[0x83, 2]));
    assert_eq!(client.poll_event(10 * SECOND), None);
    // A request of the program's takes its place.
    client.request(15 * SECOND, 1, &READ, 1).unwrap();
    client.handle_input(15 * SECOND, &reply(2, 1, &VALUES));
    assert!(matches!(
        client.poll_event(15 * SECOND),
        Some(Event::Reply { .. })
    ));
    assert_eq!(client.poll_timeout(), Some(25 * SECOND));
    // A peer that is gone is found out.
    let mut now = 25 * SECOND;
    for _ in 0..20 {
        client.handle_timeout(now);
        flush(&mut client);
        if !client.is_connected() {
            break;
        }
        now = client.poll_timeout().unwrap();
    }
    let expected = Event::Disconnected(DisconnectReason::NoReplies);
    assert_eq!(client.poll_event(now), Some(expected));
    assert_eq!(client.poll_event(now), None);
    assert_eq!(client.statistics().keepalives, 4);
}

#[test]
fn broadcasts_wait_for_nothing() {
    let mut client = connected(Config::default());
    client
        .broadcast(
            0,
            &Request::WriteSingleCoil {
                address: 0,
                value: true,
            },
        )
        .unwrap();
    assert_eq!(flush(&mut client), [0, 1, 0, 0, 0, 6, 0, 5, 0, 0, 0xFF, 0]);
    assert_eq!(client.in_flight(), 0);
    assert!(matches!(
        client.broadcast(0, &READ),
        Err(RequestError::Invalid(_))
    ));
}

#[test]
fn stopping_and_starting_again() {
    let mut client = connected(Config::default());
    client.request(0, 1, &READ, 1).unwrap();
    client.stop(0);
    assert_eq!(
        client.poll_event(0),
        Some(Event::Disconnected(DisconnectReason::Stopped))
    );
    let failure = Failure::Disconnected(DisconnectReason::Stopped);
    assert_eq!(client.poll_event(0), failed(1, failure));
    assert_eq!(client.poll_action(0), Some(Action::Close));
    assert_eq!(client.poll_action(u64::MAX), None);
    assert_eq!(client.poll_timeout(), None);
    client.restart(7);
    assert_eq!(client.poll_timeout(), Some(7));
    connect(&mut client, 7);
}

#[test]
fn transaction_ids_wrap_past_those_in_flight() {
    let mut client = connected(Config {
        request_timeout: u64::MAX,
        ..Config::default()
    });
    client.request(0, 1, &READ, 0).unwrap();
    flush(&mut client);
    for round in 0..=65_536_u32 {
        client.request(0, 1, &READ, 1).unwrap();
        let sent = flush(&mut client);
        let id = u16::from_be_bytes([sent[0], sent[1]]);
        assert_ne!(id, 1, "round {round}");
        client.handle_input(0, &reply(id, 1, &VALUES));
        assert_eq!(client.poll_event(0), good(1));
    }
    client.handle_input(0, &reply(1, 1, &VALUES));
    assert_eq!(client.poll_event(0), good(0));
}

#[test]
fn rtu_framing_has_one_request_at_a_time() {
    let mut client = connected(Config {
        framing: Framing::Rtu,
        ..Config::default()
    });
    client.request(0, 17, &READ, 1).unwrap();
    assert_eq!(
        client.request(0, 17, &READ, 2),
        Err(RequestError::TooManyInFlight)
    );
    let sent = flush(&mut client);
    assert_eq!(sent[..6], [17, 3, 0, 0, 0, 2]);
    let mut bytes = [0; rtu::MAX_FRAME];
    let length = rtu::encode(&mut bytes, 17, |out| {
        out[..VALUES.len()].copy_from_slice(&VALUES);
        Ok(VALUES.len())
    })
    .unwrap();
    client.handle_input(0, &bytes[..length]);
    let response = Response::ReadHoldingRegisters(Registers::from_words(&[1, 2]));
    let expected = Event::Reply {
        token: 1,
        unit: 17,
        response,
        requested: 0,
    };
    assert_eq!(client.poll_event(0), Some(expected));
    // A timeout costs the connection: a late reply could not be told from the next.
    client.request(0, 17, &READ, 2).unwrap();
    client.handle_timeout(SECOND);
    let expected = Event::Disconnected(DisconnectReason::NoReplies);
    assert_eq!(client.poll_event(SECOND), Some(expected));
}

#[test]
fn events_of_a_broken_connection_do_not_block_the_next() {
    let mut client = connected(Config::default());
    for token in 0..16 {
        client.request(0, 1, &READ, token).unwrap();
    }
    client.handle_reset(0);
    let again = client.poll_timeout().unwrap();
    assert_eq!(client.poll_action(again), Some(Action::Close));
    assert_eq!(client.poll_action(again), Some(Action::Connect));
    client.handle_connected(again);
    // Sixteen ends are still to be told: no place yet.
    assert_eq!(client.ready(again), Err(RequestError::TooManyInFlight));
    let mut events = Vec::new();
    while let Some(event) = client.poll_event(again) {
        events.push(format!("{event:?}"));
    }
    assert_eq!(events.len(), 2 + 16);
    assert_eq!(client.ready(again), Ok(()));
}
