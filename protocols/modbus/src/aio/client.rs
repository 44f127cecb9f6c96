//! A Modbus client whose callers are tasks.

use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::net::SocketAddr;
use core::pin::pin;
use core::task::{Context, Poll};

use ptk_core::Error;
use ptk_core::aio::Notify;
use ptk_core::aio::net::TcpStream;
use ptk_core::aio::time::{now, sleep_until, timeout_at};
use ptk_core::time::Instant;

use super::alarm::Alarm;
use super::calls::Calls;
use super::first::{First, first};
use crate::buffer::earlier;
use crate::client::{self, Action, Config, DisconnectReason, Event, Statistics};
use crate::glue::Caller;

/// How often the connection moves bytes before others have their turn.
const PASSES: usize = 8;

/// A connection to one device or gateway, kept up by itself, through which any number of tasks of one thread ask.
///
/// One task runs the connection: [`run`](Client::run), or [`during`](Client::during) beside another future. All others call
/// [`request`](Client::request) and its kin; at most `IN_FLIGHT` of them are in flight at a time, less if
/// [`Config::max_in_flight`] says so, and the rest wait for their turn.
///
/// **Time.** A call takes no longer than its timeout ([`Config::request_timeout`] unless told otherwise), waiting for the connection
/// and for a place included. How the connection is made, how often, and when it is given up is [`client::Client`]'s business.
///
/// **Cancellation.** Dropping a call forgets it: its reply is thrown away when it comes, and its place is free from then on. What was
/// sent is not unsent.
///
/// A client takes about 2.3 KiB and 320 bytes for each of `IN_FLIGHT`.
pub struct Client<const IN_FLIGHT: usize = 16> {
    pub(super) machine: RefCell<client::Client<IN_FLIGHT>>,
    pub(super) calls: Calls<IN_FLIGHT>,
    /// There is something to do for whoever runs the connection.
    pub(super) work: Notify,
    /// There may be a place, a connection, or room to send.
    pub(super) room: Notify,
    target: SocketAddr,
    seed: u64,
    started: Cell<bool>,
    running: Cell<bool>,
    last_error: Cell<Option<Error>>,
    last_end: Cell<Option<DisconnectReason>>,
}

impl<const IN_FLIGHT: usize> Client<IN_FLIGHT> {
    /// A client that connects once it [runs](Client::run). The jitter of its back-off follows from `seed`: give each client another one.
    pub const fn new(target: SocketAddr, config: Config, seed: u64) -> Self {
        Self {
            machine: RefCell::new(client::Client::new(config, seed, 0)),
            calls: Calls::new(),
            work: Notify::new(),
            room: Notify::new(),
            target,
            seed,
            started: Cell::new(false),
            running: Cell::new(false),
            last_error: Cell::new(None),
            last_end: Cell::new(None),
        }
    }

    /// The device's address.
    pub const fn target(&self) -> SocketAddr {
        self.target
    }

    /// Totals since the first [`run`](Client::run).
    pub fn statistics(&self) -> Statistics {
        *self.machine.borrow().statistics()
    }

    /// Whether the connection is up.
    pub fn is_connected(&self) -> bool {
        self.machine.borrow().is_connected()
    }

    /// Why the system last refused to do something for the connection.
    pub fn last_error(&self) -> Option<Error> {
        self.last_error.get()
    }

    /// Why the last connection, or the last attempt to make one, ended.
    pub fn last_end(&self) -> Option<DisconnectReason> {
        self.last_end.get()
    }

    /// Ends the connection, its calls, and [`run`](Client::run).
    pub fn stop(&self) {
        self.machine.borrow_mut().stop(now().as_nanos());
        self.work.notify_one();
    }

    /// Runs the connection until [`stop`](Client::stop): connects, sends, receives, and comes back after a failure. Dropping the future
    /// ends the connection and fails the calls in flight; it can be run again.
    ///
    /// # Panics
    ///
    /// When it is running already.
    pub async fn run(&self) {
        self.run_with(&mut Nobody).await;
    }

    /// As [`run`](Client::run), with somebody on the same connection who is no task: a [`Polled`](crate::glue::Polled) poller, or any
    /// other [`Caller`]. It must not use this client itself.
    ///
    /// # Panics
    ///
    /// When it is running already.
    pub async fn run_with<C: Caller<IN_FLIGHT>>(&self, caller: &mut C) {
        let running = self.running.replace(true);
        assert!(!running, "one task runs the connection");
        let _running = Running(self);
        let start = now().as_nanos();
        if self.started.replace(true) {
            self.machine.borrow_mut().restart(start);
        } else {
            let mut machine = self.machine.borrow_mut();
            *machine = client::Client::new(*machine.config(), self.seed, start);
        }
        while let Some(action) = self.rest(caller).await {
            if action == Action::Close {
                // The stream is gone already.
                continue;
            }
            let attempt = TcpStream::connect(self.target);
            let attempt = first(attempt, self.rest(caller)).await;
            let now = now().as_nanos();
            match attempt {
                First::One(Ok(stream)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        self.last_error.set(Some(error));
                    }
                    self.machine.borrow_mut().handle_connected(now);
                    self.exchange(&stream, caller).await;
                }
                First::One(Err(error)) => {
                    self.last_error.set(Some(error));
                    self.machine.borrow_mut().handle_connect_failed(now);
                }
                // Too late, or stopped: the attempt is given up.
                First::Other(_) => {}
            }
        }
    }

    /// Runs `future` to its end, and the connection beside it in the same task.
    ///
    /// ```no_run
    /// # use ptk_modbus::{aio::Client, client::Config};
    /// # async fn example() -> Result<(), ptk_modbus::aio::CallError> {
    /// let client: Client = Client::new("192.0.2.7:502".parse().unwrap(), Config::DEFAULT, 1);
    /// let mut values = [0; 10];
    /// client.during(client.read_holding_registers(1, 0, &mut values)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn during<F: Future>(&self, future: F) -> F::Output {
        let run = async {
            self.run().await;
            core::future::pending::<()>().await;
        };
        match first(future, run).await {
            First::One(output) => output,
            First::Other(()) => unreachable!("it is pending for ever"),
        }
    }

    /// Lets time pass without a connection, until there is something to do for it; `None` when it was stopped.
    async fn rest<C: Caller<IN_FLIGHT>>(&self, caller: &mut C) -> Option<Action> {
        loop {
            let work = self.work.notified();
            let now = now().as_nanos();
            self.machine.borrow_mut().handle_timeout(now);
            self.deliver(now, caller);
            let next = {
                let mut machine = self.machine.borrow_mut();
                let again = caller.ask(now, &mut machine);
                if let Some(action) = machine.poll_action(now) {
                    return Some(action);
                }
                if machine.is_stopped() {
                    return None;
                }
                earlier(machine.poll_timeout(), again)
            };
            match next {
                Some(at) => _ = timeout_at(Instant::from_nanos(at), work).await,
                None => work.await,
            }
        }
    }

    /// Moves bytes and time until the machine is not connected any more.
    async fn exchange<C: Caller<IN_FLIGHT>>(&self, stream: &TcpStream, caller: &mut C) {
        let sleep = pin!(sleep_until(Instant::FAR_FUTURE));
        let mut alarm = Alarm::new(sleep);
        let mut work = pin!(self.work.notified());
        poll_fn(|cx| {
            while work.as_mut().poll(cx).is_ready() {
                work.set(self.work.notified());
            }
            self.poll(cx, stream, &mut alarm, caller)
        })
        .await;
    }

    fn poll<C: Caller<IN_FLIGHT>>(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        alarm: &mut Alarm<'_>,
        caller: &mut C,
    ) -> Poll<()> {
        for _ in 0..PASSES {
            let now = now().as_nanos();
            self.deliver(now, caller);
            let machine = &mut *self.machine.borrow_mut();
            let again = caller.ask(now, machine);
            if !machine.is_connected() {
                return Poll::Ready(());
            }
            self.send(cx, stream, machine, now);
            if self.receive(cx, stream, machine, caller, now) {
                continue;
            }
            if !machine.is_connected() {
                // The next pass tells of it.
                continue;
            }
            if !alarm.rings(cx, earlier(machine.poll_timeout(), again)) {
                return Poll::Pending;
            }
            machine.handle_timeout(ptk_core::aio::time::now().as_nanos());
        }
        // There is more, and others want their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn send(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        machine: &mut client::Client<IN_FLIGHT>,
        now: u64,
    ) {
        while !machine.poll_transmit().is_empty() {
            match stream.poll_write(cx, machine.poll_transmit()) {
                Poll::Ready(Ok(count)) => {
                    machine.transmitted(count, now);
                    self.room.notify_waiters();
                }
                Poll::Ready(Err(error)) => {
                    self.last_error.set(Some(error));
                    return machine.handle_reset(now);
                }
                Poll::Pending => return,
            }
        }
    }

    /// Receives once; returns whether anything came.
    fn receive<C: Caller<IN_FLIGHT>>(
        &self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        machine: &mut client::Client<IN_FLIGHT>,
        caller: &mut C,
        now: u64,
    ) -> bool {
        let room = machine.receive_buffer();
        if room.is_empty() {
            return false;
        }
        match stream.poll_read(cx, room) {
            Poll::Ready(Ok(0)) => {
                // Replies that came before the end are told before it.
                self.tell(now, machine, caller);
                machine.handle_closed(now);
            }
            Poll::Ready(Ok(count)) => machine.received(count, now),
            Poll::Ready(Err(error)) => {
                self.last_error.set(Some(error));
                machine.handle_reset(now);
            }
            Poll::Pending => return false,
        }
        true
    }

    fn deliver<C: Caller<IN_FLIGHT>>(&self, now: u64, caller: &mut C) {
        self.tell(now, &mut self.machine.borrow_mut(), caller);
    }

    /// Gives what the machine has to tell to calls and to the caller.
    fn tell<C: Caller<IN_FLIGHT>>(
        &self,
        now: u64,
        machine: &mut client::Client<IN_FLIGHT>,
        caller: &mut C,
    ) {
        let mut told = false;
        while let Some(event) = machine.poll_event(now) {
            told = true;
            let mine = match event {
                Event::Reply {
                    token, response, ..
                } => self.calls.finish(token, Ok(response)),
                Event::Failed { token, failure } => self.calls.finish(token, Err(failure)),
                Event::Disconnected(reason) => {
                    self.last_end.set(Some(reason));
                    false
                }
                Event::Connected => false,
            };
            if !mine {
                caller.told(now, event);
            }
        }
        if told {
            self.room.notify_waiters();
        }
    }
}

impl<const IN_FLIGHT: usize> core::fmt::Debug for Client<IN_FLIGHT> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client")
            .field("target", &self.target)
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

/// Nobody asks but tasks.
struct Nobody;

impl<const IN_FLIGHT: usize> Caller<IN_FLIGHT> for Nobody {
    fn told(&mut self, _now: u64, _event: Event<'_>) {}

    fn ask(&mut self, _now: u64, _client: &mut client::Client<IN_FLIGHT>) -> Option<u64> {
        None
    }
}

/// Ends the connection and the calls when the future that runs it is dropped.
struct Running<'c, const IN_FLIGHT: usize>(&'c Client<IN_FLIGHT>);

impl<const IN_FLIGHT: usize> Drop for Running<'_, IN_FLIGHT> {
    fn drop(&mut self) {
        let now = now().as_nanos();
        let mut machine = self.0.machine.borrow_mut();
        machine.stop(now);
        // The stream is gone: there is nobody who would close it.
        let _ = machine.poll_action(now);
        self.0.tell(now, &mut machine, &mut Nobody);
        self.0.running.set(false);
    }
}
