//! The seam between the event loop and what it runs on.
//!
//! [`System`] is all that the loop asks of the world: the clock, one wait that takes changes along, and the sockets. [`Kernel`]
//! answers with the operating system; a simulated system answers from a script, so that a program runs under a virtual clock and
//! with faults of every kind without a line of it changing.

pub mod kernel;
mod plain;
mod socket;

pub use kernel::Kernel;
pub use plain::Plain;
pub use socket::Socket;

use core::net::SocketAddr;
use core::time::Duration;

use kqueue_safe::{Token, Waker};

use crate::error::Error;
use crate::net::{Accepted, Datagram, Half, Received, Sent};
use crate::time::Instant;

/// Which of a socket's two directions a change is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Something to take: the filter `EVFILT_READ`.
    Read,
    /// Room to give: the filter `EVFILT_WRITE`.
    Write,
}

/// What a change asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    /// Register the direction. Reads are level-triggered; writes turn themselves off when they are told (`EV_DISPATCH`).
    Add,
    /// Tell again.
    Enable,
    /// Stop telling.
    Disable,
}

/// One change to what the system tells, borrowed from the loop's slots for the length of one call.
pub struct Change<'a, S> {
    /// The socket.
    pub socket: &'a S,
    /// What the events of this socket carry.
    pub token: Token,
    /// The direction.
    pub direction: Direction,
    /// What is asked.
    pub request: Request,
}

/// One answer of a wait, decoded as far as it is asked.
pub trait Answer {
    /// What was registered with it.
    fn token(&self) -> Token;

    /// Whether it says nothing but that there is something to take: the steady case.
    fn is_plain_read(&self) -> bool;

    /// All that it says.
    fn what(&self) -> What;
}

impl Answer for Ready {
    fn token(&self) -> Token {
        self.token
    }

    fn is_plain_read(&self) -> bool {
        let plain = What::Direction {
            direction: Direction::Read,
            end: false,
            errno: 0,
        };
        self.what == plain
    }

    fn what(&self) -> What {
        self.what
    }
}

/// One answer of a wait, decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ready {
    /// What was registered with it.
    pub token: Token,
    /// What happened.
    pub what: What,
}

/// What one answer says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A direction is ready. `end`: the system saw the end of the stream or a failure there; `errno`: which failure, 0 for none.
    Direction {
        /// Read or write.
        direction: Direction,
        /// `EV_EOF` was set.
        end: bool,
        /// The socket's error, 0 for none.
        errno: i32,
    },
    /// The system refused the change for this direction.
    Refused {
        /// The direction of the change.
        direction: Direction,
        /// Why.
        errno: i32,
    },
    /// Somebody woke the loop.
    Woken,
    /// Signals arrived, so many.
    Signal {
        /// How many deliveries.
        count: u32,
    },
    /// Not for the loop.
    Foreign,
}

/// What a wait without changes has brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited<A: IntoIterator> {
    /// One answer, the usual case of a loop that has little to do.
    One(A::Item),
    /// Any number of answers.
    Several(A),
    /// No answers: a signal handler has interrupted the wait.
    Nothing,
}

/// What a loop runs on.
pub trait System: Plain {
    /// Room for the answers of one wait.
    type Batch<const EVENTS: usize>;

    /// The answers of one wait, decoded one by one as they are asked for.
    type Answers<'e, const EVENTS: usize>: IntoIterator<Item: Answer, IntoIter: ExactSizeIterator>;

    /// Room for the answers of one wait, empty.
    fn batch<const EVENTS: usize>() -> Self::Batch<EVENTS>;

    /// Nanoseconds that never go back.
    fn now(&mut self) -> Instant;

    /// Hands over `changes` (at most as many as the batch has room for) and waits for answers, in one call: `None` waits for ever, zero
    /// does not wait. A wait that a signal handler interrupts is a wait without answers; its changes are applied.
    ///
    /// # Errors
    ///
    /// The system's error, if the wait itself failed; a refused change is an answer, not an error.
    fn wait<'a, 'e, const EVENTS: usize>(
        &mut self,
        changes: impl Iterator<Item = Change<'a, Self::Socket>>,
        batch: &'e mut Self::Batch<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<Self::Answers<'e, EVENTS>, Error>
    where
        Self::Socket: 'a;

    /// The same without changes.
    ///
    /// # Errors
    ///
    /// As for [`wait`](System::wait).
    fn wait_only<'e, const EVENTS: usize>(
        &mut self,
        batch: &'e mut Self::Batch<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<Waited<Self::Answers<'e, EVENTS>>, Error> {
        self.wait(core::iter::empty(), batch, timeout)
            .map(Waited::Several)
    }

    /// Takes a socket's registrations back, before it is closed or handed out.
    fn withdraw(&mut self, socket: &Self::Socket, read: bool, write: bool);

    /// Asks for a signal by number; the calling thread's delivery of it is blocked.
    ///
    /// # Errors
    ///
    /// Invalid input for a number that is no signal; else what the system says.
    fn watch_signal(&mut self, number: i32, token: Token) -> Result<(), Error>;

    /// Asks no longer.
    fn unwatch_signal(&mut self, number: i32);

    /// What wakes this system's waits from other threads; such a wait answers [`What::Woken`]. A system whose waits never block has none.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn waker(&mut self) -> Result<Option<Waker>, Error>;

    /// Receives from a connected socket.
    ///
    /// # Errors
    ///
    /// What the system says; that there is nothing yet, and the end of the stream, are answers.
    fn receive(&mut self, socket: &Self::Socket, buffer: &mut [u8]) -> Result<Received, Error>;

    /// Sends on a connected socket; tells how many bytes were taken.
    ///
    /// # Errors
    ///
    /// What the system says; that there is no room now is an answer.
    fn send(&mut self, socket: &Self::Socket, bytes: &[u8]) -> Result<Sent, Error>;

    /// Receives a datagram and, where the socket's family tells it, its sender.
    ///
    /// # Errors
    ///
    /// As for [`receive`](System::receive).
    fn receive_from(
        &mut self,
        socket: &Self::Socket,
        buffer: &mut [u8],
    ) -> Result<(Datagram, Option<SocketAddr>), Error>;

    /// Sends a datagram.
    ///
    /// # Errors
    ///
    /// As for [`send`](System::send).
    fn send_to(
        &mut self,
        socket: &Self::Socket,
        bytes: &[u8],
        target: SocketAddr,
    ) -> Result<Sent, Error>;

    /// Takes a connection from a listener, with the peer's address where the family has one.
    ///
    /// # Errors
    ///
    /// What the system says; that none is there, that one was aborted, and that descriptors ran out are answers.
    fn accept(
        &mut self,
        listener: &Self::Socket,
    ) -> Result<Accepted<Self::Socket, Option<SocketAddr>>, Error>;

    /// Begins to connect; the outcome is told when the socket becomes writable.
    ///
    /// # Errors
    ///
    /// What the system says at once.
    fn connect(&mut self, target: SocketAddr) -> Result<Self::Socket, Error>;

    /// Takes the socket's pending error, as `SO_ERROR` does.
    fn take_error(&mut self, socket: &Self::Socket) -> Option<Error>;

    /// Whether everything that the peer sent has been received and the stream has ended, without taking anything.
    ///
    /// # Errors
    ///
    /// The failure that ended the stream.
    fn at_end(&mut self, socket: &Self::Socket) -> Result<bool, Error>;

    /// Ends one or both directions of a stream.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn shutdown(&mut self, socket: &Self::Socket, half: Half) -> Result<(), Error>;

    /// Sends small messages at once instead of gathering them (`TCP_NODELAY`). Sockets that gather nothing ignore it.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn set_nodelay(&mut self, socket: &Self::Socket, on: bool) -> Result<(), Error> {
        let _ = (socket, on);
        Ok(())
    }

    /// Whether the socket is a listener.
    fn is_listener(socket: &Self::Socket) -> bool;

    /// Closes a socket whose registrations have been withdrawn.
    fn close(&mut self, socket: Self::Socket) {
        drop(socket);
    }
}
