//! Why a connection ends.

use core::fmt;

use crate::codec::FramingError;

/// Why a server wants a connection closed. The text is made for a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The peer ended the stream, between two frames.
    PeerClosed,
    /// The peer ended the stream within a frame.
    PeerClosedMidFrame {
        /// Bytes of the unfinished frame.
        received: usize,
    },
    /// The connection broke: [`crate::server::Connection::handle_reset`].
    Reset,
    /// What came is no frame.
    Framing(FramingError),
    /// A frame was begun and not finished in time.
    FrameTimeout {
        /// Bytes of the unfinished frame.
        received: usize,
    },
    /// No request for too long.
    Idle,
    /// The peer did not take its replies for too long.
    PeerNotReading {
        /// Bytes that it did not take.
        unsent: usize,
    },
    /// The program asked for it: [`crate::server::Connection::shut_down`].
    Shutdown,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerClosed => f.write_str("closed by peer"),
            Self::PeerClosedMidFrame { received } => {
                write!(f, "closed by peer after {received} bytes of a frame")
            }
            Self::Reset => f.write_str("connection reset"),
            Self::Framing(error) => write!(f, "not Modbus: {error}"),
            Self::FrameTimeout { received } => {
                write!(f, "frame not finished in time, {received} bytes received")
            }
            Self::Idle => f.write_str("idle for too long"),
            Self::PeerNotReading { unsent } => {
                write!(f, "peer does not read its replies, {unsent} bytes unsent")
            }
            Self::Shutdown => f.write_str("server shut down"),
        }
    }
}
