//! One client among 64 that asks and never reads, on the callback loop: the others' replies do not wait for it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_core::net::TcpListener;
use ptk_modbus::glue::{Seat, Server};
use ptk_modbus::server::{Access, Config, Device, OneUnit, RegisterBlock, TableMap};

static SERVED: AtomicU64 = AtomicU64::new(0);
static OPEN: AtomicU64 = AtomicU64::new(0);
static OVER: AtomicBool = AtomicBool::new(false);

/// The server, with its counters where the test's thread can see them.
struct Counted<'s, 't>(Server<'s, OneUnit<TableMap<'t>>>);

impl Handler for Counted<'_, '_> {
    fn on_event(&mut self, cx: &mut Context<'_>, event: Event) {
        self.0.on_event(cx, event);
        SERVED.store(self.0.device.statistics.requests, Ordering::SeqCst);
        OPEN.store(self.0.occupancy().open as u64, Ordering::SeqCst);
    }
}

fn serve(told: &mpsc::Sender<SocketAddr>) {
    let mut values: [u16; 200] = std::array::from_fn(|address| address as u16);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let map = TableMap::new().holding_registers(&mut blocks);
    let mut seats = [Seat::EMPTY; 64];
    let device = Device::new(OneUnit::new(1, map));
    // No limit on how long it may stall.
    let config = Config {
        send_timeout: None,
        ..Config::DEFAULT
    };
    let mut server = Counted(Server::new(device, config, &mut seats));
    let mut event_loop: EventLoop<80, 80> = EventLoop::new().unwrap();
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    told.send(listener.local_addr().unwrap()).unwrap();
    server
        .0
        .listen(&mut event_loop.context(), listener, 0)
        .unwrap();
    while !OVER.load(Ordering::SeqCst) {
        event_loop
            .run_for(&mut server, Duration::from_millis(20))
            .unwrap();
    }
}

/// Asks for ten registers from `first` on and checks them.
fn ask(stream: &mut TcpStream, first: u8) {
    stream
        .write_all(&[0, first, 0, 0, 0, 6, 1, 3, 0, first, 0, 10])
        .unwrap();
    let mut reply = [0; 29];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(reply[..2], [0, first]);
    assert!((0..10).all(|n| reply[10 + 2 * n] == first + n as u8));
}

#[test]
fn one_stalled_client_among_64_delays_nobody() {
    let (tell, told) = mpsc::channel();
    let server = thread::spawn(move || serve(&tell));
    let address = told.recv().unwrap();
    let connect = || {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream
    };
    let mut others: Vec<TcpStream> = (0..63).map(|_| connect()).collect();
    let mut stalled = connect();
    stalled.set_nonblocking(true).unwrap();
    // It asks for the most that a reply can hold until nothing fits anywhere and the server serves it no more.
    let flood = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 125].repeat(64);
    let mut quiet = 0;
    while quiet < 20 {
        let fits = stalled.write(&flood).is_ok();
        let before = SERVED.load(Ordering::SeqCst);
        ask(&mut others[0], 7);
        let served = SERVED.load(Ordering::SeqCst) - before;
        quiet = if fits || served > 1 { 0 } else { quiet + 1 };
    }
    let before = SERVED.load(Ordering::SeqCst);
    for round in 0..20 {
        for stream in &mut others {
            ask(stream, round);
        }
    }
    // The reply leaves before the counter is stored, so that one request may be missing at the beginning and one at the end.
    let served = SERVED.load(Ordering::SeqCst) - before;
    assert!(served.abs_diff(63 * 20) <= 1, "{served}");
    assert_eq!(OPEN.load(Ordering::SeqCst), 64);
    OVER.store(true, Ordering::SeqCst);
    server.join().unwrap();
}
