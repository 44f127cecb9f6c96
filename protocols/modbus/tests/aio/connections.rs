//! Connections: how they end, too many of them, one that stalls.

use super::*;

/// Writes down how connections end.
#[derive(Default)]
struct Ends(Vec<CloseReason>);

impl ptk_modbus::glue::Journal for Ends {
    fn closed(&mut self, _peer: Option<SocketAddr>, reason: CloseReason) {
        self.0.push(reason);
    }
}

#[test]
fn the_server_closes_the_idle_the_halting_and_what_is_not_modbus() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let config = server::Config {
        idle_timeout: Some(50 * MILLISECOND),
        frame_timeout: Some(20 * MILLISECOND),
        ..server::Config::DEFAULT
    };
    let map: Map = Box::leak(Box::new(FullMap::new()));
    let device = Device::new(OneUnit::new(1, map));
    let server = Server::with_journal(device, config, 1, Ends::default());
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let (listener, address) = listen().await;
        let session = async {
            for sent in [&[][..], &[0, 1, 0, 0, 0], b"GET / HTTP/1.1"] {
                let stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(sent).await.unwrap();
                let mut rest = [0; 16];
                let ended = stream.read(&mut rest).await;
                assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
            }
        };
        server.during(&listener, session).await;
    })
    .unwrap();
    let ends = &server.journal().0;
    assert_eq!(ends[0], CloseReason::Idle);
    assert_eq!(ends[1], CloseReason::FrameTimeout { received: 5 });
    assert!(matches!(ends[2], CloseReason::Framing(_)), "{ends:?}");
    assert_eq!(server.occupancy().open, 0);
}

#[test]
fn a_connection_too_many_is_refused_and_a_dropped_task_frees_its_place() {
    static SLOTS: IoSlots<16> = IoSlots::new();
    let map: Map = Box::leak(Box::new(FullMap::new()));
    let device = Device::new(OneUnit::new(1, map));
    let server = Server::new(device, server::Config::DEFAULT, 1);
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let (listener, address) = listen().await;
        let _one = TcpStream::connect(address).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        {
            let mut served = pin!(server.serve(stream, Some(peer)));
            poll_fn(|cx| {
                assert!(served.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            let other = TcpStream::connect(address).await.unwrap();
            let (stream, peer) = listener.accept().await.unwrap();
            assert_eq!(server.serve(stream, Some(peer)).await, None);
            assert_eq!(other.read(&mut [0; 1]).await, Ok(0));
            assert_eq!(
                (server.occupancy().open, server.occupancy().refused),
                (1, 1)
            );
        }
        assert_eq!(server.occupancy().open, 0);
    })
    .unwrap();
}

#[test]
fn shutting_down_sends_what_is_owed() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let server = device();
        let (listener, address) = listen().await;
        let stream = TcpStream::connect(address).await.unwrap();
        let session = async {
            stream
                .write_all(&[0, 1, 0, 0, 0, 6, 1, 3, 0, 9, 0, 1])
                .await
                .unwrap();
            let mut reply = [0; 11];
            stream.read_exact(&mut reply).await.unwrap();
            assert_eq!(reply[9..], [0, 9]);
            server.shut_down();
            assert_eq!(stream.read(&mut reply).await, Ok(0));
        };
        all(vec![Box::pin(server.run(&listener)), Box::pin(session)]).await;
        assert_eq!(server.occupancy().open, 0);
    })
    .unwrap();
}

#[test]
fn one_stalled_client_among_64_delays_nobody() {
    static SLOTS: IoSlots<160> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let server = device();
        let (listener, address) = listen().await;
        // It asks for the most that a reply can hold and never reads one, until the server takes no more.
        let stalled = TcpStream::connect(address).await.unwrap();
        stalled.set_receive_buffer_size(4096).unwrap();
        let story = async {
            let probe: Client<1> = Client::new(address, PATIENT, 99);
            let stall = async {
                let ask = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 125].repeat(64);
                let mut quiet = 0;
                while quiet < 20 {
                    // What does not fit any more has nowhere to go.
                    let fits = stalled.try_write(&ask).is_ok();
                    let before = server.device().statistics.requests;
                    probe.read_coils(1, 0, &mut [false]).await.unwrap();
                    let served = server.device().statistics.requests - before;
                    quiet = if fits || served > 1 { 0 } else { quiet + 1 };
                }
            };
            probe.during(stall).await;
            let before = server.device().statistics.requests;
            let (connected, everybody) = (Cell::new(0), Notify::new());
            let clients: Vec<Client<1>> = (0..63)
                .map(|seed| Client::new(address, PATIENT, seed))
                .collect();
            let ask = |client| -> Task<'_> {
                let (connected, everybody) = (&connected, &everybody);
                Box::pin(Client::during(client, async move {
                    for round in 0..20 {
                        let mut values = [0; 10];
                        let read = client.read_holding_registers(1, round, &mut values);
                        read.await.unwrap();
                        assert_eq!(values[0], round);
                        if round == 0 {
                            let all = everybody.notified();
                            connected.set(connected.get() + 1);
                            if connected.get() == 63 {
                                everybody.notify_waiters();
                            }
                            all.await;
                        }
                    }
                }))
            };
            all(clients.iter().map(ask).collect()).await;
            // Exactly theirs were served, and the stalled one is still connected.
            assert_eq!(server.device().statistics.requests - before, 63 * 20);
            assert_eq!(server.occupancy().most, 64);
            let timeouts = |client: &Client<1>| client.statistics().timeouts;
            assert_eq!(clients.iter().map(timeouts).sum::<u64>(), 0);
        };
        beside(story, workers(&server, &listener, 64)).await;
    })
    .unwrap();
}
