//! What the world does with the calls of its hosts: changes, readiness, and moving bytes.

use alloc::vec::Vec;
use core::net::SocketAddr;

use super::faults::Call;
use super::network::World;
use super::pipe::Pipe;
use super::socket::{Interest, Kind, SimSocket, Stream};
use crate::error::Error;
use crate::net::Sent;
use crate::system::{Change, Direction, Ready, Request, What};
use crate::time::Instant;

impl World {
    /// Applies a change; answers if it is refused.
    pub(super) fn change(&mut self, host: usize, change: &Change<'_, SimSocket>) -> Option<Ready> {
        if let Some(error) = self.take_failure(host, Call::Change) {
            let direction = change.direction;
            let errno = error.errno();
            return Some(Ready {
                token: change.token,
                what: What::Refused { direction, errno },
            });
        }
        let record = &mut self.sockets[change.socket.id];
        record.token = Some(change.token);
        let interest = match change.direction {
            Direction::Read => &mut record.read,
            Direction::Write => &mut record.write,
        };
        *interest = match change.request {
            Request::Add | Request::Enable => Interest::On,
            Request::Disable => Interest::Off,
        };
        None
    }

    /// What a host's loop should hear, `limit` answers at the most.
    pub(super) fn ready(&mut self, host: usize, rotation: usize, limit: usize) -> Vec<Ready> {
        let mut answers = Vec::new();
        let count = self.sockets.len();
        for step in 0..count {
            let id = (step + rotation) % count;
            let readable = self.readable(id);
            let writable = self.writable(id);
            let record = &mut self.sockets[id];
            let Some(token) = record.token.filter(|_| record.host == host) else {
                continue;
            };
            if let (Interest::On, Some((end, errno))) = (record.read, readable) {
                let direction = Direction::Read;
                let what = What::Direction {
                    direction,
                    end,
                    errno,
                };
                answers.push(Ready { token, what });
            }
            if let (Interest::On, Some((end, errno))) = (record.write, writable)
                && answers.len() < limit
            {
                record.write = Interest::Off;
                let direction = Direction::Write;
                let what = What::Direction {
                    direction,
                    end,
                    errno,
                };
                answers.push(Ready { token, what });
            }
            if answers.len() >= limit {
                break;
            }
        }
        answers.truncate(limit);
        answers
    }

    fn readable(&self, id: usize) -> Option<(bool, i32)> {
        match &self.sockets[id].kind {
            Kind::Listener { waiting } => (!waiting.is_empty()).then_some((false, 0)),
            Kind::Datagram { arrived, error } => {
                (!arrived.is_empty() || error.is_some()).then_some((false, 0))
            }
            Kind::Stream(stream) => {
                let errno = stream.error.map_or(0, |error| error.errno());
                let end = stream.incoming.has_ended() || stream.failed;
                (end || stream.incoming.available() > 0).then_some((end, errno))
            }
            Kind::Closed => None,
        }
    }

    fn writable(&self, id: usize) -> Option<(bool, i32)> {
        match &self.sockets[id].kind {
            Kind::Stream(stream) => {
                if let Some((at, outcome)) = &stream.connecting {
                    let errno = outcome.err().map_or(0, |error| error.errno());
                    return at.is_due(self.now).then_some((errno != 0, errno));
                }
                if stream.failed {
                    return Some((true, stream.error.map_or(0, |error| error.errno())));
                }
                let room = self.room(stream);
                (room > 0).then_some((false, 0))
            }
            Kind::Datagram { .. } => Some((false, 0)),
            Kind::Listener { .. } | Kind::Closed => None,
        }
    }

    fn room(&self, stream: &Stream) -> usize {
        match stream.peer.map(|peer| &self.sockets[peer].kind) {
            Some(Kind::Stream(peer)) => peer.incoming.room(self.faults.window),
            // The peer is gone: what is sent goes nowhere, and a reset comes back.
            _ => self.faults.window,
        }
    }

    pub(super) fn send(&mut self, host: usize, id: usize, bytes: &[u8]) -> Result<Sent, Error> {
        let window = self.faults.window;
        let short = self.faults.short_write_per_mille;
        let now = self.now;
        let stream = self.sockets[id].stream()?;
        if let Some(error) = stream.error.take() {
            return Err(error);
        }
        if stream.failed {
            return Err(Error::BROKEN_PIPE);
        }
        if stream
            .connecting
            .as_ref()
            .is_some_and(|(at, _)| !at.is_due(now))
        {
            return Err(Error::NOT_CONNECTED);
        }
        let peer = stream.peer.ok_or(Error::NOT_CONNECTED)?;
        if matches!(self.sockets[peer].kind, Kind::Closed) {
            self.sockets[id].stream()?.fail(Error::RESET);
            return Ok(Sent::All(bytes.len()));
        }
        let at = self.stream_arrival(host, peer);
        let some = self.random.next_u64() as usize;
        let shorten = self.random.chance(short);
        let peer = self.sockets[peer].stream()?;
        if peer.incoming.is_closed() {
            return Err(Error::BROKEN_PIPE);
        }
        let mut count = bytes.len().min(peer.incoming.room(window));
        if shorten && count > 1 {
            count = 1 + some % count;
        }
        if count == 0 && !bytes.is_empty() {
            return Ok(Sent::WouldBlock);
        }
        peer.incoming.push(at, &bytes[..count]);
        Ok(if count == bytes.len() {
            Sent::All(count)
        } else {
            Sent::Partial(count)
        })
    }

    pub(super) fn connect(&mut self, host: usize, target: SocketAddr) -> usize {
        let port = self.fresh_port();
        let address = SocketAddr::new(self.hosts[host], port);
        let id = self.add(host, address, Kind::Stream(new_stream(target, None)));
        let at = self.arrival(true);
        let target_host = self.host_of(target);
        let cut = target_host.is_some_and(|other| self.is_cut(host, other));
        let backlog = self.faults.backlog;
        let listener = self.sockets.iter().position(|record| {
            record.address == target
                && matches!(&record.kind, Kind::Listener { waiting } if waiting.len() < backlog)
        });
        let decision = match (listener, target_host) {
            (_, None) => (
                at,
                Err(Error::from_errno(nix::errno::Errno::EHOSTUNREACH as i32)),
            ),
            // Nobody answers: only the caller's own deadline ends this.
            _ if cut => (Instant::FAR_FUTURE, Err(Error::TIMEOUT)),
            (None, _) => (at, Err(Error::REFUSED)),
            (Some(_), Some(other)) => {
                let end = self.add(other, target, Kind::Stream(new_stream(address, Some(id))));
                if let Kind::Listener { waiting } =
                    &mut self.sockets[listener.unwrap_or_default()].kind
                {
                    waiting.push_back((end, address));
                }
                if let Kind::Stream(stream) = &mut self.sockets[id].kind {
                    stream.peer = Some(end);
                }
                (at, Ok(()))
            }
        };
        if let Kind::Stream(stream) = &mut self.sockets[id].kind {
            stream.connecting = Some(decision);
        }
        id
    }

    /// Ends the sending direction.
    pub(super) fn finish(&mut self, host: usize, id: usize) {
        let peer = match &self.sockets[id].kind {
            Kind::Stream(stream) => stream.peer,
            _ => None,
        };
        if let Some(peer) = peer {
            let at = self.stream_arrival(host, peer);
            if let Kind::Stream(stream) = &mut self.sockets[peer].kind {
                stream.incoming.close(at);
            }
        }
    }

    pub(super) fn close(&mut self, host: usize, id: usize) {
        let unread = match &self.sockets[id].kind {
            Kind::Stream(stream) => stream.incoming.available() > 0,
            _ => false,
        };
        if unread {
            // Closing with unread bytes resets, as on Linux.
            self.reset(id);
        } else {
            self.finish(host, id);
        }
        if let Kind::Listener { waiting } = &mut self.sockets[id].kind {
            for (end, _) in core::mem::take(waiting) {
                self.reset(end);
                self.sockets[end].kind = Kind::Closed;
            }
        }
        self.sockets[id].kind = Kind::Closed;
        self.sockets[id].token = None;
    }
}

fn new_stream(peer_address: SocketAddr, peer: Option<usize>) -> Stream {
    Stream {
        peer_address,
        peer,
        connecting: None,
        incoming: Pipe::default(),
        error: None,
        failed: false,
    }
}
