//! A Modbus server on the event loop.

use core::net::SocketAddr;

use ptk_core::Error;
use ptk_core::event_loop::{Context, Event, Handler, Kind, SourceId, Watch};
use ptk_core::net::{Received, Sent};
use ptk_core::system::System;
use ptk_core::time::Instant;
use ptk_core::timer::TimerId;

use super::journal::{Journal, Quiet};
use crate::server::{Config, Connection, Device, Units};

/// A Modbus server with as many places for connections as the caller lends it: a [`Handler`] of the loop.
///
/// Its events carry the owners from the number given to [`listen`](Server::listen) up to the number of places above it; a program with
/// other handlers on the same loop passes these on. The loop needs room for a source and a timer for each place, and for the listener.
///
/// A connection beyond the limit is accepted and closed at once, so that its peer learns of it, and counted.
///
/// ```
/// use ptk_core::event_loop::EventLoop;
/// use ptk_core::net::TcpListener;
/// use ptk_modbus::glue::{Seat, Server};
/// use ptk_modbus::server::{Config, Device, FullMap, OneUnit};
///
/// let device = Device::new(OneUnit::new(1, FullMap::new()));
/// let mut seats = [Seat::EMPTY; 4];
/// let mut server = Server::new(device, Config::DEFAULT, &mut seats);
/// let mut event_loop: EventLoop = EventLoop::new()?;
/// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// server.listen(&mut event_loop.context(), listener, 0)?;
/// // event_loop.run(&mut server)?;
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct Server<'s, U, J = Quiet> {
    /// What is served, with its counters.
    pub device: Device<U>,
    /// What is told about connections.
    pub journal: J,
    config: Config,
    base: u32,
    listener: Option<SourceId>,
    occupancy: Occupancy,
    seats: &'s mut [Seat],
}

/// How many connections there are and were.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Occupancy {
    /// Open now.
    pub open: usize,
    /// The most that were open at one time.
    pub most: usize,
    /// Accepted and served.
    pub accepted: u64,
    /// Refused because all places were taken.
    pub refused: u64,
}

/// A place for a connection: about 3.4 KiB, untouched until it is taken.
pub struct Seat {
    source: Option<SourceId>,
    peer: Option<SocketAddr>,
    timer: Option<(TimerId, u64)>,
    connection: Option<Connection>,
    paused: bool,
}

impl Seat {
    /// A free place.
    pub const EMPTY: Self = Self {
        source: None,
        peer: None,
        timer: None,
        connection: None,
        paused: false,
    };
}

impl core::fmt::Debug for Seat {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Seat")
            .field("peer", &self.peer)
            .field("taken", &self.source.is_some())
            .finish_non_exhaustive()
    }
}

const READABLE: u16 = 0;
const WRITABLE: u16 = 1;
const DEADLINE: u16 = 2;

impl<'s, U> Server<'s, U> {
    /// A server without a listener and without a journal.
    pub const fn new(device: Device<U>, config: Config, seats: &'s mut [Seat]) -> Self {
        Self::with_journal(device, config, seats, Quiet)
    }
}

impl<'s, U, J> Server<'s, U, J> {
    /// A server without a listener that tells `journal` about its connections.
    pub const fn with_journal(
        device: Device<U>,
        config: Config,
        seats: &'s mut [Seat],
        journal: J,
    ) -> Self {
        Self {
            device,
            journal,
            config,
            base: 0,
            listener: None,
            occupancy: Occupancy {
                open: 0,
                most: 0,
                accepted: 0,
                refused: 0,
            },
            seats,
        }
    }

    /// How many connections there are and were.
    pub const fn occupancy(&self) -> Occupancy {
        self.occupancy
    }
}

impl<U: Units, J: Journal> Server<'_, U, J> {
    /// Attaches a listener, with `base` as the first of the server's owner numbers.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](ptk_core::ErrorKind::TableFull) if the loop has no slot left.
    pub fn listen<S: System>(
        &mut self,
        cx: &mut Context<'_, S>,
        listener: impl Into<S::Socket>,
        base: u32,
    ) -> Result<SourceId, Error> {
        self.base = base;
        let watch = Watch::new().owner(base).readable(READABLE);
        let source = cx.attach(listener, watch).map_err(|(error, _)| error)?;
        self.listener = Some(source);
        Ok(source)
    }

    /// Ends all connections once their replies are sent.
    pub fn shut_down<S: System>(&mut self, cx: &mut Context<'_, S>) {
        for index in 0..self.seats.len() {
            if let Some(connection) = &mut self.seats[index].connection {
                connection.shut_down();
                self.pump(cx, index);
            }
        }
    }

    fn accept<S: System>(&mut self, cx: &mut Context<'_, S>, listener: SourceId) {
        loop {
            let (socket, peer) = match cx.accept(listener) {
                Ok(Some(connection)) => connection,
                Ok(None) => return,
                Err(error) => return self.journal.trouble(error),
            };
            let free = self.seats.iter().position(|seat| seat.source.is_none());
            let Some(index) = free else {
                self.refuse(cx, socket, peer);
                continue;
            };
            let watch = Watch::new()
                .owner(self.base + 1 + index as u32)
                .readable(READABLE)
                .writable(WRITABLE);
            let source = match cx.attach(socket, watch) {
                Ok(source) => source,
                Err((_, socket)) => {
                    self.refuse(cx, socket, peer);
                    continue;
                }
            };
            if let Err(error) = cx.set_nodelay(source, true) {
                self.journal.trouble(error);
            }
            let now = cx.now().as_nanos();
            let seat = &mut self.seats[index];
            seat.source = Some(source);
            seat.peer = peer;
            seat.paused = false;
            seat.connection = Some(Connection::new(self.config, now));
            self.occupancy.open += 1;
            self.occupancy.most = self.occupancy.most.max(self.occupancy.open);
            self.occupancy.accepted += 1;
            self.journal.opened(peer);
            self.watch_deadline(cx, index);
        }
    }

    fn refuse<S: System>(
        &mut self,
        cx: &mut Context<'_, S>,
        socket: S::Socket,
        peer: Option<SocketAddr>,
    ) {
        cx.discard(socket);
        self.occupancy.refused += 1;
        self.journal.refused(peer, self.seats.len());
    }

    /// Receives once, serves and sends. Where the connection is at rest before and after, which is the ordinary case, it needs nothing more,
    /// not even the time. Returns whether it was at rest before; it does nothing where it was not.
    #[inline(never)]
    fn receive_at_rest<S: System>(
        &mut self,
        cx: &mut Context<'_, S>,
        index: usize,
        source: SourceId,
    ) -> bool {
        let Some(Seat {
            connection: Some(connection),
            ..
        }) = self.seats.get_mut(index)
        else {
            return false;
        };
        if !connection.is_at_rest() {
            return false;
        }
        match cx.receive(source, connection.rest_buffer()) {
            Ok(Received::Data(count)) => {
                let Some(replies) = connection.serve_at_rest(count, &mut self.device) else {
                    self.pump(cx, index);
                    return true;
                };
                let length = replies.len();
                if length > 0 {
                    match cx.send(source, replies) {
                        Ok(Sent::All(_)) => {}
                        other => self.sent_less(cx, index, length, other),
                    }
                }
            }
            other => self.received_nothing(cx, index, other),
        }
        true
    }

    /// Receives once, serves and sends, whatever waits.
    fn receive<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize, source: SourceId) {
        let now = cx.now().as_nanos();
        let Some(connection) = &mut self.seats[index].connection else {
            return;
        };
        match cx.receive(source, connection.receive_buffer()) {
            Ok(Received::Data(count)) => {
                connection.received(count, now);
                connection.serve(now, &mut self.device);
                self.pump(cx, index);
            }
            other => self.received_nothing(cx, index, other),
        }
    }

    #[cold]
    #[inline(never)]
    fn received_nothing<S: System>(
        &mut self,
        cx: &mut Context<'_, S>,
        index: usize,
        received: Result<Received, Error>,
    ) {
        let now = cx.now().as_nanos();
        let Some(connection) = &mut self.seats[index].connection else {
            return;
        };
        match received {
            Ok(Received::EndOfStream) => connection.handle_end_of_stream(now),
            Ok(Received::WouldBlock | Received::Data(_)) => return,
            Err(_) => connection.handle_reset(),
        }
        self.pump(cx, index);
    }

    #[cold]
    #[inline(never)]
    fn sent_less<S: System>(
        &mut self,
        cx: &mut Context<'_, S>,
        index: usize,
        length: usize,
        sent: Result<Sent, Error>,
    ) {
        if let Some(connection) = &mut self.seats[index].connection {
            connection.unsent(length);
            match sent {
                Ok(sent) => connection.transmitted_untimed(sent.bytes()),
                Err(_) => connection.handle_reset(),
            }
        }
        self.look_after(cx, index);
    }

    /// Sends what is to be sent, and looks after the rest.
    #[inline(never)]
    fn pump<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize) {
        let now = cx.now().as_nanos();
        let seat = &mut self.seats[index];
        let (Some(source), Some(connection)) = (seat.source, &mut seat.connection) else {
            return;
        };
        loop {
            let bytes = connection.poll_transmit();
            if bytes.is_empty() {
                if !connection.wants_serve() {
                    break;
                }
                connection.serve(now, &mut self.device);
                continue;
            }
            let length = bytes.len();
            match cx.send(source, bytes) {
                Ok(sent) => {
                    connection.transmitted(sent.bytes(), now);
                    if sent.bytes() < length {
                        break;
                    }
                }
                Err(_) => connection.handle_reset(),
            }
        }
        self.look_after(cx, index);
    }

    /// Closes what is to be closed, and sees to reading and deadlines.
    fn look_after<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize) {
        let now = cx.now().as_nanos();
        let seat = &mut self.seats[index];
        let (Some(source), Some(connection)) = (seat.source, &mut seat.connection) else {
            return;
        };
        connection.begin_times(now);
        if connection.poll_close().is_some() {
            return self.close(cx, index);
        }
        let paused = !connection.wants_input();
        if paused != seat.paused {
            seat.paused = paused;
            // The source is attached: it has a seat.
            let _ = if paused {
                cx.pause(source)
            } else {
                cx.resume(source)
            };
        }
        self.watch_deadline(cx, index);
    }

    /// Keeps the seat's timer no later than the connection's deadline. A timer that is too early costs one look, so a deadline that only
    /// moves further away, as it does with every request, costs nothing.
    fn watch_deadline<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize) {
        let seat = &mut self.seats[index];
        let Some(deadline) = seat.connection.as_ref().and_then(Connection::poll_timeout) else {
            return;
        };
        let at = Instant::from_nanos(deadline);
        match seat.timer {
            Some((_, armed)) if armed <= deadline => {}
            Some((timer, _)) if cx.rearm_timer(timer, at).is_ok() => {
                seat.timer = Some((timer, deadline));
            }
            _ => {
                let owner = self.base + 1 + index as u32;
                match cx.start_timer_at(at, None, owner, DEADLINE) {
                    Ok(timer) => seat.timer = Some((timer, deadline)),
                    Err(error) => self.journal.trouble(error),
                }
            }
        }
    }

    /// What is no "readable" of a connection at rest.
    #[cold]
    #[inline(never)]
    fn rarer<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize, event: Event) {
        match event.kind {
            Kind::Readable(source) if Some(source) == self.listener => self.accept(cx, source),
            _ if index >= self.seats.len() => cx.note_unhandled(),
            Kind::Readable(source) => self.receive(cx, index, source),
            Kind::Writable(_) => self.pump(cx, index),
            Kind::Timer { timer, .. } => self.expire(cx, index, timer),
            Kind::Closed(_) | Kind::Failed(..) => {
                if let Some(connection) = &mut self.seats[index].connection {
                    connection.handle_reset();
                    self.pump(cx, index);
                }
            }
            Kind::Connected(_) | Kind::User { .. } | Kind::Signal { .. } => cx.note_unhandled(),
        }
    }

    fn expire<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize, timer: TimerId) {
        let seat = &mut self.seats[index];
        if seat.timer.is_none_or(|(mine, _)| mine != timer) {
            return;
        }
        seat.timer = None;
        if let Some(connection) = &mut seat.connection {
            connection.handle_timeout(cx.now().as_nanos());
            self.pump(cx, index);
        }
    }

    fn close<S: System>(&mut self, cx: &mut Context<'_, S>, index: usize) {
        let seat = &mut self.seats[index];
        if let Some((timer, _)) = seat.timer.take() {
            cx.cancel_timer(timer);
        }
        if let Some(source) = seat.source.take() {
            let _ = cx.close(source);
            self.occupancy.open -= 1;
            let ended = seat.connection.take();
            if let Some(reason) = ended.and_then(|connection| connection.poll_close()) {
                self.journal.closed(seat.peer, reason);
            }
        }
    }
}

impl<S: System, U: Units, J: Journal> Handler<S> for Server<'_, U, J> {
    #[inline(always)]
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        let index = event.owner.wrapping_sub(self.base).wrapping_sub(1) as usize;
        match event.kind {
            Kind::Readable(source) if self.receive_at_rest(cx, index, source) => {}
            _ => self.rarer(cx, index, event),
        }
    }

    fn on_drain(&mut self, cx: &mut Context<'_, S>) {
        self.shut_down(cx);
    }
}
