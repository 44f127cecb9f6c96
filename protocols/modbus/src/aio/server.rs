//! A Modbus server whose connections are tasks.

use core::cell::{Cell, RefCell, RefMut};
use core::future::{Future, poll_fn};
use core::net::SocketAddr;
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;

use ptk_core::aio::Notify;
use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::time::{now, sleep, sleep_until};
use ptk_core::time::Instant;
use ptk_core::{Error, ErrorKind};

use super::alarm::Alarm;
use super::first::{First, first};
use super::standby::Standby;
use crate::glue::{Journal, Occupancy, Quiet};
use crate::server::{CloseReason, Config, Connection, Device, Units};

/// How often one connection moves bytes before others have their turn.
const PASSES: usize = 8;

/// How long a listener rests when the system has no descriptors or no memory left.
const REST: Duration = Duration::from_millis(100);

/// A Modbus server: a device, its counters, and what its connections have in common. Its tasks share it by reference.
///
/// Two ways to use it:
///
/// - as many tasks as connections are wanted each [`run`](Server::run): accept, serve to the end, accept the next. Connections beyond
///   these wait in the kernel's backlog;
/// - a task of your own accepts and gives each connection to a task that calls [`serve`](Server::serve). Connections beyond the limit
///   given to [`new`](Server::new) are closed at once, and counted.
///
/// A connection takes about 3.6 KiB, which lie in the future of its task. A server whose device has a [`FullMap`](crate::server::FullMap) takes
/// 272 KiB more: put it into a `static`. In a build without optimisation each function that it is moved through has a copy of it on its stack.
pub struct Server<U, J = Quiet> {
    device: RefCell<Device<U>>,
    journal: RefCell<J>,
    config: Config,
    limit: usize,
    occupancy: Cell<Occupancy>,
    stopping: Cell<bool>,
    stop: Notify,
}

impl<U> Server<U> {
    /// A server of `device` for at most `limit` connections at a time, without a journal.
    pub const fn new(device: Device<U>, config: Config, limit: usize) -> Self {
        Self::with_journal(device, config, limit, Quiet)
    }
}

impl<U, J> Server<U, J> {
    /// A server that tells `journal` about its connections.
    pub const fn with_journal(device: Device<U>, config: Config, limit: usize, journal: J) -> Self {
        Self {
            device: RefCell::new(device),
            journal: RefCell::new(journal),
            config,
            limit,
            occupancy: Cell::new(Occupancy {
                open: 0,
                most: 0,
                accepted: 0,
                refused: 0,
            }),
            stopping: Cell::new(false),
            stop: Notify::new(),
        }
    }

    /// How many connections there are and were.
    pub fn occupancy(&self) -> Occupancy {
        self.occupancy.get()
    }

    /// The device, to look at its counters or to change its points.
    ///
    /// # Panics
    ///
    /// When the last one is still held. Do not hold it across an `.await`: the connections need it.
    pub fn device(&self) -> RefMut<'_, Device<U>> {
        self.device.borrow_mut()
    }

    /// The journal, with the same care as [`device`](Server::device).
    ///
    /// # Panics
    ///
    /// When the last one is still held.
    pub fn journal(&self) -> RefMut<'_, J> {
        self.journal.borrow_mut()
    }

    /// Ends every connection once its replies are sent, and every [`run`](Server::run).
    pub fn shut_down(&self) {
        self.stopping.set(true);
        self.stop.notify_waiters();
    }

    fn count(&self, change: impl FnOnce(&mut Occupancy)) {
        let mut occupancy = self.occupancy.get();
        change(&mut occupancy);
        self.occupancy.set(occupancy);
    }
}

impl<U: Units, J: Journal> Server<U, J> {
    /// Accepts a connection and serves it, over and over, until [`shut_down`](Server::shut_down). Any number of tasks may do so with one
    /// listener.
    pub async fn run(&self, listener: &TcpListener) {
        loop {
            let stopped = self.stop.notified();
            if self.stopping.get() {
                return;
            }
            match first(listener.accept(), stopped).await {
                First::Other(()) => return,
                First::One(Ok((stream, peer))) => _ = self.serve(stream, Some(peer)).await,
                First::One(Err(error)) => {
                    self.journal.borrow_mut().trouble(error);
                    if needs_rest(error) {
                        sleep(REST).await;
                    }
                }
            }
        }
    }

    /// Runs `future` to its end while one connection at a time is served: for tests and small programs without an executor.
    pub async fn during<F: Future>(&self, listener: &TcpListener, future: F) -> F::Output {
        let run = async {
            self.run(listener).await;
            core::future::pending::<()>().await;
        };
        match first(future, run).await {
            First::One(output) => output,
            First::Other(()) => unreachable!("it is pending for ever"),
        }
    }

    /// Serves a connection to its end. `None` if it was refused: as many as there may be are open.
    pub async fn serve(&self, stream: TcpStream, peer: Option<SocketAddr>) -> Option<CloseReason> {
        if self.occupancy.get().open >= self.limit {
            self.count(|occupancy| occupancy.refused += 1);
            self.journal.borrow_mut().refused(peer, self.limit);
            return None;
        }
        let _place = Place::take(&self.occupancy);
        self.journal.borrow_mut().opened(peer);
        if let Err(error) = stream.set_nodelay(true) {
            self.journal.borrow_mut().trouble(error);
        }
        let mut connection = Connection::new(self.config, now().as_nanos());
        let reason = {
            let sleep = pin!(sleep_until(Instant::FAR_FUTURE));
            let mut alarm = Alarm::new(sleep);
            let stop = pin!(self.stop.notified());
            let mut stop = Standby::new(stop);
            poll_fn(|cx| {
                stop.keep(cx);
                self.poll(cx, &stream, &mut connection, &mut alarm)
            })
            .await
        };
        self.journal.borrow_mut().closed(peer, reason);
        Some(reason)
    }

    fn poll(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        connection: &mut Connection,
        alarm: &mut Alarm<'_>,
    ) -> Poll<CloseReason> {
        if self.stopping.get() {
            connection.shut_down();
        }
        for _ in 0..PASSES {
            if connection.is_at_rest() {
                if !self.receive_at_rest(cx, stream, connection) {
                    return Poll::Pending;
                }
                continue;
            }
            let now = now().as_nanos();
            self.send(cx, stream, connection, now);
            if let Some(reason) = connection.poll_close() {
                return Poll::Ready(reason);
            }
            if !self.receive(cx, stream, connection, now) {
                if !alarm.rings(cx, connection.poll_timeout()) {
                    return Poll::Pending;
                }
                connection.handle_timeout(ptk_core::aio::time::now().as_nanos());
            }
        }
        // There is more, and others want their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Sends as much as there is and fits; what waits for the room is served meanwhile.
    fn send(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        connection: &mut Connection,
        now: u64,
    ) {
        loop {
            if connection.poll_transmit().is_empty() {
                if !connection.wants_serve() {
                    return;
                }
                connection.serve(now, &mut self.device.borrow_mut());
                continue;
            }
            match stream.poll_write(cx, connection.poll_transmit()) {
                Poll::Ready(Ok(count)) => connection.transmitted(count, now),
                Poll::Ready(Err(_)) => connection.handle_reset(),
                Poll::Pending => return,
            }
        }
    }

    /// Receives once, serves and sends. Where the connection is at rest after it as it was before, it needs nothing more, not even the time.
    /// Returns whether anything came.
    fn receive_at_rest(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        connection: &mut Connection,
    ) -> bool {
        match stream.poll_read(cx, connection.rest_buffer()) {
            Poll::Ready(Ok(0)) => connection.handle_end_of_stream(now().as_nanos()),
            Poll::Ready(Ok(count)) => {
                let mut device = self.device.borrow_mut();
                let Some(replies) = connection.serve_at_rest(count, &mut device) else {
                    connection.begin_times(now().as_nanos());
                    return true;
                };
                let length = replies.len();
                drop(device);
                if length == 0 {
                    return true;
                }
                let sent = match stream.poll_write(cx, replies) {
                    Poll::Ready(Ok(sent)) if sent == length => return true,
                    Poll::Ready(Ok(sent)) => sent,
                    Poll::Pending => 0,
                    Poll::Ready(Err(_)) => {
                        connection.handle_reset();
                        return true;
                    }
                };
                let now = now().as_nanos();
                connection.unsent(length);
                connection.transmitted(sent, now);
                connection.begin_times(now);
            }
            Poll::Ready(Err(_)) => connection.handle_reset(),
            Poll::Pending => return false,
        }
        true
    }

    /// Receives once and serves; returns whether anything came.
    fn receive(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        connection: &mut Connection,
        now: u64,
    ) -> bool {
        let room = connection.receive_buffer();
        if room.is_empty() {
            return false;
        }
        match stream.poll_read(cx, room) {
            Poll::Ready(Ok(0)) => connection.handle_end_of_stream(now),
            Poll::Ready(Ok(count)) => {
                connection.received(count, now);
                connection.serve(now, &mut self.device.borrow_mut());
            }
            Poll::Ready(Err(_)) => connection.handle_reset(),
            Poll::Pending => return false,
        }
        true
    }
}

impl<U, J> core::fmt::Debug for Server<U, J> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("occupancy", &self.occupancy.get())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Whether asking again at once would fail again at once.
fn needs_rest(error: Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DescriptorsExhausted | ErrorKind::OutOfMemory
    )
}

/// Counts a connection for as long as it lives, also when its task is dropped.
struct Place<'o>(&'o Cell<Occupancy>);

impl<'o> Place<'o> {
    fn take(occupancy: &'o Cell<Occupancy>) -> Self {
        let mut now = occupancy.get();
        now.open += 1;
        now.most = now.most.max(now.open);
        now.accepted += 1;
        occupancy.set(now);
        Self(occupancy)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut now = self.0.get();
        now.open -= 1;
        self.0.set(now);
    }
}
