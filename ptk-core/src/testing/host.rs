//! One host's view of the network: a [`System`] for its loop.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use kqueue_safe::{Token, Waker};

use super::faults::Call;
use super::network::Network;
use super::socket::{Interest, Kind, SimSocket};
use crate::error::Error;
use crate::net::{Accepted, Datagram, Half, Received, Sent};
use crate::system::{Change, Plain, Ready, System};
use crate::time::Instant;

/// A host of a [`Network`].
pub struct Host {
    network: Network,
    index: usize,
    /// Where the next look for ready sockets begins, so that all have their turn when the batch is small.
    rotation: usize,
}

impl Host {
    pub(super) fn new(network: Network, index: usize) -> Self {
        Self {
            network,
            index,
            rotation: 0,
        }
    }

    /// The host's number in the network.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// A listener on this host's address.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AddressInUse`](crate::ErrorKind::AddressInUse).
    pub fn listen(&self, port: u16) -> Result<SimSocket, Error> {
        let kind = Kind::Listener {
            waiting: VecDeque::new(),
        };
        self.bind(port, kind, true)
    }

    /// A datagram socket on this host's address; port 0 picks one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AddressInUse`](crate::ErrorKind::AddressInUse).
    pub fn datagram(&self, port: u16) -> Result<SimSocket, Error> {
        let kind = Kind::Datagram {
            arrived: VecDeque::new(),
            error: None,
        };
        self.bind(port, kind, false)
    }

    fn bind(&self, port: u16, kind: Kind, listener: bool) -> Result<SimSocket, Error> {
        let mut world = self.network.world_mut();
        let port = if port == 0 { world.fresh_port() } else { port };
        let address = SocketAddr::new(world.hosts[self.index], port);
        let taken = world.sockets.iter().any(|record| {
            record.address == address
                && core::mem::discriminant(&record.kind) == core::mem::discriminant(&kind)
        });
        if taken {
            return Err(Error::from_errno(nix::errno::Errno::EADDRINUSE as i32));
        }
        let id = world.add(self.index, address, kind);
        Ok(SimSocket { id, listener })
    }

    /// The address of a socket.
    #[must_use]
    pub fn address(&self, socket: &SimSocket) -> SocketAddr {
        self.network.world().sockets[socket.id].address
    }
}

// What is marked unsafe here is only declared so: nobody calls it.
#[allow(unsafe_code)]
impl Plain for Host {
    type Socket = SimSocket;
    type Handle = ();

    const NO_HANDLE: () = ();

    fn handle(_: &SimSocket) -> Option<()> {
        None
    }

    /// # Safety
    ///
    /// Nothing to promise: no simulated socket has a handle, so nobody calls it.
    unsafe fn receive_plain(&mut self, (): (), _: &mut [u8]) -> isize {
        unreachable!("no simulated socket has a handle")
    }

    /// # Safety
    ///
    /// Nothing to promise: no simulated socket has a handle, so nobody calls it.
    unsafe fn send_plain<'b>(&mut self, (): (), _: &'b [u8]) -> Result<(), (isize, &'b [u8])> {
        unreachable!("no simulated socket has a handle")
    }
}

impl System for Host {
    type Batch<const EVENTS: usize> = ();
    type Answers<'e, const EVENTS: usize> = alloc::vec::IntoIter<Ready>;

    fn batch<const EVENTS: usize>() {}

    fn now(&mut self) -> Instant {
        self.network.now()
    }

    fn wait<'a, 'e, const EVENTS: usize>(
        &mut self,
        changes: impl Iterator<Item = Change<'a, SimSocket>>,
        (): &'e mut (),
        timeout: Option<Duration>,
    ) -> Result<Self::Answers<'e, EVENTS>, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::Wait) {
            return Err(error);
        }
        let mut answers = Vec::new();
        for change in changes {
            if let Some(refusal) = world.change(self.index, &change) {
                answers.push(refusal);
            }
        }
        if !answers.is_empty() {
            return Ok(answers.into_iter());
        }
        let interrupted = world.faults.interrupted_per_mille;
        if world.random.chance(interrupted) {
            world.again = true;
            return Ok(Vec::new().into_iter());
        }
        world.advance();
        let mut answers = world.ready(self.index, self.rotation, EVENTS);
        if answers.is_empty() && timeout != Some(Duration::ZERO) {
            // A loop that runs by itself: nobody else moves the clock.
            let limit = timeout.map(|timeout| world.now.saturating_add(timeout));
            let next = world.next_event().into_iter().chain(limit).min();
            world.now = next.ok_or(Error::TIMEOUT)?;
            world.advance();
            answers = world.ready(self.index, self.rotation, EVENTS);
        }
        self.rotation = self.rotation.wrapping_add(answers.len());
        Ok(answers.into_iter())
    }

    fn withdraw(&mut self, socket: &SimSocket, read: bool, write: bool) {
        let mut world = self.network.world_mut();
        let record = &mut world.sockets[socket.id];
        if read {
            record.read = Interest::Absent;
        }
        if write {
            record.write = Interest::Absent;
        }
    }

    fn watch_signal(&mut self, _number: i32, _token: Token) -> Result<(), Error> {
        match self
            .network
            .world_mut()
            .take_failure(self.index, Call::WatchSignal)
        {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn unwatch_signal(&mut self, _number: i32) {}

    fn waker(&mut self) -> Result<Option<Waker>, Error> {
        match self
            .network
            .world_mut()
            .take_failure(self.index, Call::Waker)
        {
            Some(error) => Err(error),
            None => Ok(None),
        }
    }

    fn receive(&mut self, socket: &SimSocket, buffer: &mut [u8]) -> Result<Received, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::Receive) {
            return Err(error);
        }
        world.advance();
        let per_mille = world.faults.short_read_per_mille;
        let short = world.random.chance(per_mille);
        let some = world.random.next_u64() as usize;
        let stream = world.sockets[socket.id].stream()?;
        if let Some(error) = stream.error.take() {
            return Err(error);
        }
        let available = stream.incoming.available().min(buffer.len());
        if buffer.is_empty() {
            return Ok(Received::Data(0));
        }
        if available == 0 {
            return Ok(if stream.incoming.at_end() || stream.failed {
                Received::EndOfStream
            } else {
                Received::WouldBlock
            });
        }
        let count = if short {
            1 + some % available
        } else {
            available
        };
        Ok(Received::Data(stream.incoming.take(&mut buffer[..count])))
    }

    fn send(&mut self, socket: &SimSocket, bytes: &[u8]) -> Result<Sent, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::Send) {
            return Err(error);
        }
        let reset = world.faults.reset_per_mille;
        if world.random.chance(reset) {
            world.reset(socket.id);
        }
        world.send(self.index, socket.id, bytes)
    }

    fn receive_from(
        &mut self,
        socket: &SimSocket,
        buffer: &mut [u8],
    ) -> Result<(Datagram, Option<SocketAddr>), Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::ReceiveFrom) {
            return Err(error);
        }
        world.advance();
        let Kind::Datagram { arrived, error } = &mut world.sockets[socket.id].kind else {
            return Err(Error::INVALID_INPUT);
        };
        if let Some(error) = error.take() {
            return Err(error);
        }
        let Some((from, bytes)) = arrived.pop_front() else {
            return Ok((Datagram::WouldBlock, None));
        };
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        let truncated = bytes.len() > length;
        Ok((Datagram::Data { length, truncated }, Some(from)))
    }

    fn send_to(
        &mut self,
        socket: &SimSocket,
        bytes: &[u8],
        target: SocketAddr,
    ) -> Result<Sent, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::SendTo) {
            return Err(error);
        }
        let from = world.sockets[socket.id].address;
        if world
            .host_of(target)
            .is_some_and(|host| world.is_cut(self.index, host))
        {
            return Ok(Sent::All(bytes.len()));
        }
        let loss = world.faults.loss_per_mille;
        let twice = world.faults.duplicate_per_mille;
        let copies = u64::from(!world.random.chance(loss)) + u64::from(world.random.chance(twice));
        for _ in 0..copies {
            let at = world.arrival(false);
            world.sequence += 1;
            let key = (at, world.sequence);
            world.datagrams.insert(key, (from, target, bytes.to_vec()));
        }
        Ok(Sent::All(bytes.len()))
    }

    fn accept(
        &mut self,
        listener: &SimSocket,
    ) -> Result<Accepted<SimSocket, Option<SocketAddr>>, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::Accept) {
            return Ok(match error.kind() {
                crate::ErrorKind::DescriptorsExhausted | crate::ErrorKind::OutOfMemory => {
                    Accepted::Exhausted(error)
                }
                crate::ErrorKind::Aborted => Accepted::Aborted(error),
                _ => return Err(error),
            });
        }
        let Kind::Listener { waiting } = &mut world.sockets[listener.id].kind else {
            return Err(Error::INVALID_INPUT);
        };
        Ok(match waiting.pop_front() {
            Some((id, peer)) => {
                let listener = false;
                Accepted::Connection(SimSocket { id, listener }, Some(peer))
            }
            None => Accepted::WouldBlock,
        })
    }

    fn connect(&mut self, target: SocketAddr) -> Result<SimSocket, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::Connect) {
            return Err(error);
        }
        let id = world.connect(self.index, target);
        Ok(SimSocket {
            id,
            listener: false,
        })
    }

    fn take_error(&mut self, socket: &SimSocket) -> Option<Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::TakeError) {
            return Some(error);
        }
        let now = world.now;
        let stream = world.sockets[socket.id].stream().ok()?;
        match &stream.connecting {
            Some((at, outcome)) if at.is_due(now) => {
                let outcome = *outcome;
                stream.connecting = None;
                if let Err(error) = outcome {
                    stream.fail(error);
                }
            }
            _ => {}
        }
        stream.error.take()
    }

    fn at_end(&mut self, socket: &SimSocket) -> Result<bool, Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::AtEnd) {
            return Err(error);
        }
        let stream = world.sockets[socket.id].stream()?;
        match stream.error.take() {
            Some(error) => Err(error),
            None => Ok(stream.failed || stream.incoming.at_end()),
        }
    }

    fn shutdown(&mut self, socket: &SimSocket, half: Half) -> Result<(), Error> {
        let mut world = self.network.world_mut();
        if let Some(error) = world.take_failure(self.index, Call::Shutdown) {
            return Err(error);
        }
        if half != Half::Receive {
            world.finish(self.index, socket.id);
        }
        if half != Half::Send {
            world.sockets[socket.id].stream()?.incoming.deafen();
        }
        Ok(())
    }

    fn set_nodelay(&mut self, _socket: &SimSocket, _on: bool) -> Result<(), Error> {
        match self
            .network
            .world_mut()
            .take_failure(self.index, Call::SetNodelay)
        {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn is_listener(socket: &SimSocket) -> bool {
        socket.listener
    }

    fn close(&mut self, socket: SimSocket) {
        let mut world = self.network.world_mut();
        world.close(self.index, socket.id);
    }
}
