//! tokio-modbus, both ways: its client asks our two servers, our client asks its server with sixteen requests in flight.

use std::future::{Future, Ready, ready};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use ptk_core::aio::{self, IoDriver, IoSlots};
use ptk_core::event_loop::EventLoop;
use ptk_core::net::TcpListener;
use ptk_modbus::aio::{CallError, Client, Server as AsyncServer};
use ptk_modbus::codec::ExceptionCode;
use ptk_modbus::glue::{Seat, Server};
use ptk_modbus::poller::Area;
use ptk_modbus::server::{self, Access, BitBlock, Device, OneUnit, RegisterBlock, TableMap};
use ptk_modbus::value::WordOrder;
use ptk_modbus::{SECOND, client};
use tokio_modbus::client::{Client as _, Context, Reader, Writer, tcp};
use tokio_modbus::prelude::{Request, Response, Slave};

fn tokio() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Calls `serve` with a device of 300 points of each kind; holding register n is 5 n.
fn with_device(serve: impl FnOnce(Device<OneUnit<TableMap<'_>>>)) {
    let (mut coils, mut inputs) = ([false; 300], [true; 300]);
    let mut holding: [u16; 300] = std::array::from_fn(|at| 5 * at as u16);
    let mut input: [u16; 300] = std::array::from_fn(|at| 3 * at as u16);
    let mut coils = [BitBlock::new(0, &mut coils, Access::ReadWrite)];
    let mut inputs = [BitBlock::new(0, &mut inputs, Access::ReadOnly)];
    let mut holding = [RegisterBlock::new(0, &mut holding, Access::ReadWrite)];
    let mut input = [RegisterBlock::new(0, &mut input, Access::ReadOnly)];
    let map = TableMap::new()
        .coils(&mut coils)
        .discrete_inputs(&mut inputs)
        .holding_registers(&mut holding)
        .input_registers(&mut input);
    serve(Device::new(OneUnit::new(1, map)));
}

/// What their client is made to do with our server.
async fn ask_everything(mut client: Context) {
    let exception = |code| Ok::<_, tokio_modbus::Error>(Err::<Vec<u16>, _>(code));
    let read = client.read_holding_registers(2, 3).await;
    assert_eq!(read.unwrap().unwrap(), [10, 15, 20]);
    let read = client.read_input_registers(299, 1).await;
    assert_eq!(read.unwrap().unwrap(), [897]);
    let most = client.read_holding_registers(0, 125).await;
    assert_eq!(most.unwrap().unwrap().len(), 125);
    client.write_single_register(2, 77).await.unwrap().unwrap();
    client
        .write_multiple_registers(3, &[78, 79])
        .await
        .unwrap()
        .unwrap();
    client
        .masked_write_register(2, 0xFF00, 0x0042)
        .await
        .unwrap()
        .unwrap();
    let read = client.read_write_multiple_registers(2, 3, 100, &[1]).await;
    assert_eq!(read.unwrap().unwrap(), [0x42, 78, 79]);
    client.write_single_coil(9, true).await.unwrap().unwrap();
    client
        .write_multiple_coils(10, &[false, true])
        .await
        .unwrap()
        .unwrap();
    let coils = client.read_coils(8, 4).await.unwrap().unwrap();
    assert_eq!(coils, [false, true, false, true]);
    let inputs = client.read_discrete_inputs(0, 9).await.unwrap().unwrap();
    assert_eq!(inputs, [true; 9]);
    let beyond = client.read_holding_registers(299, 2).await;
    let refused = exception(tokio_modbus::ExceptionCode::IllegalDataAddress);
    assert_eq!(format!("{beyond:?}"), format!("{refused:?}"));
    let unknown = client.call(Request::ReportServerId).await.unwrap();
    let unknown = unknown.expect_err("this map has no server id");
    assert_eq!(unknown, tokio_modbus::ExceptionCode::IllegalFunction);
}

#[test]
fn its_client_asks_our_server_on_the_loop() {
    let (tell, told) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&done);
    let server = thread::spawn(move || {
        with_device(|device| {
            let mut seats = [Seat::EMPTY; 4];
            let mut server = Server::new(device, server::Config::DEFAULT, &mut seats);
            let mut event_loop: EventLoop = EventLoop::new().unwrap();
            let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
            let address = listener.local_addr().unwrap();
            server
                .listen(&mut event_loop.context(), listener, 0)
                .unwrap();
            tell.send(address).unwrap();
            while !over.load(Ordering::Relaxed) {
                event_loop
                    .run_for(&mut server, Duration::from_millis(20))
                    .unwrap();
            }
            assert_eq!(server.occupancy().accepted, 1);
        });
    });
    let address = told.recv().unwrap();
    tokio().block_on(async {
        ask_everything(tcp::connect_slave(address, Slave(1)).await.unwrap()).await;
    });
    done.store(true, Ordering::Relaxed);
    server.join().unwrap();
}

#[test]
fn its_client_asks_our_async_server() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let driver = IoDriver::new(&SLOTS).unwrap();
    let (tell, told) = mpsc::channel();
    let asked = thread::spawn(move || {
        let address: SocketAddr = told.recv().unwrap();
        tokio().block_on(async {
            ask_everything(tcp::connect_slave(address, Slave(1)).await.unwrap()).await;
        });
    });
    with_device(|device| {
        let server = AsyncServer::new(device, server::Config::DEFAULT, 4);
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        tell.send(listener.local_addr().unwrap()).unwrap();
        let story = async {
            let listener = aio::net::TcpListener::from_socket(driver.handle(), listener).unwrap();
            let (stream, peer) = listener.accept().await.unwrap();
            // Until their client hangs up.
            server.serve(stream, Some(peer)).await
        };
        let reason = aio::block_on(driver, story).unwrap();
        assert_eq!(reason, Some(server::CloseReason::PeerClosed));
    });
    asked.join().unwrap();
}

/// Holding register n is n until it is written.
#[derive(Clone)]
struct Registers(Arc<Mutex<Vec<u16>>>);

impl tokio_modbus::server::Service for Registers {
    type Request = Request<'static>;
    type Response = Response;
    type Exception = tokio_modbus::ExceptionCode;
    type Future = Ready<Result<Response, Self::Exception>>;

    fn call(&self, request: Request<'static>) -> Self::Future {
        let mut values = self.0.lock().unwrap();
        let refused = Err(tokio_modbus::ExceptionCode::IllegalDataAddress);
        ready(match request {
            Request::ReadHoldingRegisters(first, count) => {
                let range = usize::from(first)..usize::from(first) + usize::from(count);
                match values.get(range) {
                    Some(read) => Ok(Response::ReadHoldingRegisters(read.to_vec())),
                    None => refused,
                }
            }
            Request::WriteMultipleRegisters(first, words) => {
                let range = usize::from(first)..usize::from(first) + words.len();
                match values.get_mut(range) {
                    Some(place) => {
                        place.copy_from_slice(&words);
                        Ok(Response::WriteMultipleRegisters(first, words.len() as u16))
                    }
                    None => refused,
                }
            }
            _ => Err(tokio_modbus::ExceptionCode::IllegalFunction),
        })
    }
}

#[test]
fn our_client_asks_its_server_with_sixteen_in_flight() {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let (tell, told) = mpsc::channel();
    let (stop, stopped) = tokio_stop();
    let server = thread::spawn(move || {
        tokio().block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            let registers = Registers(Arc::new(Mutex::new((0..1000).collect())));
            let server = tokio_modbus::server::tcp::Server::new(listener);
            let connected = |stream, address| {
                let registers = registers.clone();
                let made =
                    tokio_modbus::server::tcp::accept_tcp_connection(stream, address, |_| {
                        Ok(Some(registers.clone()))
                    });
                ready(made)
            };
            let ended = server.serve_until(&connected, |_| {}, stopped);
            ended.await.unwrap();
        });
    });
    let address = told.recv().unwrap();
    let config = client::Config {
        request_timeout: 60 * SECOND,
        ..client::Config::DEFAULT
    };
    let client: Client<16> = Client::new(address, config, 1);
    let session = async {
        client
            .write_number(1, 0, WordOrder::Cdab, 1.5_f32)
            .await
            .unwrap();
        let read = client.read_number(1, Area::HoldingRegisters, 0, WordOrder::Cdab);
        assert_eq!(read.await, Ok(1.5_f32));
        let beyond = client.read_holding_registers(1, 999, &mut [0; 2]).await;
        let refused = CallError::Exception(ExceptionCode::IllegalDataAddress);
        assert_eq!(beyond, Err(refused));
        let unknown = client.write_coil(1, 0, true).await;
        assert_eq!(
            unknown,
            Err(CallError::Exception(ExceptionCode::IllegalFunction))
        );
        // All sixteen are asked before the connection has its turn, so they leave in one segment.
        for round in 0..50 {
            let ask = |lane: u16| {
                let client = &client;
                Box::pin(async move {
                    let first = 2 + lane * 50 + round;
                    let mut values = [0; 3];
                    client
                        .read_holding_registers(1, first, &mut values)
                        .await
                        .unwrap();
                    assert_eq!(values, [first, first + 1, first + 2]);
                })
            };
            let mut lanes: Vec<_> = (0..16).map(ask).collect();
            let mut most = 0;
            std::future::poll_fn(|cx| {
                lanes.retain_mut(|lane| lane.as_mut().poll(cx).is_pending());
                most = most.max(lanes.len());
                if lanes.is_empty() {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            })
            .await;
            assert_eq!(most, 16);
        }
    };
    aio::block_on(IoDriver::new(&SLOTS).unwrap(), client.during(session)).unwrap();
    assert_eq!(client.statistics().replies, 4 + 50 * 16);
    assert_eq!(
        client.statistics().bad_replies + client.statistics().late_replies,
        0
    );
    drop(stop);
    server.join().unwrap();
}

/// A future that ends when the sender is dropped.
fn tokio_stop() -> (
    mpsc::Sender<()>,
    impl Future<Output = ()> + Send + Sync + 'static,
) {
    let (stop, stopped) = mpsc::channel::<()>();
    let stopped = Mutex::new(stopped);
    let wait = async move {
        while stopped.lock().unwrap().try_recv() != Err(mpsc::TryRecvError::Disconnected) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    (stop, wait)
}
