//! Which requests are taken, and when.

use super::*;

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
