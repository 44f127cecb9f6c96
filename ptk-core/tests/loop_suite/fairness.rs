//! Who floods a loop takes its own turns only. Counts, not times.

use ptk_core::event_loop::{Context, Event, EventLoop, Kind, SourceId, Watch};
use ptk_core::net::{Received, Sent, TcpListener, TcpStream, UnixStream};

const TURNS: usize = 200;

#[test]
fn a_flooding_peer_starves_neither_a_timer_nor_another_peer() {
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let mut attach = |socket: UnixStream| {
        event_loop
            .context()
            .attach(socket, Watch::all())
            .expect("room")
    };
    let (flooded, flood) = UnixStream::pair().expect("a pair");
    let (quiet, speaker) = UnixStream::pair().expect("a pair");
    let (flooded, quiet) = (attach(flooded), attach(quiet));
    let (mut floods, mut words, mut timers) = (0, 0, 0);
    let _ = speaker.send(b"x").expect("room");
    event_loop
        .context()
        .start_timer(core::time::Duration::ZERO, 0, 9u16)
        .expect("room");
    for turn in 1..=TURNS {
        // As much as the socket takes: there is always more.
        while !matches!(flood.send(&[0; 4096]), Ok(Sent::WouldBlock)) {}
        let told = event_loop.turn(
            &mut |cx: &mut Context, event: Event| match event.kind {
                Kind::Readable(source) if source == flooded => {
                    floods += 1;
                    let _ = cx.receive(source, &mut [0; 512]).expect("attached");
                }
                Kind::Readable(source) => {
                    assert_eq!(source, quiet);
                    words += 1;
                    let _ = cx.receive(source, &mut [0; 8]).expect("attached");
                    let _ = speaker.send(b"x").expect("room");
                }
                Kind::Timer { timer, .. } => {
                    timers += 1;
                    let now = cx.now();
                    cx.rearm_timer(timer, now).expect("its own");
                }
                kind => panic!("{kind:?}"),
            },
            None,
        );
        assert_eq!(told, Ok(3), "turn {turn}: one event for each of the three");
    }
    assert_eq!((floods, words, timers), (TURNS, TURNS, TURNS));
}

#[test]
fn more_flooding_peers_than_a_wait_can_tell_take_turns() {
    const PEERS: usize = 60;
    let mut event_loop: EventLoop<64, 4, 4> = EventLoop::new().expect("a kqueue");
    let mut floods = Vec::new();
    let mut heard = [0_usize; 64];
    let mut ids = Vec::new();
    for _ in 0..PEERS {
        let (flooded, flood) = UnixStream::pair().expect("a pair");
        ids.push(
            event_loop
                .context()
                .attach(flooded, Watch::all())
                .expect("room"),
        );
        while !matches!(flood.send(&[0; 4096]), Ok(Sent::WouldBlock)) {}
        floods.push(flood);
    }
    let mut events = 0;
    while events < 10 * PEERS {
        let told = event_loop.turn(
            &mut |cx: &mut Context, event: Event| {
                if let Kind::Readable(source) = event.kind {
                    heard[source.slot()] += 1;
                    let _ = cx.receive(source, &mut [0; 8]).expect("attached");
                }
            },
            None,
        );
        events += told.expect("the wait works");
    }
    let counts: Vec<usize> = ids.iter().map(|id| heard[id.slot()]).collect();
    assert!(
        counts.iter().all(|count| (5..=20).contains(count)),
        "ten each, more or less: {counts:?}"
    );
}

#[test]
fn a_crowd_at_a_listener_does_not_starve_a_connection() {
    let mut event_loop: EventLoop<256> = EventLoop::new().expect("a kqueue");
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let address = listener.local_addr().expect("bound");
    let listener = event_loop
        .context()
        .attach(listener, Watch::all())
        .expect("room");
    let (quiet, speaker) = UnixStream::pair().expect("a pair");
    let quiet: SourceId = event_loop
        .context()
        .attach(quiet, Watch::all())
        .expect("room");
    // The listener's backlog is at least as long as this crowd.
    let crowd: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(address).expect("listening"))
        .collect();
    let (mut accepted, mut words, mut most) = (0, 0, 0);
    while accepted < crowd.len() {
        if words == 0 || accepted > 0 {
            let _ = speaker.send(b"x").expect("room");
        }
        let before = accepted;
        event_loop
            .turn(
                &mut |cx: &mut Context, event: Event| match event.kind {
                    Kind::Readable(source) if source == listener => {
                        while let Ok(Some((socket, _))) = cx.accept(source) {
                            cx.attach(socket, Watch::new()).map_err(drop).expect("room");
                            accepted += 1;
                        }
                    }
                    Kind::Readable(source) => {
                        assert_eq!(source, quiet);
                        words += 1;
                        assert_eq!(cx.receive(source, &mut [0; 1]), Ok(Received::Data(1)));
                    }
                    kind => panic!("{kind:?}"),
                },
                None,
            )
            .expect("the wait works");
        most = most.max(accepted - before);
    }
    assert!(most <= 16, "the budget of a turn: {most}");
    assert!(
        words >= crowd.len() / 16,
        "told in each of the turns: {words}"
    );
}
