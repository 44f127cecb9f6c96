//! One connection of a server.

use super::{CloseReason, Config, Device, Units, batch};
use crate::buffer::{Buffer, deadline, earlier, passed};
use crate::codec::{Framing, Side, mbap, rtu};

/// One connection of a Modbus server, from accepted to closed.
///
/// # State
///
/// ```text
///                    received, serve, transmitted
///                          ┌────┐
///          new ─────► ┌────┴────▼─┐  handle_end_of_stream   ┌──────────┐
///                     │   Open    ├──────────────────────── ►│ Draining │
///                     └─────┬─────┘  a frame that is none    └────┬─────┘
///                           │        handle_timeout               │ nothing left to send
///              handle_reset │        shut_down                    │ (or the peer does not take it)
///                           ▼                                     ▼
///                     ┌───────────────────────────────────────────────┐
///                     │                   Closed                      │ poll_close says why
///                     └───────────────────────────────────────────────┘
/// ```
///
/// # Order of calls
///
/// When bytes may be read: fill [`receive_buffer`](Self::receive_buffer) (not if it is empty), tell
/// [`received`](Self::received), then [`serve`](Self::serve). After every call that takes time or bytes:
///
/// 1. send [`poll_transmit`](Self::poll_transmit) and tell [`transmitted`](Self::transmitted) what was taken; when
///    [`wants_serve`](Self::wants_serve) then, [`serve`](Self::serve) again and send again;
/// 2. if [`poll_close`](Self::poll_close) has a reason, log it and close the socket;
/// 3. call [`handle_timeout`](Self::handle_timeout) when [`poll_timeout`](Self::poll_timeout) is due.
///
/// # Back-pressure
///
/// Requests are answered in their order. When there is no room for a reply, serving stops, `receive_buffer` is empty,
/// and nothing is lost: TCP slows the peer down. A peer that never reads is closed after
/// [`Config::send_timeout`].
///
/// # Capacity
///
/// `INPUT` and `OUTPUT` are the bytes of the two buffers, each at least one frame (260). The defaults take 64 requests
/// to read ten registers in one segment and answer them in one.
///
/// ```
/// use ptk_modbus::server::{CloseReason, Config, Connection, Device, FullMap, OneUnit};
///
/// let mut map = FullMap::new();
/// let mut device = Device::new(OneUnit::new(1, &mut map));
/// let mut connection: Connection = Connection::new(Config::default(), 0);
///
/// // Half a request, and then the rest: read holding register 0 of unit 1.
/// for part in [&[0, 1, 0, 0, 0, 6][..], &[1, 3, 0, 0, 0, 1]] {
///     connection.receive_buffer()[..part.len()].copy_from_slice(part);
///     connection.received(part.len(), 0);
///     connection.serve(0, &mut device);
/// }
/// assert_eq!(connection.poll_transmit(), [0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 0]);
/// connection.transmitted(11, 0);
///
/// connection.handle_end_of_stream(0);
/// assert_eq!(connection.poll_close(), Some(CloseReason::PeerClosed));
/// ```
pub struct Connection<const INPUT: usize = 1024, const OUTPUT: usize = 2304> {
    pub(super) config: Config,
    state: State,
    /// A whole request may be in `input` that `output` has no room for.
    stalled: bool,
    end_of_stream: bool,
    /// Open, without an end of the stream in sight or a limit on idleness, in MBAP framing: what most are.
    pub(super) ordinary: bool,
    /// When the unfinished frame at the front of `input` began. This time and the next two are `None` also while nobody has told the
    /// time since then: [`begin_times`](Self::begin_times).
    frame_since: Option<u64>,
    /// When `output` last became non-empty or shorter.
    output_since: Option<u64>,
    /// When the last whole request was served.
    last_request: Option<u64>,
    pub(super) input: Buffer<INPUT>,
    pub(super) output: Buffer<OUTPUT>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Draining(CloseReason),
    Closed(CloseReason),
}

impl<const INPUT: usize, const OUTPUT: usize> Connection<INPUT, OUTPUT> {
    /// A connection that was accepted at `now`.
    pub const fn new(config: Config, now: u64) -> Self {
        Self {
            config,
            state: State::Open,
            stalled: false,
            end_of_stream: false,
            ordinary: config.idle_timeout.is_none() && matches!(config.framing, Framing::Mbap),
            frame_since: None,
            output_since: None,
            last_request: Some(now),
            input: Buffer::new(),
            output: Buffer::new(),
        }
    }

    /// Where received bytes go. Empty while the connection takes none: do not wait for readability then.
    #[inline]
    pub fn receive_buffer(&mut self) -> &mut [u8] {
        if self.wants_input() {
            self.input.spare()
        } else {
            &mut []
        }
    }

    /// Whether [`receive_buffer`](Self::receive_buffer) has room.
    #[inline]
    pub const fn wants_input(&self) -> bool {
        matches!(self.state, State::Open)
            && !self.stalled
            && !self.end_of_stream
            && self.input.len() < INPUT
    }

    /// The first `count` bytes of [`receive_buffer`](Self::receive_buffer) were received.
    #[inline]
    pub fn received(&mut self, count: usize, now: u64) {
        if count > 0 && self.wants_input() {
            self.input.filled(count);
            self.begin_times(now);
        }
    }

    /// Begins the times that run since something happened, where nobody has told the time since.
    #[inline]
    pub(crate) fn begin_times(&mut self, now: u64) {
        self.last_request.get_or_insert(now);
        if !self.input.is_empty() && !self.stalled {
            self.frame_since.get_or_insert(now);
        }
        if !self.output.is_empty() {
            self.output_since.get_or_insert(now);
        }
    }

    /// Copies as much of `bytes` as there is room for, and returns how much that was: for callers that have the bytes
    /// elsewhere. [`serve`](Self::serve) comes next.
    pub fn handle_input(&mut self, now: u64, bytes: &[u8]) -> usize {
        let room = self.receive_buffer();
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.received(count, now);
        count
    }

    /// Serves the requests that are there, in order, as long as there is room for replies. Returns how many.
    #[inline]
    pub fn serve<U: Units>(&mut self, now: u64, device: &mut Device<U>) -> usize {
        let served = self.serve_untimed(device);
        self.begin_times(now);
        served
    }

    /// As [`serve`](Self::serve), without the time.
    pub(crate) fn serve_untimed<U: Units>(&mut self, device: &mut Device<U>) -> usize {
        let mut served = 0;
        self.stalled = false;
        while matches!(self.state, State::Open) && !self.input.is_empty() {
            if !self.output.has_room() {
                self.stalled = true;
                break;
            }
            let (input, output) = (self.input.readable(), self.output.spare());
            let answered = batch::answer_all(&self.config, device, input, output);
            self.input.consume(answered.taken);
            self.output.filled(answered.written);
            served += answered.requests;
            let front = self.input.readable();
            match self.config.framing.split(Side::Request, front) {
                // The room behind the replies is used up. They are moved to the front, or there is none.
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    device.statistics.framing_errors += 1;
                    self.drain(CloseReason::Framing(error));
                }
            }
        }
        if served > 0 {
            self.last_request = None;
            self.frame_since = None;
        }
        if self.input.is_empty() || self.stalled {
            self.frame_since = None;
        }
        self.settle();
        served
    }

    /// Whether requests wait for a call of [`serve`](Self::serve): for room that [`transmitted`](Self::transmitted)
    /// has made, or since the stream ended behind them.
    #[inline]
    pub const fn wants_serve(&self) -> bool {
        matches!(self.state, State::Open)
            && (self.stalled && self.output.has_room() || self.end_of_stream && !self.stalled)
    }

    /// What is to be sent, oldest first; empty if nothing is.
    #[inline]
    pub fn poll_transmit(&self) -> &[u8] {
        match self.state {
            State::Closed(_) => &[],
            _ => self.output.readable(),
        }
    }

    /// The first `count` bytes of [`poll_transmit`](Self::poll_transmit) were taken by the socket.
    #[inline]
    pub fn transmitted(&mut self, count: usize, now: u64) {
        if count > 0 {
            self.transmitted_untimed(count);
            self.begin_times(now);
        }
    }

    /// As [`transmitted`](Self::transmitted), without the time.
    #[inline]
    pub(crate) fn transmitted_untimed(&mut self, count: usize) {
        self.output.consume(count);
        self.output_since = None;
        self.settle();
    }

    /// The peer will send no more. What is there is still answered.
    pub fn handle_end_of_stream(&mut self, _now: u64) {
        self.end_of_stream = true;
        self.ordinary = false;
        self.settle();
    }

    /// The connection broke: nothing can be sent or received any more.
    pub fn handle_reset(&mut self) {
        self.close(CloseReason::Reset);
    }

    /// Ends the connection once what is to be sent is sent.
    pub fn shut_down(&mut self) {
        self.drain(CloseReason::Shutdown);
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called; `None` for never.
    pub fn poll_timeout(&self) -> Option<u64> {
        if let State::Closed(_) = self.state {
            return None;
        }
        earlier(
            self.send_deadline(),
            earlier(self.frame_deadline(), self.idle_deadline()),
        )
    }

    /// Does what is due at `now`. Calling it early or twice does no harm.
    pub fn handle_timeout(&mut self, now: u64) {
        if passed(self.send_deadline(), now) {
            self.close(CloseReason::PeerNotReading {
                unsent: self.output.len(),
            });
        } else if passed(self.frame_deadline(), now) {
            self.drain(CloseReason::FrameTimeout {
                received: self.input.len(),
            });
        } else if passed(self.idle_deadline(), now) {
            self.drain(CloseReason::Idle);
        }
    }

    /// Why the connection is to be closed now; `None` while it is not.
    #[inline]
    pub const fn poll_close(&self) -> Option<CloseReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    fn send_deadline(&self) -> Option<u64> {
        deadline(self.output_since, self.config.send_timeout)
    }

    fn frame_deadline(&self) -> Option<u64> {
        match self.state {
            State::Open => deadline(self.frame_since, self.config.frame_timeout),
            _ => None,
        }
    }

    fn idle_deadline(&self) -> Option<u64> {
        match self.state {
            State::Open if self.output.is_empty() => {
                deadline(self.last_request, self.config.idle_timeout)
            }
            _ => None,
        }
    }

    /// Nothing more is read; closed once nothing is left to send.
    fn drain(&mut self, reason: CloseReason) {
        if self.state == State::Open {
            self.state = State::Draining(reason);
            self.ordinary = false;
        }
        self.settle();
    }

    fn close(&mut self, reason: CloseReason) {
        // A reason that is known already explains more than the breakage that follows from it.
        self.state = match self.state {
            State::Open => State::Closed(reason),
            State::Draining(first) | State::Closed(first) => State::Closed(first),
        };
        self.ordinary = false;
    }

    /// Whether something is there to be served: a whole frame, or bytes that `serve` will find to be none.
    fn request_waits(&self) -> bool {
        let front = self
            .config
            .framing
            .split(Side::Request, self.input.readable());
        !matches!(front, Ok(None))
    }

    /// Takes the steps of the state picture that need no call.
    #[inline]
    fn settle(&mut self) {
        if !self.ordinary {
            self.settle_end();
        }
    }

    #[cold]
    fn settle_end(&mut self) {
        if self.end_of_stream && self.state == State::Open && !self.request_waits() {
            let received = self.input.len();
            self.state = State::Draining(match received {
                0 => CloseReason::PeerClosed,
                _ => CloseReason::PeerClosedMidFrame { received },
            });
        }
        if let State::Draining(reason) = self.state
            && self.output.is_empty()
        {
            self.state = State::Closed(reason);
        }
    }
}

// A reply always fits into the room that `has_room` promises.
const _: () = assert!(rtu::MAX_FRAME <= mbap::MAX_FRAME);

impl<const INPUT: usize, const OUTPUT: usize> core::fmt::Debug for Connection<INPUT, OUTPUT> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Connection")
            .field("close", &self.poll_close())
            .field("received", &self.input.len())
            .field("unsent", &self.output.len())
            .finish_non_exhaustive()
    }
}
