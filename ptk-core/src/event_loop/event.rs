//! What a handler is told.

use super::core::NOBODY;
use super::source::SourceId;
use crate::error::Error;
use crate::time::Instant;
use crate::timer::TimerId;

/// One event of the loop: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// Whom it is for: the number given when the source was attached.
    pub owner: u32,
    /// The code given when the source was attached: for a [state machine](crate::machine), the event.
    pub code: u16,
    /// What happened, and where.
    pub kind: Kind,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Bytes, a datagram, or a connection can be taken. If the handler takes nothing, the loop stops asking until the next
    /// `receive` or `accept` on this source, so that it never spins.
    Readable(SourceId),
    /// There is room to send again. Told once for each time that room was asked for.
    Writable(SourceId),
    /// The connection attempt succeeded.
    Connected(SourceId),
    /// The peer has ended the stream in order, and all that it sent has been received. Told once; the source stays attached
    /// (one may still send) until it is closed.
    Closed(SourceId),
    /// The source failed: refused, reset, timed out, or a registration that the kernel did not accept. Told once; the source
    /// stays attached until it is closed.
    Failed(SourceId, Error),
    /// A timer expired.
    Timer {
        /// The timer; for a one-shot timer the id is spent, unless the handler re-arms it.
        timer: TimerId,
        /// When it was due. The lateness is the difference to [`Context::now`](super::Context::now).
        deadline: Instant,
        /// How many further periods of a periodic timer have passed unannounced, 0 in the ordinary case; at most `u32::MAX`.
        missed: u32,
    },
    /// A user event was raised, once or more often since it was last told.
    User {
        /// The user event's source.
        source: SourceId,
        /// The payloads of all merged raises, or-ed together.
        payload: u32,
    },
    /// A signal arrived.
    Signal {
        /// The signal's source.
        source: SourceId,
        /// Its number, as in `signal(7)`.
        number: i32,
        /// How many deliveries the kernel counted since it was last told.
        count: u32,
    },
}

impl Event {
    /// Before the first event.
    pub(crate) const NONE: Self = Self {
        owner: 0,
        code: super::source::UNWATCHED,
        kind: Kind::Readable(NOBODY),
    };

    /// The source it came from; `None` for a timer.
    #[inline]
    #[must_use]
    pub const fn source(&self) -> Option<SourceId> {
        match self.kind {
            Kind::Readable(source)
            | Kind::Writable(source)
            | Kind::Connected(source)
            | Kind::Closed(source)
            | Kind::Failed(source, _)
            | Kind::User { source, .. }
            | Kind::Signal { source, .. } => Some(source),
            Kind::Timer { .. } => None,
        }
    }
}

const _: () = assert!(
    size_of::<Event>() <= 32,
    "an event is copied on the hot path"
);
