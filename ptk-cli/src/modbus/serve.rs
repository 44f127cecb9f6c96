//! `ptk modbus serve`: a device with 65,536 points of each kind.

use std::net::SocketAddr;

use kqueue_safe::Exclusive;
use ptk_core::event_loop::EventLoop;
use ptk_core::net::TcpListener;
use ptk_modbus::SECOND;
use ptk_modbus::glue::{Journal, Seat, Server};
use ptk_modbus::server::{CloseReason, Config, Device, FullMap, OneUnit};

use crate::arguments::Serve;
use crate::failure::Failure;

/// The most connections, and the default of `--connections` is far below it. Places that are never taken are never touched.
const MOST_CONNECTIONS: usize = 1024;
/// The connections, the listener and two signals.
const SOURCES: usize = MOST_CONNECTIONS + 3;

static SEATS: Exclusive<[Seat; MOST_CONNECTIONS]> =
    Exclusive::new([const { Seat::EMPTY }; MOST_CONNECTIONS]);
static POINTS: Exclusive<FullMap> = Exclusive::new(FullMap::new());

/// Writes a line on standard error for everything that is not the ordinary course of a connection.
struct Log;

fn name(peer: Option<SocketAddr>) -> String {
    peer.map_or_else(|| "a peer".to_owned(), |peer| peer.to_string())
}

impl Journal for Log {
    fn closed(&mut self, peer: Option<SocketAddr>, reason: CloseReason) {
        if reason != CloseReason::PeerClosed {
            eprintln!("ptk: {}: closed: {reason}", name(peer));
        }
    }

    fn refused(&mut self, peer: Option<SocketAddr>, limit: usize) {
        eprintln!(
            "ptk: {}: refused: all {limit} connections are taken",
            name(peer)
        );
    }

    fn trouble(&mut self, error: ptk_core::Error) {
        eprintln!("ptk: {error}");
    }
}

pub fn run(arguments: &Serve) -> Result<(), Failure> {
    let listen = arguments.listen;
    let failure = |error: ptk_core::Error| Failure::new(listen, error);
    let mut seats = SEATS.try_borrow().expect("one server in this process");
    let mut points = POINTS.try_borrow().expect("one server in this process");
    let config = Config {
        idle_timeout: (arguments.idle > 0).then(|| arguments.idle.saturating_mul(SECOND)),
        ..Config::DEFAULT
    };
    let device = Device::new(OneUnit::new(arguments.unit, &mut *points));
    let places = &mut seats[..usize::from(arguments.connections)];
    let mut server = Server::with_journal(device, config, places, Log);

    let mut event_loop: EventLoop<SOURCES, MOST_CONNECTIONS> = EventLoop::new().map_err(failure)?;
    event_loop.stop_on_signals().map_err(failure)?;
    let listener = TcpListener::bind(listen).map_err(failure)?;
    let address = listener.local_addr().map_err(failure)?;
    server
        .listen(&mut event_loop.context(), listener, 0)
        .map_err(failure)?;
    println!(
        "listening on {address}, unit {}, {} connections",
        arguments.unit, arguments.connections
    );
    event_loop.run(&mut server).map_err(failure)?;
    let occupancy = server.occupancy();
    eprintln!(
        "ptk: {} requests, {} connections accepted, {} refused, at most {} at a time",
        server.device.statistics.requests, occupancy.accepted, occupancy.refused, occupancy.most
    );
    Ok(())
}
