//! What a client tells its owner.

use core::fmt;

use crate::codec::{Error, FramingError, Response};

/// What the owner of the socket has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin to connect; then tell [`handle_connected`](crate::client::Client::handle_connected) or
    /// [`handle_connect_failed`](crate::client::Client::handle_connect_failed).
    Connect,
    /// Close the socket, whatever state it is in; nothing has to be told.
    Close,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The connection is up; requests may be made.
    Connected,
    /// The connection, or an attempt to make it, has ended. The client tries again by itself, unless it was stopped.
    Disconnected(DisconnectReason),
    /// A reply, an exception too.
    Reply {
        /// As given with the request.
        token: u64,
        /// The unit that was asked.
        unit: u8,
        /// What it answered. Bits are cut to the quantity that was asked for.
        response: Response<'a>,
        /// When the request was made.
        requested: u64,
    },
    /// No usable reply.
    Failed {
        /// As given with the request.
        token: u64,
        /// Why.
        failure: Failure,
    },
}

/// Why a request has no usable reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// None came in time. The request may have been carried out all the same.
    TimedOut,
    /// The connection ended first. The request may have been carried out all the same.
    Disconnected(DisconnectReason),
    /// The reply came from another unit.
    WrongUnit {
        /// That unit.
        answered: u8,
    },
    /// The reply is one to another function.
    WrongFunction {
        /// That function code.
        answered: u8,
    },
    /// The reply is not one to this request: another address, or another number of values.
    Mismatch,
    /// The reply breaks the specification.
    Malformed(Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("no reply in time"),
            Self::Disconnected(reason) => write!(f, "disconnected: {reason}"),
            Self::WrongUnit { answered } => write!(f, "unit {answered} answered instead"),
            Self::WrongFunction { answered } => write!(f, "reply to function {answered} instead"),
            Self::Mismatch => f.write_str("reply does not fit the request"),
            Self::Malformed(error) => write!(f, "malformed reply: {error}"),
        }
    }
}

impl core::error::Error for Failure {}

/// Why a connection, or an attempt to make it, has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisconnectReason {
    /// Connecting failed.
    ConnectFailed,
    /// Connecting took too long.
    ConnectTimedOut,
    /// The peer ended the stream.
    PeerClosed,
    /// The connection broke.
    Reset,
    /// What came is no frame.
    Framing(FramingError),
    /// A reply was begun and not finished in time.
    FrameTimeout,
    /// Several requests in a row had no reply; in RTU framing, one.
    NoReplies,
    /// The program asked for it.
    Stopped,
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectFailed => f.write_str("cannot connect"),
            Self::ConnectTimedOut => f.write_str("connecting took too long"),
            Self::PeerClosed => f.write_str("closed by peer"),
            Self::Reset => f.write_str("connection reset"),
            Self::Framing(error) => write!(f, "not Modbus: {error}"),
            Self::FrameTimeout => f.write_str("reply not finished in time"),
            Self::NoReplies => f.write_str("peer does not reply"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

/// Why a request was not taken. Nothing of it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestError {
    /// There is no connection at the moment.
    NotConnected,
    /// As many requests are in flight as may be. Try again after the next [`Event`].
    TooManyInFlight,
    /// [`Config::request_delay`](crate::client::Config::request_delay) is not over yet.
    TooSoon {
        /// When it will be.
        until: u64,
    },
    /// The peer does not take what was sent before. Try again after `transmitted`.
    NoRoom,
    /// The request breaks the specification.
    Invalid(Error),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected => f.write_str("not connected"),
            Self::TooManyInFlight => f.write_str("too many requests in flight"),
            Self::TooSoon { .. } => f.write_str("too soon after the last request"),
            Self::NoRoom => f.write_str("peer does not read"),
            Self::Invalid(error) => write!(f, "invalid request: {error}"),
        }
    }
}

impl core::error::Error for RequestError {}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests made, keepalives among them.
    pub requests: u64,
    /// Replies that fit their requests, exceptions among them.
    pub replies: u64,
    /// Exceptions among the replies.
    pub exceptions: u64,
    /// Requests without a reply in time.
    pub timeouts: u64,
    /// Replies that nobody waited for any more.
    pub late_replies: u64,
    /// Replies that did not fit their requests.
    pub bad_replies: u64,
    /// Connections that came up.
    pub connections: u64,
    /// Connections that ended, and attempts that failed.
    pub disconnections: u64,
    /// Keepalive requests.
    pub keepalives: u64,
}
