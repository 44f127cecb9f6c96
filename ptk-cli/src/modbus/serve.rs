//! `ptk modbus serve`: a device with all points, or with those of a file.

mod map_file;
mod points;
mod signal;

use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;

use kqueue_safe::Exclusive;
use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_core::net::TcpListener;
use ptk_modbus::SECOND;
use ptk_modbus::glue::{Journal, Seat, Server};
use ptk_modbus::server::{CloseReason, Config, Device, FullMap, OneUnit, UnitTable, Units};

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::output;
use points::{Clock, Points};

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
            output::note(format_args!("ptk: {}: closed: {reason}", name(peer)));
        }
    }

    fn refused(&mut self, peer: Option<SocketAddr>, limit: usize) {
        output::note(format_args!(
            "ptk: {}: refused: all {limit} connections are taken",
            name(peer)
        ));
    }

    fn trouble(&mut self, error: ptk_core::Error) {
        output::note(format_args!("ptk: {error}"));
    }
}

/// A server whose simulated values are those of the time of the request.
struct Simulation<'s, U> {
    server: Server<'s, U, Log>,
    clock: Clock,
    begin: u64,
}

impl<U: Units> Handler for Simulation<'_, U> {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        self.clock
            .set(cx.now().as_nanos().saturating_sub(self.begin));
        self.server.on_event(cx, event);
    }
}

pub fn run(arguments: &Serve) -> Result<(), Failure> {
    let Some(path) = &arguments.map else {
        let mut points = POINTS.try_borrow().expect("one server in this process");
        let units = OneUnit::new(arguments.unit, &mut *points);
        let what = format!("unit {}", arguments.unit);
        return serve(arguments, units, Clock::default(), &what);
    };
    let clock = Clock::default();
    let mut units = map_file::read(path, &clock)?;
    if arguments.check {
        return output::print(&outline(&units));
    }
    let names: Vec<String> = units.iter().map(|(id, _)| id.to_string()).collect();
    let what = match &names[..] {
        [only] => format!("unit {only}"),
        _ => format!("units {}", names.join(" ")),
    };
    serve(arguments, UnitTable(&mut units), Rc::clone(&clock), &what)
}

/// What a file holds, for `--check`.
fn outline(units: &[(u8, Points)]) -> String {
    let line = |(id, points): &(u8, Points)| {
        format!(
            "unit {id}  {} coils, {} discrete inputs, {} input registers, {} holding registers\n",
            points.coils.points(),
            points.discrete.points(),
            points.input.points(),
            points.holding.points()
        )
    };
    units.iter().map(line).collect()
}

fn serve<U: Units>(
    arguments: &Serve,
    units: U,
    clock: Clock,
    what: impl fmt::Display,
) -> Result<(), Failure> {
    let Some(listen) = arguments.listen else {
        return Err(Failure::usage("serve", "no address to listen at"));
    };
    let failure = |error: ptk_core::Error| Failure::new(listen, error);
    let mut seats = SEATS.try_borrow().expect("one server in this process");
    let config = Config {
        idle_timeout: (arguments.idle > 0).then(|| arguments.idle.saturating_mul(SECOND)),
        ..Config::DEFAULT
    };
    let places = &mut seats[..usize::from(arguments.connections)];
    let mut event_loop: EventLoop<SOURCES, MOST_CONNECTIONS> = EventLoop::new().map_err(failure)?;
    event_loop.stop_on_signals().map_err(failure)?;
    let mut simulation = Simulation {
        server: Server::with_journal(Device::new(units), config, places, Log),
        clock,
        begin: event_loop.context().now().as_nanos(),
    };
    let listener = TcpListener::bind(listen).map_err(failure)?;
    let address = listener.local_addr().map_err(failure)?;
    let server = &mut simulation.server;
    server
        .listen(&mut event_loop.context(), listener, 0)
        .map_err(failure)?;
    // A server serves, whether or not somebody reads what it says.
    let _ = output::line(format_args!(
        "listening on {address}, {what}, {} connections",
        arguments.connections
    ));
    event_loop.run(&mut simulation).map_err(failure)?;
    let server = simulation.server;
    let occupancy = server.occupancy();
    output::note(format_args!(
        "ptk: {} requests, {} connections accepted, {} refused, at most {} at a time",
        server.device.statistics.requests, occupancy.accepted, occupancy.refused, occupancy.most
    ));
    Ok(())
}
