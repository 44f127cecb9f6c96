//! The server: an echo that holds back who does not read, and the timers.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use ptk_core::Error;
use ptk_core::event_loop::{
    Context, Event, EventLoop, Handler, Kind, Raiser, Remote, SourceId, Watch,
};
use ptk_core::histogram::Summary;
use ptk_core::net::{Received, Sent, TcpListener};

use crate::timers::Clockwork;
use crate::{CROWD, Faults};

/// Room for the crowd, for those that have ended and are not closed yet, for the listener and for what ends the loop.
const SOURCES: usize = 2 * CROWD + 2;
const CHUNK: usize = 4096;

type Loop = EventLoop<SOURCES, CROWD, 64>;

/// A server that listens.
pub struct Running {
    event_loop: Box<Loop>,
    listener: SourceId,
    end: SourceId,
}

/// What it saw.
pub struct Report {
    pub faults: Faults,
    pub most_unsent: usize,
    pub timers: u64,
    pub missed: u64,
    pub lateness: Summary,
}

impl Running {
    /// The server, where it listens, and what ends it.
    pub fn start(remote: &'static Remote) -> Result<(Self, SocketAddr, Raiser), Error> {
        let mut event_loop = Box::new(Loop::with_remote(remote)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = listener.local_addr()?;
        let mut cx = event_loop.context();
        let (end, raiser) = cx.attach_user(0, 0_u16)?;
        let attached = cx.attach(listener, Watch::all());
        let listener = attached.map_err(|(error, _)| error)?;
        let running = Self {
            event_loop,
            listener,
            end,
        };
        Ok((running, address, raiser))
    }

    /// Serves until it is ended, then ends in order.
    pub fn run(mut self) -> Result<Report, Error> {
        let mut cx = self.event_loop.context();
        let mut server = Server {
            listener: self.listener,
            connections: vec![Connection::default(); SOURCES],
            most_unsent: 0,
            clockwork: Clockwork::start(&mut cx)?,
            ended: false,
        };
        while !server.ended {
            self.event_loop.turn(&mut server, None)?;
            // The time at which this turn looked for timers that are due.
            let now = self.event_loop.context().now();
            server.clockwork.turn_ended(now);
        }
        let drained = self
            .event_loop
            .drain(&mut server, Duration::from_secs(60))?;
        let mut cx = self.event_loop.context();
        server.clockwork.finish(&mut cx);
        cx.close(self.end)?;
        cx.close(self.listener)?;
        let mut faults = server.clockwork.faults;
        faults.leaked += u64::from(self.event_loop.counters().sources) + u64::from(!drained);
        Ok(Report {
            faults,
            most_unsent: server.most_unsent,
            timers: server.clockwork.told,
            missed: server.clockwork.missed,
            lateness: server.clockwork.lateness.snapshot(),
        })
    }
}

/// What a connection could not send at once, and whether the peer has ended its side.
#[derive(Clone, Default)]
struct Connection {
    unsent: Vec<u8>,
    ending: bool,
}

struct Server {
    listener: SourceId,
    connections: Vec<Connection>,
    most_unsent: usize,
    clockwork: Clockwork,
    ended: bool,
}

impl Handler for Server {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match event.kind {
            Kind::Timer {
                timer,
                deadline,
                missed,
            } => self
                .clockwork
                .tick(cx, event.owner, timer, deadline, missed),
            Kind::User { .. } => self.ended = true,
            Kind::Readable(source) if source == self.listener => {
                while let Ok(Some((socket, _))) = cx.accept(source) {
                    // One for which there is no room is refused by dropping it.
                    if let Ok(source) = cx.attach(socket, Watch::all()) {
                        self.connections[source.slot()].unsent.clear();
                        self.connections[source.slot()].ending = false;
                    }
                }
            }
            Kind::Readable(source) => {
                let mut chunk = [0; CHUNK];
                let connection = &mut self.connections[source.slot()];
                match cx.receive(source, &mut chunk) {
                    Ok(Received::Data(count)) => {
                        connection.unsent.extend_from_slice(&chunk[..count]);
                        self.flush(cx, source);
                    }
                    // The end is told as "closed", too.
                    Ok(Received::EndOfStream | Received::WouldBlock) => {}
                    Err(_) => {
                        let _ = cx.close(source);
                    }
                }
            }
            Kind::Writable(source) => self.flush(cx, source),
            Kind::Closed(source) => {
                self.connections[source.slot()].ending = true;
                self.flush(cx, source);
            }
            Kind::Failed(source, _) => {
                let _ = cx.close(source);
            }
            Kind::Connected(_) | Kind::Signal { .. } => {}
        }
    }
}

impl Server {
    fn flush(&mut self, cx: &mut Context, source: SourceId) {
        let Connection { unsent, ending } = &mut self.connections[source.slot()];
        while !unsent.is_empty() {
            match cx.send(source, unsent) {
                Ok(Sent::WouldBlock) => break,
                Ok(sent) => drop(unsent.drain(..sent.bytes())),
                Err(_) => {
                    let _ = cx.close(source);
                    return;
                }
            }
        }
        self.most_unsent = self.most_unsent.max(unsent.len());
        let _ = match (unsent.is_empty(), *ending) {
            (true, true) => cx.close(source),
            (true, false) => cx.resume(source),
            (false, _) => cx.pause(source),
        };
    }
}
