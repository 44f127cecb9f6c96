//! The device's thread.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;

use kqueue_safe::Exclusive;
use ptk_core::Error;
use ptk_core::event_loop::{Counters, EventLoop, Remote};
use ptk_core::net::TcpListener;
use ptk_modbus::glue::{Seat, Server};
use ptk_modbus::server::{Config, Device, FullMap, OneUnit};

use super::MOST_CLIENTS;

static REMOTE: Remote = Remote::new();
static SEATS: Exclusive<[Seat; MOST_CLIENTS]> =
    Exclusive::new([const { Seat::EMPTY }; MOST_CLIENTS]);
static POINTS: Exclusive<FullMap> = Exclusive::new(FullMap::new());

/// A device that runs.
pub struct Running {
    pub address: SocketAddr,
    thread: JoinHandle<Result<Served, Error>>,
}

/// What it did.
pub struct Served {
    pub requests: u64,
    pub counters: Counters,
}

/// Starts a device on a free port with places for so many connections.
pub fn start(connections: usize) -> Result<Running, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = listener.local_addr()?;
    let mut event_loop: EventLoop<{ MOST_CLIENTS + 1 }, MOST_CLIENTS> =
        EventLoop::with_remote(&REMOTE)?;
    let thread = std::thread::spawn(move || {
        let mut seats = SEATS.try_borrow().expect("one device in this process");
        let mut points = POINTS.try_borrow().expect("one device in this process");
        let device = Device::new(OneUnit::new(1, &mut *points));
        let mut server = Server::new(device, Config::DEFAULT, &mut seats[..connections]);
        server.listen(&mut event_loop.context(), listener, 0)?;
        event_loop.run(&mut server)?;
        Ok(Served {
            requests: server.device.statistics.requests,
            counters: event_loop.counters(),
        })
    });
    Ok(Running { address, thread })
}

impl Running {
    /// Stops it from this thread and waits for its figures.
    pub fn stop(self) -> Result<Served, Error> {
        REMOTE.stop();
        self.thread.join().expect("the device does not panic")
    }
}
