//! Connecting, silence, keepalives, stopping.

use super::*;

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
