//! Replies, right ones and every kind of wrong one.

use super::*;

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
