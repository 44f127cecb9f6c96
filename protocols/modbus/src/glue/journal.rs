//! What a server tells its program about connections.

use core::net::SocketAddr;

use ptk_core::Error;

use crate::server::CloseReason;

/// What happened to connections, for a log. Every method does nothing by default.
pub trait Journal {
    /// A connection was accepted.
    fn opened(&mut self, peer: Option<SocketAddr>) {
        let _ = peer;
    }

    /// A connection has ended.
    fn closed(&mut self, peer: Option<SocketAddr>, reason: CloseReason) {
        let _ = (peer, reason);
    }

    /// A connection was refused: all places are taken. It was closed at once.
    fn refused(&mut self, peer: Option<SocketAddr>, limit: usize) {
        let _ = (peer, limit);
    }

    /// The listener or a call on a connection failed in a way that is the system's, not the peer's.
    fn trouble(&mut self, error: Error) {
        let _ = error;
    }
}

/// A journal that keeps quiet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Journal for Quiet {}
