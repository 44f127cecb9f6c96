//! The server on the callback loop, through real sockets: what a connection at rest does with segments that are more or less than whole requests.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ptk_core::event_loop::{EventLoop, Remote};
use ptk_core::net::TcpListener;
use ptk_modbus::MILLISECOND;
use ptk_modbus::codec::{FramingError, mbap::HeaderError};
use ptk_modbus::glue::{Journal, Seat, Server};
use ptk_modbus::server::{
    Access, CloseReason, Config, Device, OneUnit, RegisterBlock, Statistics, TableMap,
};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tells the test why connections ended.
struct Ends(Sender<CloseReason>);

impl Journal for Ends {
    fn closed(&mut self, _peer: Option<SocketAddr>, reason: CloseReason) {
        // The test may have seen enough.
        let _ = self.0.send(reason);
    }
}

/// A server of 200 holding registers, each its own address, on a thread of its own.
struct Plant {
    remote: &'static Remote,
    address: SocketAddr,
    ends: Receiver<CloseReason>,
    thread: JoinHandle<Statistics>,
}

impl Plant {
    fn start(config: Config) -> Self {
        let remote: &'static Remote = Box::leak(Box::new(Remote::new()));
        let ((tell, told), (end, ends)) = (channel(), channel());
        let thread = thread::spawn(move || {
            let mut values: [u16; 200] = std::array::from_fn(|address| address as u16);
            let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
            let map = TableMap::new().holding_registers(&mut blocks);
            let mut seats = [Seat::EMPTY; 4];
            let device = Device::new(OneUnit::new(1, map));
            let mut server = Server::with_journal(device, config, &mut seats, Ends(end));
            let mut event_loop: EventLoop = EventLoop::with_remote(remote).unwrap();
            let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
            let address = listener.local_addr().unwrap();
            let mut cx = event_loop.context();
            server.listen(&mut cx, listener, 0).unwrap();
            tell.send(address).unwrap();
            event_loop.run(&mut server).unwrap();
            server.device.statistics
        });
        Self {
            remote,
            address: told.recv().unwrap(),
            ends,
            thread,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn next_end(&self) -> CloseReason {
        self.ends.recv_timeout(PATIENCE).unwrap()
    }

    /// Stops it; its counters.
    fn stop(self) -> Statistics {
        self.remote.stopper().stop();
        self.thread.join().unwrap()
    }
}

fn request(id: u8, quantity: u8) -> [u8; 12] {
    [0, id, 0, 0, 0, 6, 1, 3, 0, 0, 0, quantity]
}

/// Receives the reply to [`request`] and checks it.
fn expect(stream: &mut TcpStream, id: u8, quantity: u8) {
    let count = usize::from(quantity);
    let mut reply = vec![0; 9 + 2 * count];
    stream.read_exact(&mut reply).unwrap();
    let head = [0, id, 0, 0, 0, 3 + 2 * quantity, 1, 3, 2 * quantity];
    assert_eq!(reply[..9], head);
    assert!((0..count).all(|n| reply[9 + 2 * n..][..2] == [0, n as u8]));
}

fn expect_end(stream: &mut TcpStream) {
    match stream.read(&mut [0]) {
        Ok(0) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("not the end: {other:?}"),
    }
}

#[test]
fn two_requests_cut_at_every_byte_and_then_whole_ones() {
    let plant = Plant::start(Config::DEFAULT);
    let mut stream = plant.connect();
    let both = [request(1, 10), request(2, 125)].concat();
    for cut in 1..both.len() {
        stream.write_all(&both[..cut]).unwrap();
        if cut >= 12 {
            expect(&mut stream, 1, 10);
        }
        stream.write_all(&both[cut..]).unwrap();
        if cut < 12 {
            expect(&mut stream, 1, 10);
        }
        expect(&mut stream, 2, 125);
    }
    drop(stream);
    assert_eq!(plant.next_end(), CloseReason::PeerClosed);
    assert_eq!(plant.stop().requests, 2 * 23);
}

#[test]
fn replies_that_fit_in_no_buffer_together_come_all_and_in_order() {
    let plant = Plant::start(Config::DEFAULT);
    let mut stream = plant.connect();
    for round in 0..20 {
        // 64 replies of 259 bytes, from a buffer of 2,304.
        let ids = 0..64 + round;
        let batch: Vec<u8> = ids.clone().flat_map(|id| request(id, 125)).collect();
        stream.write_all(&batch).unwrap();
        ids.for_each(|id| expect(&mut stream, id, 125));
        stream.write_all(&request(7, 1)).unwrap();
        expect(&mut stream, 7, 1);
    }
    plant.stop();
}

#[test]
fn what_is_no_frame_ends_the_connection_after_the_replies_before_it() {
    let plant = Plant::start(Config::DEFAULT);
    for before in 0..3 {
        let mut stream = plant.connect();
        let mut segment: Vec<u8> = (0..before).flat_map(|id| request(id, 10)).collect();
        segment.extend([0, 9, 0, 1, 0, 6, 1, 3]);
        stream.write_all(&segment).unwrap();
        (0..before).for_each(|id| expect(&mut stream, id, 10));
        expect_end(&mut stream);
        let why = FramingError::Header(HeaderError::Protocol(1));
        assert_eq!(plant.next_end(), CloseReason::Framing(why));
    }
    assert_eq!(plant.stop().framing_errors, 3);
}

#[test]
fn half_a_frame_after_a_rest_has_its_deadline() {
    let config = Config {
        frame_timeout: Some(20 * MILLISECOND),
        ..Config::DEFAULT
    };
    let plant = Plant::start(config);
    for begun in [1, 7, 11] {
        let mut stream = plant.connect();
        stream.write_all(&request(1, 10)).unwrap();
        expect(&mut stream, 1, 10);
        let half = &request(2, 10)[..begun];
        stream
            .write_all(&[&request(3, 10)[..], half].concat())
            .unwrap();
        expect(&mut stream, 3, 10);
        expect_end(&mut stream);
        let received = begun;
        assert_eq!(plant.next_end(), CloseReason::FrameTimeout { received });
    }
    plant.stop();
}

#[test]
fn idle_peers_are_put_out_and_busy_ones_answered() {
    let config = Config {
        idle_timeout: Some(500 * MILLISECOND),
        ..Config::DEFAULT
    };
    let plant = Plant::start(config);
    let mut stream = plant.connect();
    stream.write_all(&request(1, 10)).unwrap();
    expect(&mut stream, 1, 10);
    expect_end(&mut stream);
    assert_eq!(plant.next_end(), CloseReason::Idle);
    assert_eq!(plant.stop().requests, 1);
}

#[test]
fn a_peer_that_takes_nothing_is_put_out_in_the_end() {
    let config = Config {
        send_timeout: Some(50 * MILLISECOND),
        ..Config::DEFAULT
    };
    let plant = Plant::start(config);
    let mut stream = plant.connect();
    // Each segment is answered in one send by a connection at rest, until the socket takes no more.
    let segment = request(1, 125).repeat(8);
    while stream.write_all(&segment).is_ok() {}
    assert!(matches!(
        plant.next_end(),
        CloseReason::PeerNotReading { .. }
    ));
    plant.stop();
}
