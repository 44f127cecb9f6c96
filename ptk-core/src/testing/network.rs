//! The world: hosts, sockets, time, and what is under way.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Ref, RefCell, RefMut};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use super::faults::{Call, Faults};
use super::host::Host;
use super::random::Random;
use super::socket::{Kind, Record, Stream};
use crate::error::Error;
use crate::event_loop::{EventLoop, Handler};
use crate::time::Instant;

/// A simulated network. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Network {
    pub(super) world: Rc<RefCell<World>>,
}

pub(super) struct World {
    pub(super) now: Instant,
    pub(super) random: Random,
    pub(super) faults: Faults,
    pub(super) sockets: Vec<Record>,
    pub(super) hosts: Vec<IpAddr>,
    /// Datagrams under way: when, a number that keeps them apart, from, to, bytes.
    pub(super) datagrams: BTreeMap<(Instant, u64), (SocketAddr, SocketAddr, Vec<u8>)>,
    pub(super) cuts: Vec<(usize, usize)>,
    pub(super) failures: VecDeque<(usize, Call, Error)>,
    pub(super) sequence: u64,
    pub(super) next_port: u16,
    /// Some wait was cut short: there may be more to tell at this very moment.
    pub(super) again: bool,
}

impl Network {
    /// A network without hosts, at time 1 s, whose randomness starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            world: Rc::new(RefCell::new(World {
                now: Instant::from_secs(1),
                random: Random::new(seed),
                faults: Faults::default(),
                sockets: Vec::new(),
                hosts: Vec::new(),
                datagrams: BTreeMap::new(),
                cuts: Vec::new(),
                failures: VecDeque::new(),
                sequence: 0,
                next_port: 49152,
                again: false,
            })),
        }
    }

    /// Adds a host with this address.
    #[must_use]
    pub fn host(&self, address: IpAddr) -> Host {
        let mut world = self.world_mut();
        world.hosts.push(address);
        let index = world.hosts.len() - 1;
        drop(world);
        Host::new(self.clone(), index)
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world().now
    }

    /// How the network behaves from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.world_mut().faults = faults;
    }

    /// Makes the next such call of `host` fail. Several failures of one call happen in the order in which they were asked for.
    pub fn fail_next(&self, host: &Host, call: Call, error: Error) {
        self.world_mut()
            .failures
            .push_back((host.index(), call, error));
    }

    /// Cuts two hosts off from each other: datagrams are lost, streams and attempts to connect stand still until [`heal`](Network::heal).
    pub fn cut(&self, one: &Host, other: &Host) {
        self.cut_indices(one.index(), other.index());
    }

    /// As [`cut`](Network::cut), for hosts that a loop owns already: by their [`Host::index`].
    pub fn cut_indices(&self, one: usize, other: usize) {
        let mut world = self.world_mut();
        let pair = (one.min(other), one.max(other));
        if !world.cuts.contains(&pair) {
            world.cuts.push(pair);
        }
        for id in 0..world.sockets.len() {
            world.hold_if_cut(id);
        }
    }

    /// Ends all cuts; what stood still goes on after the ordinary delay.
    pub fn heal(&self) {
        let mut world = self.world_mut();
        world.cuts.clear();
        let at = world.now.saturating_add(world.faults.delay);
        for record in &mut world.sockets {
            if let Kind::Stream(stream) = &mut record.kind {
                stream.incoming.release(at);
                if let Some((when, _)) = &mut stream.connecting {
                    *when = (*when).min(at);
                }
            }
        }
    }

    /// How many sockets have been made and not closed: 0 at the end of a test that leaks none.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        let world = self.world();
        world
            .sockets
            .iter()
            .filter(|record| !matches!(record.kind, Kind::Closed))
            .count()
    }

    /// Gives every node its turns and moves the clock on, until `duration` has passed or all nodes have stopped. Returns how many
    /// turns were taken.
    ///
    /// # Errors
    ///
    /// The first error that a turn returned.
    pub fn run(&self, nodes: &mut [&mut dyn Node], duration: Duration) -> Result<u64, Error> {
        let end = self.now().saturating_add(duration);
        let mut turns = 0;
        loop {
            // A node may answer another one at the same moment: go round until all are quiet.
            loop {
                let mut told = 0;
                for node in &mut *nodes {
                    told += node.turn()?;
                    turns += 1;
                }
                let again = core::mem::take(&mut self.world_mut().again);
                if told == 0 && !again {
                    break;
                }
            }
            let next = nodes
                .iter_mut()
                .filter_map(|node| node.next_deadline())
                .chain(self.world().next_event())
                .min();
            let mut world = self.world_mut();
            match next {
                Some(at) if at <= end => world.now = world.now.max(at),
                _ => {
                    world.now = end;
                    return Ok(turns);
                }
            }
        }
    }

    pub(super) fn world(&self) -> Ref<'_, World> {
        self.world.borrow()
    }

    pub(super) fn world_mut(&self) -> RefMut<'_, World> {
        self.world.borrow_mut()
    }
}

/// Something that takes turns in a [`Network`]: usually a [`Seat`].
pub trait Node {
    /// Does what can be done now, without waiting; returns how many events were told.
    ///
    /// # Errors
    ///
    /// What makes the test end.
    fn turn(&mut self) -> Result<usize, Error>;

    /// When it must have its next turn, if nothing happens before.
    fn next_deadline(&mut self) -> Option<Instant>;
}

/// A loop and its handler, seated in a network.
pub struct Seat<H, const SOURCES: usize, const TIMERS: usize, const EVENTS: usize> {
    /// The loop.
    pub event_loop: EventLoop<SOURCES, TIMERS, EVENTS, Host>,
    /// Whom it tells.
    pub handler: H,
}

impl<H: Handler<Host>, const SOURCES: usize, const TIMERS: usize, const EVENTS: usize> Node
    for Seat<H, SOURCES, TIMERS, EVENTS>
{
    fn turn(&mut self) -> Result<usize, Error> {
        self.event_loop
            .turn(&mut self.handler, Some(Duration::ZERO))
    }

    fn next_deadline(&mut self) -> Option<Instant> {
        self.event_loop.next_deadline()
    }
}

impl World {
    pub(super) fn take_failure(&mut self, host: usize, call: Call) -> Option<Error> {
        let at = self
            .failures
            .iter()
            .position(|(whose, which, _)| *whose == host && *which == call)?;
        self.failures.remove(at).map(|(_, _, error)| error)
    }

    pub(super) fn is_cut(&self, one: usize, other: usize) -> bool {
        self.cuts.contains(&(one.min(other), one.max(other)))
    }

    pub(super) fn host_of(&self, address: SocketAddr) -> Option<usize> {
        self.hosts.iter().position(|host| *host == address.ip())
    }

    pub(super) fn fresh_port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = if port == u16::MAX { 49152 } else { port + 1 };
        port
    }

    pub(super) fn add(&mut self, host: usize, address: SocketAddr, kind: Kind) -> usize {
        use super::socket::Interest;
        self.sockets.push(Record {
            host,
            address,
            kind,
            read: Interest::Absent,
            write: Interest::Absent,
            token: None,
        });
        self.sockets.len() - 1
    }

    /// When something that is sent now from one host to another arrives.
    pub(super) fn arrival(&mut self, resend_lost: bool) -> Instant {
        let jitter = crate::time::saturating_nanos(self.faults.jitter);
        let extra = Duration::from_nanos(self.random.below(jitter.saturating_add(1)));
        let mut at = self
            .now
            .saturating_add(self.faults.delay)
            .saturating_add(extra);
        while resend_lost && self.random.chance(self.faults.loss_per_mille.min(900)) {
            at = at.saturating_add(self.faults.resend);
        }
        at
    }

    /// When bytes for the incoming pipe of `peer` arrive, sent now from `host`.
    pub(super) fn stream_arrival(&mut self, host: usize, peer: usize) -> Instant {
        if self.is_cut(host, self.sockets[peer].host) {
            return Instant::FAR_FUTURE;
        }
        let at = self.arrival(true);
        match &self.sockets[peer].kind {
            Kind::Stream(stream) => stream
                .incoming
                .last_arrival()
                .map_or(at, |last| last.max(at)),
            _ => at,
        }
    }

    fn hold_if_cut(&mut self, id: usize) {
        let host = self.sockets[id].host;
        let Kind::Stream(stream) = &self.sockets[id].kind else {
            return;
        };
        let peer_address = stream.peer_address;
        let Some(other) = self.host_of(peer_address) else {
            return;
        };
        if !self.is_cut(host, other) {
            return;
        }
        if let Kind::Stream(stream) = &mut self.sockets[id].kind {
            stream.incoming.hold(Instant::FAR_FUTURE);
            if let Some((when, _)) = &mut stream.connecting {
                *when = Instant::FAR_FUTURE;
            }
        }
    }

    /// The next moment at which something arrives.
    pub(super) fn next_event(&self) -> Option<Instant> {
        let streams = self.sockets.iter().filter_map(|record| match &record.kind {
            Kind::Stream(stream) => {
                let connecting = stream.connecting.as_ref().map(|(at, _)| *at);
                let arrival = stream.incoming.next_arrival();
                match (connecting, arrival) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                }
            }
            _ => None,
        });
        let datagrams = self.datagrams.keys().next().map(|(at, _)| *at);
        streams
            .chain(datagrams)
            .filter(|at| *at > self.now && *at != Instant::FAR_FUTURE)
            .min()
    }

    /// Lets everything arrive that is due.
    pub(super) fn advance(&mut self) {
        let now = self.now;
        for id in 0..self.sockets.len() {
            if let Kind::Stream(stream) = &mut self.sockets[id].kind {
                stream.incoming.advance(now);
            }
        }
        while let Some(entry) = self.datagrams.first_entry() {
            if !entry.key().0.is_due(now) {
                break;
            }
            let (from, to, bytes) = entry.remove();
            self.deliver(from, to, bytes);
        }
    }

    fn deliver(&mut self, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        let target = self
            .sockets
            .iter_mut()
            .find(|record| record.address == to && matches!(record.kind, Kind::Datagram { .. }));
        if let Some(Record {
            kind: Kind::Datagram { arrived, .. },
            ..
        }) = target
        {
            arrived.push_back((from, bytes));
            return;
        }
        // Nobody there: the sender hears of it, as ICMP tells it.
        let sender = self
            .sockets
            .iter_mut()
            .find(|record| record.address == from && matches!(record.kind, Kind::Datagram { .. }));
        if let Some(Record {
            kind: Kind::Datagram { error, .. },
            ..
        }) = sender
        {
            *error = Some(Error::REFUSED);
        }
    }

    /// Ends a stream in disorder on both sides, as a reset does.
    pub(super) fn reset(&mut self, id: usize) {
        let peer = match &mut self.sockets[id].kind {
            Kind::Stream(stream) => {
                stream.fail(Error::RESET);
                stream.peer
            }
            _ => None,
        };
        if let Some(peer) = peer
            && let Kind::Stream(stream) = &mut self.sockets[peer].kind
        {
            stream.fail(Error::RESET);
        }
    }
}

impl Stream {
    pub(super) fn fail(&mut self, error: Error) {
        self.incoming.deafen();
        self.error = Some(error);
        self.failed = true;
    }
}
