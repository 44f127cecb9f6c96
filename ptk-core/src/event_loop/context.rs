//! What a handler may do while it handles an event, and the program before it runs the loop.

use core::net::SocketAddr;
use core::time::Duration;

use kqueue_safe::descriptor::Chunk;

use super::core::{Core, NOBODY, readable};
use super::event::Event;
use super::in_hand::Hand;
use super::slot::{Holder, Slot, find, state};
use super::source::{Codes, SourceId, UNWATCHED, Watch};
use crate::error::{Error, Table};
use crate::net::{Accepted, Datagram, Half, Received, ReceivedBytes, Sent};
use crate::system::{Kernel, System};
use crate::time::Instant;
use crate::timer::Timers;

/// How long a listener rests after descriptors ran out, unless a source is closed before.
pub(crate) const ACCEPT_REST: Duration = Duration::from_millis(100);

/// The loop as a handler sees it: sources, timers, the time, and stop.
///
/// Everything here may be called at any moment, from inside any action too: a source that is closed in the middle of a batch gets no
/// further event.
pub struct Context<'l, S: System = Kernel> {
    pub(crate) core: &'l mut Core<S>,
    pub(crate) slots: &'l mut [Slot<S>],
    /// What each slot's source tells under which code.
    pub(super) codes: &'l mut [Codes],
    pub(crate) timers: Timers<'l>,
    /// The source whose plain "readable" is being handled, [`NOBODY`] while it is another event.
    pub(super) told: SourceId,
    /// Its handle.
    pub(super) handle: S::Handle,
    pub(super) hand: Hand,
}

impl<'l, S: System> Context<'l, S> {
    #[inline]
    pub(super) fn new(
        core: &'l mut Core<S>,
        slots: &'l mut [Slot<S>],
        codes: &'l mut [Codes],
        timers: Timers<'l>,
    ) -> Self {
        Self {
            core,
            slots,
            codes,
            timers,
            told: NOBODY,
            handle: S::NO_HANDLE,
            hand: Hand::KeptTaken,
        }
    }
}

impl<S: System> Context<'_, S> {
    // Time.

    /// This turn's time. The clock is read when it is first asked for in a turn, and not again.
    #[inline]
    pub fn now(&mut self) -> Instant {
        self.core.now()
    }

    /// The event that is being handled, or the last one. Actions of a [machine](crate::machine) learn from it which source it was,
    /// and the error, the payload or the missed periods that came with it.
    #[inline]
    #[must_use]
    pub fn event(&self) -> Event {
        match (self.hand, self.slots.get(self.told.slot())) {
            (Hand::Plain | Hand::PlainTaken, Some(slot)) => readable(slot, self.told),
            _ => self.core.event,
        }
    }

    /// The source of the event that is being handled; `None` for a timer.
    #[inline]
    #[must_use]
    pub fn source(&self) -> Option<SourceId> {
        match self.hand {
            Hand::Plain | Hand::PlainTaken => Some(self.told),
            Hand::Kept | Hand::KeptTaken => self.core.event.source(),
        }
    }

    /// Writes the event that is being handled down, because its slot is about to change, or the turn ends.
    pub(super) fn keep_event(&mut self) {
        self.core.event = self.event();
        self.hand = match self.hand {
            Hand::Plain | Hand::Kept => Hand::Kept,
            Hand::PlainTaken | Hand::KeptTaken => Hand::KeptTaken,
        };
        self.told = NOBODY;
    }

    /// The handler has taken something from a source.
    fn note_taken(&mut self, source: SourceId) {
        if self.source() == Some(source) {
            self.hand = match self.hand {
                Hand::Plain | Hand::PlainTaken => Hand::PlainTaken,
                Hand::Kept | Hand::KeptTaken => Hand::KeptTaken,
            };
        }
    }

    // Sources.

    /// Attaches a socket: from now on the loop owns it and tells the watch's owner what happens on it.
    ///
    /// The kernel hears of it together with the next wait. A registration that it refuses is told as [`Kind::Failed`](super::Kind::Failed).
    ///
    /// # Errors
    ///
    /// The socket comes back with [`ErrorKind::TableFull`](crate::ErrorKind::TableFull) if every slot is taken.
    pub fn attach(
        &mut self,
        socket: impl Into<S::Socket>,
        watch: Watch,
    ) -> Result<SourceId, (Error, S::Socket)> {
        let socket = socket.into();
        let listener = S::is_listener(&socket);
        let id = self
            .core
            .give_slot(self.slots, self.codes, Holder::Socket(socket), watch)
            .map_err(|holder| match holder {
                Holder::Socket(socket) => (Error::table_full(Table::Sources), socket),
                _ => unreachable!("a socket was offered"),
            })?;
        let slot = &mut self.slots[id.slot()];
        if listener {
            slot.set(state::LISTENER);
        }
        if slot.watches_reads() {
            slot.want_reads(true);
            self.core.mark_dirty(self.slots, id.index());
        }
        Ok(id)
    }

    /// Begins to connect to `target` and attaches the stream. [`Kind::Connected`](super::Kind::Connected) or [`Kind::Failed`](super::Kind::Failed) tells how it ended; to give
    /// up after a time, start a timer and [`close`](Context::close) the source when it expires.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull), or what `socket(2)` or `connect(2)` says at once.
    pub fn connect(&mut self, target: SocketAddr, watch: Watch) -> Result<SourceId, Error> {
        if !self.core.has_room() {
            return Err(Error::table_full(Table::Sources));
        }
        let socket = self.core.system.connect(target)?;
        let id = self
            .core
            .give_slot(self.slots, self.codes, Holder::Socket(socket), watch)
            .map_err(|_| Error::table_full(Table::Sources))?;
        self.slots[id.slot()].set(state::CONNECTING | state::WRITE_WANTED);
        self.core.mark_dirty(self.slots, id.index());
        Ok(id)
    }

    /// Takes the connection that waits longest at a listener. `None`: no more for now, or the listener's budget for this turn is
    /// spent and the rest comes next turn.
    ///
    /// The connection is not attached: pass it to [`attach`](Context::attach), or drop it to refuse it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `accept(2)` says. If descriptors or memory ran out ([`Error::is_transient`]) the listener rests for
    /// 100 ms or until a source of this loop is closed, and is then readable again: the connection waits in its queue meanwhile.
    #[allow(clippy::type_complexity)]
    pub fn accept(
        &mut self,
        listener: SourceId,
    ) -> Result<Option<(S::Socket, Option<SocketAddr>)>, Error> {
        self.note_taken(listener);
        let slot = find(self.slots, listener)?;
        let Holder::Socket(socket) = &slot.holder else {
            return Err(Error::INVALID_INPUT);
        };
        while self.core.accept_budget > 0 {
            self.core.accept_budget -= 1;
            match self.core.system.accept(socket)? {
                Accepted::Connection(connection, peer) => {
                    self.core.counters.accepted += 1;
                    return Ok(Some((connection, peer)));
                }
                Accepted::Aborted(_) => self.core.counters.accepts_aborted += 1,
                Accepted::WouldBlock => break,
                Accepted::Exhausted(error) => {
                    self.core.counters.accept_rests += 1;
                    let until = self.core.now().saturating_add(ACCEPT_REST);
                    self.core.rest_until = Some(until);
                    self.core.stir();
                    self.core
                        .hold_reads(self.slots, listener.index(), state::RESTING);
                    return Err(error);
                }
            }
        }
        if self.slots[listener.slot()].is(state::UNCONSUMED) {
            self.core.resume_reads(self.slots, listener.index());
        }
        Ok(None)
    }

    #[inline(never)]
    pub(super) fn receive_chunk_otherwise<'b, const N: usize>(
        &mut self,
        source: SourceId,
        chunk: &'b mut Chunk<N>,
    ) -> Result<ReceivedBytes<'b>, Error> {
        let room = chunk.zeroed();
        let received = self.receive_otherwise(source, room)?;
        Ok(ReceivedBytes::of(received, room))
    }

    /// The kernel gave no bytes: the end, nothing yet, or an error.
    #[cold]
    #[inline(never)]
    pub(super) fn received_nothing(
        &mut self,
        source: SourceId,
        answer: isize,
    ) -> Result<Received, Error> {
        let received = crate::net::received_plain(answer);
        if received == Ok(Received::EndOfStream) {
            self.end_read(source);
        }
        received
    }

    /// Receives from another source than the one whose readability is being handled, or one of another kind.
    #[inline(never)]
    pub(super) fn receive_otherwise(
        &mut self,
        source: SourceId,
        buffer: &mut [u8],
    ) -> Result<Received, Error> {
        self.note_taken(source);
        let slot = find(self.slots, source)?;
        let Holder::Socket(socket) = &slot.holder else {
            return Err(Error::INVALID_INPUT);
        };
        let received = self.core.system.receive(socket, buffer);
        if matches!(received, Ok(Received::EndOfStream)) {
            self.end_read(source);
        } else if slot.is(state::UNCONSUMED) {
            self.core.resume_reads(self.slots, source.index());
        }
        received
    }

    /// A receive has told the end. Who watches for it is told by an event as well, whatever the handler makes of the receive's answer: a kernel that looks at a
    /// socket on one processor while its end arrives on another tells of bytes and no end. For others nothing comes after it, and being told again would spin.
    #[cold]
    #[inline(never)]
    fn end_read(&mut self, source: SourceId) {
        if self.codes[source.slot()].closed == UNWATCHED {
            self.core
                .hold_reads(self.slots, source.index(), state::ENDED);
        } else if self.slots[source.slot()].is(state::UNCONSUMED) {
            self.core.resume_reads(self.slots, source.index());
        }
    }

    /// Receives a datagram and its sender.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `recvmsg(2)` says. An error that the network reported for an earlier datagram (a refusal, say)
    /// is told once and does not end the socket.
    pub fn receive_from(
        &mut self,
        source: SourceId,
        buffer: &mut [u8],
    ) -> Result<(Datagram, Option<SocketAddr>), Error> {
        self.note_taken(source);
        let slot = find(self.slots, source)?;
        let Holder::Socket(socket) = &slot.holder else {
            return Err(Error::INVALID_INPUT);
        };
        let received = self.core.system.receive_from(socket, buffer);
        if slot.is(state::UNCONSUMED) {
            self.core.resume_reads(self.slots, source.index());
        }
        received
    }

    /// The kernel took less than all: a part, nothing yet, or it failed.
    #[cold]
    #[inline(never)]
    pub(super) fn sent_less(
        &mut self,
        source: SourceId,
        answer: isize,
        total: usize,
    ) -> Result<Sent, Error> {
        let sent = crate::net::sent_plain(answer, total)?;
        if !matches!(sent, Sent::All(_)) {
            self.want_write(source)?;
        }
        Ok(sent)
    }

    /// Sends on another source than the one whose readability is being handled, or one of another kind.
    #[inline(never)]
    pub(super) fn send_otherwise(&mut self, source: SourceId, bytes: &[u8]) -> Result<Sent, Error> {
        let slot = find(self.slots, source)?;
        let Holder::Socket(socket) = &slot.holder else {
            return Err(Error::INVALID_INPUT);
        };
        let sent = self.core.system.send(socket, bytes)?;
        if !matches!(sent, Sent::All(_)) {
            slot.set(state::WRITE_WANTED);
            self.core.mark_dirty(self.slots, source.index());
        }
        Ok(sent)
    }

    /// Sends a datagram to `target`. If there is no room now, [`Kind::Writable`](super::Kind::Writable) tells when there is, as for
    /// [`send`](Context::send).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `sendto(2)` says.
    pub fn send_to(
        &mut self,
        source: SourceId,
        bytes: &[u8],
        target: SocketAddr,
    ) -> Result<Sent, Error> {
        let slot = find(self.slots, source)?;
        let Holder::Socket(socket) = &slot.holder else {
            return Err(Error::INVALID_INPUT);
        };
        let sent = self.core.system.send_to(socket, bytes, target)?;
        if sent == Sent::WouldBlock {
            slot.set(state::WRITE_WANTED);
            self.core.mark_dirty(self.slots, source.index());
        }
        Ok(sent)
    }

    /// Asks to be told once, with [`Kind::Writable`](super::Kind::Writable), when there is room to send.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn want_write(&mut self, source: SourceId) -> Result<(), Error> {
        find(self.slots, source)?.set(state::WRITE_WANTED);
        self.core.mark_dirty(self.slots, source.index());
        Ok(())
    }

    /// Stops telling of bytes to receive: the peer is held back once the socket's buffer is full.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn pause(&mut self, source: SourceId) -> Result<(), Error> {
        let slot = find(self.slots, source)?;
        slot.set(state::PAUSED);
        slot.want_reads(false);
        self.core.mark_dirty(self.slots, source.index());
        Ok(())
    }

    /// Tells of bytes to receive again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn resume(&mut self, source: SourceId) -> Result<(), Error> {
        find(self.slots, source)?.clear(state::PAUSED);
        self.core.resume_reads(self.slots, source.index());
        Ok(())
    }

    /// Changes what is told, under which codes, and to whom.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn rewatch(&mut self, source: SourceId, watch: Watch) -> Result<(), Error> {
        find(self.slots, source)?;
        if source == self.told {
            self.keep_event();
        }
        let slot = &mut self.slots[source.slot()];
        slot.owner = watch.owner;
        slot.readable = watch.codes.readable;
        self.codes[source.slot()] = watch.codes;
        if slot.watches_reads() {
            self.core.resume_reads(self.slots, source.index());
        } else {
            slot.want_reads(false);
            self.core.mark_dirty(self.slots, source.index());
        }
        Ok(())
    }

    /// Ends one or both directions of a stream, as `shutdown(2)` does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `shutdown(2)` says.
    pub fn shutdown(&mut self, source: SourceId, half: Half) -> Result<(), Error> {
        match &find(self.slots, source)?.holder {
            Holder::Socket(socket) => self.core.system.shutdown(socket, half),
            _ => Err(Error::INVALID_INPUT),
        }
    }

    /// The socket of a source, to ask it for addresses or set its options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn socket(&mut self, source: SourceId) -> Result<&S::Socket, Error> {
        match &find(self.slots, source)?.holder {
            Holder::Socket(socket) => Ok(socket),
            _ => Err(Error::INVALID_INPUT),
        }
    }

    /// Sends small messages at once instead of gathering them (`TCP_NODELAY`), as protocols of requests and replies want it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `setsockopt(2)` says.
    pub fn set_nodelay(&mut self, source: SourceId, on: bool) -> Result<(), Error> {
        match &find(self.slots, source)?.holder {
            Holder::Socket(socket) => self.core.system.set_nodelay(socket, on),
            _ => Err(Error::INVALID_INPUT),
        }
    }

    /// Closes a socket that is not attached: an accepted connection that is refused.
    pub fn discard(&mut self, socket: S::Socket) {
        self.core.system.close(socket);
    }

    /// Takes a socket out of the loop: its registrations are withdrawn, its id is old from now on, and it is the caller's again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn detach(&mut self, source: SourceId) -> Result<S::Socket, Error> {
        let slot = find(self.slots, source)?;
        if !matches!(slot.holder, Holder::Socket(_)) {
            return Err(Error::INVALID_INPUT);
        }
        match self.take_slot(source) {
            Holder::Socket(socket) => Ok(socket),
            _ => Err(Error::STALE),
        }
    }

    /// Ends a source of any kind: a socket's registrations are withdrawn and it is closed, a signal or a user event is told no longer.
    /// Its id is old from now on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale).
    pub fn close(&mut self, source: SourceId) -> Result<(), Error> {
        find(self.slots, source)?;
        if let Holder::Socket(socket) = self.take_slot(source) {
            self.core.system.close(socket);
            self.core.wake_resting(self.slots);
        }
        Ok(())
    }

    fn take_slot(&mut self, source: SourceId) -> Holder<S::Socket> {
        if source == self.told {
            self.keep_event();
        }
        self.core.take_slot(self.slots, source.index())
    }

    // The loop.

    /// Ends [`run`](super::EventLoop::run) after this turn, whose remaining events are told first.
    pub fn stop(&mut self) {
        self.core.stir();
        self.core.stop = true;
    }

    /// Counts an event that nobody wanted, for [`Counters::unhandled`](super::Counters::unhandled).
    pub fn note_unhandled(&mut self) {
        self.core.counters.unhandled += 1;
    }

    /// Whether the loop is draining: no new work should be begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.core.draining
    }
}
