//! Each sharp edge of the C toolkit that came before, as a test that it does not come back. The numbers and names are those of the
//! list of what that toolkit got wrong.
//!
//! Two are elsewhere: `edge_09` (a registration that the system refuses) beside the simulated system, in `src/testing/tests/faults.rs`, and
//! `edge_10` (a duplicate transition) in `compile_errors.rs`. What else belongs to `edge_12`: multicast in `net_udp.rs`, errors in `net_errors.rs`.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ptk_core::event_loop::{Context, Ended, Event, EventLoop, Kind, Remote, SourceId, Watch};
use ptk_core::machine::{Cx, Machine};
use ptk_core::net::{Half, Received, Sent, TcpListener, TcpStream, UnixStream};
use ptk_core::{Error, ErrorKind};

/// Long enough for any machine, short enough to notice that nothing comes.
const LONG: Duration = Duration::from_secs(30);

fn attach(event_loop: &mut EventLoop, socket: UnixStream) -> SourceId {
    event_loop
        .context()
        .attach(socket, Watch::all())
        .expect("room")
}

mod edge_01 {
    use super::*;

    ptk_core::symbols! {
        enum State { First, Second, Third }
        enum Step { Go, Nested }
    }
    ptk_core::transitions! {
        chart Order {
            states: State, events: Step, data: Vec<State>, start: First;
            table {
                First + Go / nest => Second;
                Second + Nested / note => Third;
            }
        }
    }

    fn nest(seen: &mut Vec<State>, cx: &mut Cx<'_, '_, Order>, _: Step) {
        seen.push(cx.state());
        cx.raise(Step::Nested).expect("room");
    }

    fn note(seen: &mut Vec<State>, cx: &mut Cx<'_, '_, Order>, _: Step) {
        seen.push(cx.state());
    }

    #[test]
    fn the_state_changes_before_the_action_and_a_nested_event_is_not_lost() {
        let mut machine = Machine::<Order>::new(Vec::new());
        assert!(machine.handle(&mut (), Step::Go).is_handled());
        assert_eq!(machine.data, [State::Second, State::Third]);
        assert_eq!(machine.state(), State::Third);
    }
}

#[test]
fn edge_02_a_partial_send_is_visible_and_nothing_is_lost() {
    let (one, other) = UnixStream::pair().expect("a pair");
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let sender = attach(&mut event_loop, one);
    let receiver = attach(&mut event_loop, other);
    let message: Vec<u8> = (0..3_000_000_u32).map(|n| n as u8).collect();
    let (mut sent, mut received) = (0, Vec::new());
    let push = |cx: &mut Context, sent: &mut usize| {
        while *sent < message.len() {
            match cx.send(sender, &message[*sent..]).expect("an open stream") {
                Sent::WouldBlock => return,
                some => *sent += some.bytes(),
            }
        }
    };
    push(&mut event_loop.context(), &mut sent);
    assert!(
        sent < message.len(),
        "the socket's buffer is smaller than the message"
    );
    let ended = event_loop
        .run_for(
            &mut |cx: &mut Context, event: Event| match event.kind {
                Kind::Writable(_) => push(cx, &mut sent),
                Kind::Readable(source) if source == receiver => {
                    let mut buffer = [0; 65_536];
                    if let Ok(Received::Data(count)) = cx.receive(source, &mut buffer) {
                        received.extend_from_slice(&buffer[..count]);
                    }
                    if received.len() == message.len() {
                        cx.stop();
                    }
                }
                _ => {}
            },
            LONG,
        )
        .expect("the wait works");
    assert_eq!(ended, Ended::Stopped);
    assert!(received == message, "every byte, in order");
}

#[test]
fn edge_03_nothing_yet_end_of_stream_and_an_error_are_told_apart() {
    let (one, other) = UnixStream::pair().expect("a pair");
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let one = attach(&mut event_loop, one);
    let other = attach(&mut event_loop, other);
    let mut cx = event_loop.context();
    let mut buffer = [0; 8];
    assert_eq!(cx.receive(one, &mut buffer), Ok(Received::WouldBlock));
    let _ = cx.send(other, b"end").expect("sent");
    cx.shutdown(other, Half::Send).expect("open");
    assert_eq!(cx.receive(one, &mut buffer), Ok(Received::Data(3)));
    assert_eq!(cx.receive(one, &mut buffer), Ok(Received::EndOfStream));

    let mut kinds = Vec::new();
    event_loop
        .run_until_idle(&mut |_: &mut Context, event: Event| kinds.push(event.kind))
        .expect("the wait works");
    assert!(!kinds.contains(&Kind::Readable(one)), "{kinds:?}");
}

#[test]
fn edge_03_the_end_of_the_stream_is_told_after_the_last_byte_and_once() {
    let (one, other) = UnixStream::pair().expect("a pair");
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let one = attach(&mut event_loop, one);
    let _ = other.send(b"last words").expect("sent");
    drop(other);
    let (mut bytes, mut ends) = (0, 0);
    event_loop
        .run_until_idle(&mut |cx: &mut Context, event: Event| match event.kind {
            Kind::Readable(source) => {
                let mut buffer = [0; 4];
                if let Ok(Received::Data(count)) = cx.receive(source, &mut buffer) {
                    assert_eq!(ends, 0);
                    bytes += count;
                }
            }
            Kind::Closed(source) => {
                assert_eq!(source, one);
                ends += 1;
            }
            kind => panic!("{kind:?}"),
        })
        .expect("the wait works");
    assert_eq!((bytes, ends), (10, 1));
}

#[test]
fn edge_04_an_event_that_nobody_takes_does_not_spin() {
    let (one, other) = UnixStream::pair().expect("a pair");
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let source = attach(&mut event_loop, one);
    let _ = other.send(b"ignored").expect("sent");
    event_loop.context().want_write(source).expect("attached");
    event_loop
        .context()
        .start_timer(Duration::from_millis(300), 0, 9u16)
        .expect("room");
    event_loop
        .run(&mut |cx: &mut Context, event: Event| {
            if matches!(event.kind, Kind::Timer { .. }) {
                cx.stop();
            }
        })
        .expect("the wait works");
    let counters = event_loop.counters();
    assert_eq!(counters.unconsumed, 1);
    assert!(counters.turns < 10, "{} turns at rest", counters.turns);

    // Taking something makes the loop ask again.
    let mut buffer = [0; 3];
    let mut told = 0;
    assert_eq!(
        event_loop.context().receive(source, &mut buffer),
        Ok(Received::Data(3))
    );
    event_loop
        .run_until_idle(&mut |_: &mut Context, _: Event| told += 1)
        .expect("the wait works");
    assert_eq!(told, 1);
}

#[test]
fn edge_05_a_closed_source_hears_nothing_even_in_the_same_batch_or_when_its_slot_is_taken_again() {
    let (one, peer_one) = UnixStream::pair().expect("a pair");
    let (two, peer_two) = UnixStream::pair().expect("a pair");
    let (three, peer_three) = UnixStream::pair().expect("a pair");
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let first = attach(&mut event_loop, one);
    let second = attach(&mut event_loop, two);
    for peer in [&peer_one, &peer_two, &peer_three] {
        let _ = peer.send(b"x").expect("sent");
    }
    let mut third = Some(three);
    let mut heard: Vec<SourceId> = Vec::new();
    event_loop
        .run_until_idle(&mut |cx: &mut Context, event: Event| {
            let Kind::Readable(source) = event.kind else {
                return;
            };
            heard.push(source);
            let _ = cx.receive(source, &mut [0; 8]).expect("attached");
            if let Some(three) = third.take() {
                let victim = if source == first { second } else { first };
                cx.close(victim).expect("attached");
                let newcomer = cx.attach(three, Watch::all()).expect("room");
                assert_eq!(newcomer.slot(), victim.slot(), "the slot is used again");
                assert_ne!(newcomer, victim);
                assert_eq!(cx.receive(victim, &mut [0; 8]), Err(Error::STALE));
                assert_eq!(cx.send(victim, b"y"), Err(Error::STALE));
                assert_eq!(cx.close(victim), Err(Error::STALE));
            }
        })
        .expect("the wait works");
    assert_eq!(heard.len(), 2, "the survivor and the newcomer: {heard:?}");
    assert!(!(heard.contains(&first) && heard.contains(&second)));
    assert_eq!(event_loop.counters().stale, 1);
}

#[test]
fn edge_06_everything_can_be_ended_and_user_events_raised() {
    static REMOTE: Remote = Remote::new();
    let (one, _other) = UnixStream::pair().expect("a pair");
    let mut event_loop: EventLoop = EventLoop::with_remote(&REMOTE).expect("a kqueue");
    let socket = attach(&mut event_loop, one);
    let mut cx = event_loop.context();
    let (user, raiser) = cx.attach_user(3, 8u16).expect("room");
    let timer = cx.start_timer(LONG, 0, 1u16).expect("room");
    raiser.raise(0b01).expect("attached");
    raiser.raise(0b10).expect("attached");
    let mut told = Vec::new();
    event_loop
        .run_until_idle(&mut |_: &mut Context, event: Event| told.push(event))
        .expect("the wait works");
    let kind = Kind::User {
        source: user,
        payload: 0b11,
    };
    assert_eq!(
        told,
        [Event {
            owner: 3,
            code: 8,
            kind
        }],
        "raises merge"
    );

    let mut cx = event_loop.context();
    assert!(cx.cancel_timer(timer));
    assert!(!cx.cancel_timer(timer));
    cx.close(user).expect("attached");
    assert_eq!(raiser.raise(1), Err(Error::STALE));
    let stream = cx.detach(socket).expect("attached");
    assert!(matches!(stream, ptk_core::system::Socket::UnixStream(_)));
    assert!(event_loop.is_empty());
    let ended = event_loop.run(&mut |_: &mut Context, _: Event| {});
    assert_eq!(ended, Ok(Ended::NothingLeft), "nothing could ever happen");
}

#[test]
fn edge_07_another_thread_stops_a_waiting_loop() {
    static REMOTE: Remote = Remote::new();
    let mut event_loop: EventLoop = EventLoop::with_remote(&REMOTE).expect("a kqueue");
    let (_user, raiser) = event_loop.context().attach_user(0, 1u16).expect("room");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            raiser.raise(5).expect("attached");
        });
        let ended = event_loop.run(&mut |_: &mut Context, event: Event| {
            assert!(matches!(event.kind, Kind::User { payload: 5, .. }));
            // The loop has shown that it runs: stop it from outside now.
            scope.spawn(|| REMOTE.stop());
        });
        assert_eq!(ended, Ok(Ended::Stopped));
    });
}

#[test]
fn edge_08_a_timer_rearmed_in_its_own_action_is_kept_and_a_periodic_one_keeps_its_phase() {
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let period = Duration::from_millis(20);
    let mut cx = event_loop.context();
    let begin = cx.now();
    cx.start_timer_at(begin, None, 0, 1u16).expect("room");
    cx.start_timer_at(begin.saturating_add(period), Some(period), 0, 2u16)
        .expect("room");
    let (mut once, mut periods) = (0, 0);
    event_loop
        .run(&mut |cx: &mut Context, event: Event| {
            let Kind::Timer {
                timer,
                deadline,
                missed,
            } = event.kind
            else {
                panic!("{event:?}");
            };
            if event.code == 1 {
                once += 1;
                if once < 5 {
                    let next = cx.now().saturating_add(Duration::from_millis(1));
                    cx.rearm_timer(timer, next).expect("its own");
                }
                return;
            }
            // Told late or not, the deadline is a whole number of periods after the beginning.
            let missed = u64::from(missed);
            periods += 1 + missed;
            let told = deadline.saturating_duration_since(begin).as_nanos() as u64;
            let whole = told / period.as_nanos() as u64;
            assert_eq!(told % period.as_nanos() as u64, 0);
            assert_eq!(whole + missed, periods);
            if periods >= 10 && once == 5 {
                cx.stop();
            }
        })
        .expect("the wait works");
}

#[test]
fn edge_08_sixty_four_bits_of_nanoseconds_do_not_wrap_after_seven_weeks() {
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let mut cx = event_loop.context();
    let far = Duration::from_secs(60 * 60 * 24 * 365 * 100);
    cx.start_timer(far, 0, 1u16).expect("room");
    let mut told = 0;
    event_loop
        .run_until_idle(&mut |_: &mut Context, _: Event| told += 1)
        .expect("the wait works");
    assert_eq!(told, 0);
}

#[test]
fn edge_11_a_client_that_cannot_connect_is_told_and_does_not_hang() {
    // A port that was free a moment ago: nobody listens there.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    // On loopback some systems refuse at once, others a moment later.
    let told = match event_loop.context().connect(address, Watch::all()) {
        Err(error) => Some(error),
        Ok(source) => {
            let mut told = None;
            event_loop
                .run_for(
                    &mut |cx: &mut Context, event: Event| {
                        if let Kind::Failed(failed, error) = event.kind {
                            assert_eq!(failed, source);
                            told = Some(error);
                            cx.close(failed).expect("attached");
                        }
                    },
                    LONG,
                )
                .expect("the wait works");
            told
        }
    };
    assert_eq!(told.map(Error::kind), Some(ErrorKind::Refused));
}

#[test]
fn edge_12_a_broken_pipe_is_an_error_and_no_signal() {
    let (one, other) = UnixStream::pair().expect("a pair");
    drop(other);
    assert_eq!(
        one.send(b"x").map_err(Error::kind),
        Err(ErrorKind::BrokenPipe)
    );
}

#[test]
fn edge_12_ipv6_works_as_ipv4_does() {
    let local = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let listener = match TcpListener::bind(local) {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddressNotAvailable => return,
        Err(error) => panic!("{error}"),
    };
    let address = listener.local_addr().expect("bound");
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let listener = event_loop
        .context()
        .attach(listener, Watch::all())
        .expect("room");
    let client = event_loop
        .context()
        .connect(address, Watch::all())
        .expect("started");
    let (mut connected, mut accepted) = (false, false);
    let ended = event_loop
        .run_for(
            &mut |cx: &mut Context, event: Event| {
                match event.kind {
                    Kind::Connected(source) => connected = source == client,
                    Kind::Readable(source) if source == listener => {
                        accepted |= cx.accept(source).expect("attached").is_some();
                    }
                    _ => {}
                }
                if connected && accepted {
                    cx.stop();
                }
            },
            LONG,
        )
        .expect("the wait works");
    assert_eq!(ended, Ended::Stopped);
}

#[test]
fn edge_12_one_error_for_each_reason() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let address = listener.local_addr().expect("bound");
    let again = TcpListener::bind(address).map_err(Error::kind);
    assert_eq!(again.err(), Some(ErrorKind::AddressInUse));
    let elsewhere = TcpListener::bind((Ipv4Addr::new(192, 0, 2, 1), 0).into()).map_err(Error::kind);
    assert_eq!(elsewhere.err(), Some(ErrorKind::AddressNotAvailable));
    let stream = TcpStream::connect(address);
    assert!(stream.is_ok());
}
