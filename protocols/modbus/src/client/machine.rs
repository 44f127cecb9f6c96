//! The client machine: connecting and time.

use super::backoff::Attempts;
use super::slots::Slots;
use super::{Action, Config, DisconnectReason, Failure, Statistics};
use crate::buffer::{Buffer, deadline, earlier, passed};
use crate::codec::Framing;

/// A connection to a Modbus server or gateway, for as long as the client lives.
///
/// # State
///
/// ```text
///                          ┌───────────────────────── backoff ──────────────────────────┐
///                          ▼                                                            │
///   new ──start_delay─► Waiting ──poll_action: Connect─► Connecting ──handle_connected─►│
///                          ▲                                 │                      Connected
///                          │          handle_connect_failed  │                          │ handle_closed, handle_reset
///                          ├─────────────────────────────────┘                          │ bytes that are no frame
///                          │          handle_timeout (too long)                         │ handle_timeout (no replies)
///                          │                                                            │
///                          └──────────────── poll_action: Close ────────────────────────┘
///   stop: ─► Stopped (poll_action: Close) ──restart─► Waiting
/// ```
///
/// # Order of calls
///
/// Whatever happened (bytes, room to send, the end of a connection, time), tell the machine with the method of that
/// name. Then, until they have nothing more to say:
///
/// 1. [`poll_event`](Self::poll_event) until `None`: replies and failures. Requests may be made whenever
///    [`ready`](Self::ready) says so;
/// 2. [`poll_action`](Self::poll_action) until `None`: connect, or close;
/// 3. send [`poll_transmit`](Self::poll_transmit) and tell [`transmitted`](Self::transmitted) what was taken;
/// 4. call [`handle_timeout`](Self::handle_timeout) when [`poll_timeout`](Self::poll_timeout) is due.
///
/// # Capacity
///
/// `IN_FLIGHT` requests can be in flight or have an end that `poll_event` has not told yet. `INPUT` and `OUTPUT` are
/// the bytes of the two buffers, each at least one frame (260).
///
/// ```
/// use ptk_modbus::client::{Action, Client, Config, DisconnectReason, Event, Failure};
/// use ptk_modbus::codec::Request;
/// use ptk_modbus::SECOND;
///
/// let mut client: Client = Client::new(Config::default(), 7, 0);
/// assert_eq!(client.poll_action(0), Some(Action::Connect));
/// client.handle_connected(0);
/// assert_eq!(client.poll_event(0), Some(Event::Connected));
///
/// let read = Request::ReadCoils { address: 0, quantity: 8 };
/// client.request(0, 1, &read, 1).unwrap();
/// assert_eq!(client.poll_transmit(), [0, 1, 0, 0, 0, 6, 1, 1, 0, 0, 0, 8]);
/// client.transmitted(12, 0);
///
/// // Nobody answers.
/// assert_eq!(client.poll_timeout(), Some(SECOND));
/// client.handle_timeout(SECOND);
/// let failed = Event::Failed { token: 1, failure: Failure::TimedOut };
/// assert_eq!(client.poll_event(SECOND), Some(failed));
///
/// // The reply comes late, and harms nobody.
/// client.handle_input(SECOND, &[0, 1, 0, 0, 0, 4, 1, 1, 1, 0xFF]);
/// assert_eq!(client.poll_event(SECOND), None);
/// assert_eq!(client.statistics().late_replies, 1);
/// ```
pub struct Client<
    const IN_FLIGHT: usize = 16,
    const INPUT: usize = 1024,
    const OUTPUT: usize = 1024,
> {
    pub(super) config: Config,
    pub(super) state: State,
    /// The owner has a socket that it has not been told to close.
    socket: bool,
    /// What the owner has not been told of the connection, in order.
    pub(super) notices: [Option<Notice>; 2],
    pub(super) slots: Slots<IN_FLIGHT>,
    pub(super) next_id: u16,
    /// When the next request may be made.
    pub(super) next_request: u64,
    /// When something was last sent or received.
    pub(super) last_traffic: u64,
    /// When the unfinished reply at the front of `input` began.
    pub(super) frame_since: Option<u64>,
    /// Timeouts since something was received, and when the first of those requests was made.
    silent_timeouts: u32,
    silent_since: u64,
    pub(super) attempts: Attempts,
    pub(super) statistics: Statistics,
    /// Bytes at the front of `input` that the last event borrowed.
    pub(super) lent: usize,
    pub(super) input: Buffer<INPUT>,
    pub(super) output: Buffer<OUTPUT>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting { until: u64 },
    Connecting { deadline: u64 },
    Connected,
    Stopped,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    Connected,
    Disconnected(DisconnectReason),
}

impl<const IN_FLIGHT: usize, const INPUT: usize, const OUTPUT: usize>
    Client<IN_FLIGHT, INPUT, OUTPUT>
{
    /// A client that connects after [`Config::start_delay`]. The jitter of its back-off follows from `seed`; give every
    /// client another one.
    pub const fn new(config: Config, seed: u64, now: u64) -> Self {
        Self {
            config,
            state: State::Waiting {
                until: now.saturating_add(config.start_delay),
            },
            socket: false,
            notices: [None; 2],
            slots: Slots::new(),
            next_id: 1,
            next_request: 0,
            last_traffic: now,
            frame_since: None,
            silent_timeouts: 0,
            silent_since: u64::MAX,
            attempts: Attempts::new(seed),
            statistics: STATISTICS,
            lent: 0,
            input: Buffer::new(),
            output: Buffer::new(),
        }
    }

    /// Totals since the start.
    pub const fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// How it behaves.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Whether the connection is up.
    pub const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected)
    }

    /// Whether it was stopped and will not connect until [`restart`](Self::restart).
    pub const fn is_stopped(&self) -> bool {
        matches!(self.state, State::Stopped)
    }

    /// Requests that wait for a reply.
    pub const fn in_flight(&self) -> usize {
        self.slots.in_flight()
    }

    /// What the owner of the socket has to do next, if anything.
    pub fn poll_action(&mut self, now: u64) -> Option<Action> {
        if self.socket && !matches!(self.state, State::Connecting { .. } | State::Connected) {
            self.socket = false;
            return Some(Action::Close);
        }
        match self.state {
            State::Waiting { until } if until <= now => {
                let deadline = now.saturating_add(self.config.connect_timeout);
                self.state = State::Connecting { deadline };
                self.socket = true;
                Some(Action::Connect)
            }
            _ => None,
        }
    }

    /// The connection is up.
    pub fn handle_connected(&mut self, now: u64) {
        if let State::Connecting { .. } = self.state {
            self.state = State::Connected;
            self.statistics.connections += 1;
            self.heard();
            self.last_traffic = now;
            self.next_request = now;
            self.notify(Notice::Connected);
        }
    }

    /// The connection did not come up.
    pub fn handle_connect_failed(&mut self, now: u64) {
        self.disconnect(DisconnectReason::ConnectFailed, now);
    }

    /// The peer ended the stream. Replies that are there already are still told, if [`poll_event`](Self::poll_event) is
    /// called before this.
    pub fn handle_closed(&mut self, now: u64) {
        self.disconnect(DisconnectReason::PeerClosed, now);
    }

    /// The connection broke.
    pub fn handle_reset(&mut self, now: u64) {
        self.disconnect(DisconnectReason::Reset, now);
    }

    /// Ends the connection and does not come back until [`restart`](Self::restart).
    pub fn stop(&mut self, now: u64) {
        self.disconnect(DisconnectReason::Stopped, now);
        self.state = State::Stopped;
    }

    /// Connects again after [`stop`](Self::stop), or at once where a back-off would still wait.
    pub fn restart(&mut self, now: u64) {
        if let State::Stopped | State::Waiting { .. } = self.state {
            self.attempts.reset();
            self.state = State::Waiting { until: now };
        }
    }

    /// What is to be sent; empty if nothing is.
    pub fn poll_transmit(&self) -> &[u8] {
        self.output.readable()
    }

    /// The first `count` bytes of [`poll_transmit`](Self::poll_transmit) were taken by the socket.
    pub fn transmitted(&mut self, count: usize, _now: u64) {
        self.output.consume(count);
    }

    /// When [`handle_timeout`](Self::handle_timeout), or [`poll_action`](Self::poll_action), has to be called; `None` for
    /// never.
    pub fn poll_timeout(&self) -> Option<u64> {
        match self.state {
            State::Waiting { until } => Some(until),
            State::Connecting { deadline } => Some(deadline),
            State::Connected => {
                let frame = deadline(self.frame_since, Some(self.config.frame_timeout));
                earlier(earlier(self.slots.deadline(), frame), self.keepalive_at())
            }
            State::Stopped => None,
        }
    }

    /// Does what is due at `now`. Calling it early or twice does no harm.
    pub fn handle_timeout(&mut self, now: u64) {
        match self.state {
            State::Connecting { deadline } if deadline <= now => {
                self.disconnect(DisconnectReason::ConnectTimedOut, now);
            }
            State::Connected => self.handle_request_timeouts(now),
            _ => {}
        }
    }

    fn handle_request_timeouts(&mut self, now: u64) {
        let (count, first) = self.slots.fail(now, Failure::TimedOut);
        if count > 0 {
            self.statistics.timeouts += u64::from(count);
            self.silent_timeouts = self.silent_timeouts.saturating_add(count);
            self.silent_since = self.silent_since.min(first);
            if self.is_silent(now) || self.config.framing == Framing::Rtu {
                return self.disconnect(DisconnectReason::NoReplies, now);
            }
        }
        if passed(
            deadline(self.frame_since, Some(self.config.frame_timeout)),
            now,
        ) {
            return self.disconnect(DisconnectReason::FrameTimeout, now);
        }
        if passed(self.keepalive_at(), now) {
            self.send_keepalive(now);
        }
    }

    /// Whether enough requests, over enough time, had no reply. Many requests in flight that time out together are one
    /// stall and not many.
    const fn is_silent(&self, now: u64) -> bool {
        let most = self.config.max_timeouts;
        let span = self.config.request_timeout.saturating_mul(most as u64);
        most > 0 && self.silent_timeouts >= most && now >= self.silent_since.saturating_add(span)
    }

    pub(super) const fn heard(&mut self) {
        self.silent_timeouts = 0;
        self.silent_since = u64::MAX;
    }

    fn notify(&mut self, notice: Notice) {
        // Two places: after each call the owner asks until there is nothing more, so more never wait.
        let place = usize::from(self.notices[0].is_some());
        self.notices[place] = Some(notice);
    }

    /// Ends what there is of a connection and waits for the next attempt.
    #[cold]
    #[inline(never)]
    pub(super) fn disconnect(&mut self, reason: DisconnectReason, now: u64) {
        if !matches!(self.state, State::Connecting { .. } | State::Connected) {
            return;
        }
        let wait = self.attempts.next(&self.config.backoff);
        self.state = State::Waiting {
            until: now.saturating_add(wait),
        };
        self.statistics.disconnections += 1;
        self.slots.fail(u64::MAX, Failure::Disconnected(reason));
        self.lent = 0;
        self.frame_since = None;
        self.input.clear();
        self.output.clear();
        self.notify(Notice::Disconnected(reason));
    }
}

const STATISTICS: Statistics = Statistics {
    requests: 0,
    replies: 0,
    exceptions: 0,
    timeouts: 0,
    late_replies: 0,
    bad_replies: 0,
    connections: 0,
    disconnections: 0,
    keepalives: 0,
};
