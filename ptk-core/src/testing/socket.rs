//! The sockets of the simulated world.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;

use super::pipe::Pipe;
use crate::error::Error;
use crate::time::Instant;

/// A socket of a [`Host`](super::Host), as a loop owns it.
#[derive(PartialEq, Eq, Debug)]
pub struct SimSocket {
    pub(super) id: usize,
    pub(super) listener: bool,
}

/// What the network knows of a socket.
pub(super) struct Record {
    pub(super) host: usize,
    pub(super) address: SocketAddr,
    pub(super) kind: Kind,
    pub(super) read: Interest,
    pub(super) write: Interest,
    pub(super) token: Option<kqueue_safe::Token>,
}

/// What a loop asked for in one direction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    Absent,
    Off,
    On,
}

pub(super) enum Kind {
    Listener {
        /// Ends of connections that wait to be accepted, with their peer.
        waiting: VecDeque<(usize, SocketAddr)>,
    },
    Stream(Stream),
    Datagram {
        arrived: VecDeque<(SocketAddr, Vec<u8>)>,
        error: Option<Error>,
    },
    Closed,
}

pub(super) struct Stream {
    pub(super) peer_address: SocketAddr,
    /// The other end, once there is one.
    pub(super) peer: Option<usize>,
    /// When the attempt to connect is decided, and how.
    pub(super) connecting: Option<(Instant, Result<(), Error>)>,
    /// Bytes on their way to this end.
    pub(super) incoming: Pipe,
    /// The failure that ended the connection, told once.
    pub(super) error: Option<Error>,
    pub(super) failed: bool,
}

impl Record {
    pub(super) fn stream(&mut self) -> Result<&mut Stream, Error> {
        match &mut self.kind {
            Kind::Stream(stream) => Ok(stream),
            _ => Err(Error::NOT_CONNECTED),
        }
    }
}
