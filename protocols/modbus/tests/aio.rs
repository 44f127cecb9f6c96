//! The async client and server over loopback: with each other, with the callback face, and with peers that misbehave.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, TcpStream as StdStream};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::{IoDriver, IoSlots, Notify, block_on};
use ptk_modbus::aio::{CallError, Client, Server};
use ptk_modbus::client::{self, Backoff, DisconnectReason, Failure};
use ptk_modbus::codec::{Error, ExceptionCode, Request, Response, limits::MAX_PDU};
use ptk_modbus::glue::Polled;
use ptk_modbus::poller::{Area, Group, Limits, Observer, Poller, Quality, Tag, Value};
use ptk_modbus::server::{self, CloseReason, Device, FullMap, OneUnit};
use ptk_modbus::value::{Kind, WordOrder};
use ptk_modbus::{MILLISECOND, SECOND};

const PATIENT: client::Config = client::Config {
    request_timeout: 60 * SECOND,
    connect_timeout: 60 * SECOND,
    backoff: Backoff {
        first: MILLISECOND,
        most: 10 * MILLISECOND,
        jitter_percent: 50,
    },
    ..client::Config::DEFAULT
};

type Map = &'static mut FullMap;

type Task<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

/// Runs all of them to their ends.
async fn all(mut tasks: Vec<Task<'_>>) {
    poll_fn(|cx| {
        tasks.retain_mut(|task| task.as_mut().poll(cx).is_pending());
        if tasks.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Runs `main` to its end with the others beside it.
async fn beside(main: impl Future<Output = ()>, others: Vec<Task<'_>>) {
    let mut main = pin!(main);
    let mut others = pin!(all(others));
    let mut over = false;
    poll_fn(|cx| {
        over = over || others.as_mut().poll(cx).is_ready();
        main.as_mut().poll(cx)
    })
    .await;
}

fn device() -> Box<Server<OneUnit<Map>>> {
    let map: Map = Box::leak(Box::new(FullMap::new()));
    for address in 0..=u16::MAX {
        map.set_holding_register(address, address);
    }
    let device = Device::new(OneUnit::new(1, map));
    Box::new(Server::new(device, server::Config::DEFAULT, 64))
}

/// `count` tasks that serve.
fn workers<'t, M: server::RegisterMap>(
    server: &'t Server<OneUnit<M>>,
    listener: &'t TcpListener,
    count: usize,
) -> Vec<Task<'t>> {
    (0..count)
        .map(|_| Box::pin(server.run(listener)) as Task<'_>)
        .collect()
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

#[test]
fn every_call_there_is() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let server = device();
        let (listener, address) = listen().await;
        let client: Client = Client::new(address, PATIENT, 1);
        let session = async {
            let mut words = [0; 125];
            client
                .read_holding_registers(1, 100, &mut words)
                .await
                .unwrap();
            assert!(words.iter().copied().eq(100..225));
            client.write_register(1, 5, 77).await.unwrap();
            client.write_registers(1, 6, &[78, 79]).await.unwrap();
            client
                .read_holding_registers(1, 4, &mut words[..5])
                .await
                .unwrap();
            assert_eq!(words[..5], [4, 77, 78, 79, 8]);
            client
                .mask_write_register(1, 5, 0xFF00, 0x0011)
                .await
                .unwrap();
            let mut three = [0; 3];
            client
                .read_write_registers(1, 9, &[1, 2], 8, &mut three)
                .await
                .unwrap();
            assert_eq!(three, [8, 1, 2]);
            client.read_input_registers(1, 0, &mut three).await.unwrap();
            assert_eq!(three, [0; 3]);

            client.write_coil(1, 3, true).await.unwrap();
            client
                .write_coils(1, 8, &[true, false, true])
                .await
                .unwrap();
            let mut bits = [false; 11];
            client.read_coils(1, 0, &mut bits).await.unwrap();
            let set: Vec<usize> = (0..11).filter(|at| bits[*at]).collect();
            assert_eq!(set, [3, 8, 10]);
            client.read_discrete_inputs(1, 0, &mut bits).await.unwrap();
            assert_eq!(bits, [false; 11]);

            for order in [
                WordOrder::Abcd,
                WordOrder::Badc,
                WordOrder::Cdab,
                WordOrder::Dcba,
            ] {
                client.write_number(1, 200, order, -12.5_f64).await.unwrap();
                let read = client.read_number(1, Area::HoldingRegisters, 200, order);
                assert_eq!(read.await, Ok(-12.5_f64));
            }

            let mut reply = [0; MAX_PDU];
            let response = client
                .request(1, &Request::ReadExceptionStatus, &mut reply)
                .await;
            assert!(
                matches!(
                    response,
                    Err(CallError::Exception(ExceptionCode::IllegalFunction))
                        | Ok(Response::ReadExceptionStatus(_))
                ),
                "{response:?}"
            );
            let beyond = client.read_holding_registers(1, 65535, &mut three).await;
            assert_eq!(beyond, Err(CallError::Invalid(Error::AddressRange)));
            let too_many = client.read_holding_registers(1, 0, &mut [0; 126]).await;
            assert_eq!(too_many, Err(CallError::Invalid(Error::Quantity(126))));
            let nobody = client.read_coils(9, 0, &mut bits).await;
            let code = ExceptionCode::GatewayTargetFailedToRespond;
            assert_eq!(nobody, Err(CallError::Exception(code)));
            client
                .broadcast(&Request::WriteSingleRegister {
                    address: 0,
                    value: 9,
                })
                .await
                .unwrap();
            let read = client.broadcast(&Request::ReadExceptionStatus).await;
            assert!(matches!(read, Err(CallError::Invalid(_))));
        };
        server.during(&listener, client.during(session)).await;
        assert_eq!(client.statistics().timeouts, 0);
        assert_eq!(server.occupancy().accepted, 1);
    })
    .unwrap();
}

#[test]
fn more_callers_than_places_and_each_gets_its_own_answer() {
    static SLOTS: IoSlots<32> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let server = device();
        let (listener, address) = listen().await;
        let client: Client<4> = Client::new(address, PATIENT, 1);
        let client = &client;
        let ask = |caller: u16| {
            Box::pin(async move {
                for round in 0..25 {
                    let first = caller * 100 + round;
                    let mut values = [0; 3];
                    client
                        .read_holding_registers(1, first, &mut values)
                        .await
                        .unwrap();
                    assert_eq!(values, [first, first + 1, first + 2]);
                }
            }) as Task<'_>
        };
        let callers = all((0..40).map(ask).collect());
        beside(client.during(callers), workers(&server, &listener, 2)).await;
        assert_eq!(client.statistics().replies, 40 * 25);
        assert_eq!(client.statistics().bad_replies, 0);
    })
    .unwrap();
}

#[test]
fn a_call_waits_for_a_connection_and_no_longer_than_it_may() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let (listener, address) = listen().await;
        drop(listener);
        let config = client::Config {
            request_timeout: 50 * MILLISECOND,
            ..PATIENT
        };
        let client: Client = Client::new(address, config, 1);
        let mut value = [0];
        let failed = client
            .during(client.read_holding_registers(1, 0, &mut value))
            .await;
        let reason = DisconnectReason::ConnectFailed;
        assert_eq!(failed, Err(CallError::NotConnected(Some(reason))));
        assert!(client.last_error().is_some());

        // Somebody listens again: the client comes back by itself.
        let server = device();
        let listener = TcpListener::bind(address).await.expect("the same port");
        let read = async {
            loop {
                match client.read_holding_registers(1, 7, &mut value).await {
                    Ok(()) => break,
                    Err(error) => assert!(matches!(error, CallError::NotConnected(_)), "{error}"),
                }
            }
        };
        server.during(&listener, client.during(read)).await;
        assert_eq!(value, [7]);
    })
    .unwrap();
}

/// A peer on a thread of its own.
fn peer(story: impl FnOnce(StdStream) + Send + 'static) -> (SocketAddr, thread::JoinHandle<()>) {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let address = listener.local_addr().expect("its address");
    let handle = thread::spawn(move || story(listener.accept().expect("a client").0));
    (address, handle)
}

fn request(stream: &mut StdStream) -> [u8; 12] {
    let mut bytes = [0; 12];
    stream.read_exact(&mut bytes).expect("a request");
    bytes
}

fn answer(stream: &mut StdStream, request: &[u8; 12], value: u8) {
    let reply = [
        request[0], request[1], 0, 0, 0, 5, request[6], 3, 2, 0, value,
    ];
    stream.write_all(&reply).expect("sent");
}

#[test]
fn a_late_reply_is_thrown_away_and_the_next_read_is_right() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let (address, handle) = peer(|mut stream| {
        let first = request(&mut stream);
        // Not before the client has given up, which it shows by asking again.
        let second = request(&mut stream);
        answer(&mut stream, &first, 1);
        answer(&mut stream, &second, 2);
        let third = request(&mut stream);
        answer(&mut stream, &third, 3);
    });
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let client: Client = Client::new(address, PATIENT, 1);
        let session = async {
            let mut reply = [0; MAX_PDU];
            let read = Area::HoldingRegisters.read(0, 1);
            while !client.is_connected() {
                ptk_core::aio::time::sleep(Duration::from_millis(1)).await;
            }
            let short = Duration::from_millis(200);
            let late = client.request_within(1, &read, &mut reply, short).await;
            assert_eq!(late, Err(CallError::Failed(Failure::TimedOut)));
            let mut value = [0];
            for expected in [2, 3] {
                client
                    .read_holding_registers(1, 0, &mut value)
                    .await
                    .unwrap();
                assert_eq!(value, [expected]);
            }
        };
        client.during(session).await;
        assert_eq!(client.statistics().late_replies, 1);
        assert_eq!(client.statistics().connections, 1);
    })
    .unwrap();
    handle.join().unwrap();
}

#[test]
fn a_call_that_is_dropped_gives_its_place_back() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let (address, handle) = peer(|mut stream| {
        let dropped: Vec<_> = (0..2).map(|_| request(&mut stream)).collect();
        for request in &dropped {
            answer(&mut stream, request, 1);
        }
        let next = request(&mut stream);
        answer(&mut stream, &next, 2);
    });
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let client: Client<2> = Client::new(address, PATIENT, 1);
        let session = async {
            {
                let (mut one, mut other) = ([0], [0]);
                let mut one = pin!(client.read_holding_registers(1, 0, &mut one));
                let mut other = pin!(client.read_holding_registers(1, 0, &mut other));
                // Polled until both are sent, and dropped.
                poll_fn(|cx| {
                    assert!(one.as_mut().poll(cx).is_pending());
                    assert!(other.as_mut().poll(cx).is_pending());
                    if client.statistics().requests == 2 {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
            }
            let mut value = [0];
            client
                .read_holding_registers(1, 0, &mut value)
                .await
                .unwrap();
            assert_eq!(value, [2]);
        };
        client.during(session).await;
        assert_eq!(client.statistics().replies, 3);
    })
    .unwrap();
    handle.join().unwrap();
}

#[test]
fn a_connection_that_breaks_fails_its_calls_and_comes_back() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = thread::spawn(move || {
        for value in 0..3 {
            let (mut stream, _) = listener.accept().unwrap();
            let one = request(&mut stream);
            answer(&mut stream, &one, value);
            // The second request is read and the connection ends without an answer.
            request(&mut stream);
        }
    });
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let client: Client = Client::new(address, PATIENT, 1);
        let session = async {
            for expected in 0..3 {
                let mut value = [9];
                client
                    .read_holding_registers(1, 0, &mut value)
                    .await
                    .unwrap();
                assert_eq!(value, [expected]);
                let failed = client.read_holding_registers(1, 0, &mut value).await;
                let reason = DisconnectReason::PeerClosed;
                assert_eq!(
                    failed,
                    Err(CallError::Failed(Failure::Disconnected(reason)))
                );
            }
        };
        client.during(session).await;
        assert_eq!(client.statistics().connections, 3);
    })
    .unwrap();
    handle.join().unwrap();
}

#[test]
fn stopping_ends_the_run_and_running_again_goes_on() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let server = device();
        let (listener, address) = listen().await;
        let client: Client = Client::new(address, PATIENT, 1);
        let client = &client;
        let session = async {
            for _ in 0..3 {
                let stop = async {
                    let mut value = [0];
                    client
                        .read_holding_registers(1, 7, &mut value)
                        .await
                        .unwrap();
                    client.stop();
                };
                all(vec![Box::pin(client.run()), Box::pin(stop)]).await;
                assert!(!client.is_connected());
            }
        };
        server.during(&listener, session).await;
        assert_eq!(client.statistics().connections, 3);
        assert_eq!(client.last_end(), Some(DisconnectReason::Stopped));
    })
    .unwrap();
}

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

/// Counts, where others can see it.
struct Samples<'c>(&'c Cell<u32>);

impl Observer for Samples<'_> {
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, _changed: bool, _now: u64) {
        assert_eq!(value.to_string(), tag.address.to_string());
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_poller_and_tasks_share_a_connection() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    block_on(IoDriver::new(&SLOTS).unwrap(), async {
        let server = device();
        let (listener, address) = listen().await;
        let client: Client = Client::new(address, PATIENT, 1);
        let mut tags = [10, 11, 400].map(|address| {
            Tag::register(1, Area::HoldingRegisters, address, Kind::U16, MILLISECOND)
        });
        let mut groups = [Group::EMPTY; 3];
        let poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
        let samples = Cell::new(0);
        let mut polled = Polled::new(poller, Samples(&samples), 0);
        let asked = async {
            let mut value = [0];
            for round in 0..200 {
                client
                    .read_holding_registers(1, round, &mut value)
                    .await
                    .unwrap();
                assert_eq!(value, [round]);
            }
            while samples.get() < 30 {
                ptk_core::aio::time::sleep(Duration::from_millis(1)).await;
            }
            client.stop();
        };
        let session = async {
            all(vec![
                Box::pin(client.run_with(&mut polled)),
                Box::pin(asked),
            ])
            .await
        };
        server.during(&listener, session).await;
        assert!(
            polled.poller.statistics().good > 2,
            "{:?}",
            polled.poller.statistics()
        );
        let good = |tag: &Tag| tag.quality == Quality::Good || tag.timestamp > 0;
        assert!(polled.poller.tags().iter().all(good));
    })
    .unwrap();
}
