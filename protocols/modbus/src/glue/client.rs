//! A Modbus client on the event loop.

use core::net::SocketAddr;

use ptk_core::Error;
use ptk_core::event_loop::{Context, Event, Handler, Kind, SourceId, Watch};
use ptk_core::net::Received;
use ptk_core::system::System;
use ptk_core::time::Instant;
use ptk_core::timer::TimerId;

use crate::client::{self, Action, Client, Config};

/// What a program does with a connection to a device: makes requests and hears what became of them.
pub trait Caller<const IN_FLIGHT: usize = 16> {
    /// Something has happened: a reply, a failure, the connection came up or ended. `now` in nanoseconds.
    fn told(&mut self, now: u64, event: client::Event<'_>);

    /// All is told, and requests may be made where [`Client::ready`] says so. Returns when to be asked again at the latest, if nothing
    /// happens before.
    fn ask(&mut self, now: u64, client: &mut Client<IN_FLIGHT>) -> Option<u64>;
}

/// A connection to one device, kept up by itself: a [`Handler`] of the loop.
///
/// It needs one source and one timer. Its events carry the owner given to [`Link::new`], so that an array of links is a handler for
/// many devices.
///
/// ```
/// use ptk_core::event_loop::EventLoop;
/// use ptk_modbus::client::{Client, Config, Event};
/// use ptk_modbus::codec::Request;
/// use ptk_modbus::glue::{Caller, Link};
///
/// /// Reads ten registers, again and again.
/// #[derive(Default)]
/// struct Reader { replies: u32 }
///
/// impl Caller for Reader {
///     fn told(&mut self, _now: u64, event: Event<'_>) {
///         if let Event::Reply { .. } = event {
///             self.replies += 1;
///         }
///     }
///     fn ask(&mut self, now: u64, client: &mut Client) -> Option<u64> {
///         if client.in_flight() == 0 && client.ready(now).is_ok() {
///             let request = Request::ReadHoldingRegisters { address: 0, quantity: 10 };
///             client.request(now, 1, &request, 0).expect("ready");
///         }
///         None
///     }
/// }
///
/// let mut event_loop: EventLoop = EventLoop::new()?;
/// let target = "127.0.0.1:502".parse().unwrap();
/// let mut link = Link::new(target, Config::DEFAULT, 1, 0, Reader::default());
/// link.start(&mut event_loop.context());
/// // event_loop.run(&mut link)?;
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct Link<A, const IN_FLIGHT: usize = 16> {
    /// The program's part.
    pub caller: A,
    /// Why the system last refused to do something for the connection.
    pub last_error: Option<Error>,
    client: Client<IN_FLIGHT>,
    seed: u64,
    target: SocketAddr,
    owner: u32,
    source: Option<SourceId>,
    timer: Option<(TimerId, u64)>,
    paused: bool,
}

const CONNECTED: u16 = 0;
const READABLE: u16 = 1;
const WRITABLE: u16 = 2;
const FAILED: u16 = 3;
const DEADLINE: u16 = 4;

/// What one pass moves at the most, so that a peer that floods one link leaves the others their turn.
const PASSES: usize = 4;

impl<A, const IN_FLIGHT: usize> Link<A, IN_FLIGHT> {
    /// A link that connects once it is [started](Link::start). The jitter of its back-off follows from `seed`: give each link
    /// another one.
    pub const fn new(target: SocketAddr, config: Config, seed: u64, owner: u32, caller: A) -> Self {
        Self {
            caller,
            last_error: None,
            client: Client::new(config, seed, 0),
            seed,
            target,
            owner,
            source: None,
            timer: None,
            paused: false,
        }
    }

    /// The machine, to ask for its statistics.
    pub const fn client(&self) -> &Client<IN_FLIGHT> {
        &self.client
    }

    /// The device's address.
    pub const fn target(&self) -> SocketAddr {
        self.target
    }

    /// Goes for another device from the next [`start`](Link::start) on: [`stop`](Link::stop) it first. The link keeps its place in the
    /// loop, so that a few links visit many devices.
    pub const fn retarget(&mut self, target: SocketAddr) {
        self.target = target;
    }
}

impl<const IN_FLIGHT: usize, A: Caller<IN_FLIGHT>> Link<A, IN_FLIGHT> {
    /// Begins: connects, now or after [`Config::start_delay`].
    pub fn start<S: System>(&mut self, cx: &mut Context<'_, S>) {
        let now = cx.now().as_nanos();
        self.client = Client::new(*self.client.config(), self.seed, now);
        self.pump(cx);
    }

    /// Ends the connection and does not come back until it is [started](Link::start) again.
    pub fn stop<S: System>(&mut self, cx: &mut Context<'_, S>) {
        let now = cx.now().as_nanos();
        self.client.stop(now);
        self.pump(cx);
    }

    /// Tells, asks, connects or closes, sends, and looks after the deadline.
    fn pump<S: System>(&mut self, cx: &mut Context<'_, S>) {
        let now = cx.now().as_nanos();
        let mut again = None;
        for _ in 0..PASSES {
            let mut progress = false;
            while let Some(event) = self.client.poll_event(now) {
                self.caller.told(now, event);
            }
            again = self.caller.ask(now, &mut self.client);
            while let Some(action) = self.client.poll_action(now) {
                self.act(cx, action, now);
                progress = true;
            }
            progress |= self.send(cx, now);
            if !progress {
                break;
            }
        }
        self.hold_back(cx);
        let deadline = match (self.client.poll_timeout(), again) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.watch_deadline(cx, deadline);
    }

    fn act<S: System>(&mut self, cx: &mut Context<'_, S>, action: Action, now: u64) {
        match action {
            Action::Connect => {
                let watch = Watch::new()
                    .owner(self.owner)
                    .connected(CONNECTED)
                    .readable(READABLE)
                    .writable(WRITABLE)
                    .failed(FAILED);
                match cx.connect(self.target, watch) {
                    Ok(source) => {
                        self.source = Some(source);
                        self.paused = false;
                    }
                    Err(error) => {
                        self.last_error = Some(error);
                        self.client.handle_connect_failed(now);
                    }
                }
            }
            Action::Close => {
                if let Some(source) = self.source.take() {
                    let _ = cx.close(source);
                }
            }
        }
    }

    /// Sends what is to be sent; returns whether anything went out or broke.
    fn send<S: System>(&mut self, cx: &mut Context<'_, S>, now: u64) -> bool {
        let Some(source) = self.source else {
            return false;
        };
        let bytes = self.client.poll_transmit();
        if bytes.is_empty() {
            return false;
        }
        match cx.send(source, bytes) {
            Ok(sent) => {
                self.client.transmitted(sent.bytes(), now);
                // What is left goes out when the loop says that there is room.
                false
            }
            Err(error) => {
                self.last_error = Some(error);
                self.client.handle_reset(now);
                true
            }
        }
    }

    /// Reads no more while the machine has no room for it.
    fn hold_back<S: System>(&mut self, cx: &mut Context<'_, S>) {
        let Some(source) = self.source.filter(|_| self.client.is_connected()) else {
            return;
        };
        let paused = self.client.receive_buffer().is_empty();
        if paused != self.paused {
            self.paused = paused;
            // The source is attached: it is this link's.
            let _ = if paused {
                cx.pause(source)
            } else {
                cx.resume(source)
            };
        }
    }

    /// Keeps the timer no later than the deadline; one that is too early costs one look.
    fn watch_deadline<S: System>(&mut self, cx: &mut Context<'_, S>, deadline: Option<u64>) {
        let Some(deadline) = deadline else {
            return;
        };
        let at = Instant::from_nanos(deadline);
        match self.timer {
            Some((_, armed)) if armed <= deadline => {}
            Some((timer, _)) if cx.rearm_timer(timer, at).is_ok() => {
                self.timer = Some((timer, deadline));
            }
            _ => match cx.start_timer_at(at, None, self.owner, DEADLINE) {
                Ok(timer) => self.timer = Some((timer, deadline)),
                Err(error) => self.last_error = Some(error),
            },
        }
    }

    fn receive<S: System>(&mut self, cx: &mut Context<'_, S>, source: SourceId) {
        let now = cx.now().as_nanos();
        let room = self.client.receive_buffer();
        if room.is_empty() {
            return;
        }
        match cx.receive(source, room) {
            Ok(Received::Data(count)) => self.client.received(count, now),
            Ok(Received::WouldBlock) => return,
            Ok(Received::EndOfStream) => {
                // Replies that came before the end are told before it.
                while let Some(event) = self.client.poll_event(now) {
                    self.caller.told(now, event);
                }
                self.client.handle_closed(now);
            }
            Err(error) => {
                self.last_error = Some(error);
                self.client.handle_reset(now);
            }
        }
        self.pump(cx);
    }
}

impl<S: System, const IN_FLIGHT: usize, A: Caller<IN_FLIGHT>> Handler<S> for Link<A, IN_FLIGHT> {
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        let now = cx.now().as_nanos();
        if event.source().is_some() && event.source() != self.source {
            return cx.note_unhandled();
        }
        match event.kind {
            Kind::Readable(source) => return self.receive(cx, source),
            Kind::Connected(source) => {
                if let Err(error) = cx.set_nodelay(source, true) {
                    self.last_error = Some(error);
                }
                self.client.handle_connected(now);
            }
            Kind::Writable(_) => {}
            Kind::Failed(_, error) => {
                self.last_error = Some(error);
                if self.client.is_connected() {
                    self.client.handle_reset(now);
                } else {
                    self.client.handle_connect_failed(now);
                }
            }
            Kind::Closed(_) => self.client.handle_closed(now),
            Kind::Timer { timer, .. } if self.timer.is_some_and(|(mine, _)| mine == timer) => {
                self.timer = None;
                self.client.handle_timeout(now);
            }
            Kind::Timer { .. } | Kind::User { .. } | Kind::Signal { .. } => {
                return cx.note_unhandled();
            }
        }
        self.pump(cx);
    }

    fn on_drain(&mut self, cx: &mut Context<'_, S>) {
        self.stop(cx);
    }
}
