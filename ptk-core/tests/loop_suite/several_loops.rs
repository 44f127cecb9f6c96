//! N loops on N threads: a port that they share, and connections that move from one to another.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream as StdStream};

use ptk_core::event_loop::{Context, Ended, Event, EventLoop, Kind, Raiser, Remote, Watch};
use ptk_core::mailbox::Mailbox;
use ptk_core::net::{ListenOptions, Received, TcpListener};
use ptk_core::system::Socket;

use super::LONG;

/// Asks the server for its mark.
fn ask(address: SocketAddr) -> u8 {
    let mut stream = StdStream::connect(address).expect("listening");
    stream.write_all(b"?").expect("sent");
    let mut mark = [0];
    stream.read_exact(&mut mark).expect("answered");
    mark[0]
}

/// Answers what comes with `mark`.
fn answer(cx: &mut Context, event: Event, mark: u8) {
    match event.kind {
        Kind::Readable(source) => {
            if let Ok(Received::Data(count)) = cx.receive(source, &mut [0; 16]) {
                assert_eq!(count, 1);
                assert_eq!(cx.send(source, &[mark]).expect("room").bytes(), 1);
            }
        }
        Kind::Closed(source) | Kind::Failed(source, _) => cx.close(source).expect("attached"),
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn loops_on_their_threads_share_a_port_and_serve_each_connection_once() {
    const LOOPS: usize = 3;
    const CLIENTS: usize = 60;
    static REMOTES: [Remote; LOOPS] = [const { Remote::new() }; LOOPS];
    let options = ListenOptions::new().share_port(true);
    let first = TcpListener::bind_with((Ipv4Addr::LOCALHOST, 0).into(), &options).expect("a port");
    let address = first.local_addr().expect("bound");
    let mut listeners = vec![first];
    while listeners.len() < LOOPS {
        listeners.push(TcpListener::bind_with(address, &options).expect("shared"));
    }
    let accepted: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = listeners
            .into_iter()
            .enumerate()
            .map(|(index, listener)| {
                scope.spawn(move || {
                    let mut event_loop: EventLoop =
                        EventLoop::with_remote(&REMOTES[index]).expect("a kqueue");
                    let listener = event_loop
                        .context()
                        .attach(listener, Watch::all())
                        .expect("room");
                    let ended = event_loop.run(&mut |cx: &mut Context, event: Event| {
                        if event.kind != Kind::Readable(listener) {
                            return answer(cx, event, index as u8);
                        }
                        while let Ok(Some((socket, _))) = cx.accept(listener) {
                            cx.attach(socket, Watch::all()).map_err(drop).expect("room");
                        }
                    });
                    assert_eq!(ended, Ok(Ended::Stopped));
                    event_loop.counters().accepted
                })
            })
            .collect();
        for _ in 0..CLIENTS {
            assert!(usize::from(ask(address)) < LOOPS);
        }
        for remote in &REMOTES {
            remote.stop();
        }
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a loop"))
            .collect()
    });
    // How a system shares a port is its own affair; that each connection is served once is ours.
    assert_eq!(accepted.iter().sum::<u64>(), CLIENTS as u64, "{accepted:?}");
}

#[test]
fn connections_move_to_another_loop_and_one_wake_up_does_for_a_crowd() {
    const MOVED: usize = 20;
    static INBOX: Mailbox<Socket, 32> = Mailbox::new();
    static REMOTES: [Remote; 2] = [const { Remote::new() }; 2];

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let address = listener.local_addr().expect("bound");
    let mut serving: EventLoop = EventLoop::with_remote(&REMOTES[1]).expect("a kqueue");
    let (inbox, raiser): (_, Raiser) = serving.context().attach_user(0, 7u16).expect("room");

    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..MOVED)
            .map(|_| scope.spawn(move || ask(address)))
            .collect();

        // The accepting loop hands all connections over before the other one looks into its mailbox.
        let mut accepting: EventLoop = EventLoop::with_remote(&REMOTES[0]).expect("a kqueue");
        let listener = accepting
            .context()
            .attach(listener, Watch::all())
            .expect("room");
        let mut wake_ups = 0;
        let wakes = core::cell::Cell::new(0);
        let sender = INBOX.sender(|| {
            wakes.set(wakes.get() + 1);
            raiser.raise(1).expect("the other loop is there");
        });
        let mut moved = 0;
        let ended = accepting.run_for(
            &mut |cx: &mut Context, event: Event| {
                assert_eq!(event.kind, Kind::Readable(listener));
                while let Ok(Some((socket, _))) = cx.accept(listener) {
                    sender.send(socket).expect("room");
                    moved += 1;
                }
                if moved == MOVED {
                    cx.stop();
                }
            },
            LONG,
        );
        assert_eq!(ended, Ok(Ended::Stopped));
        assert_eq!(wakes.get(), 1, "twenty messages, one wake-up");
        assert_eq!(
            accepting.counters().sources,
            1,
            "nothing of them is left here"
        );

        let serving = scope.spawn(move || {
            let mut receiver = INBOX.receiver().expect("nobody else receives");
            let ended = serving.run(&mut |cx: &mut Context, event: Event| {
                let Kind::User { source, .. } = event.kind else {
                    return answer(cx, event, 42);
                };
                assert_eq!(source, inbox);
                wake_ups += 1;
                while let Some(socket) = receiver.recv() {
                    cx.attach(socket, Watch::all()).map_err(drop).expect("room");
                }
            });
            assert_eq!(ended, Ok(Ended::Stopped));
            wake_ups
        });
        for client in clients {
            assert_eq!(
                client.join().expect("a client"),
                42,
                "served by the other loop"
            );
        }
        REMOTES[1].stop();
        assert_eq!(serving.join().expect("a loop"), 1);
    });
    assert_eq!(INBOX.snapshot().waiting, 0);
}
