//! Calls: right, late, dropped, without a connection; and a poller beside them.

use super::*;

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
