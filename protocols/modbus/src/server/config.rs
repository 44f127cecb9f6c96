//! How a server behaves towards its peers.

use crate::{SECOND, codec::ExceptionCode, codec::Framing};

/// What a request for unit 0 means.
///
/// On a serial line it is the broadcast (Serial §2.1); on TCP it may also stand for the device that answers
/// (TCP §4.4.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnitZero {
    /// The device itself: [`crate::server::Units::direct`], unless there is a unit 0.
    #[default]
    Direct,
    /// A unit like any other, unknown unless there is one.
    Ordinary,
    /// Writes reach every unit and nothing is answered; other requests do nothing.
    Broadcast,
}

/// What happens to a request for a unit that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnknownUnit {
    /// No answer, as on a serial line.
    Silent,
    /// This exception.
    Exception(ExceptionCode),
}

impl Default for UnknownUnit {
    /// 0B, as a gateway whose target does not respond.
    fn default() -> Self {
        Self::Exception(ExceptionCode::GatewayTargetFailedToRespond)
    }
}

/// How a [`Connection`](crate::server::Connection) behaves. Times are nanoseconds; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How frames lie in the stream.
    pub framing: Framing,
    /// From a frame's first byte to its last. Ends connections that trickle or stop halfway. At first 5 s.
    pub frame_timeout: Option<u64>,
    /// From one whole request to the next. At first none.
    pub idle_timeout: Option<u64>,
    /// For a peer to take some bytes of the replies that wait for it. At first 10 s.
    pub send_timeout: Option<u64>,
    /// What unit 0 means.
    pub unit_zero: UnitZero,
    /// Whether unit 255 is the device itself (TCP §4.4.2.2), unless there is a unit 255. At first it is.
    pub unit_255_is_direct: bool,
    /// What happens to requests for units that do not exist.
    pub unknown_unit: UnknownUnit,
    /// Whether a peer may silence the device for everybody with Force Listen Only Mode (function 8, sub-function 4).
    /// At first it may not, and is answered with exception 01.
    pub allow_listen_only: bool,
}

impl Config {
    /// The defaults, usable in a `const`.
    pub const DEFAULT: Self = Self {
        framing: Framing::Mbap,
        frame_timeout: Some(5 * SECOND),
        idle_timeout: None,
        send_timeout: Some(10 * SECOND),
        unit_zero: UnitZero::Direct,
        unit_255_is_direct: true,
        unknown_unit: UnknownUnit::Exception(ExceptionCode::GatewayTargetFailedToRespond),
        allow_listen_only: false,
    };
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}
